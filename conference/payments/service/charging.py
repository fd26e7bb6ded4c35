"""What happens to the books when an order waits for payment or a place is given up: the hooks."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from conference import emails
from conference.accounts.models import Person
from conference.core import clock
from conference.core.errors import N_, Conflict
from conference.core.model import new_public_id
from conference.core.money import Money
from conference.extensions import db
from conference.payments import transfers
from conference.payments.models import EntryKind
from conference.payments.service import invoices, ledger
from conference.registrations.models import Order, Registration
from conference.registrations.states import OrderState

TRIES = 20


class NothingLeftToCredit(Conflict):
    """More than was charged."""

    message = N_("Only %(most)s was charged. A credit cannot be higher.")


def awaits_payment(order: Order) -> None:
    """Charge what the order costs, give it a reference and a due date, tell the buyer.

    Runs again when a lapsed place is taken up or the order has grown: the books follow the total.
    """
    ledger.lock(order)
    payee = invoices.payee_of(order)
    if order.reference is None:
        order.reference = _free_reference()
    order.due_at = _due(order, payee.payment_days)
    order.reminded_at = None
    _follow_total(order)
    sums = ledger.account(order)
    if sums.balance <= 0:
        ledger.settle_if_paid(order=order, by=None)
        return
    proforma = invoices.issue_proforma(
        order=order,
        price=Money(sums.price, order.currency),
        left=Money(sums.balance, order.currency),
    )
    slip = transfers.slip(order, payee, Money(sums.balance, order.currency))
    emails.payment_due(order, slip=slip, account=transfers.show_account(slip), proforma=proforma)


def registration_cancelled(registration: Registration, dropped: Money, by: Person | None) -> None:
    """Credit what no longer has to be paid; what was invoiced gets a credit note."""
    order = registration.order
    ledger.lock(order)
    sums = ledger.account(order)
    amount = Money(min(dropped.minor, sums.price), order.currency)
    if amount.minor <= 0:
        return
    source = f"cancelled:{registration.public_id}"
    if ledger.booked(EntryKind.CREDIT, source) is not None:
        return
    ledger.add(
        order=order,
        kind=EntryKind.CREDIT,
        amount=amount,
        source=source,
        note=registration.name,
        by=by,
    )
    invoices.issue_credit_note(order=order, amount=amount, registration=registration)
    if order.state is OrderState.AWAITING_PAYMENT:
        _ask_for_less(order)


def credit(*, order: Order, amount: Money, reason: str, token: str, by: Person) -> None:
    """Lower what an order costs, by decision of finance; the same token twice does it once."""
    ledger.lock(order)
    source = f"form:{token}"
    if ledger.booked(EntryKind.CREDIT, source) is not None:
        return
    most = Money(ledger.account(order).price, order.currency)
    if amount.currency == order.currency and amount > most:
        raise NothingLeftToCredit(field="amount", most=str(most))
    ledger.add(order=order, kind=EntryKind.CREDIT, amount=amount, source=source, note=reason, by=by)
    order.total_minor = max(0, order.total_minor - amount.minor)
    invoices.issue_credit_note(order=order, amount=amount, reason=reason)
    if order.state is OrderState.AWAITING_PAYMENT:
        _ask_for_less(order)


def _ask_for_less(order: Order) -> None:
    """Part of an unpaid order is gone: it may be paid now, or a lower proforma is due."""
    sums = ledger.account(order)
    if sums.balance <= 0 < sums.paid:
        ledger.settle_if_paid(order=order, by=None)
    elif sums.price > 0:
        invoices.issue_proforma(
            order=order,
            price=Money(sums.price, order.currency),
            left=Money(max(0, sums.balance), order.currency),
        )


def _follow_total(order: Order) -> None:
    """One entry over the difference between the total and what was charged so far."""
    difference = order.total_minor - ledger.account(order).price
    if difference:
        ledger.add(
            order=order,
            kind=EntryKind.CHARGE if difference > 0 else EntryKind.CREDIT,
            amount=Money(abs(difference), order.currency),
            source=f"order:{order.public_id}:{new_public_id()}",
        )


def _due(order: Order, days: int) -> datetime:
    """The end of the last day for paying, where the edition is; never after the edition begins."""
    zone = ZoneInfo(order.edition.zone)
    today = clock.now().astimezone(zone).date()
    last = min(today + timedelta(days=days), order.edition.starts_on - timedelta(days=1))
    last = max(last, today + timedelta(days=1))
    return datetime.combine(last, time(23, 59, 59), zone)


def _free_reference() -> str:
    for _try in range(TRIES):
        reference = transfers.new_reference()
        if db.session.scalar(select(Order.id).where(Order.reference == reference)) is None:
            return reference
    raise RuntimeError("no free payment reference found")
