"""From a proven address to a confirmed place: what is due is asked for, what is paid confirmed."""

from __future__ import annotations

from sqlalchemy import select

from conference import emails
from conference.accounts import people
from conference.accounts.models import Person
from conference.core import clock, tokens
from conference.core.errors import N_, DomainError
from conference.core.states import transition
from conference.editions import stamps
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations import hooks, places
from conference.registrations.models import Order, Registration
from conference.registrations.queries import registrations_of
from conference.registrations.service import offering, seats
from conference.registrations.states import (
    ORDER_TRANSITIONS,
    REGISTRATION_TRANSITIONS,
    OrderState,
    RegistrationState,
)

CONFIRM = "confirm-order"
_ORDER, _PLACE = ORDER_TRANSITIONS, REGISTRATION_TRANSITIONS
LAPSED = N_(
    "This registration has lapsed because it was not confirmed in time. Please register again."
)


def confirm_by_link(raw: str) -> tuple[Order, Person]:
    """Use the link of the mail up: the order, and the person whose address is now proven."""
    token = tokens.consume(CONFIRM, raw)
    order = db.session.scalars(select(Order).where(Order.public_id == token.data["order"])).first()
    if order is None or order.email != token.email:
        raise tokens.LinkUsedUp()
    person = people.find_or_make(order.email, locale=order.locale)
    _introduce(person, order)
    confirm_address(order=order, person=person)
    return order, person


def _introduce(person: Person, order: Order) -> None:
    """A new person's profile starts with what they typed about themselves."""
    own = next((one for one in registrations_of(order) if one.email == person.email), None)
    if person.name or own is None:
        return
    person.given_name, person.family_name = own.given_name, own.family_name
    person.latin_name, person.country = own.latin_name, own.country
    people.index_name(person)
    db.session.flush()


def confirm_address(*, order: Order, person: Person) -> None:
    """The address of the order is this person's: link what is theirs and go on to payment.

    Calling it again for an order that is confirmed already changes nothing.
    """
    places.lock(order.edition)
    db.session.refresh(order, attribute_names=["state", "confirmed_at"], with_for_update=True)
    if order.confirmed_at is not None:
        return
    if order.state is not OrderState.PLACED:
        raise DomainError(LAPSED)
    order.confirmed_at = clock.now()
    order.person = person
    registrations = registrations_of(order)
    for registration in registrations:
        if registration.email == person.email:
            registration.person = person
    if person.confirmed_at is None:
        person.confirmed_at = clock.now()
    db.session.flush()
    _go_on(order, registrations, by=person)
    if any(one.state is RegistrationState.WAITING for one in registrations):
        offering.promote(order.edition)


def _go_on(order: Order, registrations: list[Registration], by: Person | None) -> None:
    waits = [one for one in registrations if one.state is RegistrationState.WAITING]
    if len(waits) == len(registrations):
        transition(order, OrderState.WAITING, _ORDER, by=by)
    else:
        ask_for_money(order, by=by)
    for registration in waits:
        emails.waiting_list(registration)


def ask_for_money(order: Order, by: Person | None) -> None:
    """Settle an order that costs nothing; for any other let payments ask for the money."""
    if order.total_minor == 0:
        settle(order=order, by=by)
        return
    if order.state is not OrderState.AWAITING_PAYMENT:
        transition(order, OrderState.AWAITING_PAYMENT, _ORDER, by=by)
    for hook in hooks.order_awaits_payment:
        hook(order)


def settle(*, order: Order, by: Person | None) -> bool:
    """The money is there, or nothing was due: confirm the places and send the tickets.

    Calling it for a paid order changes nothing and answers True. Money that comes after the order
    lapsed takes the places up again if all are free; else the people go to the end of the waiting
    list (or stay lapsed where there is none) and the answer is False: the money is to be given back
    or kept until a place comes free.
    """
    db.session.flush()
    db.session.refresh(order, attribute_names=["state"], with_for_update=True)
    if order.state is OrderState.PAID:
        return True
    if order.state is OrderState.CANCELLED:
        return False
    if order.state is OrderState.EXPIRED:
        return _take_up_again(order, by)
    pending = [one for one in registrations_of(order) if one.state is RegistrationState.PENDING]
    if not pending or order.confirmed_at is None:
        return False
    transition(order, OrderState.PAID, _ORDER, by=by)
    _confirm(order, pending, by)
    return True


def _confirm(order: Order, registrations: list[Registration], by: Person | None) -> None:
    for registration in registrations:
        registration.confirmed_at = clock.now()
        transition(registration, RegistrationState.CONFIRMED, _PLACE, by=by)
    if order.edition.shows_participants and any(one.is_listed for one in registrations):
        stamps.bump(order.edition)
    by_address: dict[str, list[Registration]] = {}
    for registration in registrations:
        by_address.setdefault(registration.email, []).append(registration)
    for email, theirs in by_address.items():
        emails.registration_confirmed(order, email, theirs)


def _take_up_again(order: Order, by: Person | None) -> bool:
    edition: Edition = order.edition
    places.lock(edition)
    # Whoever let an offer lapse was never charged: the money is not theirs.
    lapsed = [
        one
        for one in registrations_of(order)
        if one.state is RegistrationState.EXPIRED and one.offered_until_at is None
    ]
    if not lapsed or order.confirmed_at is None:
        return False
    booked = [line for one in lapsed for line in seats.lines_of(one)]
    seated: list[Registration] = []
    for registration in lapsed:
        if not seats.seat_again(registration):
            break
        seated.append(registration)
    if len(seated) == len(lapsed):
        gone = sum(one.amount_minor * one.quantity for one in booked if one.dropped_at is not None)
        order.total_minor = max(0, order.total_minor - gone)
        transition(order, OrderState.PAID, _ORDER, by=by)
        _confirm(order, lapsed, by)
        return True
    for registration in seated:
        seats.unseat(registration)
    for line in booked:
        line.dropped_at = None
    if edition.has_waiting_list:
        _queue_up(order, lapsed, by)
    return False


def _queue_up(order: Order, lapsed: list[Registration], by: Person | None) -> None:
    number = seats.last_queue_number(order.edition)
    for registration in lapsed:
        number += 1
        registration.queue_number = number
        transition(registration, RegistrationState.WAITING, _PLACE, by=by)
        emails.waiting_list(registration)
    transition(order, OrderState.WAITING, _ORDER, by=by)
    order.total_minor = 0
    db.session.flush()
