"""Lists to take away: people with answers and extras, meals for the kitchen, special needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from conference.accounts.models import Person
from conference.core import audit, geo
from conference.core.errors import N_
from conference.core.money import Money
from conference.core.text import full_name, in_language, squeeze
from conference.editions.models import Edition
from conference.extensions import db
from conference.questions import service as questions
from conference.questions.kinds import Asked, cell
from conference.registrations import codes
from conference.registrations.models import (
    CATEGORY_NAMES,
    Extra,
    Order,
    OrderLine,
    Registration,
    TicketType,
)
from conference.registrations.states import (
    ORDER_STATE_NAMES,
    REGISTRATION_STATE_NAMES,
    RegistrationState,
)

AT_ONCE = 500
COMING = (RegistrationState.CONFIRMED, RegistrationState.PENDING)
NO_WISHES = N_("No special wishes")
Translate = Callable[[str], str]
Cells = list[Any]

HEAD = (
    N_("Family name"),
    N_("Given name"),
    N_("Whole name in Latin letters"),
    N_("E-mail"),
    N_("Organisation"),
    N_("Position"),
    N_("Country"),
    N_("State"),
    N_("Ticket"),
    N_("Category"),
    N_("Order"),
    N_("State of the order"),
    N_("Price"),
    N_("Currency"),
    N_("Registered"),
    N_("Confirmed"),
    N_("Place on the waiting list"),
    N_("Visa letter"),
    N_("In the public list"),
)


@dataclass(frozen=True)
class Sheet:
    """A table in the reader's language: its head, and its rows as they are asked for."""

    head: list[str]
    rows: Iterator[Cells]


def selection(edition: Edition) -> Any:
    """The columns of an export; filters and order are added by who asks."""
    return (
        select(
            Registration.id,
            Registration.family_name,
            Registration.given_name,
            Registration.latin_name,
            Registration.email,
            Registration.organisation_name,
            Registration.position,
            Registration.country,
            Registration.state,
            Registration.created_at,
            Registration.confirmed_at,
            Registration.queue_number,
            Registration.wants_visa_letter,
            Registration.is_listed,
            Registration.answers,
            TicketType.name.label("ticket"),
            TicketType.category,
            Order.code,
            Order.currency,
            Order.state.label("order_state"),
        )
        .outerjoin(TicketType, TicketType.id == Registration.ticket_type_id)
        .outerjoin(Order, Order.id == Registration.order_id)
        .where(Registration.edition_id == edition.id)
    )


def people(
    edition: Edition, rows: Iterable[Row[Any]], *, locale: str, translate: Translate
) -> Sheet:
    """Everybody of a selection, with a column for every extra and every question ever asked."""
    asked = questions.ever_asked(edition)
    extras = _extras(edition)
    head = [
        *(translate(title) for title in HEAD),
        *(in_language(extra.name, locale) for extra in extras),
        *(in_language(question.label, locale) for question in asked),
    ]
    return Sheet(head, _people(rows, extras, asked, locale, translate))


def _extras(edition: Edition) -> Sequence[Row[Any]]:
    rows = db.session.execute(
        select(Extra.id, Extra.name)
        .where(Extra.edition_id == edition.id)
        .order_by(Extra.position, Extra.id)
    )
    return list(rows)


def _people(
    rows: Iterable[Row[Any]],
    extras: Sequence[Row[Any]],
    asked: Sequence[Asked],
    locale: str,
    translate: Translate,
) -> Iterator[Cells]:
    for batch in _batches(rows):
        lines = _lines([row.id for row in batch])
        for row in batch:
            price, booked = lines.get(row.id, (0, {}))
            answers = row.answers or {}
            yield [
                *_cells(row, price, locale, translate),
                *(booked.get(extra.id) for extra in extras),
                *(cell(question, answers.get(question.key), locale) for question in asked),
            ]


