"""What the audit log says about registrations and orders, in words for people at the desk.

Features above add the words of their own acts (conference/features.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from conference.core.errors import N_


class Words(NamedTuple):
    """A msgid that may name facts of the entry, and how the story shows it."""

    text: str
    tone: str = "quiet"


WORDS: dict[str, Words] = {
    "order.placed": Words(N_("Registered")),
    "order.waiting": Words(N_("The order waits for free places"), "open"),
    "order.awaiting_payment": Words(N_("Payment was asked for"), "open"),
    "order.paid": Words(N_("The order is paid or free of charge"), "good"),
    "order.expired": Words(N_("The order has lapsed"), "bad"),
    "order.cancelled": Words(N_("The order was cancelled"), "bad"),
    "order.split_off": Words(N_("The place was moved into an order of its own")),
    "order.address_corrected": Words(N_("The buyer's e-mail address was corrected")),
    "registration.pending": Words(N_("The offered place was taken"), "good"),
    "registration.confirmed": Words(N_("The place was confirmed"), "good"),
    "registration.waiting": Words(N_("Put on the waiting list"), "open"),
    "registration.offered": Words(N_("A free place was offered"), "open"),
    "registration.cancelled": Words(N_("The registration was cancelled"), "bad"),
    "registration.expired": Words(N_("The registration has lapsed"), "bad"),
    "registration.corrected": Words(N_("The details were corrected")),
    "registration.details_changed": Words(N_("The person changed their own details")),
    "registration.mail_repeated": Words(N_("The organiser asked for the mail once more")),
    "mail.repeated": Words(N_("The organiser had a mail sent again")),
}

TOLD_BY_OTHERS: set[str] = set()
"""Acts that a feature above tells itself, by the events of its piece of the story."""

_FACT = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a registration's story; `who` is a name, empty when the system acted."""

    at: datetime
    text: str
    tone: str = "quiet"
    who: str = ""
    facts: Mapping[str, Any] | None = None
    fields: tuple[str, ...] = ()


def words_of(act: str, data: Mapping[str, Any]) -> tuple[Words, dict[str, Any]]:
    """The words of an act and the facts that they name; one without words shows its name."""
    words = WORDS.get(act)
    if words is None:
        return Words(N_("Noted: %(act)s")), {"act": act.replace("_", " ").replace(".", ": ")}
    names = _FACT.findall(words.text)
    return words, {name: data.get(name, "…") for name in names}
