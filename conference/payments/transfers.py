"""Paying an order by bank transfer: what stands on the slip and in the payment code."""

from __future__ import annotations

import secrets
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from conference.core.errors import Invalid
from conference.core.money import Money
from conference.core.text import in_language
from conference.editions.models import Payee
from conference.organisations import identifiers
from conference.payments import qr, references
from conference.registrations.models import Order

MOST_NAME = 70
MOST_PURPOSE = 35
random_below: Callable[[int], int] = secrets.randbelow


@dataclass(frozen=True, slots=True)
class Slip:
    """What somebody needs in order to pay by transfer; `code` is the text of the payment QR."""

    payee: str
    address: tuple[str, ...]
    amount: Money
    reference: str
    plain_reference: str
    purpose: str
    iban: str = ""
    account: str = ""
    bic: str = ""
    bank: str = ""
    code: str = ""


def new_reference() -> str:
    """A random RF reference of digits only: banks of the region do not like letters in one."""
    return references.make_rf(f"{10**9 + random_below(9 * 10**9)}")


def body_of(reference: str) -> str:
    """The digits of an RF reference that model 97 carries too."""
    return reference[4:]


def slip(order: Order, payee: Payee, amount: Money) -> Slip:
    """How to pay this amount on this order: dinars within Serbia, anything else by IBAN."""
    domestic = payee.currency == "RSD" and bool(payee.domestic_account)
    purpose = _purpose(order)
    reference = order.reference or ""
    shown = references.show_rf(reference)
    plain = reference
    if domestic and reference:
        plain = references.make_97(body_of(reference))
        shown = references.show_97(plain)
    return Slip(
        payee=payee.name,
        address=tuple(line.strip() for line in payee.address.splitlines() if line.strip()),
        amount=amount,
        reference=shown,
        plain_reference=plain,
        purpose=purpose,
        iban="" if domestic else payee.iban,
        account=payee.domestic_account if domestic else "",
        bic="" if domestic else payee.bic,
        bank=payee.bank,
        code=_code(payee, amount, plain, purpose, domestic=domestic),
    )


def _purpose(order: Order) -> str:
    """Short, in Latin letters, which every bank's form takes."""
    name = in_language(order.edition.name, "en")
    return textwrap.shorten(f"{order.code} {name}", MOST_PURPOSE, placeholder="").rstrip(" ,.:–-")


def _code(payee: Payee, amount: Money, reference: str, purpose: str, *, domestic: bool) -> str:
    """The payment code, or nothing where there is none for this currency or account."""
    if amount.minor <= 0 or not reference:
        return ""
    name = payee.name[:MOST_NAME].strip()
    lines = [line.strip() for line in payee.address.splitlines() if line.strip()]
    try:
        if domestic:
            who = qr.IpsPayee(payee.domestic_account, name, lines[-1] if lines else "")
            return qr.ips(payee=who, amount=amount, reference=reference, purpose=purpose)
        if amount.currency == "EUR" and payee.iban:
            return qr.epc(
                name=name, iban=payee.iban, amount=amount, reference=reference, bic=payee.bic
            )
    except Invalid:
        return ""
    return ""


def references_typed(text: str) -> tuple[str, ...]:
    """The RF references that a typed or pasted text may mean, as orders keep them.

    Case, blanks and lost zeros do not matter; a model 97 reference leads to the same order.
    """
    found: list[str] = []
    rf = references.read_rf(text)
    if rf:
        found.append(rf)
    for reading in references.read_97(text):
        body = reading[2:].lstrip("0")
        if body and len(body) <= references.RF_MOST:
            found.append(references.make_rf(body))
    for one in references.references_in(text):
        body = one[4:] if one.startswith("RF") else one[2:].lstrip("0")
        if body and len(body) <= references.RF_MOST:
            found.append(references.make_rf(body))
    return tuple(dict.fromkeys(found))


def show_account(slip: Slip) -> str:
    """The account as people read it: IBAN in fours, or the Serbian three groups."""
    if slip.iban:
        return identifiers.show_iban(slip.iban)
    return identifiers.show_serbian_account(slip.account) if slip.account else ""
