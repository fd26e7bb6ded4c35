"""Lists to check in against: made, named, found."""

from __future__ import annotations

from sqlalchemy import func, select

from conference.accounts.models import Person
from conference.checkin.models import CheckinList
from conference.core import audit
from conference.core.errors import N_, Invalid, NotFound
from conference.editions.models import Edition
from conference.extensions import db

ARRIVAL = {"en": "Arrival", "sr": "Долазак"}
MOST = 40


class NameMissing(Invalid):
    """A list without a name in any language."""

    message = N_("Please give the list a name.")


class TooManyLists(Invalid):
    """More lists than a door can choose from."""

    message = N_("There are enough lists: at most %(most)s fit one edition.")


def of(edition: Edition) -> list[CheckinList]:
    """The lists of an edition in their order."""
    return list(
        db.session.scalars(
            select(CheckinList)
            .where(CheckinList.edition_id == edition.id)
            .order_by(CheckinList.position, CheckinList.id)
        )
    )


def find(edition: Edition, public_id: str) -> CheckinList:
    """One list of this edition."""
    found: CheckinList | None = db.session.scalars(
        select(CheckinList).where(
            CheckinList.edition_id == edition.id, CheckinList.public_id == public_id
        )
    ).first()
    if found is None:
        raise NotFound()
    return found


def ensure_lists(edition: Edition) -> list[CheckinList]:
    """The lists of an edition; the first time it gets one for the arrival."""
    db.session.execute(
        select(Edition.id).where(Edition.id == edition.id).with_for_update(key_share=True)
    )
    found = of(edition)
    if not found:
        found = [CheckinList(edition_id=edition.id, name=dict(ARRIVAL))]
        db.session.add_all(found)
        db.session.flush()
    return found


def add(*, edition: Edition, name: dict[str, str], by: Person) -> CheckinList:
    """Another list, at the end."""
    _named(name)
    held = select(func.count(), func.max(CheckinList.position)).where(
        CheckinList.edition_id == edition.id
    )
    count, last = db.session.execute(held).one()
    if count >= MOST:
        raise TooManyLists(most=MOST)
    made = CheckinList(edition_id=edition.id, name=name, position=(last or 0) + 1)
    db.session.add(made)
    db.session.flush()
    audit.record("checkin_list.added", about=made, by=by)
    return made


def rename(*, checkin_list: CheckinList, name: dict[str, str], by: Person) -> None:
    """Another name for a list; what was scanned on it stays."""
    _named(name)
    checkin_list.name = name
    db.session.flush()
    audit.record("checkin_list.renamed", about=checkin_list, by=by)


def _named(name: dict[str, str]) -> None:
    if not any(text.strip() for text in name.values()):
        raise NameMissing(field="name_en")
