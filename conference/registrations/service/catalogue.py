"""What can be had now: ticket types with their price, extras, and whether registration is open."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from conference.core import clock
from conference.core.money import Money
from conference.editions import local_times, moments
from conference.editions.models import Edition
from conference.editions.states import EditionState
from conference.extensions import db
from conference.registrations import places, pricing
from conference.registrations.models import Extra, Price, TicketType

DEFAULT_CURRENCY = "EUR"


class Window(StrEnum):
    """Whether an edition takes registrations."""

    OPEN = "open"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    NEVER = "never"
    ARCHIVED = "archived"
    DRAFT = "draft"


_WINDOWS = {
    moments.Registering.NOT_YET: Window.NOT_YET,
    moments.Registering.OPEN: Window.OPEN,
    moments.Registering.CLOSED: Window.CLOSED,
    moments.Registering.NEVER: Window.NEVER,
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A ticket type that can be had now, with its price at this moment."""

    ticket_type: TicketType
    price: Money
    price_label: dict[str, str]
    next_change_at: datetime | None
    places_left: int | None
    is_full: bool

    @property
    def scarcity(self) -> str:
        """free, few or full."""
        return places.shown(self.places_left)


@dataclass(frozen=True, slots=True)
class ExtraOffer:
    """Something that can be booked beside the ticket."""

    extra: Extra
    price: Money
    places_left: int | None
    is_full: bool


@dataclass(frozen=True, slots=True)
class PriceStep:
    """One line of a price list."""

    label: dict[str, str]
    price: Money
    from_at: datetime | None
    until_at: datetime | None
    counts_now: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A ticket type with all its prices, past ones left out."""

    ticket_type: TicketType
    steps: list[PriceStep]
    places_left: int | None

    @property
    def scarcity(self) -> str:
        """free, few or full."""
        return places.shown(self.places_left)


def currency_of(edition: Edition) -> str:
    """The currency of everything that the edition sells."""
    return edition.payee.currency if edition.payee is not None else DEFAULT_CURRENCY


def window(edition: Edition, at: datetime | None = None) -> Window:
    """Whether registration is open at an instant."""
    if edition.state is EditionState.DRAFT:
        return Window.DRAFT
    if edition.state is EditionState.ARCHIVED:
        return Window.ARCHIVED
    return _WINDOWS[moments.registering(edition, at or clock.now())]


def closes_at(edition: Edition) -> datetime:
    """When registration closes: the date set, else the end of the last day."""
    return edition.registration_closes_at or moments.end_of(edition)


def begins_at(edition: Edition) -> datetime:
    """The first minute of the edition's first day, in its zone."""
    return local_times.midnight(edition.starts_on, edition.zone)


def refund_until(edition: Edition) -> datetime:
    """Until when a cancelled place is paid back: the date set, else the beginning."""
    return edition.cancel_until_at or begins_at(edition)


def types_with_prices(edition: Edition) -> list[tuple[TicketType, list[Price]]]:
    """The ticket types that are not hidden, in order, in one statement."""
    rows = db.session.execute(
        select(TicketType, Price)
        .outerjoin(Price, Price.ticket_type_id == TicketType.id)
        .where(TicketType.edition_id == edition.id, TicketType.hidden_at.is_(None))
        .order_by(TicketType.position, TicketType.id, Price.from_at.nulls_first(), Price.id)
    )
    prices: dict[TicketType, list[Price]] = defaultdict(list)
    for kind, price in rows:
        prices[kind] += [price] if price is not None else []
    return list(prices.items())


def price_now(ticket_type: TicketType, at: datetime | None = None) -> Price | None:
    """The price that counts at an instant; None when the type is not on sale then."""
    steps = db.session.scalars(select(Price).where(Price.ticket_type_id == ticket_type.id))
    return pricing.price_at(list(steps), at or clock.now())


def on_sale(edition: Edition, at: datetime | None = None) -> list[Offer]:
    """What has a price at this instant, full ones included."""
    at, currency = at or clock.now(), currency_of(edition)
    offers = []
    for kind, steps in types_with_prices(edition):
        price = pricing.price_at(steps, at)
        if price is None:
            continue
        left = places_left(edition, kind)
        offers.append(
            Offer(
                ticket_type=kind,
                price=Money(price.amount_minor, currency),
                price_label=price.label,
                next_change_at=pricing.next_change(steps, at),
                places_left=left,
                is_full=left == 0,
            )
        )
    return offers


def price_list(edition: Edition, at: datetime | None = None) -> list[Listed]:
    """All ticket types with the prices of now and later, for the edition's page."""
    at, currency = at or clock.now(), currency_of(edition)
    listed = []
    for kind, prices in types_with_prices(edition):
        counting = pricing.price_at(prices, at)
        steps = [
            PriceStep(
                label=price.label,
                price=Money(price.amount_minor, currency),
                from_at=price.from_at,
                until_at=price.until_at,
                counts_now=price is counting,
            )
            for price in prices
            if price.until_at is None or price.until_at > at
        ]
        if steps:
            listed.append(Listed(kind, steps, places_left(edition, kind)))
    return listed


def places_left(edition: Edition, kind: TicketType) -> int | None:
    """Places left of a type, the edition's own limit included."""
    limits = (
        places.left(edition.places, edition.places_taken),
        places.left(kind.quota, kind.taken),
    )
    return min((limit for limit in limits if limit is not None), default=None)


def extras(edition: Edition) -> list[ExtraOffer]:
    """What can be booked beside the ticket, in order, full ones included."""
    currency = currency_of(edition)
    rows = db.session.scalars(
        select(Extra)
        .where(Extra.edition_id == edition.id, Extra.hidden_at.is_(None))
        .order_by(Extra.position, Extra.id)
    )
    return [
        ExtraOffer(
            extra=extra,
            price=Money(extra.amount_minor, currency),
            places_left=places.left(extra.quota, extra.taken),
            is_full=places.left(extra.quota, extra.taken) == 0,
        )
        for extra in rows
    ]


def changes_at(edition: Edition, listed: list[Listed]) -> list[datetime]:
    """The instants at which a page with the price list changes by itself."""
    edges = [edition.registration_opens_at, closes_at(edition)]
    edges += [
        edge for one in listed for step in one.steps for edge in (step.from_at, step.until_at)
    ]
    return [edge for edge in edges if edge is not None]
