"""The only reader of the time. Instants are aware and in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The current instant, aware, UTC."""
    return _source()


def today(zone: str) -> date:
    """The date at this moment in an IANA zone."""
    return now().astimezone(ZoneInfo(zone)).date()


def set_source(source: Callable[[], datetime] | None) -> None:
    """Read the time from somewhere else (tests, proofs); None puts the system clock back."""
    global _source
    _source = source or _system
