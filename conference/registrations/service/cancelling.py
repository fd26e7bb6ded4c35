"""Giving up a place: by its owner within the deadlines, or by staff with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from conference import emails
from conference.accounts.models import Person
from conference.core import clock
from conference.core.errors import InvalidTransition
from conference.core.money import Money
from conference.core.states import can, transition
from conference.editions import stamps
from conference.extensions import db
from conference.registrations import hooks, places
from conference.registrations.models import Order, Registration
from conference.registrations.queries import registrations_of
from conference.registrations.refusals import DeadlinePassed
from conference.registrations.service import admission, catalogue, confirming, offering, seats
from conference.registrations.states import (
    HOLDS_PLACE,
    ORDER_TRANSITIONS,
    REGISTRATION_TRANSITIONS,
    OrderState,
    RegistrationState,
)

_ORDER, _PLACE = ORDER_TRANSITIONS, REGISTRATION_TRANSITIONS
_CHARGED = frozenset({OrderState.AWAITING_PAYMENT, OrderState.PAID})
_LIVE = HOLDS_PLACE | {RegistrationState.WAITING}


@dataclass(frozen=True, slots=True)
class Consequence:
    """What giving up a place would mean, for the page that asks first."""

    possible: bool
    is_paid: bool
    given_back: Money
    kept: Money


def consequence(registration: Registration) -> Consequence:
    """What happens if its owner gives the place up now."""
    order = registration.order
    # Finance may have lowered the price of the whole order.
    amount = Money(min(seats.amount_of(registration), order.total_minor), order.currency)
    nothing = Money.zero(order.currency)
    paid = order.state is OrderState.PAID
    held = registration.state in {RegistrationState.PENDING, RegistrationState.CONFIRMED}
    returns = held and (not paid or refunds_now(registration))
    return Consequence(
        possible=can(registration, RegistrationState.CANCELLED, _PLACE)
        and clock.now() < catalogue.begins_at(registration.edition),
        is_paid=paid and held and amount.minor > 0,
        given_back=amount if returns else nothing,
        kept=nothing if returns or not held else amount,
    )


def refunds_now(registration: Registration) -> bool:
    """Whether the deadline for refunds is still ahead."""
    return clock.now() < catalogue.refund_until(registration.edition)


def give_up(*, registration: Registration, by: Person | None) -> Money:
    """Its owner gives the place up; answers what is given back or no longer due."""
    if clock.now() >= catalogue.begins_at(registration.edition):
        raise DeadlinePassed()
    return cancel(registration=registration, by=by, reason="", refunds=refunds_now(registration))


def cancel(
    *, registration: Registration, by: Person | None, reason: str, refunds: bool = True
) -> Money:
    """Cancel a place and serve the waiting list; answers what is given back or no longer due.

    With `refunds` false money that was paid is kept; what was not paid is never asked for again.
    """
    edition, order = registration.edition, registration.order
    places.lock(edition)
    db.session.refresh(registration, attribute_names=["state"], with_for_update=True)
    db.session.refresh(order, attribute_names=["state", "total_minor"], with_for_update=True)
    before = registration.state
    if before not in _LIVE:
        raise InvalidTransition()
    if before in HOLDS_PLACE:
        seats.unseat(registration)
    dropped = _drop_lines(registration, order, before, refunds)
    registration.cancelled_at = clock.now()
    transition(registration, RegistrationState.CANCELLED, _PLACE, by=by)
    admission.release(registration)
    for hook in hooks.registration_cancelled:
        hook(registration, dropped, by)
    close(order, by=by, end=OrderState.CANCELLED)
    if edition.shows_participants and registration.is_listed:
        stamps.bump(edition)
    emails.registration_cancelled(registration, dropped, reason=reason)
    if before in HOLDS_PLACE:
        offering.promote(edition)
        for freed in hooks.places_freed:
            freed(edition)
    return dropped


def _drop_lines(
    registration: Registration, order: Order, before: RegistrationState, refunds: bool
) -> Money:
    """Take the lines out of the order; what was charged for them is the answer."""
    nothing = Money.zero(order.currency)
    counted = before in {RegistrationState.PENDING, RegistrationState.CONFIRMED}
    if order.state is OrderState.PAID and not refunds:
        return nothing
    amount = min(seats.amount_of(registration), order.total_minor)
    for line in seats.lines_of(registration):
        line.dropped_at = clock.now()
    if not counted:
        return nothing
    order.total_minor -= amount
    db.session.flush()
    return Money(amount, order.currency) if order.state in _CHARGED else nothing


def close(order: Order, *, by: Person | None, end: OrderState) -> None:
    """Bring the order's state in line with those of its registrations."""
    states = {one.state for one in registrations_of(order)}
    if not states & _LIVE:
        if can(order, end, _ORDER):
            if end is OrderState.CANCELLED:
                order.cancelled_at = clock.now()
            transition(order, end, _ORDER, by=by)
    elif order.state is OrderState.AWAITING_PAYMENT:
        if RegistrationState.PENDING not in states:
            transition(order, OrderState.WAITING, _ORDER, by=by)
        elif order.total_minor == 0:
            confirming.settle(order=order, by=by)
