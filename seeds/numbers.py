"""Invented numbers of Serbian organisations whose check digits are right."""

from __future__ import annotations

import zlib

from conference.organisations import identifiers


def tax_number(key: str) -> str:
    """A tax number (PIB) that no office has given out: those in use begin with 1."""
    return _with_check_digit(70_000_000 + zlib.crc32(key.encode()) % 9_000_000, 8, "tax_id")


def register_number(key: str) -> str:
    """A number of the register of companies (matični broj) in a range that is not in use."""
    return _with_check_digit(
        9_000_000 + zlib.crc32(f"register {key}".encode()) % 900_000, 7, "registration_number"
    )


def _with_check_digit(number: int, digits: int, check: str) -> str:
    validate = getattr(identifiers, check)
    for candidate in range(number, number + 100):
        for last in "0123456789":
            text = f"{candidate:0{digits}d}{last}"
            if validate("RS", text).ok:
                return text
    raise RuntimeError("no number fits")
