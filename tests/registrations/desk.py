"""The organiser's list of registrations as tests reach for it: rows, addresses, names."""

from __future__ import annotations

import re
from typing import Any

from conference.registrations import naming
from tests import factories


def register(edition: Any, given: str, family: str, **overrides: Any) -> Any:
    """A registration whose keys are made as the product makes them."""
    email = overrides.pop("email", f"{len(given)}.{family[:1].lower()}@example.org")
    names = naming.columns(
        given_name=given,
        family_name=family,
        latin_name="",
        organisation=overrides.get("organisation_name", ""),
        email=email,
    )
    return factories.make_registration(edition, **{**names, "email": email, **overrides})


def url(edition: Any, *parts: str) -> str:
    return "/".join(["", edition.code, "desk", "registrations", *parts])


def names(page: Any) -> list[str]:
    """The people of a list, as the page shows them."""
    text = page.get_data(as_text=True)
    return re.findall(r'<th scope="row">\s*<a href="[^"]+">([^<]+)</a>', text)
