"""A half-filled registration as plain data, and the wishes that it stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from conference.registrations.wishes import Buyer, Wish

PERSON: dict[str, Any] = {
    "given_name": "",
    "family_name": "",
    "latin_name": "",
    "email": "",
    "organisation": "",
    "position": "",
    "country": "",
    "ticket": "",
    "extras": {},
    "answers": {},
    "diet": "",
    "accessibility": "",
    "wants_visa_letter": False,
    "is_listed": False,
}


def blank_person(**known: Any) -> dict[str, Any]:
    """A person about whom nothing was typed yet."""
    return {**PERSON, "extras": {}, "answers": {}, **known}


def people_of(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The people of a draft, at least one."""
    return [{**blank_person(), **person} for person in data.get("people", ())] or [blank_person()]


def wishes(data: Mapping[str, Any], *, may_wait: Collection[int] | None = None) -> list[Wish]:
    """What the draft asks for. `may_wait`: the numbers of who agreed to wait; None means all."""
    return [
        Wish(
            **{name: person[name] for name in PERSON},
            may_wait=may_wait is None or number in may_wait,
        )
        for number, person in enumerate(people_of(data))
    ]


def buyer(data: Mapping[str, Any]) -> Buyer:
    """Who orders."""
    return Buyer(email=data.get("email", ""), **data.get("buyer", {}))


def merge_people(data: Mapping[str, Any], typed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The people as typed on one screen, with what other screens said about them."""
    known = people_of(data)
    return [
        {**(known[number] if number < len(known) else blank_person()), **person}
        for number, person in enumerate(typed)
    ]
