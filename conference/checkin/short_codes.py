"""The short code that people read aloud at the door when a badge cannot be scanned.

Seven characters of Crockford's base 32 (35 bits of the badge id) and a check character over
GF(32), which finds every single wrong character and every swap of two.
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {character: value for value, character in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_SEPARATORS = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\u2014")
DIGITS = 7
_BITS = DIGITS * 5


def short_code(badge_id: bytes) -> str:
    """For example "7K3M-9QXA"."""
    number = int.from_bytes(badge_id[:5], "big") >> (40 - _BITS)
    values = [(number >> (5 * place)) & 31 for place in reversed(range(DIGITS))]
    text = "".join(ALPHABET[value] for value in (*values, _check(values)))
    return f"{text[:4]}-{text[4:]}"


def read_short_code(typed: str) -> str | None:
    """The code as printed, whatever case, blanks, O for 0 or l for 1 were typed; None if wrong."""
    text = typed.translate(_SEPARATORS).strip().upper()
    values = [_VALUES.get(character, -1) for character in text]
    if len(values) != DIGITS + 1 or -1 in values or _check(values[:-1]) != values[-1]:
        return None
    clean = "".join(ALPHABET[value] for value in values)
    return f"{clean[:4]}-{clean[4:]}"


def _check(values: list[int]) -> int:
    total = 0
    for value in values:
        total = _double(total ^ value)
    return total


def _double(value: int) -> int:
    """Multiply by x in GF(32) modulo x^5 + x^2 + 1."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value
