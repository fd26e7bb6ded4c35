"""What the door is told about a registration: a rule without a database."""

from __future__ import annotations

from conference.checkin.models import ScanResult
from conference.registrations.states import RegistrationState

_RESULTS = {
    RegistrationState.CONFIRMED: ScanResult.VALID,
    RegistrationState.PENDING: ScanResult.NOT_PAID,
    RegistrationState.WAITING: ScanResult.WAITING,
    # An offer that nobody has taken up is not a place yet.
    RegistrationState.OFFERED: ScanResult.WAITING,
    RegistrationState.CANCELLED: ScanResult.CANCELLED,
    RegistrationState.EXPIRED: ScanResult.CANCELLED,
}


def judge(
    state: RegistrationState, *, version: int, read_version: int | None, is_in: bool
) -> ScanResult:
    """The result of a scan. `read_version` is None when the person was found without a badge.

    A confirmed place admits even when its order waits for money again: that money is for somebody
    else of the same order, who came off the waiting list.
    """
    if read_version is not None and read_version != version:
        return ScanResult.REVOKED
    result = _RESULTS[state]
    return ScanResult.ALREADY_IN if result is ScanResult.VALID and is_in else result


TONES = {
    ScanResult.VALID: "good",
    ScanResult.ALREADY_IN: "again",
    ScanResult.NOT_PAID: "wait",
    ScanResult.WAITING: "wait",
    ScanResult.CANCELLED: "bad",
    ScanResult.OTHER_EDITION: "bad",
    ScanResult.REVOKED: "bad",
    ScanResult.FORGED: "bad",
    ScanResult.UNDONE: "quiet",
}
"""How a result looks and sounds: five of these can be told apart in a loud hall, nine cannot."""
