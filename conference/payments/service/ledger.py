"""An order's account: entries that are only added, what they come to, booking money once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from conference import emails
from conference.accounts.models import Person
from conference.core import audit, clock
from conference.core.errors import N_, Conflict, Invalid
from conference.core.model import new_public_id, sum_of
from conference.core.money import Money
from conference.extensions import db
from conference.payments.models import EntryKind, InvoiceKind, LedgerEntry, Method, RefundAttempt
from conference.payments.service import invoices
from conference.payments.states import AttemptState
from conference.registrations import places
from conference.registrations.models import Order
from conference.registrations.service import confirming
from conference.registrations.states import OrderState

# Nobody has a place for this money: what came in goes back, whatever was charged.
KEEPS_NOTHING = frozenset({OrderState.PLACED, OrderState.WAITING, OrderState.EXPIRED})
RESERVED = frozenset({AttemptState.PREPARED, AttemptState.OPEN})


class OtherCurrency(Invalid):
    """Money in a currency that the order is not in."""

    message = N_(
        "This order is to be paid in %(currency)s. Money in %(other)s cannot be booked on it."
    )


class NotAnAmountToBook(Invalid):
    """Nothing, or less."""

    message = N_("The amount must be above zero.")


class NotYet(Invalid):
    """A date that has not come."""

    message = N_("This date lies in the future.")


class AlreadyBooked(Conflict):
    """The same source with another content."""

    message = N_("This movement has been booked already, with another amount or on another order.")


@dataclass(frozen=True, slots=True)
class Account:
    """What the entries of an order come to, in minor units.

    `reserved` is on its way back, `disputed` is with the buyer's bank.
    """

    currency: str
    charged: int = 0
    credited: int = 0
    paid: int = 0
    refunded: int = 0
    disputed: int = 0
    reserved: int = 0

    @property
    def price(self) -> int:
        """What is asked for, all in all."""
        return self.charged - self.credited

    @property
    def received(self) -> int:
        """What came in and has stayed."""
        return self.paid - self.refunded - self.disputed

    @property
    def balance(self) -> int:
        """What is owed; below zero it is to be given back."""
        return self.price - self.received


def account(order: Order) -> Account:
    """The sums of an order, in two statements."""
    rows = db.session.execute(
        select(LedgerEntry.kind, sum_of(LedgerEntry.amount_minor))
        .where(LedgerEntry.order_id == order.id)
        .group_by(LedgerEntry.kind)
    )
    sums: dict[EntryKind, int] = {kind: int(total) for kind, total in rows}
    reserved = db.session.scalar(
        select(sum_of(RefundAttempt.amount_minor)).where(
            RefundAttempt.order_id == order.id, RefundAttempt.state.in_(RESERVED)
        )
    )
    return Account(
        currency=order.currency,
        charged=sums.get(EntryKind.CHARGE, 0),
        credited=sums.get(EntryKind.CREDIT, 0),
        paid=sums.get(EntryKind.PAYMENT, 0),
        refunded=sums.get(EntryKind.REFUND, 0),
        disputed=sums.get(EntryKind.DISPUTE, 0) - sums.get(EntryKind.DISPUTE_WON, 0),
        reserved=int(reserved or 0),
    )


def balance(order: Order) -> Money:
    """What is owed on an order; below zero it is to be given back."""
    return Money(account(order).balance, order.currency)


def to_give_back(order: Order) -> Money:
    """Money that came in and that nothing stands against, less what is on its way back."""
    sums = account(order)
    kept = 0 if order.state in KEEPS_NOTHING else sums.price
    return Money(max(0, sums.received - sums.reserved - kept), order.currency)


def entries(order: Order) -> list[LedgerEntry]:
    """The account of an order, oldest first."""
    return list(
        db.session.scalars(
            select(LedgerEntry).where(LedgerEntry.order_id == order.id).order_by(LedgerEntry.id)
        )
    )


def lock(order: Order) -> None:
    """Hold the order's row until this transaction ends; of two at once, one waits."""
    db.session.flush()
    db.session.refresh(order, with_for_update={"key_share": True})


