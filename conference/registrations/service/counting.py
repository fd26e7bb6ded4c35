"""Counting registrations for the desk: few statements, whatever their number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, String, func, select, type_coerce

from conference.core import clock
from conference.core.model import sum_of
from conference.core.money import Money
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations import figures
from conference.registrations.models import Extra, Order, Registration, TicketType
from conference.registrations.states import HOLDS_PLACE, OrderState, RegistrationState

COUNTED = HOLDS_PLACE | {RegistrationState.WAITING}
"""Who is counted in figures: everybody but those who cancelled or lapsed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How many of a ticket type hold a place, wait, and may come at most."""

    name: dict[str, str]
    taken: int
    waiting: int
    quota: int | None


@dataclass(frozen=True, slots=True)
class Booked:
    """How often an extra is booked."""

    name: dict[str, str]
    taken: int
    quota: int | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What orders add up to in one currency, and the part of those that are paid."""

    total: Money
    paid: Money


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that the dashboard shows."""

    days: list[figures.Day]
    states: dict[RegistrationState, int]
    kinds: list[Kind]
    extras: list[Booked]
    countries: dict[str, int]
    money: list[Expected]

    @property
    def counted(self) -> int:
        """Everybody who holds a place or waits for one."""
        return sum(self.states.get(state, 0) for state in COUNTED)

    @property
    def holding(self) -> int:
        """Everybody who holds a place."""
        return sum(self.states.get(state, 0) for state in HOLDS_PLACE)


def by_state(edition: Edition) -> dict[RegistrationState, int]:
    """How many registrations are in each state."""
    rows = db.session.execute(
        select(Registration.state, func.count())
        .where(Registration.edition_id == edition.id)
        .group_by(Registration.state)
    )
    return {state: int(number) for state, number in rows}


def countries_present(edition: Edition) -> list[str]:
    """The countries that people come from, each once."""
    rows = db.session.scalars(
        select(Registration.country).where(Registration.edition_id == edition.id).distinct()
    )
    return sorted(rows)


def figures_of(edition: Edition) -> Figures:
    """The figures of an edition in six statements."""
    states, kinds = _by_kind(edition)
    zone = edition.zone
    return Figures(
        days=figures.over_time(_by_hour(edition), zone=zone, today=clock.today(zone)),
        states=states,
        kinds=kinds,
        extras=_extras(edition),
        countries=_by_country(edition),
        money=expected(edition),
    )


def _of(edition: Edition) -> tuple[ColumnElement[bool], ...]:
    return (Registration.edition_id == edition.id, Registration.state.in_(COUNTED))


def _by_kind(edition: Edition) -> tuple[dict[RegistrationState, int], list[Kind]]:
    counts: dict[int, Counter[RegistrationState]] = {}
    rows = db.session.execute(
        select(Registration.ticket_type_id, Registration.state, func.count())
        .where(Registration.edition_id == edition.id)
        .group_by(Registration.ticket_type_id, Registration.state)
    )
    for kind_id, state, number in rows:
        counts.setdefault(kind_id, Counter())[state] += number
    found = []
    for kind in db.session.execute(
        select(TicketType.id, TicketType.name, TicketType.quota, TicketType.hidden_at)
        .where(TicketType.edition_id == edition.id)
        .order_by(TicketType.position, TicketType.id)
    ):
        own = counts.get(kind.id, Counter())
        if own or kind.hidden_at is None:
            holding = sum(own[state] for state in HOLDS_PLACE)
            waiting = own[RegistrationState.WAITING]
            found.append(Kind(kind.name, holding, waiting, kind.quota))
    return dict(sum(counts.values(), Counter())), found


def _by_hour(edition: Edition) -> list[tuple[datetime, int]]:
    hour = _hour()
    rows = db.session.execute(
        select(hour, func.count()).where(*_of(edition)).group_by(hour).order_by(hour)
    )
    return [(datetime.fromisoformat(f"{text}:00+00:00"), number) for text, number in rows]


def _hour() -> ColumnElement[Any]:
    """The hour in UTC as text: both databases group by it without asking row by row."""
    if db.engine.dialect.name == "sqlite":
        return func.substr(type_coerce(Registration.created_at, String), 1, 13)
    utc = func.timezone("UTC", Registration.created_at, type_=DateTime())
    return func.to_char(utc, "YYYY-MM-DD HH24")


def _extras(edition: Edition) -> list[Booked]:
    rows = db.session.execute(
        select(Extra.name, Extra.taken, Extra.quota)
        .where(Extra.edition_id == edition.id)
        .order_by(Extra.position, Extra.id)
    )
    return [Booked(name, taken, quota) for name, taken, quota in rows]


def _by_country(edition: Edition) -> dict[str, int]:
    rows = db.session.execute(
        select(Registration.country, func.count())
        .where(*_of(edition))
        .group_by(Registration.country)
    )
    return {code: int(number) for code, number in rows}


def expected(edition: Edition) -> list[Expected]:
    """What is to come in altogether, by currency: orders that are paid or wait for payment."""
    states = (OrderState.AWAITING_PAYMENT, OrderState.PAID)
    rows = db.session.execute(
        select(Order.currency, Order.state, sum_of(Order.total_minor))
        .where(Order.edition_id == edition.id, Order.state.in_(states))
        .group_by(Order.currency, Order.state)
    )
    sums: dict[str, dict[OrderState, int]] = {}
    for currency, state, minor in rows:
        sums.setdefault(currency, {})[state] = int(minor)
    return [
        Expected(Money(sum(own.values()), currency), Money(own.get(OrderState.PAID, 0), currency))
        for currency, own in sorted(sums.items())
        if any(own.values())
    ]
