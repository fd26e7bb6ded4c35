"""What each mail is called at the desk, and how its state looks there."""

from __future__ import annotations

from conference.core.errors import N_
from conference.core.outbox import MailState

MAIL_NAMES: dict[str, str] = {
    "sign-in-link": N_("Link to sign in"),
    "confirm-new-address": N_("Link that proves a new address"),
    "address-changed": N_("The account has a new address"),
    "security-changed": N_("How somebody signs in has changed"),
    "role-invitation": N_("Invitation to the staff"),
    "invitation": N_("Invitation to register"),
    "confirm-registration": N_("Link that confirms a registration"),
    "registration-confirmed": N_("Confirmation with the ticket"),
    "registration-cancelled": N_("The registration was cancelled"),
    "waiting-list": N_("On the waiting list"),
    "place-offered": N_("A place is offered"),
    "offer-expired": N_("The offer has lapsed"),
    "order-expired": N_("The order has lapsed"),
    "payment-due": N_("What is to be paid"),
    "payment-reminder": N_("Reminder to pay"),
    "payment-received": N_("Money has come in"),
    "refund-made": N_("Money was given back"),
    "card-dispute": N_("A card payment is disputed"),
}

ATTACHMENT_NAMES = {
    "ticket": N_("ticket (PDF)"),
    "calendar": N_("calendar file"),
    "invoice": N_("invoice (PDF)"),
}

STATE_NAMES = {
    MailState.QUEUED: N_("Waiting to be sent"),
    MailState.SENDING: N_("Being sent"),
    MailState.SENT: N_("Sent"),
    MailState.FAILED: N_("Could not be sent"),
    MailState.UNCERTAIN: N_("Uncertain"),
}
TONES: dict[str, str] = {
    MailState.QUEUED: "open",
    MailState.SENDING: "open",
    MailState.SENT: "good",
    MailState.FAILED: "bad",
    MailState.UNCERTAIN: "info",
}

_WHY = (
    ("address refused", N_("The recipient's mail server does not accept this address.")),
    ("refused", N_("The mail server refused the mail.")),
    ("no line", N_("The mail server could not be reached.")),
    ("line lost", N_("The connection broke while the mail was being handed over.")),
    ("worker died", N_("The system was stopped while the mail was being handed over.")),
    ("superseded", N_("A newer mail with a new link took its place.")),
    ("not written", N_("The text of the mail could not be put together.")),
)


def name_of(mail: str) -> str:
    """A msgid; mails that nobody named show their own name."""
    return MAIL_NAMES.get(mail, mail.replace("-", " ").capitalize())


def why(error: str | None) -> str | None:
    """The reason of a failure as a msgid, without the server's own words."""
    if not error:
        return None
    return next((words for start, words in _WHY if error.startswith(start)), None)
