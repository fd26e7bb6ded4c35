"""What happens when the time is over that a column's label names: the nightly job of every period.

Features say in their personal.py which rows a period is over for; the labels say what then
happens to each column. Who keeps a period by a job of its own says so here, too, so that no label
promises what nobody does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    CursorResult,
    String,
    Table,
    and_,
    cast,
    delete,
    inspect,
    literal,
    null,
    or_,
    select,
    update,
)

from conference.core import clock
from conference.core.model import Erase
from conference.extensions import db

NEUTRAL = "erased"


@dataclass(frozen=True, kw_only=True)
class Term:
    """The rows of a table whose period `keep` is over at an instant.

    `neutral` names columns that cannot be empty, and what stands there instead. `before` is called
    with the keys of the rows and the folder of files, for what hangs on them outside the table.
    """

    model: type[Any]
    keep: str
    over: Callable[[datetime], ColumnElement[bool]]
    neutral: dict[str, Any] = field(default_factory=dict)
    before: Callable[[list[int], Path], None] | None = None


@dataclass(frozen=True)
class Elsewhere:
    """A period that another job, or the act that ends it, keeps."""

    table: str
    keep: str
    by: Callable[..., Any]


terms: list[Term] = []
elsewhere: list[Elsewhere] = []

LASTING = frozenset({"until the account is erased", "with its owner", "as a figure without a name"})
"""What ends with an account or a row, and not by the clock."""


def apply(folder: Path) -> int:
    """Keep every term; answers how many rows were emptied or deleted. Commits term by term."""
    changed = 0
    for term in terms:
        changed += _apply(term, folder)
        db.session.commit()
    return changed


def _apply(term: Term, folder: Path) -> int:
    table: Table = inspect(term.model).local_table
    columns = [c for c in table.columns if keep_of(c) == term.keep]
    over = term.over(clock.now())
    if any(c.info["personal"]["erase"] is Erase.DELETE for c in columns):
        _tell(term, table, over, folder)
        return _rows(delete(term.model).where(over))
    values = {c: term.neutral.get(c.name, _emptied(table, c)) for c in columns}
    still = and_(over, or_(*(_is_full(table, c, term.neutral) for c in columns)))
    _tell(term, table, still, folder)
    return _rows(update(term.model).where(still).values({c.name: v for c, v in values.items()}))


def _rows(statement: Any) -> int:
    done: CursorResult[Any] = db.session.execute(
        statement, execution_options={"synchronize_session": False}
    )
    db.session.expire_all()
    return int(done.rowcount)


def _tell(term: Term, table: Table, which: ColumnElement[bool], folder: Path) -> None:
    if term.before is not None:
        term.before(list(db.session.scalars(select(table.c.id).where(which))), folder)


def _is_replaced(column: Column[Any]) -> bool:
    return bool(column.info["personal"]["erase"] is Erase.REPLACE)


def _address(table: Table) -> ColumnElement[str]:
    return literal(f"{NEUTRAL}-") + table.c.public_id + literal(f"@{NEUTRAL}.invalid")


def _emptied(table: Table, column: Column[Any]) -> Any:
    if _is_replaced(column):
        is_address = column.name == "to" or column.name.endswith("email")
        return _address(table) if is_address else NEUTRAL
    if column.nullable:
        return null()
    if isinstance(column.type, JSON):
        default: Any = column.default
        return default.arg(None)
    return ""


def _is_full(table: Table, column: Column[Any], neutral: dict[str, Any]) -> ColumnElement[bool]:
    """Whether it still holds something, so that no row is written every night again."""
    if column.name in neutral:
        other: ColumnElement[bool] = column != neutral[column.name]
        return other
    full: ColumnElement[bool] = column != ""
    if _is_replaced(column):
        full = column.not_like(f"{NEUTRAL}%")
    elif column.nullable:
        full = column.is_not(null())
    elif isinstance(column.type, JSON):
        full = cast(column, String).not_in(["{}", "[]"])
    return full


def keep_of(column: Column[Any]) -> str | None:
    """How long a labelled column is kept; None for one without a label."""
    label = column.info.get("personal")
    return str(label["keep"]) if label else None


def promised() -> Iterator[tuple[str, str]]:
    """Every period that a label names, by table."""
    for table in db.metadata.tables.values():
        for keep in dict.fromkeys(filter(None, map(keep_of, table.columns))):
            yield table.name, keep


def broken_promises() -> list[tuple[str, str]]:
    """Periods that no job keeps."""
    kept = {(inspect(one.model).local_table.name, one.keep) for one in terms}
    kept |= {(one.table, one.keep) for one in elsewhere}
    return [one for one in promised() if one[1] not in LASTING and one not in kept]
