"""What registrations hang on other pages: menu entries, how to take part, what is next."""

from __future__ import annotations

from flask import g, url_for

from conference.editions.models import Edition
from conference.registrations import queries
from conference.registrations.service import catalogue
from conference.registrations.service.catalogue import Listed, Window
from conference.registrations.views.telling import by_order, tell_all
from conference.web import slots
from conference.web.i18n import _
from conference.web.page_cache import until


@slots.edition_menu
def menu() -> list[slots.Entry]:
    """Register while it is open; what is mine; who comes."""
    entries = []
    if catalogue.window(g.edition) is Window.OPEN:
        entries.append(slots.Entry(_("Register"), url_for("registrations.new"), 20))
    if g.get("person") is not None:
        entries.append(slots.Entry(_("My registration"), url_for("registrations.mine"), 30))
    if g.edition.shows_participants:
        entries.append(slots.Entry(_("Participants"), url_for("registrations.participants"), 40))
    return entries


@slots.edition_cards
def how_to_take_part() -> slots.Card | None:
    """Tickets and prices, and whether registration is open."""
    edition: Edition = g.edition
    window = catalogue.window(edition)
    if window in {Window.ARCHIVED, Window.NEVER}:
        return None
    listed = catalogue.price_list(edition)
    if window is Window.DRAFT and not listed:
        return None
    until(*catalogue.changes_at(edition, listed))
    values = {
        "window": window.value,
        "opens_at": edition.registration_opens_at,
        "closes_at": catalogue.closes_at(edition),
        "refund_until": catalogue.refund_until(edition),
        "listed": listed,
        "extras": catalogue.extras(edition),
        "has_waiting_list": edition.has_waiting_list,
        "way_in": _way_in(edition, listed),
    }
    return slots.Card("registrations/_take_part.html", values, 10)


@slots.home_cards
def my_registrations() -> slots.Card | None:
    """The person's places in editions to come, each with its next step."""
    told = tell_all(queries.live_of(g.person), g.person)
    if not told:
        return None
    orders = by_order(told)
    return slots.Card("registrations/_my_registrations.html", {"orders": orders}, 10)


def registration_action(edition: Edition) -> tuple[str, str] | None:
    """What the front pages offer: a place, the waiting list, or nothing when there is neither."""
    words = _way_in(edition, catalogue.price_list(edition))
    return (words, url_for("registrations.new", edition_code=edition.code)) if words else None


def _way_in(edition: Edition, listed: list[Listed]) -> str | None:
    is_free = any(one.places_left != 0 for one in listed)
    if not is_free and not (listed and edition.has_waiting_list):
        return None
    return str(_("Register") if is_free else _("Join the waiting list"))
