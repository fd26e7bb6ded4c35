"""Questions of an edition as rows: read as data for asking, and changed by organisers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select

from conference.accounts.models import Person
from conference.core import audit, clock
from conference.core.errors import NotFound
from conference.core.text import slug
from conference.editions import stamps
from conference.editions.models import Edition
from conference.extensions import db
from conference.questions.checks import check_questions
from conference.questions.kinds import Asked
from conference.questions.models import Question

REGISTRATION = "registration"
FIELDS = (
    "kind",
    "label",
    "help",
    "options",
    "limits",
    "required",
    "required_when",
    "shown",
    "shown_when",
)


def rows(
    edition: Edition, purpose: str = REGISTRATION, *, archived: bool = False
) -> list[Question]:
    """The questions of an edition in the order in which they are asked."""
    query = select(Question).where(Question.edition_id == edition.id, Question.purpose == purpose)
    if not archived:
        query = query.where(Question.archived_at.is_(None))
    return list(db.session.scalars(query.order_by(Question.position, Question.id)))


def asked(edition: Edition, purpose: str = REGISTRATION) -> list[Asked]:
    """What is asked now, as data for the engine."""
    return [Asked.from_row(row) for row in rows(edition, purpose)]


def asked_in(editions: Iterable[Edition], purpose: str = REGISTRATION) -> dict[int, list[Asked]]:
    """What several editions ask now, by row id of the edition, in one statement."""
    found: dict[int, list[Asked]] = {edition.id: [] for edition in editions}
    query = select(Question).where(
        Question.edition_id.in_(found),
        Question.purpose == purpose,
        Question.archived_at.is_(None),
    )
    for row in db.session.scalars(query.order_by(Question.position, Question.id)):
        found[row.edition_id].append(Asked.from_row(row))
    return found


def ever_asked(edition: Edition, purpose: str = REGISTRATION) -> list[Asked]:
    """Archived ones too: for showing and exporting answers given earlier."""
    return [Asked.from_row(row) for row in rows(edition, purpose, archived=True)]


def one(edition: Edition, public_id: str) -> Question:
    """A question of this edition, or NotFound."""
    found: Question | None = db.session.scalars(
        select(Question).where(Question.edition_id == edition.id, Question.public_id == public_id)
    ).first()
    if found is None:
        raise NotFound()
    return found


def add(
    *, edition: Edition, values: Mapping[str, Any], by: Person, purpose: str = REGISTRATION
) -> Question:
    """Add a question at the end; refused in words when the whole list would not fit together."""
    question = Question(
        edition_id=edition.id,
        purpose=purpose,
        key=_free_key(edition, purpose, values["label"]),
        position=_last_position(edition, purpose) + 1,
        **_picked(values),
    )
    db.session.add(question)
    db.session.flush()
    _refuse_faults(edition, purpose, question)
    _note("question.added", edition, question, by)
    return question


def change(*, edition: Edition, question: Question, values: Mapping[str, Any], by: Person) -> None:
    """Change wording, limits or conditions. The kind stays, for the sake of the answers given."""
    for name, value in _picked(values).items():
        if name != "kind":
            setattr(question, name, value)
    db.session.flush()
    _refuse_faults(edition, question.purpose, question)
    _note("question.changed", edition, question, by)


def archive(*, edition: Edition, question: Question, by: Person) -> None:
    """Ask it no more; its answers stay readable. Refused when another question waits for it."""
    question.archived_at = clock.now()
    db.session.flush()
    _refuse_faults(edition, question.purpose, question)
    _note("question.archived", edition, question, by)


def ask_again(*, edition: Edition, question: Question, by: Person) -> None:
    """Take an archived question up again, at the end."""
    question.archived_at = None
    question.position = _last_position(edition, question.purpose) + 1
    db.session.flush()
    _refuse_faults(edition, question.purpose, question)
    _note("question.asked_again", edition, question, by)


def move(*, edition: Edition, question: Question, up: bool, by: Person) -> None:
    """Change places with the question before or after it."""
    order = rows(edition, question.purpose)
    at = order.index(question)
    other = at - 1 if up else at + 1
    if 0 <= other < len(order):
        order[at], order[other] = order[other], order[at]
        for position, row in enumerate(order):
            row.position = position
        db.session.flush()
        _refuse_faults(edition, question.purpose, question)
        _note("question.moved", edition, question, by)


def _picked(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in FIELDS if name in values}


def _refuse_faults(edition: Edition, purpose: str, question: Question) -> None:
    """Raise the first fault, that of this question before those of others."""
    faults = check_questions(asked(edition, purpose))
    faults.sort(key=lambda fault: fault.field != question.key)
    if faults:
        raise faults[0]


def _last_position(edition: Edition, purpose: str) -> int:
    found = db.session.scalar(
        select(func.max(Question.position)).where(
            Question.edition_id == edition.id, Question.purpose == purpose
        )
    )
    return -1 if found is None else int(found)


def _free_key(edition: Edition, purpose: str, label: Mapping[str, str]) -> str:
    """A short name from the wording that no question of the edition has yet."""
    words = slug(label.get("en") or label.get("sr") or "", longest=40).replace("-", "_")
    base = words if words[:1].isalpha() else f"question_{words}".rstrip("_")
    used = set(
        db.session.scalars(
            select(Question.key).where(
                Question.edition_id == edition.id, Question.purpose == purpose
            )
        )
    )
    number, key = 1, base
    while key in used:
        number += 1
        key = f"{base}_{number}"
    return key


def _note(act: str, edition: Edition, question: Question, by: Person) -> None:
    audit.record(act, about=edition, by=by, question=question.key)
    stamps.bump(edition)
