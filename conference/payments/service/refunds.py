"""Giving money back: reserved first, so that what goes back is never above what came in."""

from __future__ import annotations

import hashlib
import logging
from datetime import date

from sqlalchemy import or_, select

from conference import emails
from conference.accounts.models import Person
from conference.core import audit, clock
from conference.core.errors import N_, Conflict, Invalid
from conference.core.model import new_public_id
from conference.core.money import Money
from conference.core.states import transition
from conference.extensions import db
from conference.payments.exchange import Refunded, Refunding, RefundSeen
from conference.payments.models import (
    CheckoutAttempt,
    EntryKind,
    LedgerEntry,
    Method,
    RefundAttempt,
)
from conference.payments.service import checkout, disputes, ledger
from conference.payments.states import REFUND_TRANSITIONS, AttemptState
from conference.registrations.models import Order

log = logging.getLogger(__name__)


class NothingToGiveBack(Conflict):
    """Nothing stands open, or less than was typed."""

    message = N_(
        "At most %(most)s is to be given back on this order. Cancel a registration or lower the"
        " price first."
    )


class NotByCard(Conflict):
    """The money did not come by card, or what came so has gone back already."""

    message = N_("Only %(most)s of this came by card. Give the rest back by bank transfer.")


def card_left(order: Order) -> Money:
    """How much of what came by card has not gone back, is not on its way or with a bank."""
    left = sum(p.amount_minor - p.refunded_minor for p in checkout.paid_by_card(order))
    return Money(max(0, left - disputes.held_by_bank(order)), order.currency)


def prepare(
    *, order: Order, amount: Money | None, reason: str, by: Person, token: str | None = None
) -> list[Refunding]:
    """Reserve the amount, all that is open when none is named; commit, then call the provider.

    The same token again reserves nothing: the first press has asked for it.
    """
    ledger.lock(order)
    token = token or new_public_id()
    if _is_known(_key(order, token, 0)):
        return []
    open_, by_card = ledger.to_give_back(order), card_left(order)
    amount = min(open_, by_card) if amount is None else amount
    _check(amount, open_)
    if amount > by_card:
        raise NotByCard(field="amount", most=str(by_card))
    rest = amount.minor
    made: list[Refunding] = []
    for payment in checkout.paid_by_card(order):
        share = min(rest, payment.amount_minor - payment.refunded_minor)
        if share > 0:
            key = _key(order, token, len(made))
            made.append(_reserve(order, payment, share, key, reason, by))
            rest -= share
    db.session.flush()
    audit.record("order.refund_prepared", about=order, by=by, amount=str(amount))
    return made


def _check(amount: Money, most: Money) -> None:
    if amount.currency != most.currency:
        raise ledger.OtherCurrency(field="amount", currency=most.currency, other=amount.currency)
    if amount > most:
        raise NothingToGiveBack(field="amount", most=str(most))
    if amount.minor <= 0:
        raise ledger.NotAnAmountToBook(field="amount")


def _key(order: Order, token: str, number: int) -> str:
    text = f"{order.public_id}:{token}:{number}"
    return f"refund-{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def _is_known(key: str) -> bool:
    query = select(RefundAttempt.id).where(RefundAttempt.idempotency_key == key)
    return db.session.scalar(query) is not None


def _reserve(
    order: Order, payment: CheckoutAttempt, minor: int, key: str, reason: str, by: Person
) -> Refunding:
    attempt_id = new_public_id()
    payment.refunded_minor += minor
    attempt = RefundAttempt(
        public_id=attempt_id,
        order_id=order.id,
        checkout_id=payment.id,
        method=Method.CARD,
        idempotency_key=key,
        amount_minor=minor,
        currency=order.currency,
        reason=reason,
        by_id=by.id,
    )
    db.session.add(attempt)
    return _refunding(attempt, payment)


def _refunding(attempt: RefundAttempt, payment: CheckoutAttempt) -> Refunding:
    return Refunding(
        attempt=attempt.public_id,
        key=attempt.idempotency_key,
        intent=payment.payment_intent or "",
        minor=attempt.amount_minor,
    )


def again(attempt: RefundAttempt) -> Refunding:
    """The same call with the same key, for an attempt whose answer was lost."""
    if attempt.checkout is None:
        raise Invalid()
    return _refunding(attempt, attempt.checkout)


def note(done: Refunded) -> None:
    """Keep what a call led to; an unknown outcome leaves the reservation standing."""
    if done.seen is not None:
        apply(done.seen)
    elif done.refused:
        attempt = db.session.scalars(
            select(RefundAttempt).where(RefundAttempt.public_id == done.attempt)
        ).one()
        give_up(attempt)


def give_up(attempt: RefundAttempt) -> None:
    """An attempt that the provider has refused, or never heard of."""
    ledger.lock(attempt.order)
    db.session.refresh(attempt)
    if attempt.state is AttemptState.PREPARED:
        _fail(attempt)


