"""Orders as tests place them: one line states what the test is about."""

from __future__ import annotations

from typing import Any

from conference.core.money import Money
from conference.registrations.service import ordering
from conference.registrations.service.quoting import quote
from conference.registrations.wishes import Buyer, Wish


def wish(kind: Any, **overrides: Any) -> Wish:
    values = {
        "given_name": "Milica",
        "family_name": "Đorđević",
        "country": "RS",
        **overrides,
    }
    return Wish(ticket=kind.public_id, **values)


def order(edition: Any, *wishes: Wish, **overrides: Any) -> Any:
    """Place an order at today's prices."""
    values: dict[str, Any] = {
        "buyer": Buyer(email="milica@example.org"),
        "by": None,
        "locale": "en",
        **overrides,
    }
    if "expected_total" not in values:
        values["expected_total"] = quote(edition, wishes).total
    return ordering.place(edition=edition, wishes=list(wishes), **values)


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")
