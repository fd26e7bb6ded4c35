"""Paying by card: an attempt is written down before the call, its outcome after it.

opening = prepare(order=…)            # write, commit
opened = provider.open_session(opening)   # no transaction is open
note_opened(opened)                   # write, commit
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from conference.accounts.models import Person
from conference.core import audit, clock, links
from conference.core.errors import N_, DomainError, Invalid
from conference.core.model import new_public_id
from conference.core.money import Money
from conference.core.states import transition
from conference.core.text import in_language
from conference.extensions import db
from conference.payments import provider
from conference.payments.exchange import Opened, Opening, SessionSeen
from conference.payments.models import CheckoutAttempt, Method
from conference.payments.service import ledger
from conference.payments.states import ATTEMPT_TRANSITIONS, AttemptState
from conference.registrations import places
from conference.registrations.models import Order
from conference.registrations.states import OrderState

log = logging.getLogger(__name__)

LASTS = timedelta(hours=2)
# The provider refuses a session that would end in less than half an hour.
RETRY_BEFORE_END = timedelta(minutes=35)
REUSE_BEFORE_END = timedelta(minutes=5)
JUST_ASKED = timedelta(seconds=2)  # an impatient finger must not become a flood
LIVE = frozenset({AttemptState.PREPARED, AttemptState.OPEN})


class CardsNotTaken(Invalid):
    """No contract for cards, or not in this currency."""

    message = N_("Cards are not taken for this event. Please pay by bank transfer.")


class NothingToPay(DomainError):
    """Paid, cancelled or expired."""

    message = N_("There is nothing to pay on this order now.")


def takes_cards(order: Order) -> bool:
    """Whether an order can be paid by card at all."""
    payee = order.edition.payee
    return payee is not None and payee.takes_cards and provider.is_ready(order.currency)


def prepare(*, order: Order, by: Person | None) -> Opening:
    """Write the attempt down with its key and its request; commit, then open.

    An open pay page of the same amount is used again, so that two tabs pay once. An attempt whose
    answer was lost is made again with the same key.
    """
    ledger.lock(order)
    if not takes_cards(order):
        raise CardsNotTaken()
    owed = ledger.balance(order)
    if order.state is not OrderState.AWAITING_PAYMENT or owed.minor <= 0:
        raise NothingToPay()
    live = _live(order)
    stale = tuple(a.session_id for a in live if a.session_id and not _fits(a, owed))
    for attempt in live:
        if _fits(attempt, owed):
            return _opening(attempt, stale)
    attempt = _write_down(order, owed)
    audit.record("order.card_attempt", about=order, by=by, amount=str(owed))
    return _opening(attempt, stale)


def _live(order: Order) -> list[CheckoutAttempt]:
    return list(
        db.session.scalars(
            select(CheckoutAttempt)
            .where(CheckoutAttempt.order_id == order.id, CheckoutAttempt.state.in_(LIVE))
            .order_by(CheckoutAttempt.id.desc())
        )
    )


def _fits(attempt: CheckoutAttempt, owed: Money) -> bool:
    left = attempt.expires_at - clock.now()
    enough = REUSE_BEFORE_END if attempt.state is AttemptState.OPEN else RETRY_BEFORE_END
    return (attempt.amount_minor, attempt.currency) == (owed.minor, owed.currency) and left > enough


def _opening(attempt: CheckoutAttempt, stale: tuple[str, ...]) -> Opening:
    return Opening(
        attempt=attempt.public_id,
        key=attempt.idempotency_key,
        request=attempt.request,
        stale=stale,
        url=attempt.url if attempt.state is AttemptState.OPEN else None,
    )


def _write_down(order: Order, owed: Money) -> CheckoutAttempt:
    attempt_id, expires_at = new_public_id(), clock.now() + LASTS
    attempt = CheckoutAttempt(
        public_id=attempt_id,
        order_id=order.id,
        idempotency_key=f"checkout-{attempt_id}",
        request=_request(order, owed, attempt_id, int(expires_at.timestamp())),
        amount_minor=owed.minor,
        currency=owed.currency,
        expires_at=expires_at,
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt


def _request(order: Order, owed: Money, attempt_id: str, ends: int) -> dict[str, Any]:
    notes = {"order": order.code, "attempt": attempt_id}
    name = f"{in_language(order.edition.name, order.locale)}, {order.code}"
    back = (order.edition.code, "orders", order.public_id, "pay")
    price = {
        "currency": owed.currency.lower(),
        "unit_amount": owed.minor,
        "product_data": {"name": name},
    }
    return {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "client_reference_id": order.public_id,
        "customer_email": order.email,
        "metadata": notes,
        "payment_intent_data": {"metadata": notes, "description": name},
        "success_url": links.to(*back, "return"),
        "cancel_url": links.to(*back),
        "expires_at": ends,
        "locale": "auto",
    }


# -- what the provider says


def note_opened(opened: Opened) -> None:
    """Keep what opening led to."""
    for seen in opened.seen:
        apply(seen)
    attempt = _by_public_id(opened.attempt)
    if opened.refused and attempt.state is AttemptState.PREPARED:
        transition(attempt, AttemptState.FAILED, ATTEMPT_TRANSITIONS, by=None)
    if opened.session is not None:
        apply(opened.session)


def apply(seen: SessionSeen) -> str:
    """Bring an attempt to what the provider shows; only ever forward. Answers what that was.

    The order in which news arrives, and how often, makes no difference.
    """
    attempt = _attempt_of(seen)
    if attempt is None:
        return "not ours"
    order = attempt.order
    if seen.paid:
        places.lock(order.edition)
    ledger.lock(order)
    db.session.refresh(attempt, with_for_update=True)
    attempt.session_id = attempt.session_id or seen.id
    attempt.payment_intent = attempt.payment_intent or seen.intent
    attempt.checked_at = clock.now()
    if seen.paid:
        return _paid(attempt, order, seen)
    if seen.status == "expired":
        return _moved(attempt, AttemptState.EXPIRED)
    if seen.status == "open":
        attempt.url = attempt.url or seen.url
        return _moved(attempt, AttemptState.OPEN)
    return "waiting"  # complete, but the bank has not said yes yet


def _moved(attempt: CheckoutAttempt, to: AttemptState) -> str:
    if to not in ATTEMPT_TRANSITIONS[attempt.state]:
        return "known"
    transition(attempt, to, ATTEMPT_TRANSITIONS, by=None)
    return to.value


def _paid(attempt: CheckoutAttempt, order: Order, seen: SessionSeen) -> str:
    if attempt.state is AttemptState.SUCCEEDED:
        return "known"
    if seen.currency != order.currency or not seen.intent:
        log.error("a session was paid in another currency", extra={"attempt": attempt.public_id})
        return "other currency"
    attempt.amount_minor = seen.minor
    transition(attempt, AttemptState.SUCCEEDED, ATTEMPT_TRANSITIONS, by=None)
    ledger.book_payment(
        order=order,
        amount=Money(seen.minor, seen.currency),
        method=Method.CARD,
        source=f"stripe:{seen.intent}",
        booked_on=clock.today(order.edition.zone),
        by=None,
    )
    return "paid"


def _attempt_of(seen: SessionSeen) -> CheckoutAttempt | None:
    """By the session's id; before its answer was noted, by what we wrote on it."""
    found: CheckoutAttempt | None = db.session.scalars(
        select(CheckoutAttempt)
        .where(
            or_(
                CheckoutAttempt.session_id == seen.id,
                CheckoutAttempt.session_id.is_(None) & (CheckoutAttempt.public_id == seen.attempt),
            )
        )
        .limit(1)
    ).first()
    return found


def _by_public_id(public_id: str) -> CheckoutAttempt:
    found: CheckoutAttempt = db.session.scalars(
        select(CheckoutAttempt).where(CheckoutAttempt.public_id == public_id)
    ).one()
    return found


# -- what is still open


def sessions_to_ask(order: Order) -> list[str]:
    """The sessions of an order whose outcome is not known, but for those just asked about."""
    before = clock.now() - JUST_ASKED
    return [
        attempt.session_id
        for attempt in _live(order)
        if attempt.session_id and (attempt.checked_at is None or attempt.checked_at <= before)
    ]


def paid_by_card(order: Order) -> list[CheckoutAttempt]:
    """The card payments of an order, oldest first."""
    return list(
        db.session.scalars(
            select(CheckoutAttempt)
            .where(
                CheckoutAttempt.order_id == order.id,
                CheckoutAttempt.state == AttemptState.SUCCEEDED,
            )
            .order_by(CheckoutAttempt.id)
        )
    )
