"""A person's name as a registration keeps it: original and Latin letters, keys to sort and find."""

from __future__ import annotations

from conference.core import text


def columns(
    *, given_name: str, family_name: str, latin_name: str, organisation: str, email: str
) -> dict[str, str]:
    """The columns of a registration that follow from a name."""
    given = text.plain_line(given_name)[:100]
    family = text.plain_line(family_name)[:100]
    typed = text.plain_line(latin_name)[:200]
    return {
        "given_name": given,
        "family_name": family,
        "latin_name": typed or proposal(f"{given} {family}"),
        "sort_key": text.fold(f"{family} {given}")[:200],
        "search_key": text.search_key(given, family, typed, organisation, email)[:800],
    }


def proposal(name: str) -> str:
    """The name in Latin letters where it is written in others; empty where it is Latin already."""
    proposed = text.latin(text.plain_line(name))
    return proposed[:200] if proposed != text.plain_line(name) else ""
