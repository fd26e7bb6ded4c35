"""The states of an attempt to charge a card or to give money back."""

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
