"""The blueprint of participants' pages, and what they all check first."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template
from werkzeug.wrappers import Response

from conference.registrations.service import catalogue
from conference.registrations.states import OrderState, RegistrationState

blueprint = Blueprint("registrations", __name__)
Page = str | Response | tuple[str, int]

TONES = {
    RegistrationState.PENDING: "open",
    RegistrationState.CONFIRMED: "good",
    RegistrationState.WAITING: "open",
    RegistrationState.OFFERED: "info",
    RegistrationState.CANCELLED: "bad",
    RegistrationState.EXPIRED: "quiet",
}

ORDER_TONES = {
    OrderState.PLACED: "open",
    OrderState.WAITING: "open",
    OrderState.AWAITING_PAYMENT: "open",
    OrderState.PAID: "good",
    OrderState.EXPIRED: "quiet",
    OrderState.CANCELLED: "bad",
}


def closed_page() -> Page | None:
    """Why nobody can register now, and what else; None while registration is open."""
    window = catalogue.window(g.edition)
    if window is catalogue.Window.OPEN:
        return None
    values: dict[str, Any] = {"window": window.value, "closes_at": catalogue.closes_at(g.edition)}
    return render_template("registrations/closed.html", **values), 409
