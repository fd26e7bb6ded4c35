"""The states of an attempt to charge a card or to give money back, and of a dispute about one."""

from __future__ import annotations

from enum import StrEnum

from conference.core.errors import N_


class AttemptState(StrEnum):
    """PREPARED is written before the provider is called; OPEN once the provider has answered."""

    PREPARED = "prepared"
    OPEN = "open"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


ATTEMPT_TRANSITIONS: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.PREPARED: frozenset(
        {AttemptState.OPEN, AttemptState.SUCCEEDED, AttemptState.FAILED, AttemptState.EXPIRED}
    ),
    AttemptState.OPEN: frozenset(
        {AttemptState.SUCCEEDED, AttemptState.FAILED, AttemptState.EXPIRED}
    ),
    AttemptState.SUCCEEDED: frozenset(),
    AttemptState.FAILED: frozenset(),
    AttemptState.EXPIRED: frozenset({AttemptState.SUCCEEDED}),
}

# A refund that the card's bank sends back fails after it had succeeded.
REFUND_TRANSITIONS: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.PREPARED: frozenset(
        {AttemptState.OPEN, AttemptState.SUCCEEDED, AttemptState.FAILED}
    ),
    AttemptState.OPEN: frozenset({AttemptState.SUCCEEDED, AttemptState.FAILED}),
    AttemptState.SUCCEEDED: frozenset({AttemptState.FAILED}),
    AttemptState.FAILED: frozenset(),
    AttemptState.EXPIRED: frozenset(),
}

ATTEMPT_STATE_NAMES = {
    AttemptState.PREPARED: N_("Being prepared"),
    AttemptState.OPEN: N_("Under way"),
    AttemptState.SUCCEEDED: N_("Succeeded"),
    AttemptState.FAILED: N_("Failed"),
    AttemptState.EXPIRED: N_("Expired"),
}


class DisputeState(StrEnum):
    """A buyer told their bank that a payment is wrong. OPEN waits for our evidence."""

    OPEN = "open"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


# The bank decides, and may decide anew when somebody appeals: whatever it says now is so.
DISPUTE_TRANSITIONS: dict[DisputeState, frozenset[DisputeState]] = {
    state: frozenset(DisputeState) - {state} for state in DisputeState
}

DISPUTE_STATE_NAMES = {
    DisputeState.OPEN: N_("Evidence is awaited"),
    DisputeState.UNDER_REVIEW: N_("The bank decides"),
    DisputeState.WON: N_("Won"),
    DisputeState.LOST: N_("Lost"),
    DisputeState.CLOSED: N_("Closed without a claim"),
}

# The provider's words for what the buyer told the bank.
DISPUTE_REASONS = {
    "credit_not_processed": N_("A promised refund did not come"),
    "duplicate": N_("Charged twice"),
    "fraudulent": N_("The buyer says they did not pay this"),
    "product_not_received": N_("The buyer says they got nothing for it"),
    "product_unacceptable": N_("The buyer is not content with what they got"),
    "subscription_canceled": N_("The buyer says they had cancelled"),
    "unrecognized": N_("The buyer does not recognise the payment"),
}
NO_REASON = N_("No closer reason was given")
