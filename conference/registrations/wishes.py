"""What somebody asks for: people with their tickets, and who pays. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conference.questions.kinds import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One person's wish. `ticket` and the keys of `extras` are public ids.

    Without an e-mail address of its own the messages go to the buyer. Without a name the person is
    named later. With `may_wait` a full type means the waiting list, without it a refusal.
    """

    ticket: str
    given_name: str = ""
    family_name: str = ""
    latin_name: str = ""
    email: str = ""
    organisation: str = ""
    position: str = ""
    country: str = ""
    extras: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    diet: str = ""
    accessibility: str = ""
    wants_visa_letter: bool = False
    is_listed: bool = False
    may_wait: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who orders and who gets the invoice. `pays_by` is transfer or card."""

    email: str
    pays_by: str = "transfer"
    invoice_name: str = ""
    invoice_address: str = ""
    invoice_country: str = ""
    invoice_tax_id: str = ""
