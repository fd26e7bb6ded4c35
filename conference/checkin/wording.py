"""What the door is told in a sentence: the msgid and what stands in it; the edge translates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from conference.checkin.models import ScanResult
from conference.checkin.service.outcomes import Outcome
from conference.core.errors import N_
from conference.registrations.states import RegistrationState

Sentence = tuple[str, dict[str, str]]

_SINCE = N_("In since %(time)s.")
_SINCE_AT = N_("In since %(time)s, %(door)s.")
_OTHER = N_(
    "This badge belongs to: %(edition)s. Please ask for the badge of this event, or find the"
    " person by name."
)
_TAKEN_BACK = N_("This check-in was taken back afterwards.")
_PLAIN = {
    ScanResult.NOT_PAID: N_(
        "The place is not paid yet. Please send them to the registration desk."
    ),
    ScanResult.WAITING: N_(
        "They are on the waiting list and have no place. Please send them to the registration desk."
    ),
    ScanResult.CANCELLED: N_(
        "This registration was cancelled. Please send them to the registration desk."
    ),
    ScanResult.REVOKED: N_(
        "A newer badge was printed and this one is worth nothing. Look at an identity document,"
        " then find the person by name."
    ),
    ScanResult.FORGED: N_(
        "We did not make this code. Find the person by name, or ask the organiser."
    ),
    ScanResult.UNDONE: N_("The check-in was taken back. They are no longer counted as in."),
}
_BY_STATE = {
    RegistrationState.OFFERED: N_(
        "A place was offered, but nobody has taken it up yet. Please send them to the"
        " registration desk."
    ),
    RegistrationState.EXPIRED: N_(
        "The place was not paid in time and was given up. Please send them to the registration"
        " desk."
    ),
}


def sentence(
    outcome: Outcome,
    time: Callable[[datetime | None], str],
    tr: Callable[[dict[str, str] | None], str],
) -> Sentence:
    """The sentence below the word of the result; empty when the word says it all.

    `time` and `tr` write an instant and a text in two languages for the reader.
    """
    if outcome.is_taken_back:
        return _TAKEN_BACK, {}
    if outcome.result is ScanResult.ALREADY_IN:
        return _since(outcome, time)
    if outcome.result is ScanResult.OTHER_EDITION:
        return _OTHER, {"edition": tr(outcome.of_edition)}
    if outcome.result in {ScanResult.WAITING, ScanResult.CANCELLED} and outcome.state in _BY_STATE:
        return _BY_STATE[outcome.state], {}
    return _PLAIN.get(outcome.result, ""), {}


def _since(outcome: Outcome, time: Callable[[datetime | None], str]) -> Sentence:
    if outcome.since_at is None:
        return "", {}
    if outcome.since_device:
        return _SINCE_AT, {"time": time(outcome.since_at), "door": outcome.since_device}
    return _SINCE, {"time": time(outcome.since_at)}
