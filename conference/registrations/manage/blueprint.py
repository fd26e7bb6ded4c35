"""The blueprint of the organiser's pages of registrations, and how states look there."""

from __future__ import annotations

from flask import Blueprint

from conference.core.errors import N_
from conference.registrations.states import OrderState, RegistrationState

FIELD_NAMES = {
    "given_name": N_("Given name"),
    "family_name": N_("Family name"),
    "latin_name": N_("Whole name in Latin letters"),
    "email": N_("E-mail"),
    "organisation_name": N_("Organisation"),
    "position": N_("Position"),
    "country": N_("Country"),
    "diet": N_("Dietary wishes"),
    "accessibility": N_("What is needed to take part"),
    "wants_visa_letter": N_("Visa letter"),
    "is_listed": N_("In the public list"),
}

blueprint = Blueprint("registrations_desk", __name__)

TONES: dict[str, str] = {
    RegistrationState.PENDING: "open",
    RegistrationState.CONFIRMED: "good",
    RegistrationState.WAITING: "quiet",
    RegistrationState.OFFERED: "info",
    RegistrationState.CANCELLED: "bad",
    RegistrationState.EXPIRED: "bad",
}
ORDER_TONES: dict[str, str] = {
    OrderState.PLACED: "quiet",
    OrderState.WAITING: "quiet",
    OrderState.AWAITING_PAYMENT: "open",
    OrderState.PAID: "good",
    OrderState.EXPIRED: "bad",
    OrderState.CANCELLED: "bad",
}
