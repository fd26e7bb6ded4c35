"""What a buyer's bank does: takes a payment back or only asks, and decides in the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.sandbox.stripe.parameters import InvalidRequest
from tests.sandbox.stripe.store import Object, new_id

if TYPE_CHECKING:
    from tests.sandbox.stripe.effects import Effects

ANSWER_WITHIN = 7 * 86400
FEE = 2000


def begin(
    effects: Effects,
    intent_id: str,
    *,
    status: str = "needs_response",
    amount: int | None = None,
    reason: str = "fraudulent",
) -> Object:
    """The buyer disputes a payment. An inquiry (`warning_…`) moves no money."""
    with effects.store.writing():
        intent = effects.found("payment_intent", intent_id)
        charge = effects.found("charge", intent["latest_charge"])
        now = int(time.time())
        dispute = {
            "id": new_id("dispute"),
            "object": "dispute",
            "amount": amount or charge["amount"],
            "balance_transactions": [],
            "charge": charge["id"],
            "created": now,
            "currency": charge["currency"],
            "evidence": {},
            "evidence_details": {
                "due_by": now + ANSWER_WITHIN,
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": status.startswith("warning"),
            "livemode": False,
            "metadata": {},
            "payment_intent": intent_id,
            "reason": reason,
            "status": status,
        }
        effects.store.change("charge", charge, disputed=True)
        effects.store.put("dispute", dispute)
        effects.event("charge.dispute.created", dispute)
        if not status.startswith("warning"):
            dispute = _move(effects, dispute, -dispute["amount"])
            effects.event("charge.dispute.funds_withdrawn", dispute)
    return dispute


def finish(effects: Effects, dispute_id: str, status: str) -> Object:
    """The bank decides, or (`needs_response`) turns its inquiry into a claim."""
    with effects.store.writing():
        dispute = effects.found("dispute", dispute_id)
        if status not in {"needs_response", "under_review", "won", "lost", "warning_closed"}:
            raise InvalidRequest(f"No such status: {status}", "status")
        dispute = effects.store.change("dispute", dispute, status=status)
        taken = -sum(move["amount"] for move in dispute["balance_transactions"])
        if status in {"needs_response", "lost"} and not taken:
            dispute = _move(effects, dispute, -dispute["amount"])
            dispute = effects.store.change("dispute", dispute, is_charge_refundable=False)
            effects.event("charge.dispute.funds_withdrawn", dispute)
        if status == "won" and taken:
            dispute = _move(effects, dispute, taken)
            dispute = effects.store.change("dispute", dispute, is_charge_refundable=True)
            effects.event("charge.dispute.funds_reinstated", dispute)
        decided = status in {"won", "lost", "warning_closed"}
        effects.event(f"charge.dispute.{'closed' if decided else 'updated'}", dispute)
    return dispute


def check_refund(effects: Effects, charge: Object) -> None:
    """What the bank has taken cannot be refunded as well."""
    for dispute in effects.store.all("dispute"):
        if dispute["charge"] == charge["id"] and not dispute["is_charge_refundable"]:
            raise InvalidRequest(
                f"Charge {charge['id']} has been charged back; cannot issue a refund.",
                code="charge_disputed",
            )


def _move(effects: Effects, dispute: Object, amount: int) -> Object:
    fee = FEE if amount < 0 else 0
    move = {
        "id": new_id("balance_transaction"),
        "object": "balance_transaction",
        "amount": amount,
        "created": int(time.time()),
        "currency": dispute["currency"],
        "fee": fee,
        "net": amount - fee,
        "reporting_category": "dispute" if amount < 0 else "dispute_reversal",
        "type": "adjustment",
    }
    moves = [*dispute["balance_transactions"], move]
    return effects.store.change("dispute", dispute, balance_transactions=moves)
