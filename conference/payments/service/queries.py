"""What finance looks at: orders with what they owe, movements of money, sums of an edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select, type_coerce

from conference.accounts.models import Person
from conference.core.errors import N_, Invalid, NotFound
from conference.core.model import UtcDateTime, sum_of
from conference.core.money import NotAnAmount, parse
from conference.core.text import plain_line, search_terms
from conference.editions.models import Edition
from conference.extensions import db
from conference.payments import transfers
from conference.payments.models import CardDispute, EntryKind, Invoice, LedgerEntry, RefundAttempt
from conference.payments.service.disputes import UNDECIDED
from conference.payments.service.ledger import KEEPS_NOTHING, RESERVED
from conference.payments.states import DisputeState
from conference.registrations import codes
from conference.registrations.models import Order, OrderLine, Registration
from conference.registrations.states import OrderState

MOVED = frozenset(EntryKind) - {EntryKind.CHARGE, EntryKind.CREDIT}
ASKED = frozenset({OrderState.AWAITING_PAYMENT, OrderState.PAID})


class UnknownReference(Invalid):
    """No order of this edition has it."""

    message = N_(
        "No order of this edition has this reference or code. Please compare it with the statement."
    )


def _sums() -> Subquery:
    def total(*kinds: EntryKind) -> ColumnElement[int]:
        return sum_of(case((LedgerEntry.kind.in_(kinds), LedgerEntry.amount_minor), else_=0))

    return (
        select(
            LedgerEntry.order_id,
            (total(EntryKind.CHARGE) - total(EntryKind.CREDIT)).label("price"),
            (
                total(EntryKind.PAYMENT, EntryKind.DISPUTE_WON)
                - total(EntryKind.REFUND, EntryKind.DISPUTE)
            ).label("received"),
        )
        .group_by(LedgerEntry.order_id)
        .subquery("sums")
    )


def _reserved() -> Subquery:
    return (
        select(RefundAttempt.order_id, sum_of(RefundAttempt.amount_minor).label("reserved"))
        .where(RefundAttempt.state.in_(RESERVED))
        .group_by(RefundAttempt.order_id)
        .subquery("on_its_way")
    )


def _disputed() -> Subquery:
    awaited = case((CardDispute.state == DisputeState.OPEN, CardDispute.evidence_due_at))
    return (
        select(CardDispute.order_id, func.min(awaited).label("evidence_due_at"))
        .where(CardDispute.state.in_(UNDECIDED))
        .group_by(CardDispute.order_id)
        .subquery("disputed")
    )


SUMS, ON_ITS_WAY, DISPUTED = _sums(), _reserved(), _disputed()
PRICE: Any = func.coalesce(SUMS.c.price, 0)
RECEIVED: Any = func.coalesce(SUMS.c.received, 0)
KEPT = case((Order.state.in_(KEEPS_NOTHING), 0), else_=PRICE)
TO_GIVE_BACK = RECEIVED - func.coalesce(ON_ITS_WAY.c.reserved, 0) - KEPT
# A paid order owes again what the buyer's bank took back.
LEFT = case((Order.state.in_(ASKED), PRICE - RECEIVED), else_=0)
NAME = func.coalesce(
    func.nullif(Order.invoice_name, ""),
    func.nullif(func.trim(Person.given_name + " " + Person.family_name), ""),
    Order.email,
)
DUE = func.coalesce(Order.due_at, Order.created_at)


def orders(edition: Edition) -> Any:
    """Every order that was ever charged, with what it comes to, in minor units."""
    return (
        select(
            Order.public_id,
            Order.code,
            Order.state,
            Order.currency,
            Order.reference,
            Order.due_at,
            NAME.label("name"),
            PRICE.label("price"),
            RECEIVED.label("received"),
            LEFT.label("left"),
            TO_GIVE_BACK.label("back"),
            DISPUTED.c.order_id.is_not(None).label("is_disputed"),
            type_coerce(DISPUTED.c.evidence_due_at, UtcDateTime()).label("evidence_due_at"),
        )
        .join(SUMS, SUMS.c.order_id == Order.id)
        .outerjoin(ON_ITS_WAY, ON_ITS_WAY.c.order_id == Order.id)
        .outerjoin(DISPUTED, DISPUTED.c.order_id == Order.id)
        .outerjoin(Person, Order.person_id == Person.id)
        .where(Order.edition_id == edition.id)
    )


SHOWN = ("open", "back", "paid", "disputed", "lapsed")


def shown(choice: str) -> ColumnElement[bool]:
    """The orders of one tab."""
    if choice == "open":
        return Order.state == OrderState.AWAITING_PAYMENT
    if choice == "back":
        back: ColumnElement[bool] = TO_GIVE_BACK > 0
        return back
    if choice == "disputed":
        return Order.id.in_(select(CardDispute.order_id))
    if choice == "paid":
        return Order.state == OrderState.PAID
    return Order.state.in_({OrderState.EXPIRED, OrderState.CANCELLED, OrderState.WAITING})


OF_ORDERS = (Order.total_minor, PRICE - RECEIVED)
OF_MOVEMENTS = (LedgerEntry.amount_minor,)
"""The amounts that a search compares; only `orders` knows the sums."""


def matching(
    typed: str, *, currency: str, locale: str, amounts: Sequence[Any] = OF_ORDERS
) -> ColumnElement[bool] | None:
    """Orders by reference, code, name, e-mail, number of a paper, or amount."""
    text = plain_line(typed)[:200]
    if not text:
        return None
    found: list[ColumnElement[bool]] = [
        Order.reference.in_(transfers.references_typed(text)),
        Order.email.contains(text.lower(), autoescape=True),
        Order.id.in_(select(Invoice.order_id).where(Invoice.label == text.upper())),
    ]
    code = codes.read_code(text)
    if code:
        found.append(Order.code == code)
    terms = search_terms(text)
    if terms:
        keys = and_(*(Registration.search_key.contains(t, autoescape=True) for t in terms))
        buyer = and_(*(Person.search_key.contains(t, autoescape=True) for t in terms))
        found.append(Order.id.in_(select(Registration.order_id).where(keys)))
        found.append(buyer)
        found.append(func.lower(Order.invoice_name).contains(text.lower(), autoescape=True))
    try:
        minor = parse(text, currency, locale).minor
        found += [amount == minor for amount in amounts]
    except NotAnAmount:
        pass
    return or_(*found)


def movements(edition: Edition) -> Any:
    """Money that came in or went back, with whom it concerns."""
    return (
        select(
            LedgerEntry.public_id,
            LedgerEntry.created_at,
            LedgerEntry.booked_on,
            LedgerEntry.kind,
            LedgerEntry.method,
            LedgerEntry.amount_minor,
            LedgerEntry.currency,
            LedgerEntry.note,
            Order.public_id.label("order_id"),
            Order.code,
            Order.reference,
            NAME.label("name"),
        )
        .join(Order, LedgerEntry.order_id == Order.id)
        .outerjoin(Person, Order.person_id == Person.id)
        .where(Order.edition_id == edition.id, LedgerEntry.kind.in_(MOVED))
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of an edition in minor units."""

    expected: int
    received: int
    open: int
    to_give_back: int
    orders: int
    disputed: int


