"""What every table shares: base class, column kinds, random public ids, the personal-data label."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Enum,
    String,
    TypeDecorator,
    cast,
    func,
)
from sqlalchemy.orm import mapped_column

from conference.core import clock
from conference.extensions import Base, db

if TYPE_CHECKING:

    class Model(Base):
        """Typing sees a plain declarative base."""

        __abstract__ = True
else:
    Model = db.Model

ALPHABET = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
random_choice: Callable[[str], str] = secrets.choice


def new_public_id() -> str:
    """A random id of 22 characters (127 bits), the only id that leaves the server."""
    return "".join(random_choice(ALPHABET) for _ in range(22))


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; naive values are refused. SQLite keeps it without zone, in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("instants are aware: give the time a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def states(kind: type[StrEnum]) -> Enum:
    """A column type for a StrEnum, kept as text with a CHECK that lists its values."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=f"{kind.__name__.lower()}_known",
        values_callable=lambda members: [str(m.value) for m in members],
    )


class Erase(StrEnum):
    """What happens to a personal column when its person asks to be erased."""

    CLEAR = "clear"  # set to null or empty
    REPLACE = "replace"  # a neutral word stands in its place
    DELETE = "delete"  # the row goes
    SEALED = "sealed"  # kept, because a law or a claim asks for it, until `keep` has passed


def personal(purpose: str, keep: str, erase: Erase, *, secret: bool = False) -> dict[str, Any]:
    """Label a column that holds personal data: why, how long, and how it is erased.

    A secret is never shown, not even to its person: only that it is there.
    """
    return {"personal": {"purpose": purpose, "keep": keep, "erase": erase, "secret": secret}}


def not_personal(reason: str) -> dict[str, Any]:
    """Say why a column whose name sounds personal is not."""
    return {"personal": None, "reason": reason}


pk = Annotated[int, mapped_column(primary_key=True)]
public_id = Annotated[str, mapped_column(String(22), unique=True, default=new_public_id)]
created_at = Annotated[datetime, mapped_column(UtcDateTime(), default=lambda: clock.now())]
instant = Annotated[datetime, mapped_column(UtcDateTime())]
# Amounts of money: what a group pays in forint needs more than 32 bits.
minor = Annotated[int, mapped_column(BigInteger)]
two_languages = Annotated[dict[str, str], mapped_column(JSON, default=dict)]


def sum_of(amounts: Any) -> ColumnElement[int]:
    """The sum of amounts in minor units, whole: PostgreSQL adds bigints up to a numeric."""
    return cast(func.sum(amounts), BigInteger)
