"""Who was erased, kept beside the database too: a backup that comes back is erased again.

The table is the truth while the installation lives; the journal is its copy for the day on which
the table comes back older than it was. It holds public ids and times, nothing else.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from conference.accounts import my_data, people
from conference.accounts.models import Erasure
from conference.extensions import db

log = logging.getLogger(__name__)
JOURNAL = "erasures.jsonl"


def read(journal: Path) -> dict[str, str]:
    """Public id → when, of a journal; a line cut off while being written is passed over."""
    found: dict[str, str] = {}
    if not journal.exists():
        return found
    for line in journal.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
            found.setdefault(str(entry["person"]), str(entry["at"]))
        except (ValueError, KeyError, TypeError):
            log.warning("a line of the journal of erasures cannot be read")
    return found


def add(journal: Path, erased: Iterable[tuple[str, str]]) -> int:
    """Append those that the journal lacks; answers how many. Twice the same does no harm."""
    known = read(journal)
    lines = [
        json.dumps({"person": person, "at": at}) for person, at in erased if person not in known
    ]
    if lines:
        journal.parent.mkdir(parents=True, exist_ok=True)
        whole = not journal.exists() or journal.read_bytes()[-1:] in {b"", b"\n"}
        with journal.open("a", encoding="utf-8") as file:
            file.write(("" if whole else "\n") + "\n".join(lines) + "\n")
        journal.chmod(0o600)
    return len(lines)


def copy_out(folder: Path) -> int:
    """Write the table's erasures into the journal of a folder; answers how many were new."""
    rows = db.session.execute(
        select(Erasure.person_public_id, Erasure.at).order_by(Erasure.id)
    ).all()
    return add(folder / JOURNAL, [(person, at.isoformat()) for person, at in rows])


def erase_again(folder: Path, *, files: Path) -> int:
    """Erase everybody of the journal whom the database still knows; answers how many that were.

    What kept a person from leaving, such as a place that they have given up since, is given up.
    """
    done = set(db.session.scalars(select(Erasure.person_public_id)))
    count = 0
    for public_id, at in read(folder / JOURNAL).items():
        person = None if public_id in done else people.by_public_id(public_id)
        if person is None:
            continue
        my_data.erase(person, by=None, folder=files, again=datetime.fromisoformat(at))
        db.session.commit()
        count += 1
    return count
