"""Codes of editions: the first word of their addresses, proposed from name and year."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from conference.core.text import slug

LONGEST = 60
PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

# The site's own first words, those of today and those that a later feature may need.
RESERVED = frozenset(
    """
    about accessibility account administration administrator agreements api archive badges brokerage
    calendar check-in contact demo desk editions favicon figures files funding funds healthz help
    home imprint invoices labels languages legal mail mailbox manifest media messages network new
    news oauth orders organisations partner-events partners payments people persons pictures
    privacy profile profiles programme readyz registrations robots role-invitations roles search
    security series sessions sign-in sign-out sign-up sitemap static status stripe style-guide
    submissions support tickets verify webhooks well-known
    """.split()
)


def is_reserved(code: str) -> bool:
    """Whether the site keeps this first word for itself."""
    return code in RESERVED


def is_well_formed(code: str) -> bool:
    """Small letters, digits and single hyphens between them; not only digits."""
    return bool(PATTERN.fullmatch(code)) and len(code) <= LONGEST and not code.isdigit()


def proposal(
    name: Mapping[str, str], city: Mapping[str, str], year: int, taken: Collection[str]
) -> str:
    """A free code: the city and the year, else the name and the year, else with a number."""
    words = [slug(text, longest=40) for pair in (city, name) for text in pair.values() if text]
    for word in [*dict.fromkeys(w for w in words if w), "edition"]:
        code = f"{word}-{year}"
        if is_well_formed(code) and code not in taken and not is_reserved(code):
            return code
    first = next((w for w in words if w), "edition")
    number = 2
    while f"{first}-{year}-{number}" in taken:
        number += 1
    return f"{first}-{year}-{number}"
