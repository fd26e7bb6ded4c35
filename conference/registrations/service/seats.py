"""Seating people who ask, and giving up the seats of registrations, extras included."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from conference.core import clock
from conference.core.money import Money
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations import places
from conference.registrations.models import OrderLine, Registration
from conference.registrations.refusals import ExtraGone, NoPlaceLeft, TicketsGone
from conference.registrations.service.quoting import Priced


def seat_all(edition: Edition, people: Sequence[Priced]) -> list[bool]:
    """Take a place for each; False for those who wait. Refuses who may not, and extras gone."""
    seated = [_seat(edition, person) for person in people]
    for number, (person, has_place) in enumerate(zip(people, seated, strict=True)):
        if not has_place and not edition.has_waiting_list:
            raise NoPlaceLeft(field=f"p{number}-ticket")
        if not has_place and not person.wish.may_wait:
            raise TicketsGone(field=f"p{number}-ticket")
    for number, (person, has_place) in enumerate(zip(people, seated, strict=True)):
        for booked in person.booked if has_place else ():
            if not places.take(booked.extra, booked.quantity):
                raise ExtraGone(
                    field=f"p{number}-extra-{booked.extra.public_id}",
                    extra=booked.extra.name.get("en", ""),
                )
    return seated


def _seat(edition: Edition, person: Priced) -> bool:
    if not places.take(edition):
        return False
    if places.take(person.ticket_type):
        return True
    places.give_back(edition)
    return False


def last_queue_number(edition: Edition) -> int:
    """The highest number of the edition's waiting list. Holds the edition until the commit."""
    places.lock(edition)
    return int(
        db.session.scalar(
            select(func.max(Registration.queue_number)).where(Registration.edition_id == edition.id)
        )
        or 0
    )


def lines_of(registration: Registration) -> list[OrderLine]:
    """What was booked for a registration and not dropped."""
    return list(
        db.session.scalars(
            select(OrderLine)
            .where(OrderLine.registration_id == registration.id, OrderLine.dropped_at.is_(None))
            .order_by(OrderLine.id)
        )
    )


def seat_again(registration: Registration) -> bool:
    """Take the place of somebody who waited or lapsed; extras that are gone are dropped."""
    edition = registration.edition
    if not places.take(edition):
        return False
    if not places.take(registration.ticket_type):
        places.give_back(edition)
        return False
    for line in lines_of(registration):
        if line.extra is not None and not places.take(line.extra, line.quantity):
            line.dropped_at = clock.now()
    return True


def unseat(registration: Registration) -> None:
    """Give back the place and the extras of a registration that holds one."""
    places.give_back(registration.edition)
    places.give_back(registration.ticket_type)
    for line in lines_of(registration):
        if line.extra is not None:
            places.give_back(line.extra, line.quantity)


def price_of(registration: Registration) -> Money:
    """What its lines cost."""
    return Money(amount_of(registration), registration.order.currency)


def amount_of(registration: Registration) -> int:
    """What its lines cost, in minor units of the order's currency."""
    return sum(line.amount_minor * line.quantity for line in lines_of(registration))
