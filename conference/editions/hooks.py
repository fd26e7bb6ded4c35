"""What upper features tell the pages of editions; they register in conference/features.py."""

from __future__ import annotations

from collections.abc import Callable

from conference.editions.missing import Step
from conference.editions.models import Edition

registration_action: list[Callable[[Edition], tuple[str, str] | None]] = []
"""Words and address of the way in, on the front pages while registration is open."""

further_steps: list[Callable[[Edition], Step | None]] = []
"""More lines of the desk's check list, such as the tickets."""


def how_to_register(edition: Edition) -> tuple[str, str] | None:
    """The first way in that a feature answers; None when every place is taken for good."""
    return next((way for ask in registration_action if (way := ask(edition))), None)


def steps_of_others(edition: Edition) -> list[Step]:
    """The further steps."""
    return [step for make in further_steps if (step := make(edition)) is not None]


before_withdrawing: list[Callable[[Edition], None]] = []
"""Asked before a published edition becomes a draft again; who minds raises a DomainError."""

zone_changed: list[Callable[[Edition, str], None]] = []
"""Told the old zone, so that times typed for the old clock keep their hands in the new one."""

places_changed: list[Callable[[Edition], None]] = []
"""Told when an edition has more places than before: the waiting list may move."""

payee_is_fixed: list[Callable[[Edition], bool]] = []
"""Whether money was already asked for an edition, so that its currency cannot change."""
