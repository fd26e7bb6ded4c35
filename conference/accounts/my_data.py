"""Everything that the tables hold about a person: taken away as a file, or erased.

The labels of the columns say what happens to each (core/model.py). Which rows belong to a person
each feature tells by its `Owner` rules, in its own personal.py; conference/features.py hangs them
here, lower features first.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import Column, LargeBinary, Select, String, Text, inspect, null, select

from conference.accounts import people
from conference.accounts.models import Erasure, Person
from conference.core import audit, clock, files, outbox
from conference.core.errors import N_, Conflict
from conference.core.files import StoredFile
from conference.core.model import Erase
from conference.extensions import db

ERASED = "erased"
HIDDEN = "kept as a secret, not shown"


@dataclass(frozen=True)
class Whose:
    """The person, and every address that they are known by."""

    person: Person
    addresses: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Owner:
    """How rows of a table belong to a person. `what` is the msgid of this kind of record.

    `about_others` marks rows of which only the labelled columns are the person's own.
    `seals` says of a row whether its sealed columns must really be kept; without it they all are.
    """

    what: str
    model: type[Any]
    rows: Callable[[Whose], Select[Any]]
    about_others: bool = False
    seals: Callable[[Any], bool] = field(default=lambda _row: True)


@dataclass(frozen=True)
class Obstacle:
    """Why a person cannot be erased yet, in words; a parameter may be a text in two languages."""

    words: str
    params: dict[str, Any] = field(default_factory=dict)


class CannotBeErased(Conflict):
    """Something must be done first; the page says what."""

    message = N_("You cannot be erased yet.")


owners: list[Owner] = []
further_addresses: list[Callable[[Person], set[str]]] = []
"""Addresses that other records of the person carry."""
obstacles: list[Callable[[Whose], list[Obstacle]]] = []
clearing: list[Callable[[Whose], None]] = []
"""What gives obstacles up for a person who was erased before and came back with a backup."""
before_erasing: list[Callable[[Person], None]] = []
"""What ends with the person besides data, such as roles."""


def whose(person: Person) -> Whose:
    """The person with all their addresses."""
    known = {person.email, *person.former_emails}
    for find in further_addresses:
        known |= find(person)
    return Whose(person, frozenset(known - {""}))


def label(column: Column[Any]) -> dict[str, Any] | None:
    """The personal-data label of a column, or None."""
    found: dict[str, Any] | None = column.info.get("personal")
    return found


def _columns(model: type[Any]) -> Iterator[tuple[str, Column[Any]]]:
    for attribute in inspect(model).column_attrs:
        yield attribute.key, attribute.columns[0]


# -- taking it away


def export(person: Person, *, folder: Path) -> bytes:
    """A ZIP with data.json, which says why each thing is kept and how long, and the files."""
    mine = whose(person)
    packed = io.BytesIO()
    records = []
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for owner in owners:
            rows = _rows(owner, mine)
            if owner.model is StoredFile:
                _add_files(archive, rows, folder)
            if rows:
                records.append(_record(owner, rows, mine))
        whole = {"made_at": clock.now(), "person": person.public_id, "records": records}
        text = json.dumps(whole, ensure_ascii=False, indent=2, default=_plain)
        archive.writestr("data.json", text)
    return packed.getvalue()


def _rows(owner: Owner, mine: Whose) -> list[Any]:
    return list(db.session.scalars(owner.rows(mine)).unique())


def _record(owner: Owner, rows: list[Any], mine: Whose) -> dict[str, Any]:
    kept = {
        key: {"why": about["purpose"], "how_long": about["keep"]}
        for key, column in _columns(owner.model)
        if (about := label(column))
    }
    behind = _behind(owner, rows, mine)
    return {
        "what": owner.what,
        "table": owner.model.__tablename__,
        "kept": kept,
        "rows": [dict(_values(owner, row, behind)) for row in rows],
    }


def _values(
    owner: Owner, row: Any, behind: Mapping[str, Mapping[Any, str]]
) -> Iterator[tuple[str, Any]]:
    for key, column in _columns(owner.model):
        about, value = label(column), getattr(row, key)
        if column.primary_key or isinstance(column.type, LargeBinary) or key.endswith("hash"):
            continue
        if about is None and (owner.about_others or column.foreign_keys):
            continue
        if about and about["secret"]:
            yield key, HIDDEN if value else None
        elif column.foreign_keys:
            yield key, behind[key].get(value)
        else:
            yield key, value


def _behind(owner: Owner, rows: list[Any], mine: Whose) -> dict[str, dict[Any, str]]:
    """The public ids behind the labelled keys: numbers never leave the server."""
    found: dict[str, dict[Any, str]] = {}
    for key, column in _columns(owner.model):
        if label(column) is None or not column.foreign_keys:
            continue
        target = next(iter(column.foreign_keys)).column.table
        if target.name == Person.__tablename__:
            # Who else had to do with the row is theirs to tell.
            found[key] = {mine.person.id: mine.person.public_id}
            continue
        wanted = {getattr(row, key) for row in rows}
        pairs = select(target.c.id, target.c.public_id).where(target.c.id.in_(wanted))
        found[key] = {row.id: row.public_id for row in db.session.execute(pairs)}
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value)


def _add_files(archive: zipfile.ZipFile, rows: list[StoredFile], folder: Path) -> None:
    for row in rows:
        if (folder / row.place).exists():
            name = f"files/{row.public_id}-{row.name}"
            archive.writestr(name, files.read(row, folder=folder))


# -- erasing


@dataclass(frozen=True)
class Sealed:
    """A kind of record that stays, and until when."""

    what: str
    until: str


def hindrances(person: Person) -> list[Obstacle]:
    """What must be done before the person can be erased."""
    mine = whose(person)
    return [obstacle for ask in obstacles for obstacle in ask(mine)]


def would_stay(person: Person) -> list[Sealed]:
    """What would stay sealed, for the page that asks whether they are sure."""
    mine = whose(person)
    found = [(owner, row) for owner in owners for row in _rows(owner, mine)]
    return _distinct(sealed for owner, row in found for sealed in _seals(owner, row))


def _distinct(found: Iterator[Sealed]) -> list[Sealed]:
    return list(dict.fromkeys(found))


def _seals(owner: Owner, row: Any) -> Iterator[Sealed]:
    for key, column in _columns(owner.model):
        about = label(column)
        if about and about["erase"] is Erase.SEALED and getattr(row, key) and owner.seals(row):
            yield Sealed(owner.what, about["keep"])


def erase(
    person: Person, *, by: Person | None, folder: Path, again: datetime | None = None
) -> list[Sealed]:
    """Erase a person by the labels; answers what stays sealed. Raises CannotBeErased.

    `again` is when they were erased before, if an older copy of the data brought them back: then
    nothing keeps them.
    """
    if again is not None:
        for clear in clearing:
            clear(whose(person))
    elif hindrances(person):
        raise CannotBeErased()
    for end in before_erasing:
        end(person)
    mine = whose(person)
    # All rows are found first: erasing an address would hide what hangs on it.
    found = [(owner, _rows(owner, mine)) for owner in reversed(owners)]
    stays = _distinct(s for owner, rows in found for row in rows for s in _seals(owner, row))
    outbox.withdraw(mine.addresses)
    for owner, rows in found:
        for row in rows:
            _erase_row(owner, row, folder)
    person.active = False
    person.public_fields = []
    person.tf_last_counter = None
    person.erased_at = again or clock.now()
    summary = [{"what": one.what, "until": one.until} for one in stays]
    note = Erasure(
        person_public_id=person.public_id, at=person.erased_at, sealed={"records": summary}
    )
    db.session.add(note)
    db.session.flush()
    audit.record("person.erased", about=person, by=by)
    people.visitors_see_a_change()
    return stays


def _erase_row(owner: Owner, row: Any, folder: Path) -> None:
    if isinstance(row, StoredFile):
        files.remove(row, folder=folder)
        return
    columns = list(_columns(owner.model))
    acts = {key: about["erase"] for key, column in columns if (about := label(column))}
    if Erase.DELETE in acts.values():
        db.session.delete(row)
        return
    db.session.refresh(row)
    for key, column in columns:
        act = acts.get(key)
        if act is Erase.CLEAR or (act is Erase.SEALED and not owner.seals(row)):
            setattr(row, key, _empty(column))
        elif act is Erase.REPLACE:
            setattr(row, key, _neutral(key, row))


def _empty(column: Column[Any]) -> Any:
    if column.nullable:
        return null()
    if isinstance(column.type, String | Text):
        return ""
    default: Any = column.default
    return default.arg(None)


def _neutral(key: str, row: Any) -> str:
    if key == "to" or key.endswith("email"):
        return f"{ERASED}-{row.public_id}@{ERASED}.invalid"
    return ERASED
