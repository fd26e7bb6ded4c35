"""The front page of the signed-in person, and the menu of their own pages."""

from __future__ import annotations

from flask import g, render_template, request, url_for

from conference.accounts.views.blueprint import Page, blueprint
from conference.web import slots
from conference.web.access import signed_in
from conference.web.i18n import _


@blueprint.get("/account")
@signed_in
def home() -> Page:
    """What is next for this person, as each feature tells it."""
    return render_template("accounts/home.html", found=list(slots.home_cards))


@slots.account_menu
def menu() -> list[slots.Entry]:
    """The person's own pages; for a stranger the way in."""
    if g.get("person") is None:
        return [slots.Entry(_("Sign in"), url_for("accounts.sign_in", next=_next()), 10)]
    out = slots.Entry(_("Sign out"), url_for("accounts.sign_out"), 99, method="post")
    if g.person.has_second_factor and g.sign_in.second_factor_at is None:
        return [out]
    return [
        slots.Entry(_("My pages"), url_for("accounts.home"), 10, exact=True),
        slots.Entry(_("Profile"), url_for("accounts.profile"), 20),
        slots.Entry(_("Sign-in and security"), url_for("accounts.security"), 30),
        slots.Entry(_("Sessions"), url_for("accounts.sessions"), 40),
        slots.Entry(_("My data"), url_for("accounts.my_data"), 50),
        out,
    ]


def _next() -> str | None:
    path = request.full_path.rstrip("?")
    plain = request.method == "GET" and not path.startswith(("/sign-in", "/account"))
    return path if plain and path != "/" else None
