"""Order codes that people read aloud: seven characters of Crockford's base 32 and a check one."""

from __future__ import annotations

import secrets
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {character: value for value, character in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_JOINTS = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\u2014")
_BITS = 35

random_bits: Callable[[int], int] = secrets.randbits


def new_code() -> str:
    """A random code of 8 characters, for example "7K3M9QXA"; who uses it checks that it is free."""
    number = random_bits(_BITS)
    values = [(number >> (5 * place)) & 31 for place in reversed(range(7))]
    return "".join(ALPHABET[value] for value in (*values, _check(values)))


def read_code(typed: str) -> str | None:
    """The code whatever case, blanks, O for 0 or l for 1 were typed; None when it is not one."""
    values = [_VALUES.get(character, -1) for character in typed.translate(_JOINTS).strip().upper()]
    if len(values) != 8 or -1 in values or _check(values[:-1]) != values[-1]:
        return None
    return "".join(ALPHABET[value] for value in values)


def show_code(code: str) -> str:
    """In two groups: "7K3M-9QXA"."""
    return f"{code[:4]}-{code[4:]}"


def _check(values: list[int]) -> int:
    """Over GF(32) modulo x^5 + x^2 + 1: finds every wrong character and every swap of two."""
    total = 0
    for value in values:
        total = (total ^ value) << 1
        total = total ^ 0b100101 if total & 32 else total
    return total
