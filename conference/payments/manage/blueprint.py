"""The blueprint of finance's pages, and how states look there."""

from __future__ import annotations

from flask import Blueprint

from conference.core.permissions import Permission
from conference.payments.states import AttemptState, DisputeState
from conference.registrations.states import OrderState

blueprint = Blueprint("payments_desk", __name__)
SEE, BOOK = Permission.SEE_MONEY, Permission.BOOK_MONEY
HERE = "/<edition_code>/desk/payments"
ORDER = HERE + "/orders/<order_id>"

TONES: dict[OrderState, str] = {
    OrderState.PLACED: "quiet",
    OrderState.WAITING: "quiet",
    OrderState.AWAITING_PAYMENT: "open",
    OrderState.PAID: "good",
    OrderState.EXPIRED: "bad",
    OrderState.CANCELLED: "bad",
}
ATTEMPT_TONES: dict[AttemptState, str] = {
    AttemptState.PREPARED: "open",
    AttemptState.OPEN: "open",
    AttemptState.SUCCEEDED: "good",
    AttemptState.FAILED: "bad",
    AttemptState.EXPIRED: "quiet",
}
DISPUTE_TONES: dict[DisputeState, str] = {
    DisputeState.OPEN: "bad",
    DisputeState.UNDER_REVIEW: "open",
    DisputeState.WON: "good",
    DisputeState.LOST: "bad",
    DisputeState.CLOSED: "quiet",
}
