"""Which price counts when: early, regular, late. Data in, data out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar


class Step(Protocol):
    """What a price row has."""

    @property
    def from_at(self) -> datetime | None: ...
    @property
    def until_at(self) -> datetime | None: ...
    @property
    def amount_minor(self) -> int: ...


S = TypeVar("S", bound=Step)


def price_at(steps: Iterable[S], at: datetime) -> S | None:
    """The step that counts at an instant; of several the one that began last, then the cheapest."""
    counting = [step for step in steps if _counts(step, at)]
    if not counting:
        return None
    newest = max((step.from_at.timestamp() if step.from_at else 0.0) for step in counting)
    latest = [s for s in counting if (s.from_at.timestamp() if s.from_at else 0.0) == newest]
    return min(latest, key=lambda step: step.amount_minor)


def _counts(step: Step, at: datetime) -> bool:
    begun = step.from_at is None or step.from_at <= at
    return begun and (step.until_at is None or at < step.until_at)


def next_change(steps: Iterable[Step], at: datetime) -> datetime | None:
    """The next instant at which some step begins or ends."""
    instants = (edge for step in steps for edge in (step.from_at, step.until_at))
    return min((edge for edge in instants if edge is not None and edge > at), default=None)


def overlapping(steps: Iterable[S]) -> tuple[S, S] | None:
    """Two steps that count at the same time, or None."""
    ordered = sorted(steps, key=lambda s: s.from_at.timestamp() if s.from_at else 0.0)
    for first, second in zip(ordered, ordered[1:], strict=False):
        if first.until_at is None or second.from_at is None or first.until_at > second.from_at:
            return first, second
    return None
