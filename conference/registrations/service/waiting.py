"""The waiting list, strictly in order, and what lapses by itself: offers, unconfirmed, unpaid."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from conference import emails
from conference.accounts.models import Person
from conference.core import audit, clock
from conference.core.errors import InvalidTransition
from conference.core.model import new_public_id
from conference.core.states import transition
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations import codes, hooks, places
from conference.registrations.models import Order, Registration
from conference.registrations.queries import registrations_of
from conference.registrations.refusals import OfferLapsed
from conference.registrations.service import admission, cancelling, confirming, offering, seats
from conference.registrations.states import (
    ORDER_TRANSITIONS,
    REGISTRATION_TRANSITIONS,
    OrderState,
    RegistrationState,
)

_ORDER, _PLACE = ORDER_TRANSITIONS, REGISTRATION_TRANSITIONS
GRACE = timedelta(days=3)
"""An order lapses this long after its due date: a transfer takes days to arrive."""

promote = offering.promote


def accept(*, registration: Registration, by: Person | None) -> Order:
    """Take the offered place; answers the order to pay, which is paid when it costs nothing."""
    _refuse_lapsed(registration)
    transition(registration, RegistrationState.PENDING, _PLACE, by=by)
    registration.offered_until_at = None  # answered: only an offer that lapsed keeps it
    order = registration.order
    db.session.refresh(order, attribute_names=["state", "total_minor"], with_for_update=True)
    if order.state is not OrderState.WAITING:
        order = _order_of_its_own(registration, by)
    order.total_minor = seats.amount_of(registration)
    order.due_at = None
    db.session.flush()
    confirming.ask_for_money(order, by=by)
    return order


def _refuse_lapsed(registration: Registration) -> None:
    places.lock(registration.edition)
    db.session.refresh(
        registration, attribute_names=["state", "offered_until_at"], with_for_update=True
    )
    ends = registration.offered_until_at
    if registration.state is not RegistrationState.OFFERED or ends is None or ends <= clock.now():
        raise OfferLapsed()


def _order_of_its_own(registration: Registration, by: Person | None) -> Order:
    """Others of the same order pay, or have paid, without this place: it gets its own order."""
    old = registration.order
    order = Order(
        public_id=new_public_id(),
        code=codes.new_code(),
        state=OrderState.WAITING,
        **{
            name: getattr(old, name)
            for name in (
                "edition",
                "person",
                "email",
                "locale",
                "confirmed_at",
                "currency",
                "pays_by",
                "invoice_name",
                "invoice_address",
                "invoice_country",
                "invoice_tax_id",
            )
        },
        total_minor=0,
    )
    db.session.add(order)
    for line in seats.lines_of(registration):
        line.order = order
    registration.order = order
    db.session.flush()
    audit.record("order.split_off", about=order, by=by, of=old.public_id)
    return order


def decline(*, registration: Registration, by: Person | None) -> None:
    """Say no to an offered place; the next in line is asked at once."""
    _refuse_lapsed(registration)
    cancelling.cancel(registration=registration, by=by, reason="")


def expire_offers() -> int:
    """Offers that nobody answered go to the next in line; answers how many lapsed."""
    lapsed = db.session.scalars(
        select(Registration)
        .where(
            Registration.state == RegistrationState.OFFERED,
            Registration.offered_until_at <= clock.now(),
        )
        .order_by(Registration.edition_id, Registration.queue_number)
    ).all()
    editions: dict[Edition, None] = {}
    _hold({registration.edition: None for registration in lapsed})
    for registration in lapsed:
        try:
            transition(registration, RegistrationState.EXPIRED, _PLACE, by=None)
        except InvalidTransition:
            continue
        seats.unseat(registration)
        admission.release(registration)
        cancelling.close(registration.order, by=None, end=OrderState.EXPIRED)
        emails.offer_expired(registration)
        editions[registration.edition] = None
    _serve(editions)
    return len(lapsed)


def expire_orders() -> int:
    """Orders whose address was not confirmed, or that were not paid, lapse; answers how many."""
    now = clock.now()
    lapsed = db.session.scalars(
        select(Order)
        .where(
            ((Order.state == OrderState.PLACED) & (Order.confirm_by_at <= now))
            | ((Order.state == OrderState.AWAITING_PAYMENT) & (Order.due_at <= now - GRACE))
        )
        .order_by(Order.edition_id, Order.id)
    ).all()
    editions: dict[Edition, None] = {}
    _hold({order.edition: None for order in lapsed})
    for order in lapsed:
        if _expire(order):
            editions[order.edition] = None
    _serve(editions)
    return len(lapsed)


def _expire(order: Order) -> bool:
    was_confirmed = order.confirmed_at is not None
    try:
        transition(order, OrderState.EXPIRED, _ORDER, by=None)
    except InvalidTransition:  # paid or cancelled a moment ago
        return False
    for registration in registrations_of(order):
        held = registration.state is RegistrationState.PENDING
        # Who waits for a place in an order that others did not pay goes on waiting.
        waits = registration.state is RegistrationState.WAITING and not was_confirmed
        if held or waits:
            transition(registration, RegistrationState.EXPIRED, _PLACE, by=None)
            admission.release(registration)
        if held:
            seats.unseat(registration)
    if was_confirmed:
        emails.order_expired(order)
    return True


def _hold(editions: dict[Edition, None]) -> None:
    """All of them before anything below one: bumping a page's stamp locks what they share."""
    for edition in editions:
        places.lock(edition)


def _serve(editions: dict[Edition, None]) -> None:
    for edition in editions:
        promote(edition)
        for freed in hooks.places_freed:
            freed(edition)
