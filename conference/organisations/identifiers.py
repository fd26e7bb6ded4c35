"""Numbers that identify organisations and accounts: normalised and their digits checked.

Sources. Tax numbers: python-stdnum's modules; the Serbian PIB (ISO 7064 MOD 11-10) was tried on 27
published numbers, all right. The Serbian register number ("matični broj", MOD 11) has no published
rule that we found; of all weights from 0 to 10 only these fit 29 published numbers of companies,
public bodies and entrepreneurs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from conference.core.errors import N_

EMPTY = N_("Please type the number.")
WRONG_LENGTH = N_("This number has too many or too few characters.")
WRONG_CHARACTERS = N_("This number contains characters that do not belong there.")
WRONG_DIGITS = N_("The check digits do not match. Please compare it with the original.")
OTHER_COUNTRY = N_("This account is not a Serbian one.")

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU = frozenset(_EU.split())
# What stdnum keeps under another name than "vat", and second forms that a country also accepts.
_MODULES = {
    "MD": ("stdnum.md.idno",),
    "UA": ("stdnum.ua.edrpou", "stdnum.ua.rntrc"),
    "TR": ("stdnum.tr.vkn", "stdnum.tr.tckimlik"),
    "US": ("stdnum.us.ein",),
    "JP": ("stdnum.jp.cn",),
}
_FREE = 40
_JUNK = re.compile(r"[\s.\-\u2010-\u2015/_]+")
_KR_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
# Of the Serbian register; see above.
_MB_WEIGHTS = (2, 7, 6, 5, 4, 3, 2)


class _Validator(Protocol):
    """A module of stdnum."""

    def validate(self, number: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Checked:
    """`value` is the normal form when `ok`, otherwise what was typed; `reason` is a msgid.

    `checked` is False where nobody could check it: accepted, and to be shown as unchecked.
    """

    ok: bool
    value: str
    reason: str = ""
    checked: bool = True


def tax_id(country: str, typed: str) -> Checked:
    """The tax number of an organisation in `country` (ISO 3166 code), VAT prefix allowed."""
    country = {"EL": "GR"}.get(country.upper(), country.upper())
    text = _JUNK.sub("", typed).upper()
    if not text:
        return Checked(False, typed.strip(), EMPTY)
    modules = _modules(country)
    if not modules:
        return _unchecked(typed)
    prefix = "EL" if country == "GR" else country
    # Before the number itself is tried: a French or Spanish number may begin with letters too.
    bare = text[2:] if text.startswith((prefix, country)) else text
    results = [_by(module, form) for form in dict.fromkeys((bare, text)) for module in modules]
    right = next((result for result in results if result.ok), None)
    if right is None:
        return Checked(False, typed.strip(), results[0].reason)
    if country == "KR" and not _right_korean(right.value):
        return Checked(False, typed.strip(), WRONG_DIGITS)
    if country in EU and text.startswith((prefix, country)):
        return Checked(True, prefix + right.value.removeprefix(prefix))
    return right


def registration_number(country: str, typed: str) -> Checked:
    """The number in the register of companies; only the Serbian "matični broj" is checked."""
    if country.upper() != "RS":
        return _unchecked(typed) if typed.strip() else Checked(False, "", EMPTY)
    digits = _JUNK.sub("", typed)
    if not digits:
        return Checked(False, typed.strip(), EMPTY)
    if not _decimal(digits):
        return Checked(False, typed.strip(), WRONG_CHARACTERS)
    if len(digits) != 8:
        return Checked(False, typed.strip(), WRONG_LENGTH)
    total = sum(weight * int(d) for weight, d in zip(_MB_WEIGHTS, digits[:7], strict=True))
    if (11 - total % 11) % 11 % 10 != int(digits[7]):
        return Checked(False, typed.strip(), WRONG_DIGITS)
    return Checked(True, digits)


def iban(typed: str) -> Checked:
    """Compact upper case when the structure of the country and the check digits are right."""
    from stdnum import iban as standard

    text = _JUNK.sub("", typed).upper().removeprefix("IBAN")
    if not text:
        return Checked(False, typed.strip(), EMPTY)
    return _by(standard, text, shown=typed)


def show_iban(value: str) -> str:
    """Groups of four, as banks print it."""
    return " ".join(value[at : at + 4] for at in range(0, len(value), 4))


def serbian_account(typed: str) -> Checked:
    """The 18 digits of a Serbian account from "105-8123123123-17", "105812..." or its IBAN.

    With dashes the middle part may be short, as people write it; ISO 7064 MOD 97-10.
    """
    text = typed.strip()
    if text[:2].upper().isalpha() and text[:2].isascii():
        standard = iban(text)
        if not standard.ok:
            return standard
        if not standard.value.startswith("RS"):
            return Checked(False, text, OTHER_COUNTRY)
        digits = standard.value[4:]
    else:
        parts = [part.strip() for part in re.split(r"[-\u2010-\u2015/]", text)]
        if len(parts) == 3 and len(parts[0]) == 3 and len(parts[2]) == 2:
            digits = parts[0] + parts[1].replace(" ", "").zfill(13) + parts[2]
        else:
            digits = _JUNK.sub("", text)
    if not digits:
        return Checked(False, text, EMPTY)
    if not _decimal(digits):
        return Checked(False, text, WRONG_CHARACTERS)
    if len(digits) != 18:
        return Checked(False, text, WRONG_LENGTH)
    if int(digits) % 97 != 1:
        return Checked(False, text, WRONG_DIGITS)
    return Checked(True, digits)


def show_serbian_account(digits: str) -> str:
    """As it stands on a payment slip: bank, number, check digits."""
    return f"{digits[:3]}-{digits[3:16]}-{digits[16:]}"


def serbian_iban(account: str) -> str:
    """The IBAN of a right Serbian account of 18 digits; ValueError for a wrong one."""
    checked = serbian_account(account)
    if not checked.ok:
        raise ValueError(f"not a Serbian account: {account!r}")
    digits = checked.value
    return f"RS{98 - int(digits + '272800') % 97:02}{digits}"


@lru_cache(maxsize=64)
def _modules(country: str) -> tuple[_Validator, ...]:
    from importlib import import_module

    from stdnum import get_cc_module

    if country in _MODULES:
        return tuple(import_module(name) for name in _MODULES[country])
    if not re.fullmatch(r"[A-Z]{2}", country):
        return ()
    module = get_cc_module(country.lower(), "vat")
    return (module,) if module else ()


def _by(module: _Validator, text: str, shown: str = "") -> Checked:
    from stdnum import exceptions

    try:
        return Checked(True, str(module.validate(text)))
    except exceptions.InvalidLength:
        reason = WRONG_LENGTH
    except exceptions.InvalidChecksum:
        reason = WRONG_DIGITS
    except exceptions.ValidationError:
        reason = WRONG_CHARACTERS
    return Checked(False, (shown or text).strip(), reason)


def _right_korean(number: str) -> bool:
    """The check digit of a Korean business number, which stdnum leaves alone."""
    digits = [int(digit) for digit in number]
    total = sum(weight * d for weight, d in zip(_KR_WEIGHTS, digits[:9], strict=True))
    return (10 - (total + digits[8] * 5 // 10) % 10) % 10 == digits[9]


def _unchecked(typed: str) -> Checked:
    text = " ".join(typed.split())
    if len(text) > _FREE:
        return Checked(False, text, WRONG_LENGTH, checked=False)
    return Checked(True, text, checked=False)


def _decimal(text: str) -> bool:
    return text.isascii() and text.isdecimal()
