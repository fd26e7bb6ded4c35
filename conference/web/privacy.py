"""The words of the privacy page: what is kept about people, made from the labels of the tables.

Whoever labels a column with a purpose or a time that is not here adds it: a test asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from conference.core.errors import N_
from conference.core.model import Erase
from conference.extensions import db

ABOUT = {
    "affiliation": N_("Where you belong"),
    "audit_entry": N_("Record of acts"),
    "badge_run": N_("Printing of badges"),
    "card_dispute": N_("Disputed card payment"),
    "checkout_attempt": N_("Card payment"),
    "edition": N_("Contact person of an edition"),
    "invitation": N_("Invitation to register"),
    "invoice": N_("Invoice"),
    "ledger_entry": N_("Payment"),
    "one_time_token": N_("Link that was mailed"),
    "order": N_("Order"),
    "organisation": N_("Organisation"),
    "outbound_mail": N_("E-mail to you"),
    "passkey": N_("Passkey"),
    "person": N_("Account"),
    "refund_attempt": N_("Refund"),
    "registration": N_("Registration"),
    "registration_draft": N_("Registration not sent yet"),
    "role_invitation": N_("Invitation to a staff role"),
    "scan": N_("Scan at the door"),
    "sign_in_session": N_("Signed-in browser"),
    "sign_in_try": N_("Wrong tries"),
    "stored_file": N_("Uploaded file"),
}

PURPOSES = (
    N_("a form being filled in"),
    N_("access to the venue"),
    N_("authorship"),
    N_("badge and list"),
    N_("figures by country"),
    N_("finding a name in any script"),
    N_("finding what went to an older address"),
    N_("how its owner called it"),
    N_("how we address people"),
    N_("invoice"),
    N_("job title"),
    N_("keyed hash of account or address"),
    N_("language of messages"),
    N_("language of pages and mails"),
    N_("languages spoken"),
    N_("links that sign in, until sent"),
    N_("meals"),
    N_("messages about the order"),
    N_("messages about the place"),
    N_("order of lists"),
    N_("passkeys"),
    N_("public profile"),
    N_("second factor (encrypted)"),
    N_("second factor, spare codes (keyed hashes)"),
    N_("second line of the badge"),
    N_("sign-in (argon2id)"),
    N_("sign-in and messages"),
    N_("so its owner recognises it"),
    N_("the invoice as issued"),
    N_("what finance noted"),
    N_("what the mail said"),
    N_("what the mail was about"),
    N_("what the organiser asked"),
    N_("what the owner calls the device"),
    N_("what the provider was asked"),
    N_("where somebody works"),
    N_("who acted"),
    N_("who may correct a proposal until it is checked"),
    N_("who printed"),
    N_("who scanned"),
    N_("who the link was sent to"),
    N_("whom delegates may ask"),
    N_("whom the invitation went to"),
    N_("whom the mail went to"),
    N_("why money went back"),
)

KEPT = (
    N_("1 year"),
    N_("10 years"),
    N_("10 years (accounting)"),
    N_("2 years"),
    N_("2 years after the edition"),
    N_("30 days"),
    N_("7 days"),
    N_("90 days"),
    N_("as a figure without a name"),
    N_("until archived"),
    N_("until sent"),
    N_("until the account is erased"),
    N_("until the edition ends"),
    N_("with its owner"),
)

ERASED = {
    Erase.CLEAR: N_("emptied"),
    Erase.REPLACE: N_("replaced by a neutral word"),
    Erase.DELETE: N_("deleted"),
    Erase.SEALED: N_("locked away until the time is over"),
}


@dataclass(frozen=True)
class Kept:
    """One row: about what, for which purposes, how long, and how it goes; all of them msgids."""

    about: str
    purposes: tuple[str, ...]
    keep: str
    erase: str


def kept_about_people() -> list[Kept]:
    """Every column of every table that is labelled personal; those of one fate in one row."""
    found: dict[tuple[str, str, Erase], list[str]] = {}
    for table in db.metadata.tables.values():
        for column in table.columns:
            label = column.info.get("personal")
            if label:
                fate = (table.name, label["keep"], label["erase"])
                purposes = found.setdefault(fate, [])
                if label["purpose"] not in purposes:
                    purposes.append(label["purpose"])
    return [
        Kept(ABOUT.get(table, table), tuple(purposes), keep, ERASED[erase])
        for (table, keep, erase), purposes in found.items()
    ]


def unknown_words() -> set[str]:
    """Words of labels that have no translation here."""
    known = {*ABOUT.values(), *PURPOSES, *KEPT, *ERASED.values()}
    used = {word for row in kept_about_people() for word in (row.about, *row.purposes, row.keep)}
    return used - known
