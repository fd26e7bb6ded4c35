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
from conference.editions.models import Edition
from conference.extensions import db
from conference.payments import transfers
from conference.payments.models import EntryKind, InvoiceKind, LedgerEntry
from conference.payments.service import invoices, ledger
from conference.registrations import places
from conference.registrations.models import Order, Registration
from conference.registrations.states import OrderState

TRIES = 20


class NothingLeftToCredit(Conflict):
    """More than was charged."""

    message = N_("Only %(most)s was charged. A credit cannot be higher.")


class NothingToAskFor(Conflict):
    """Paid, lapsed or cancelled meanwhile."""

    message = N_("Nothing is to be paid on this order now.")


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


def send_again(order: Order) -> None:
    """The mail that says what is to be paid, with what is left now and the last proforma."""
    ledger.lock(order)
    left = ledger.balance(order)
    if order.state is not OrderState.AWAITING_PAYMENT or left.minor <= 0:
        raise NothingToAskFor()
    proforma = invoices.last(order, InvoiceKind.PROFORMA)
    if proforma is None:
        proforma = invoices.issue_proforma(
            order=order, price=Money(ledger.account(order).price, order.currency), left=left
        )
    slip = transfers.slip(order, invoices.payee_of(order), left)
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


def money_was_asked(edition: Edition) -> bool:
    """Whether the books of an edition hold anything, also of orders that are over."""
    of_edition = (
        select(LedgerEntry.id)
        .join(Order, LedgerEntry.order_id == Order.id)
        .where(Order.edition_id == edition.id)
        .limit(1)
    )
    return db.session.scalar(of_edition) is not None


def credit(*, order: Order, amount: Money, reason: str, token: str, by: Person) -> None:
    """Lower what an order costs, by decision of finance; the same token twice does it once."""
    places.lock(order.edition)
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
    if sums.balance <= 0:
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
