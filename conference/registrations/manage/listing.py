"""The table of registrations, and the lists to take away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, abort, g, render_template, request, url_for
from sqlalchemy import ColumnElement, exists, or_, select

from conference.core import geo
from conference.core.permissions import Permission, allows
from conference.core.text import slug, sort_key
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.manage.blueprint import ORDER_TONES, TONES, blueprint
from conference.registrations.models import (
    CATEGORY_NAMES,
    Extra,
    Order,
    OrderLine,
    Registration,
    TicketType,
)
from conference.registrations.service import counting, export
from conference.registrations.states import (
    ORDER_STATE_NAMES,
    REGISTRATION_STATE_NAMES,
    OrderState,
    RegistrationState,
)
from conference.web import i18n, slots
from conference.web.access import requires
from conference.web.database import only_reading
from conference.web.exports import as_csv, as_xlsx
from conference.web.filters import clock_time, country, day, short_day, tr
from conference.web.i18n import _, lazy
from conference.web.tables import Choice, Options, Page, Search, Table

SEE = Permission.SEE_REGISTRATIONS


@dataclass(frozen=True)
class Finder(Search):
    """Finds people by name, e-mail address or organisation, and an order by its code."""

    def where(self, value: str) -> ColumnElement[bool] | None:
        by_name = super().where(value)
        code = value.replace("-", "").replace(" ", "").upper()
        looks_like_one = 4 <= len(code) <= 8 and code.isalnum() and not code.isalpha()
        if by_name is None or not looks_like_one:
            return by_name
        return or_(by_name, Order.code.startswith(code, autoescape=True))


def _states() -> Options:
    return [(state.value, _(name)) for state, name in REGISTRATION_STATE_NAMES.items()]


def _tickets() -> Options:
    rows = db.session.execute(
        select(TicketType.public_id, TicketType.name)
        .where(TicketType.edition_id == g.edition.id)
        .order_by(TicketType.position, TicketType.id)
    )
    return [(public_id, tr(name)) for public_id, name in rows]


def _categories() -> Options:
    return [(category.value, _(name)) for category, name in CATEGORY_NAMES.items()]


def _countries() -> Options:
    locale = i18n.current()
    found = [(c, geo.country_name(c, locale)) for c in counting.countries_present(g.edition)]
    return sorted(found, key=lambda pair: sort_key(pair[1], locale))


def _extras() -> Options:
    rows = db.session.execute(
        select(Extra.public_id, Extra.name)
        .where(Extra.edition_id == g.edition.id)
        .order_by(Extra.position, Extra.id)
    )
    return [(public_id, tr(name)) for public_id, name in rows]


def _has_extra(public_id: str) -> ColumnElement[bool]:
    return exists().where(
        OrderLine.registration_id == Registration.id,
        OrderLine.dropped_at.is_(None),
        OrderLine.extra_id == Extra.id,
        Extra.public_id == public_id,
    )


def _payments() -> Options:
    return [("paid", _("Paid")), ("open", _("Not paid yet")), ("free", _("Free of charge"))]


def _is_paid(value: str) -> ColumnElement[bool]:
    if value == "free":
        return Order.total_minor == 0
    state = OrderState.PAID if value == "paid" else OrderState.AWAITING_PAYMENT
    return (Order.state == state) & (Order.total_minor > 0)


def _table(query: Callable[[Edition], Any]) -> Table:
    every = lazy("All")
    return Table(
        lambda: query(g.edition),
        key=Registration.public_id,
        sorts={
            "name": Registration.sort_key,
            "organisation": Registration.organisation_name,
            "country": Registration.country,
            "date": Registration.created_at,
        },
        sort="name",
        filters=[
            Finder(Registration.search_key),
            Choice("state", lazy("State"), Registration.state, _states, every=every),
            Choice("ticket", lazy("Ticket"), TicketType.public_id, _tickets, every=every),
            Choice("payment", lazy("Payment"), None, _payments, _is_paid, every=every),
            Choice("country", lazy("Country"), Registration.country, _countries, every=every),
            Choice("category", lazy("Category"), TicketType.category, _categories, every=every),
            Choice("extra", lazy("Extra"), None, _extras, _has_extra, every=every),
        ],
    )


def _shown(edition: Edition) -> Any:
    # Outer joins keep the database at the index of registrations; every one has order and ticket.
    return (
        select(
            Registration.public_id,
            Registration.given_name,
            Registration.family_name,
            Registration.latin_name,
            Registration.organisation_name,
            Registration.country,
            Registration.state,
            Registration.created_at,
            TicketType.public_id.label("ticket"),
            Order.code,
            Order.state.label("order_state"),
        )
        .outerjoin(TicketType, TicketType.id == Registration.ticket_type_id)
        .outerjoin(Order, Order.id == Registration.order_id)
        .where(Registration.edition_id == edition.id)
    )


REGISTRATIONS = _table(_shown)
TO_TAKE_AWAY = _table(export.selection)


@blueprint.get("/<edition_code>/desk/registrations")
@requires(SEE)
def index() -> str:
    """Everybody who registered."""
    page = REGISTRATIONS.page()
    counts = counting.by_state(g.edition)
    zone, words_of_day = ZoneInfo(g.edition.zone), cache(short_day)
    return render_template(
        "registrations/manage/index.html",
        page=page,
        tabs=_tabs(page, counts),
        everybody=sum(counts.values()),
        tones=TONES,
        order_tones=ORDER_TONES,
        state_names={state: _(name) for state, name in REGISTRATION_STATE_NAMES.items()},
        order_state_names={state: _(name) for state, name in ORDER_STATE_NAMES.items()},
        # Words that come again in many rows are made once.
        ticket_names={value: label for f in page.filters[1:2] for value, label in f.options},
        country_name=cache(country),
        day=lambda instant: words_of_day(instant.astimezone(zone).date()),
    )


def _tabs(page: Page, counts: dict[RegistrationState, int]) -> list[tuple[str, str, bool, int]]:
    """All, and each state that somebody is in; the other filters stay."""
    others: dict[str, Any] = {
        name: value for name, value in page.arguments.items() if name != "state"
    }
    chosen = page.arguments.get("state", "")
    tabs = [(_("All"), url_for(".index", **others), not chosen, sum(counts.values()))]
    for state, name in REGISTRATION_STATE_NAMES.items():
        if counts.get(state) or chosen == state.value:
            url = url_for(".index", **{**others, "state": state.value})
            tabs.append((_(name), url, chosen == state.value, counts.get(state, 0)))
    return tabs


@blueprint.post("/<edition_code>/desk/registrations/export")
@requires(Permission.EXPORT_REGISTRATIONS)
def take_away() -> Response:
    """A list as CSV or Excel; who took it is written down first."""
    what, _dot, form = request.form.get("list", "").partition(".")
    if what not in SHEETS or form not in WRITERS:
        abort(400)
    filters = sorted(set(request.args) & {f.name for f in TO_TAKE_AWAY.filters})
    edition = g.edition
    export.note(edition, what=what, form=form, filters=filters, by=g.person)
    db.session.commit()
    with only_reading():  # who downloads must not keep others from registering
        sheet = SHEETS[what](edition)
        return WRITERS[form](f"{slug(edition.code)}-{what}", sheet.head, sheet.rows)


def _people(edition: Edition) -> export.Sheet:
    rows = TO_TAKE_AWAY.every()
    return export.people(edition, rows, locale=i18n.current(), translate=_)


def _meals(edition: Edition) -> export.Sheet:
    return export.meals(edition, locale=i18n.current(), translate=_, when=_when)


def _needs(edition: Edition) -> export.Sheet:
    return export.needs(edition, locale=i18n.current(), translate=_)


def _when(instant: datetime | None) -> tuple[str, str]:
    return day(instant), clock_time(instant)


SHEETS: dict[str, Callable[[Edition], export.Sheet]] = {
    "registrations": _people,
    "meals": _meals,
    "needs": _needs,
}
WRITERS = {"csv": as_csv, "xlsx": as_xlsx}


@slots.desk_menu
def menu_entry() -> slots.Entry | None:
    if not allows(g.roles, SEE):
        return None
    return slots.Entry(_("Registrations"), url_for("registrations_desk.index"), 20)
