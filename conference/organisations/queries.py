"""Looking organisations up: who may see one, lists, near names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from conference.accounts.models import Person
from conference.core.errors import NotFound
from conference.core.files import StoredFile
from conference.core.text import search_terms
from conference.extensions import db
from conference.organisations.models import Affiliation, Organisation

O_ = Organisation


def is_public() -> ColumnElement[bool]:
    """Checked by staff and not merged into another."""
    return and_(O_.checked_at.is_not(None), O_.merged_into_id.is_(None))


def visible_to(person: Person | None) -> Any:
    """Public ones, and those that the person proposed or belongs to."""
    seen = is_public()
    if person is not None:
        own = select(Affiliation.organisation_id).where(Affiliation.person_id == person.id)
        mine = or_(O_.proposed_by_id == person.id, O_.id.in_(own))
        seen = or_(seen, and_(O_.merged_into_id.is_(None), mine))
    return select(O_).where(seen)


def for_person(person: Person | None, public_id: str) -> Organisation:
    """The organisation if this person may see it; one that was merged leads to its successor."""
    query = visible_to(person).where(O_.public_id == public_id).options(joinedload(O_.logo))
    found = db.session.scalars(query).first() or _successor(public_id)
    if found is None:
        raise NotFound()
    return found


def _successor(public_id: str) -> Organisation | None:
    merged = select(O_.merged_into_id).where(O_.public_id == public_id).scalar_subquery()
    found: Organisation | None = db.session.scalars(
        select(O_).where(O_.id == merged, is_public()).options(joinedload(O_.logo))
    ).first()
    return found


def for_staff(public_id: str) -> Organisation:
    """Any organisation that was not merged into another."""
    found: Organisation | None = db.session.scalars(
        select(O_).where(O_.public_id == public_id, O_.merged_into_id.is_(None))
    ).first()
    if found is None:
        raise NotFound()
    return found


def by_id(organisation_id: int | None) -> Organisation | None:
    """The organisation of a foreign key."""
    return db.session.get(O_, organisation_id) if organisation_id else None


def listed() -> Any:
    """The columns of lists."""
    return select(
        O_.public_id,
        O_.name,
        O_.latin_name,
        O_.short_name,
        O_.kind,
        O_.sector,
        O_.country,
        O_.region,
        O_.seat,
        O_.is_member,
        O_.checked_at,
        StoredFile.public_id.label("logo"),
    ).outerjoin(StoredFile, StoredFile.id == O_.logo_id)


def matching(text: str, *, most: int = 20) -> list[Organisation]:
    """Organisations whose names hold every word of a text, in whichever script; for choosing."""
    terms = search_terms(text)
    if not terms:
        return []
    return list(
        db.session.scalars(
            select(O_)
            .where(
                O_.merged_into_id.is_(None),
                *(O_.search_key.contains(term, autoescape=True) for term in terms),
            )
            .order_by(O_.checked_at.is_(None), O_.sort_key, O_.id)
            .limit(most)
        )
    )


# Words that stand in so many names that they say nothing about likeness.
_COMMON = frozenset(
    "klaster cluster clusters klasteri doo dd ad ltd gmbh srl the of za i and u in".split()
)


def near(name: str, country: str, *, but: Organisation | None = None) -> list[Organisation]:
    """Organisations that may be the same: most telling words in common, the same country first."""
    words = [word for word in search_terms(name) if word not in _COMMON and len(word) > 2]
    if not words:
        return []
    telling = sorted(words, key=len, reverse=True)[:3]
    query = select(O_).where(
        O_.merged_into_id.is_(None),
        or_(*(O_.search_key.contains(word, autoescape=True) for word in telling)),
    )
    if but is not None:
        query = query.where(O_.id != but.id)
    found = db.session.scalars(query.limit(200)).all()

    def likeness(one: Organisation) -> int:
        hits = sum(word in one.search_key for word in words)
        return hits * 2 + (one.country == country)

    wanted = max(1, (len(words) + 1) // 2)
    close = [one for one in found if sum(word in one.search_key for word in words) >= wanted]
    return sorted(close, key=lambda one: (-likeness(one), one.sort_key))[:5]


def people_count(organisation: Organisation) -> int:
    """How many people say that they belong to it."""
    return int(
        db.session.scalar(
            select(func.count(Affiliation.id)).where(Affiliation.organisation_id == organisation.id)
        )
        or 0
    )


def affiliations_of(person: Person) -> list[Affiliation]:
    """Where a person belongs, the main one first."""
    return list(
        db.session.scalars(
            select(Affiliation)
            .where(Affiliation.person_id == person.id)
            .options(joinedload(Affiliation.organisation))
            .order_by(Affiliation.is_main.desc(), Affiliation.id)
        )
    )


def shown_affiliations(person: Person) -> list[Affiliation]:
    """Where a person belongs, for everybody to see; empty unless the person wants it shown."""
    return affiliations_of(person) if "affiliation" in person.public_fields else []


def main_name_of(person_id: Any) -> Any:
    """The name of the main organisation of a column's person, as a part of a list's statement."""
    return (
        select(O_.name)
        .join(Affiliation, Affiliation.organisation_id == O_.id)
        .where(Affiliation.person_id == person_id)
        .order_by(Affiliation.is_main.desc(), Affiliation.id)
        .limit(1)
        .scalar_subquery()
    )


def main_organisation(person: Person) -> Organisation | None:
    """The organisation that stands on a person's badge, when they named one."""
    found: Organisation | None = db.session.scalars(
        select(O_)
        .join(Affiliation, Affiliation.organisation_id == O_.id)
        .where(Affiliation.person_id == person.id)
        .order_by(Affiliation.is_main.desc(), Affiliation.id)
        .limit(1)
    ).first()
    return found


def logo(public_id: str) -> StoredFile | None:
    """A picture that is the logo of an organisation."""
    found: StoredFile | None = db.session.scalars(
        select(StoredFile)
        .join(O_, O_.logo_id == StoredFile.id)
        .where(StoredFile.public_id == public_id)
        .limit(1)
    ).first()
    return found