def apply(seen: RefundSeen) -> str:
    """Bring a refund to what the provider shows; only ever forward. Answers what that was."""
    attempt = _attempt_of(seen)
    if attempt is None:
        return "not ours"
    ledger.lock(attempt.order)
    db.session.refresh(attempt, with_for_update=True)
    attempt.refund_id = attempt.refund_id or seen.id
    state = attempt.state
    if seen.status in {"failed", "canceled"}:
        return _fail(attempt) if AttemptState.FAILED in REFUND_TRANSITIONS[state] else "known"
    if seen.status == "succeeded":
        if AttemptState.SUCCEEDED in REFUND_TRANSITIONS[state]:
            return _succeed(attempt)
        return "known"
    if AttemptState.OPEN in REFUND_TRANSITIONS[state]:
        transition(attempt, AttemptState.OPEN, REFUND_TRANSITIONS, by=None)
    return "on its way"


def _attempt_of(seen: RefundSeen) -> RefundAttempt | None:
    attempt: RefundAttempt | None = db.session.scalars(
        select(RefundAttempt)
        .where(
            or_(
                RefundAttempt.refund_id == seen.id,
                RefundAttempt.refund_id.is_(None) & (RefundAttempt.public_id == seen.attempt),
            )
        )
        .limit(1)
    ).first()
    return attempt or _made_elsewhere(seen)


def _made_elsewhere(seen: RefundSeen) -> RefundAttempt | None:
    """A refund made in the provider's own pages: it happened, so it is written down."""
    if not seen.intent or seen.status in {"failed", "canceled"}:
        return None
    payment = db.session.scalars(
        select(CheckoutAttempt).where(CheckoutAttempt.payment_intent == seen.intent)
    ).first()
    if payment is None:
        return None
    ledger.lock(payment.order)
    db.session.refresh(payment, with_for_update=True)
    known = db.session.scalars(select(RefundAttempt).where(RefundAttempt.refund_id == seen.id))
    twin: RefundAttempt | None = known.first()
    if twin is not None:
        return twin
    payment.refunded_minor = min(payment.amount_minor, payment.refunded_minor + seen.minor)
    attempt = RefundAttempt(
        order_id=payment.order_id,
        checkout_id=payment.id,
        method=Method.CARD,
        idempotency_key=f"elsewhere-{seen.id}"[:60],
        amount_minor=seen.minor,
        currency=payment.currency,
        refund_id=seen.id,
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt


def _succeed(attempt: RefundAttempt) -> str:
    transition(attempt, AttemptState.SUCCEEDED, REFUND_TRANSITIONS, by=None)
    amount = Money(attempt.amount_minor, attempt.currency)
    ledger.add(
        order=attempt.order,
        kind=EntryKind.REFUND,
        amount=amount,
        source=f"stripe:{attempt.refund_id}",
        method=Method.CARD,
        note=attempt.reason,
    )
    emails.refund_made(attempt.order, amount=amount, by_card=True)
    return "refunded"


def _fail(attempt: RefundAttempt) -> str:
    """The money stays with us, or has come back: the reservation is free again."""
    was_booked = attempt.state is AttemptState.SUCCEEDED
    transition(attempt, AttemptState.FAILED, REFUND_TRANSITIONS, by=None)
    if attempt.checkout is not None:
        left = attempt.checkout.refunded_minor - attempt.amount_minor
        attempt.checkout.refunded_minor = max(0, left)
    if was_booked:
        ledger.add(
            order=attempt.order,
            kind=EntryKind.PAYMENT,
            amount=Money(attempt.amount_minor, attempt.currency),
            source=f"stripe:{attempt.refund_id}:returned",
            method=Method.CARD,
        )
    log.warning("a refund failed", extra={"attempt": attempt.public_id})
    db.session.flush()
    return "failed"


def book_transfer(
    *, order: Order, amount: Money, booked_on: date, token: str, note: str, by: Person
) -> LedgerEntry:
    """Write down that finance has transferred money back. The same token again changes nothing."""
    ledger.lock(order)
    source = f"form:{token}"
    known = ledger.booked(EntryKind.REFUND, source)
    if known is not None:
        return known
    _check(amount, ledger.to_give_back(order))
    if booked_on > clock.today(order.edition.zone):
        raise ledger.NotYet(field="booked_on")
    entry = ledger.add(
        order=order,
        kind=EntryKind.REFUND,
        amount=amount,
        source=source,
        booked_on=booked_on,
        method=Method.TRANSFER,
        note=note,
        by=by,
    )
    emails.refund_made(order, amount=amount, by_card=False)
    return entry


def of_order(order: Order) -> list[RefundAttempt]:
    """The card refunds of an order, oldest first."""
    return list(
        db.session.scalars(
            select(RefundAttempt)
            .where(RefundAttempt.order_id == order.id)
            .order_by(RefundAttempt.id)
        )
    )