def totals(edition: Edition) -> Totals:
    """What is expected, has come, stands open and is to be given back, in one statement."""
    row = db.session.execute(
        select(
            sum_of(case((Order.state.in_(ASKED), PRICE), else_=0)),
            sum_of(RECEIVED),
            sum_of(case((LEFT > 0, LEFT), else_=0)),
            sum_of(case((TO_GIVE_BACK > 0, TO_GIVE_BACK), else_=0)),
            func.count(Order.id),
            func.count(DISPUTED.c.order_id),
        )
        .select_from(Order)
        .join(SUMS, SUMS.c.order_id == Order.id)
        .outerjoin(ON_ITS_WAY, ON_ITS_WAY.c.order_id == Order.id)
        .outerjoin(DISPUTED, DISPUTED.c.order_id == Order.id)
        .where(Order.edition_id == edition.id)
    ).one()
    return Totals(*(int(value or 0) for value in row))


def in_edition(edition: Edition, public_id: str) -> Order:
    """For staff: an order of this edition, or NotFound."""
    found: Order | None = db.session.scalars(
        select(Order).where(Order.edition_id == edition.id, Order.public_id == public_id)
    ).first()
    if found is None:
        raise NotFound()
    return found


def by_reference(edition: Edition, typed: str) -> Order:
    """The order that a reference or an order code of a bank statement means."""
    wanted = transfers.references_typed(typed)
    code = codes.read_code(typed)
    found: list[Order] = list(
        db.session.scalars(
            select(Order).where(
                Order.edition_id == edition.id,
                or_(Order.reference.in_(wanted), Order.code == (code or "")),
            )
        )
    )
    if len(found) != 1:
        raise UnknownReference(field="reference")
    return found[0]


def lines(order: Order) -> list[tuple[OrderLine, Registration]]:
    """What was ordered for whom, first named first, without what was dropped."""
    rows = db.session.execute(
        select(OrderLine, Registration)
        .join(Registration, OrderLine.registration_id == Registration.id)
        .where(OrderLine.order_id == order.id, OrderLine.dropped_at.is_(None))
        .order_by(OrderLine.id)
    )
    return [(line, registration) for line, registration in rows]