def add(
    *,
    order: Order,
    kind: EntryKind,
    amount: Money,
    source: str,
    booked_on: date | None = None,
    method: Method | None = None,
    note: str = "",
    by: Person | None = None,
) -> LedgerEntry:
    """Write one entry; the same kind and source a second time is refused."""
    if amount.currency != order.currency:
        raise OtherCurrency(field="amount", currency=order.currency, other=amount.currency)
    if amount.minor <= 0:
        raise NotAnAmountToBook(field="amount")
    entry = LedgerEntry(
        order_id=order.id,
        kind=kind,
        amount_minor=amount.minor,
        currency=amount.currency,
        source=source,
        booked_on=booked_on or clock.today(order.edition.zone),
        method=method,
        note=note,
        by_id=by.id if by else None,
    )
    try:
        with db.session.begin_nested():
            db.session.add(entry)
            db.session.flush()
    except IntegrityError:
        raise AlreadyBooked() from None
    audit.record(
        f"order.{kind.value}",
        about=order,
        by=by,
        amount=str(amount),
        method=method.value if method else None,
    )
    return entry


def booked(kind: EntryKind, source: str) -> LedgerEntry | None:
    """The entry that a source has led to, if any."""
    found: LedgerEntry | None = db.session.scalars(
        select(LedgerEntry).where(LedgerEntry.kind == kind, LedgerEntry.source == source)
    ).first()
    return found


def book_payment(
    *,
    order: Order,
    amount: Money,
    method: Method,
    source: str,
    booked_on: date,
    by: Person | None,
    note: str = "",
) -> LedgerEntry:
    """Book money that has come in. The same source a second time changes nothing.

    The order is settled when that pays it; money for a lapsed place takes the place anew if it is
    free, otherwise it waits in the queue of what is to be given back.
    """
    places.lock(order.edition)  # before the order, as everybody does who may take places
    lock(order)
    known = booked(EntryKind.PAYMENT, source)
    if known is not None:
        if (known.order_id, known.amount_minor) != (order.id, amount.minor):
            raise AlreadyBooked()
        return known
    if booked_on > clock.today(order.edition.zone):
        raise NotYet(field="booked_on")
    entry = add(
        order=order,
        kind=EntryKind.PAYMENT,
        amount=amount,
        source=source,
        booked_on=booked_on,
        method=method,
        note=note,
        by=by,
    )
    before = order.state
    settled = settle_if_paid(order=order, by=by)
    _tell(order, amount, settled=settled, late=before in KEEPS_NOTHING and not settled)
    return entry


def settle_if_paid(*, order: Order, by: Person | None) -> bool:
    """Confirm the places and issue the invoice once nothing is owed; answers whether it is paid."""
    lock(order)
    if order.state is OrderState.PAID:
        return True
    sums = account(order)
    if sums.balance > 0 or order.state not in {OrderState.AWAITING_PAYMENT, OrderState.EXPIRED}:
        return False
    if not confirming.settle(order=order, by=by):
        return False
    gone = sums.price - order.total_minor
    if gone > 0:  # extras that others have booked since the order lapsed
        source = f"gone:{order.public_id}:{new_public_id()}"
        amount = Money(gone, order.currency)
        add(order=order, kind=EntryKind.CREDIT, amount=amount, source=source, by=by)
    invoices.issue_invoice(order=order, price=Money(account(order).price, order.currency))
    return True


def _tell(order: Order, amount: Money, *, settled: bool, late: bool) -> None:
    left = balance(order)
    invoice = invoices.last(order, InvoiceKind.INVOICE) if settled else None
    emails.payment_received(
        order,
        amount=amount,
        left=left if left.minor > 0 else None,
        invoice=invoice,
        late=late,
    )
