"""Disputes: a buyer's bank takes a card payment back, asks for evidence, decides."""

from __future__ import annotations

from sqlalchemy import select

from conference import emails
from conference.core import clock
from conference.core.model import sum_of
from conference.core.money import Money
from conference.core.permissions import Role
from conference.core.states import transition
from conference.editions import roles
from conference.extensions import db
from conference.payments.exchange import DisputeSeen, MoveSeen
from conference.payments.models import CardDispute, CheckoutAttempt, EntryKind, Method
from conference.payments.service import ledger
from conference.payments.states import DISPUTE_TRANSITIONS, DisputeState
from conference.registrations.models import Order

UNDECIDED = frozenset({DisputeState.OPEN, DisputeState.UNDER_REVIEW})
DECIDED = {
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
    "warning_closed": DisputeState.CLOSED,
    "prevented": DisputeState.CLOSED,
}


def state_of(status: str) -> DisputeState:
    """Ours for the provider's word; one that we do not know waits for a person."""
    if status.endswith("under_review"):
        return DisputeState.UNDER_REVIEW
    return DECIDED.get(status, DisputeState.OPEN)


def apply(seen: DisputeSeen) -> str:
    """Bring a dispute to what the provider shows, and book what moved. Answers what that was.

    Each movement of money has an id of its own, so the order of news makes no difference.
    """
    payment = db.session.scalars(
        select(CheckoutAttempt).where(CheckoutAttempt.payment_intent == seen.intent)
    ).first()
    if payment is None or not seen.intent:
        return "not ours"
    order = payment.order
    ledger.lock(order)
    dispute = _known(seen.id)
    is_new = dispute is None
    if dispute is None:
        dispute = _write_down(seen, payment)
    dispute.evidence_due_at = seen.due_at or dispute.evidence_due_at
    booked = [_book(dispute, order, seen, move) for move in seen.moves]
    wanted = state_of(seen.status)
    moved = wanted is not dispute.state
    if moved:
        transition(dispute, wanted, DISPUTE_TRANSITIONS, by=None)
    if is_new or (moved and wanted not in UNDECIDED):
        _tell(dispute)
    db.session.flush()
    return "disputed" if is_new or moved or any(booked) else "known"


def _known(dispute_id: str) -> CardDispute | None:
    found: CardDispute | None = db.session.scalars(
        select(CardDispute)
        .where(CardDispute.dispute_id == dispute_id)
        .execution_options(populate_existing=True)
    ).first()
    return found


def _write_down(seen: DisputeSeen, payment: CheckoutAttempt) -> CardDispute:
    dispute = CardDispute(
        order_id=payment.order_id,
        checkout_id=payment.id,
        dispute_id=seen.id,
        amount_minor=seen.minor,
        currency=seen.currency,
        reason=seen.reason[:60],
    )
    db.session.add(dispute)
    db.session.flush()
    return dispute


def _book(dispute: CardDispute, order: Order, seen: DisputeSeen, move: MoveSeen) -> bool:
    """One movement, once. The bank's own currency may be another: then the disputed amount."""
    kind = EntryKind.DISPUTE if move.minor < 0 else EntryKind.DISPUTE_WON
    source = f"stripe:{move.id}"
    if ledger.booked(kind, source) is not None:
        return False
    minor = abs(move.minor) if move.currency == order.currency else seen.minor
    ledger.add(
        order=order,
        kind=kind,
        amount=Money(minor, order.currency),
        source=source,
        method=Method.CARD,
    )
    dispute.taken_minor += minor if kind is EntryKind.DISPUTE else -minor
    return True


def _tell(dispute: CardDispute) -> None:
    """Finance of the edition hears of it; where there is none, the organisers do."""
    edition = dispute.order.edition
    people = roles.holders(edition, Role.FINANCE) or roles.holders(edition, Role.ORGANISER)
    for person in people:
        emails.card_dispute(person, dispute)


# -- what finance looks at


def of_order(order: Order) -> list[CardDispute]:
    """The disputes of an order, oldest first."""
    return list(
        db.session.scalars(
            select(CardDispute).where(CardDispute.order_id == order.id).order_by(CardDispute.id)
        )
    )


def held_by_bank(order: Order) -> int:
    """What banks hold of an order's card payments now, in minor units: it cannot be given back."""
    held = db.session.scalar(
        select(sum_of(CardDispute.taken_minor)).where(CardDispute.order_id == order.id)
    )
    return max(0, int(held or 0))


def needs_evidence(dispute: CardDispute) -> bool:
    """Whether a person must act before a date."""
    due = dispute.evidence_due_at
    return dispute.state is DisputeState.OPEN and (due is None or due > clock.now())


def to_ask() -> list[str]:
    """Disputes that are not decided: whatever a lost webhook should have told."""
    return list(
        db.session.scalars(
            select(CardDispute.dispute_id)
            .where(CardDispute.state.in_(UNDECIDED))
            .order_by(CardDispute.id)
            .limit(200)
        )
    )
