"""The ledger, attempts at the card provider, disputes, its events, invoices and their numbers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from conference.accounts.models import Person
from conference.core.errors import N_
from conference.core.model import (
    Erase,
    Model,
    UtcDateTime,
    created_at,
    instant,
    minor,
    new_public_id,
    not_personal,
    personal,
    pk,
    public_id,
    states,
)
from conference.editions.models import Payee
from conference.payments.states import AttemptState, DisputeState
from conference.registrations.models import BOOKS, Order


class EntryKind(StrEnum):
    """CHARGE, REFUND and DISPUTE raise what is owed, CREDIT, PAYMENT and DISPUTE_WON lower it."""

    CHARGE = "charge"
    CREDIT = "credit"
    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    DISPUTE_WON = "dispute_won"


TAKES_AWAY = frozenset({EntryKind.CREDIT, EntryKind.REFUND, EntryKind.DISPUTE})
"""Shown with a minus."""


ENTRY_NAMES = {
    EntryKind.CHARGE: N_("Charged"),
    EntryKind.CREDIT: N_("Credited"),
    EntryKind.PAYMENT: N_("Paid"),
    EntryKind.REFUND: N_("Refunded"),
    EntryKind.DISPUTE: N_("Taken back by the buyer's bank"),
    EntryKind.DISPUTE_WON: N_("Returned by the buyer's bank"),
}


class Method(StrEnum):
    """How money moved."""

    CARD = "card"
    TRANSFER = "transfer"
    CASH = "cash"


METHOD_NAMES = {
    Method.CARD: N_("Card"),
    Method.TRANSFER: N_("Bank transfer"),
    Method.CASH: N_("Cash"),
}


class LedgerEntry(Model):
    """One movement of an order's account. Rows are only added.

    `amount_minor` is positive; the kind says which way. `source` makes booking twice impossible:
    a payment intent, a refund, an invoice, a bank line.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index("ix_ledger_entry_order_id", "order_id"),
        UniqueConstraint("kind", "source"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint(
            "(kind IN ('payment', 'refund', 'dispute', 'dispute_won')) = (method IS NOT NULL)",
            name="money_has_a_method",
        ),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    kind: Mapped[EntryKind] = mapped_column(states(EntryKind))
    method: Mapped[Method | None] = mapped_column(states(Method))
    amount_minor: Mapped[minor]
    currency: Mapped[str] = mapped_column(String(3))
    source: Mapped[str] = mapped_column(String(120), default=new_public_id)
    booked_on: Mapped[date]
    note: Mapped[str] = mapped_column(
        Text, default="", info=personal("what finance noted", BOOKS, Erase.SEALED)
    )
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    order: Mapped[Order] = relationship()
    by: Mapped[Person | None] = relationship()


class CheckoutAttempt(Model):
    """One Stripe Checkout Session, written down with its idempotency key before the call.

    `refunded_minor` counts what was given back or is reserved for it.
    """

    __tablename__ = "checkout_attempt"
    __table_args__ = (
        Index("ix_checkout_attempt_order_id", "order_id"),
        Index("ix_checkout_attempt_state", "state"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("state <> 'open' OR session_id IS NOT NULL", name="open_has_session"),
        CheckConstraint(
            "state <> 'succeeded' OR payment_intent IS NOT NULL", name="succeeded_has_intent"
        ),
        CheckConstraint(
            "refunded_minor BETWEEN 0 AND amount_minor", name="refunded_not_above_paid"
        ),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    state: Mapped[AttemptState] = mapped_column(states(AttemptState), default=AttemptState.PREPARED)
    idempotency_key: Mapped[str] = mapped_column(String(60), unique=True)
    request: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, info=personal("what the provider was asked", BOOKS, Erase.SEALED)
    )
    amount_minor: Mapped[minor]
    currency: Mapped[str] = mapped_column(String(3))
    session_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    payment_intent: Mapped[str | None] = mapped_column(String(120), unique=True)
    url: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[instant]
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    refunded_minor: Mapped[minor] = mapped_column(default=0)

    order: Mapped[Order] = relationship()


class RefundAttempt(Model):
    """One refund, its amount reserved before the provider is called."""

    __tablename__ = "refund_attempt"
    __table_args__ = (
        Index("ix_refund_attempt_order_id", "order_id"),
        Index("ix_refund_attempt_state", "state"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("state <> 'succeeded' OR refund_id IS NOT NULL", name="succeeded_has_id"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    checkout_id: Mapped[int | None] = mapped_column(ForeignKey("checkout_attempt.id"))
    state: Mapped[AttemptState] = mapped_column(states(AttemptState), default=AttemptState.PREPARED)
    method: Mapped[Method] = mapped_column(states(Method))
    idempotency_key: Mapped[str] = mapped_column(String(60), unique=True)
    amount_minor: Mapped[minor]
    currency: Mapped[str] = mapped_column(String(3))
    refund_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    reason: Mapped[str] = mapped_column(
        Text, default="", info=personal("why money went back", BOOKS, Erase.SEALED)
    )
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    order: Mapped[Order] = relationship()
    checkout: Mapped[CheckoutAttempt | None] = relationship()


class CardDispute(Model):
    """A card payment that its buyer disputes at their bank.

    `taken_minor` is what the bank holds now, as the ledger has it: zero while it only inquires.
    """

    __tablename__ = "card_dispute"
    __table_args__ = (
        Index("ix_card_dispute_order_id", "order_id"),
        Index("ix_card_dispute_state", "state"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    checkout_id: Mapped[int] = mapped_column(ForeignKey("checkout_attempt.id"))
    state: Mapped[DisputeState] = mapped_column(states(DisputeState), default=DisputeState.OPEN)
    dispute_id: Mapped[str] = mapped_column(String(120), unique=True)
    amount_minor: Mapped[minor]
    taken_minor: Mapped[minor] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(
        String(60), default="", info=personal("why money went back", BOOKS, Erase.SEALED)
    )
    evidence_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    order: Mapped[Order] = relationship()
    checkout: Mapped[CheckoutAttempt] = relationship()


class StripeEvent(Model):
    """A webhook that was taken in, once, with its effect in the same transaction."""

    __tablename__ = "stripe_event"
    id: Mapped[pk]
    created_at: Mapped[created_at]
    event_id: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(80))
    object_id: Mapped[str] = mapped_column(String(120))
    outcome: Mapped[str] = mapped_column(String(40))


class InvoiceKind(StrEnum):
    """Proforma first, invoice when paid, credit note on refund."""

    PROFORMA = "proforma"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


INVOICE_KIND_NAMES = {
    InvoiceKind.PROFORMA: N_("Proforma invoice"),
    InvoiceKind.INVOICE: N_("Invoice"),
    InvoiceKind.CREDIT_NOTE: N_("Credit note"),
}


class NumberSeries(Model):
    """The last number given per payee, kind and year; taken under a lock, so without gaps."""

    __tablename__ = "number_series"
    __table_args__ = (UniqueConstraint("payee_id", "kind", "year"),)
    id: Mapped[pk]
    payee_id: Mapped[int] = mapped_column(ForeignKey("payee.id"))
    kind: Mapped[InvoiceKind] = mapped_column(states(InvoiceKind))
    year: Mapped[int]
    last: Mapped[int] = mapped_column(default=0)


class Invoice(Model):
    """A numbered paper. `data` is the frozen content that its PDF is made from."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("payee_id", "kind", "year", "number"),
        Index("ix_invoice_order_id", "order_id"),
        CheckConstraint("total_minor >= 0", name="total_not_negative"),
        CheckConstraint(
            "kind <> 'credit_note' OR corrects_id IS NOT NULL", name="credit_note_corrects"
        ),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    payee_id: Mapped[int] = mapped_column(ForeignKey("payee.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    kind: Mapped[InvoiceKind] = mapped_column(states(InvoiceKind))
    year: Mapped[int]
    number: Mapped[int]
    label: Mapped[str] = mapped_column(String(40))
    issued_on: Mapped[date]
    locale: Mapped[str] = mapped_column(String(10), info=not_personal("language of the paper"))
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[minor]
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"))
    data: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, info=personal("the invoice as issued", BOOKS, Erase.SEALED)
    )

    payee: Mapped[Payee] = relationship()
    order: Mapped[Order] = relationship()
