"""What the card provider is asked and what it tells, as plain values; and its refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conference.core.errors import N_, DomainError


class DatabaseOpen(RuntimeError):
    """A call to the provider was about to be made inside a transaction: a mistake of ours."""


class ProviderDown(DomainError):
    """No answer, or none that says what happened. The same attempt is made again later."""

    status = 503
    message = N_(
        "The page for card payments cannot be reached just now. Please try again in a minute,"
        " or pay by bank transfer."
    )


class Forged(DomainError):
    """A webhook that the provider did not sign, or signed at another time."""

    status = 400
    message = N_("This message does not come from the card provider.")


@dataclass(frozen=True)
class SessionSeen:
    """A checkout session as the provider shows it now. `attempt` is what we wrote on it."""

    id: str
    status: str
    paid: bool
    minor: int
    currency: str
    intent: str | None
    url: str | None
    attempt: str


@dataclass(frozen=True)
class RefundSeen:
    """A refund as the provider shows it now."""

    id: str
    status: str
    minor: int
    currency: str
    intent: str | None
    attempt: str


@dataclass(frozen=True)
class MoveSeen:
    """Money that a dispute has moved on our account with the provider; below zero it went away."""

    id: str
    minor: int
    currency: str


@dataclass(frozen=True)
class DisputeSeen:
    """A dispute of a card payment as the provider shows it now."""

    id: str
    status: str
    reason: str
    minor: int
    currency: str
    intent: str | None
    due_at: datetime | None
    moves: tuple[MoveSeen, ...] = ()


Seen = SessionSeen | RefundSeen | DisputeSeen


@dataclass(frozen=True)
class Opening:
    """What opening the pay page needs. `stale` are sessions of the same order to close before."""

    attempt: str
    key: str
    request: dict[str, Any]
    stale: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True)
class Opened:
    """What became of it: the session, or that it was refused; `seen` are the stale ones."""

    attempt: str
    session: SessionSeen | None = None
    refused: bool = False
    seen: tuple[SessionSeen, ...] = ()

    @property
    def url(self) -> str | None:
        """Where the buyer pays."""
        return self.session.url if self.session else None


@dataclass(frozen=True)
class Refunding:
    """What giving money back needs."""

    attempt: str
    key: str
    intent: str
    minor: int


@dataclass(frozen=True)
class Refunded:
    """What became of it; neither seen nor refused means that nobody knows yet."""

    attempt: str
    seen: RefundSeen | None = None
    refused: bool = False


@dataclass(frozen=True)
class Hint:
    """A webhook: that something happened to an object. What it is now has to be asked."""

    id: str
    kind: str
    object_id: str
