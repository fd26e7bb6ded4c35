"""What stands open by itself: attempts to ask about, orders to remind of."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select

from conference import emails
from conference.core import clock
from conference.core.money import Money
from conference.core.states import transition
from conference.extensions import db
from conference.payments import transfers
from conference.payments.exchange import Refunding
from conference.payments.models import CheckoutAttempt, InvoiceKind, RefundAttempt
from conference.payments.service import invoices, ledger, refunds
from conference.payments.states import ATTEMPT_TRANSITIONS, AttemptState
from conference.registrations.models import Order
from conference.registrations.states import OrderState

ASK_EVERY = timedelta(minutes=3)
REMIND_BEFORE = timedelta(days=3)
# The provider forgets an idempotency key after a day: from then on it is asked, not told.
KEY_LASTS = timedelta(hours=20)
# The provider repeats an unanswered webhook for three days; what it did longer ago, we know.
TOLD_WITHIN = timedelta(days=7)
MOST = 200


def sessions_to_ask(every: timedelta = ASK_EVERY) -> list[tuple[str, bool]]:
    """Open sessions not asked about lately, and whether they are to be closed: nothing is owed."""
    before = clock.now() - every
    rows = db.session.execute(
        select(CheckoutAttempt.session_id, Order.state)
        .join(Order, CheckoutAttempt.order_id == Order.id)
        .where(
            CheckoutAttempt.state == AttemptState.OPEN,
            or_(CheckoutAttempt.checked_at.is_(None), CheckoutAttempt.checked_at <= before),
        )
        .order_by(CheckoutAttempt.id)
        .limit(MOST)
    )
    return [(session or "", state is not OrderState.AWAITING_PAYMENT) for session, state in rows]


def drop_unanswered() -> int:
    """Attempts whose answer never came and whose time is over: nobody ever saw their pay page."""
    old = db.session.scalars(
        select(CheckoutAttempt).where(
            CheckoutAttempt.state == AttemptState.PREPARED,
            CheckoutAttempt.expires_at < clock.now(),
        )
    ).all()
    for attempt in old:
        transition(attempt, AttemptState.EXPIRED, ATTEMPT_TRANSITIONS, by=None)
    return len(old)


def refunds_to_repeat() -> list[Refunding]:
    """Refunds whose answer was lost, while the provider still knows their keys."""
    found = db.session.scalars(
        select(RefundAttempt).where(
            RefundAttempt.state == AttemptState.PREPARED,
            RefundAttempt.created_at > clock.now() - KEY_LASTS,
            RefundAttempt.created_at <= clock.now() - timedelta(minutes=1),
        )
    )
    return [refunds.again(attempt) for attempt in found]


def payments_with_open_refunds() -> list[str]:
    """Payments of which a refund is on its way, or was told too long ago to tell it again."""
    return list(
        db.session.scalars(
            select(CheckoutAttempt.payment_intent)
            .join(RefundAttempt, RefundAttempt.checkout_id == CheckoutAttempt.id)
            .where(
                RefundAttempt.state.in_(ledger.RESERVED),
                CheckoutAttempt.payment_intent.is_not(None),
            )
            .distinct()
            .limit(MOST)
        )
    )


def drop_lost_refunds() -> int:
    """Refunds that the provider never heard of, a day later: their money is free again."""
    lost = db.session.scalars(
        select(RefundAttempt).where(
            RefundAttempt.state == AttemptState.PREPARED,
            RefundAttempt.refund_id.is_(None),
            RefundAttempt.created_at <= clock.now() - 2 * KEY_LASTS,
        )
    ).all()
    for attempt in lost:
        refunds.give_up(attempt)
    return len(lost)


def remind() -> int:
    """Write to those whose time for paying ends soon, once; answers to how many."""
    now = clock.now()
    orders = db.session.scalars(
        select(Order)
        .where(
            Order.state == OrderState.AWAITING_PAYMENT,
            Order.reminded_at.is_(None),
            Order.due_at > now,
            Order.due_at <= now + REMIND_BEFORE,
            # Who has ordered an hour ago has just been told.
            Order.confirmed_at < now - timedelta(days=1),
        )
        .order_by(Order.id)
        .limit(MOST)
    ).all()
    return sum(_remind(order) for order in orders)


def _remind(order: Order) -> bool:
    ledger.lock(order)
    left = ledger.balance(order)
    if order.reminded_at is not None or left.minor <= 0:
        return False
    order.reminded_at = clock.now()
    slip = transfers.slip(order, invoices.payee_of(order), Money(left.minor, left.currency))
    emails.payment_reminder(
        order,
        slip=slip,
        account=transfers.show_account(slip),
        proforma=invoices.last(order, InvoiceKind.PROFORMA),
    )
    return True
