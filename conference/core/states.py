"""The one door for state changes: lock, check, write, audit."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import inspect

from conference.core import audit
from conference.core.errors import InvalidTransition
from conference.extensions import db

# FOR NO KEY UPDATE: who has just inserted a row that names this one must not deadlock with it.
NO_KEY = {"key_share": True}

Transitions = Mapping[Any, frozenset[Any]]


class HasState(Protocol):
    """Anything with a state column."""

    state: Any


class Actor(Protocol):
    """Whoever acts: a person with a random public id."""

    public_id: Any


def can(obj: HasState, to: StrEnum, table: Transitions) -> bool:
    """Whether the table knows this step; the same table draws the buttons."""
    return to in table[obj.state]


def transition(
    obj: HasState,
    to: StrEnum,
    table: Transitions,
    *,
    by: Actor | None,
    reason: str | None = None,
    **facts: Any,
) -> None:
    """Move `obj` to a state, or raise InvalidTransition. The only assignment to `.state`.

    The row is locked and read again first, so that of two people at once one is refused.
    `facts` go into the audit entry; they hold no personal data.
    """
    if inspect(obj).persistent:
        db.session.flush()
        db.session.refresh(obj, attribute_names=["state"], with_for_update=NO_KEY)
    before = obj.state
    if to not in table[before]:
        raise InvalidTransition()
    obj.state = to
    audit.record(
        f"{type(obj).__name__.lower()}.{to.value}",
        about=obj,
        by=by,
        before=str(before),
        reason=reason,
        **facts,
    )
    db.session.flush()
