"""ORCID iDs: brought into their normal form, their check character compared (ISO 7064, 11-2)."""

from __future__ import annotations

import re

_TYPED = re.compile(
    r"(?:https?://)?(?:www\.)?(?:orcid\.org/)?([0-9Xx\-\u2010-\u2015 ]+)/?", re.IGNORECASE
)


def check_character(digits: str) -> str:
    """The last character that belongs to fifteen digits."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11]


def normal(typed: str) -> str | None:
    """Four groups of four from an iD or its address; None when it is none or mistyped."""
    match = _TYPED.fullmatch(typed.strip())
    text = re.sub(r"[^0-9X]", "", match.group(1).upper()) if match else ""
    if not re.fullmatch(r"[0-9]{15}[0-9X]", text, re.ASCII):
        return None
    if check_character(text[:15]) != text[15]:
        return None
    return "-".join(text[at : at + 4] for at in (0, 4, 8, 12))


def address(orcid: str) -> str:
    """The address under which ORCID wants an iD shown."""
    return f"https://orcid.org/{orcid}"
