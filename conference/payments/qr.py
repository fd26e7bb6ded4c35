"""What payment QR codes say: EPC (SEPA credit transfer, EUR) and NBS IPS (Serbia, RSD)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conference.core.errors import N_, Invalid
from conference.core.money import Money
from conference.organisations import identifiers
from conference.payments import references

# European Payments Council, EPC409-09, geographical scope of the SEPA schemes after Serbia joined
# (May 2025), as prefixes of an IBAN: the 41 countries of conference/core/geo.py and Gibraltar;
# other territories use the prefix of their country.
_SEPA = (
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT"
    " NL NO PL PT RO RS SE SI SK SM VA"
)
SEPA = frozenset(_SEPA.split())
EPC_MOST_BYTES = 331
IPS_MOST_AMOUNT = 18
PURPOSE_GOODS_AND_SERVICES = "221"

NO_NAME = N_("The name of the payee is missing.")
NAME_TOO_LONG = N_("The name of the payee may have at most %(most)s characters.")
NOT_IN_SEPA = N_("This account is not in a country that takes part in SEPA.")
WRONG_BIC = N_("This is not a BIC.")
EUR_ONLY = N_("The European payment code takes amounts in EUR only.")
RSD_ONLY = N_("The Serbian payment code takes amounts in RSD only.")
AMOUNT_RANGE = N_("The amount must lie between %(least)s and %(most)s.")
WRONG_REFERENCE = N_("The check digits of this reference are wrong.")
ONE_REFERENCE = N_("Give either a reference or a text for the payee, not both.")
TEXT_TOO_LONG = N_("This text may have at most %(most)s characters.")
FORBIDDEN_CHARACTER = N_("Line breaks and the character | cannot be used here.")
WRONG_PURPOSE = N_("The payment purpose code has three digits and starts with 1, 2 or 9.")
TOO_MUCH = N_("Together these texts are too long for a payment code.")


def epc(
    *,
    name: str,
    iban: str,
    amount: Money,
    reference: str = "",
    text: str = "",
    bic: str = "",
) -> str:
    """EPC069-12 version 002. The error correction of the drawn code has to be M."""
    account = identifiers.iban(iban)
    if not account.ok:
        raise Invalid(account.reason, field="iban")
    if account.value[:2] not in SEPA:
        raise Invalid(NOT_IN_SEPA, field="iban")
    bic = bic.replace(" ", "").upper()
    if bic and not re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", bic):
        raise Invalid(WRONG_BIC, field="bic")
    if amount.currency != "EUR":
        raise Invalid(EUR_ONLY, field="amount")
    least, most = Money(1, "EUR"), Money(99_999_999_999, "EUR")
    if not least <= amount <= most:
        raise Invalid(AMOUNT_RANGE, field="amount", least=least.plain(), most=most.plain())
    if reference and text:
        raise Invalid(ONE_REFERENCE, field="reference")
    lines = [
        "BCD",
        "002",
        "1",  # UTF-8
        "SCT",
        bic,
        _named(name, most=70),
        account.value,
        f"EUR{amount.plain()}",
        "",
        _rf(reference) if reference else "",
        _line(text, most=140, field="text"),
    ]
    payload = "\n".join(lines).rstrip("\n")
    if len(payload.encode()) > EPC_MOST_BYTES:
        raise Invalid(TOO_MUCH, field="name")
    return payload


@dataclass(frozen=True, slots=True)
class IpsPayee:
    """Who receives dinars: as it must stand in the code, name and place on up to three lines."""

    account: str
    name: str
    place: str = ""


def ips(
    *,
    payee: IpsPayee,
    amount: Money,
    reference: str = "",
    purpose: str = "",
    payer: str = "",
    purpose_code: str = PURPOSE_GOODS_AND_SERVICES,
) -> str:
    """The QR code of a printed bill (K:PR) after the rules of the National Bank of Serbia.

    `reference` is a compact model 97 reference with its check digits; the order of the tags and
    the comma in the amount are prescribed.
    """
    account = identifiers.serbian_account(payee.account)
    if not account.ok:
        raise Invalid(account.reason, field="account")
    if amount.currency != "RSD":
        raise Invalid(RSD_ONLY, field="amount")
    figure = f"RSD{amount.plain(',')}"
    least, most = Money(1, "RSD"), Money(99_999_999_999_999, "RSD")
    if not least <= amount <= most or len(figure) > IPS_MOST_AMOUNT:
        raise Invalid(AMOUNT_RANGE, field="amount", least=least.plain(","), most=most.plain(","))
    if not re.fullmatch(r"[129][0-9]{2}", purpose_code, re.ASCII):
        raise Invalid(WRONG_PURPOSE, field="purpose_code")
    name = _named(payee.name, most=70)
    place = _line(payee.place, most=70, field="place")
    if len(name) + len(place) > 68:
        place = ""  # the name alone identifies the payee; the field holds 70 with the line break
    tags = [
        "K:PR",
        "V:01",
        "C:1",
        f"R:{account.value}",
        f"N:{name}\r\n{place}" if place else f"N:{name}",
        f"I:{figure}",
    ]
    if payer:
        tags.append(f"P:{_line(payer, most=70, field='payer')}")
    tags.append(f"SF:{purpose_code}")
    if purpose:
        tags.append(f"S:{_line(purpose, most=35, field='purpose')}")
    if reference:
        if not references.is_97(reference):
            raise Invalid(WRONG_REFERENCE, field="reference")
        compact = reference.replace(" ", "").replace("-", "")
        tags.append(f"RO:{references.MODEL_97}{compact}")
    return "|".join(tags)


def _named(name: str, *, most: int) -> str:
    if not name.strip():
        raise Invalid(NO_NAME, field="name")
    if len(name.strip()) > most:
        raise Invalid(NAME_TOO_LONG, field="name", most=most)
    return _line(name, most=most, field="name")


def _line(text: str, *, most: int, field: str) -> str:
    text = text.strip()
    if len(text) > most:
        raise Invalid(TEXT_TOO_LONG, field=field, most=most)
    if "|" in text or any(
        ord(character) < 32 or character in "\x7f\x85\u2028\u2029" for character in text
    ):
        raise Invalid(FORBIDDEN_CHARACTER, field=field)
    return text


def _rf(reference: str) -> str:
    compact = references.read_rf(reference)
    if compact is None:
        raise Invalid(WRONG_REFERENCE, field="reference")
    return compact