def _batches(rows: Iterable[Row[Any]]) -> Iterator[Sequence[Row[Any]]]:
    batch: list[Row[Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _lines(ids: Sequence[int]) -> dict[int, tuple[int, dict[int, int]]]:
    """What each registration costs, and how often it has each extra."""
    found: dict[int, tuple[int, dict[int, int]]] = {}
    for line in db.session.execute(
        select(
            OrderLine.registration_id,
            OrderLine.extra_id,
            OrderLine.quantity,
            OrderLine.amount_minor,
        ).where(OrderLine.registration_id.in_(ids), OrderLine.dropped_at.is_(None))
    ):
        price, booked = found.get(line.registration_id, (0, {}))
        if line.extra_id is not None:
            booked[line.extra_id] = booked.get(line.extra_id, 0) + line.quantity
        found[line.registration_id] = (price + line.quantity * line.amount_minor, booked)
    return found


def _cells(row: Row[Any], price: int, locale: str, translate: Translate) -> Cells:
    return [
        row.family_name,
        row.given_name,
        row.latin_name,
        row.email,
        row.organisation_name,
        row.position,
        geo.country_name(row.country, locale),
        translate(REGISTRATION_STATE_NAMES[row.state]),
        in_language(row.ticket, locale),
        translate(CATEGORY_NAMES[row.category]),
        codes.show_code(row.code),
        translate(ORDER_STATE_NAMES[row.order_state]),
        Money(price, row.currency).decimal,
        row.currency,
        row.created_at,
        row.confirmed_at,
        row.queue_number,
        row.wants_visa_letter,
        row.is_listed,
    ]


MEALS_HEAD = (N_("Meal"), N_("Day"), N_("Time"), N_("Wishes"), N_("How many"))


def meals(
    edition: Edition, *, locale: str, translate: Translate, when: Callable[[Any], Any]
) -> Sheet:
    """For the kitchen: how many portions with which wishes, without names.

    `when` answers the day and the time of an instant in words. Who waits or cancelled does not eat.
    """
    portions: dict[int, Counter[str]] = {}
    for extra_id, quantity, diet in db.session.execute(
        select(OrderLine.extra_id, OrderLine.quantity, Registration.diet)
        .join(Registration, Registration.id == OrderLine.registration_id)
        .join(Extra, Extra.id == OrderLine.extra_id)
        .where(
            Extra.edition_id == edition.id,
            Extra.asks_diet,
            OrderLine.dropped_at.is_(None),
            Registration.state.in_(COMING),
        )
    ):
        portions.setdefault(extra_id, Counter())[squeeze(diet)] += quantity
    extras = db.session.execute(
        select(Extra.id, Extra.name, Extra.starts_at)
        .where(Extra.edition_id == edition.id, Extra.asks_diet)
        .order_by(Extra.starts_at, Extra.position, Extra.id)
    )
    rows = [
        [
            in_language(extra.name, locale),
            *when(extra.starts_at),
            wishes or translate(NO_WISHES),
            number,
        ]
        for extra in extras
        for wishes, number in sorted(
            portions.get(extra.id, {}).items(), key=lambda pair: (pair[0] != "", -pair[1], pair[0])
        )
    ]
    return Sheet([translate(title) for title in MEALS_HEAD], iter(rows))


NEEDS_HEAD = (N_("Name"), N_("E-mail"), N_("Ticket"), N_("What is needed"))


def needs(edition: Edition, *, locale: str, translate: Translate) -> Sheet:
    """Who needs help to take part, for whoever prepares the venue."""
    rows = db.session.execute(
        select(
            Registration.given_name,
            Registration.family_name,
            Registration.email,
            Registration.accessibility,
            TicketType.name,
        )
        .join(TicketType, TicketType.id == Registration.ticket_type_id)
        .where(
            Registration.edition_id == edition.id,
            Registration.state.in_(COMING),
            Registration.accessibility != "",
        )
        .order_by(Registration.sort_key, Registration.id)
    ).all()
    made = (
        [
            full_name(row.given_name, row.family_name),
            row.email,
            in_language(row.name, locale),
            row.accessibility,
        ]
        for row in rows
    )
    return Sheet([translate(title) for title in NEEDS_HEAD], made)


def note(edition: Edition, *, what: str, form: str, filters: Sequence[str], by: Person) -> None:
    """Write down who took which list away; values of filters may be names, so they stay out."""
    audit.record(
        "registrations.exported", about=edition, by=by, what=what, form=form, filters=list(filters)
    )
    db.session.flush()
