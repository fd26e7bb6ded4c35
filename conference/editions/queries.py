"""Looking editions up, and what belongs to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import defer, joinedload

from conference.accounts.models import Person
from conference.core import clock
from conference.core.errors import NotFound
from conference.core.files import StoredFile
from conference.core.permissions import Role
from conference.editions.models import (
    Edition,
    EditionDocument,
    InSeries,
    KeyDate,
    News,
    Partner,
    PartnerEvent,
    Payee,
    Place,
    RoleGrant,
    Room,
    Series,
)
from conference.editions.states import EditionState
from conference.extensions import db
from conference.organisations.models import Organisation

SHOWN = (EditionState.PUBLISHED, EditionState.ARCHIVED)


# Asked with every request inside an edition, so it is made once, and leaves out what only
# the front page and its form show.
_BY_CODE = (
    select(Edition)
    .where(Edition.code == bindparam("code"))
    .options(
        *(
            defer(text)
            for text in (
                Edition.about,
                Edition.about_html,
                Edition.for_whom,
                Edition.how_to_take_part,
                Edition.outcome,
                Edition.outcome_html,
            )
        )
    )
)


def by_code(code: str) -> Edition | None:
    """The edition with a code, in any state; who may see it is the edge's question."""
    found: Edition | None = db.session.scalars(_BY_CODE, {"code": code}).first()
    return found


def shown() -> list[Edition]:
    """Published and archived editions, the youngest first."""
    return list(
        db.session.scalars(
            select(Edition)
            .where(Edition.state.in_(SHOWN))
            .order_by(Edition.starts_on.desc(), Edition.id.desc())
        )
    )


def of_staff(person: Person) -> list[Edition]:
    """Editions in which a person holds a role today; all of them for an administrator."""
    grants = select(RoleGrant.edition_id).where(
        RoleGrant.person_id == person.id,
        RoleGrant.ended_at.is_(None),
        RoleGrant.ends_on >= clock.now().date(),
    )
    held = set(db.session.scalars(grants))
    query = select(Edition).order_by(Edition.starts_on.desc(), Edition.id.desc())
    if None not in held:
        query = query.where(Edition.id.in_(held))
    return list(db.session.scalars(query))


def running_with_role(person: Person, role: Role) -> list[Edition]:
    """Published editions, not over, in which a person holds a role; the next one first."""
    today = clock.now().date()
    return list(
        db.session.scalars(
            select(Edition)
            .join(RoleGrant, RoleGrant.edition_id == Edition.id)
            .where(
                RoleGrant.person_id == person.id,
                RoleGrant.role == role,
                RoleGrant.ended_at.is_(None),
                RoleGrant.ends_on >= today,
                Edition.state == EditionState.PUBLISHED,
                Edition.ends_on >= today,
            )
            .order_by(Edition.starts_on, Edition.id)
        )
    )


def is_staff(person: Person) -> bool:
    """Whether a person holds any role today."""
    held = select(RoleGrant.id).where(
        RoleGrant.person_id == person.id,
        RoleGrant.ended_at.is_(None),
        RoleGrant.ends_on >= clock.now().date(),
    )
    return db.session.scalar(held.limit(1)) is not None


def codes() -> set[str]:
    """All codes that are taken."""
    return set(db.session.scalars(select(Edition.code)))


def places(edition: Edition) -> list[Place]:
    """Its venues in the order of their times."""
    query = select(Place).where(Place.edition_id == edition.id)
    return list(db.session.scalars(query.order_by(Place.starts_at, Place.id)))


def rooms(edition: Edition) -> list[Room]:
    """Its rooms in their order."""
    query = select(Room).join(Place).where(Place.edition_id == edition.id)
    return list(db.session.scalars(query.order_by(Room.position, Room.id)))


def key_dates(edition: Edition) -> list[KeyDate]:
    """The dates that its organisers added."""
    query = select(KeyDate).where(KeyDate.edition_id == edition.id)
    return list(db.session.scalars(query.order_by(KeyDate.at, KeyDate.id)))


def partners(edition: Edition) -> list[Partner]:
    """Who hosts, funds and supports it, with their logos."""
    return list(
        db.session.scalars(
            select(Partner)
            .where(Partner.edition_id == edition.id)
            .options(joinedload(Partner.organisation).joinedload(Organisation.logo))
            .order_by(Partner.position, Partner.id)
        )
    )


def news(edition: Edition, *, drafts: bool = False, most: int | None = None) -> list[News]:
    """Its news, the newest first; only staff see what is not published yet."""
    query = select(News).where(News.edition_id == edition.id)
    if not drafts:
        query = query.where(News.published_at <= clock.now())
    query = query.order_by(News.published_at.is_(None).desc(), News.published_at.desc(), News.id)
    return list(db.session.scalars(query.limit(most) if most else query))


def next_news_at(edition: Edition) -> Any:
    """When a piece of news appears by itself, or None."""
    return db.session.scalar(
        select(func.min(News.published_at)).where(
            News.edition_id == edition.id, News.published_at > clock.now()
        )
    )


def documents(edition: Edition) -> list[EditionDocument]:
    """Its files to download."""
    return list(
        db.session.scalars(
            select(EditionDocument)
            .where(EditionDocument.edition_id == edition.id)
            .options(joinedload(EditionDocument.file))
            .order_by(EditionDocument.position, EditionDocument.id)
        )
    )


def series_of(edition: Edition) -> list[InSeries]:
    """The series that it stands in, with its number."""
    return list(
        db.session.scalars(
            select(InSeries)
            .join(Series)
            .where(InSeries.edition_id == edition.id)
            .options(joinedload(InSeries.series))
            .order_by(Series.position, Series.id)
        )
    )


def all_series() -> list[Series]:
    """Every series."""
    return list(db.session.scalars(select(Series).order_by(Series.position, Series.id)))


def partner_events() -> list[PartnerEvent]:
    """Events of partners that are not over, the next one first."""
    return list(
        db.session.scalars(
            select(PartnerEvent)
            .where(PartnerEvent.ends_on >= clock.today("Europe/Belgrade"))
            .order_by(PartnerEvent.starts_on, PartnerEvent.id)
        )
    )


def all_partner_events() -> list[PartnerEvent]:
    """Also those that are over."""
    return list(db.session.scalars(select(PartnerEvent).order_by(PartnerEvent.starts_on.desc())))


def payees() -> list[Payee]:
    """Every payee, for choosing one that is known already."""
    return list(db.session.scalars(select(Payee).order_by(Payee.name, Payee.id)))


def hosted_by(organisation_id: int) -> Any:
    """Editions that everybody may see in which an organisation takes part, and as what."""
    return db.session.execute(
        select(
            Edition.code, Edition.name, Edition.city, Edition.starts_on, Edition.ends_on,
            Partner.role,
        )
        .join(Partner, Partner.edition_id == Edition.id)
        .where(Partner.organisation_id == organisation_id, Edition.state.in_(SHOWN))
        .order_by(Edition.starts_on.desc(), Partner.id)
    ).all()  # fmt: skip


def in_edition(kind: Any, edition: Edition, public_id: str) -> Any:
    """A row of this edition and no other; NotFound otherwise."""
    query = select(kind).where(kind.public_id == public_id)
    if kind is Room:
        query = query.join(Place).where(Place.edition_id == edition.id)
    else:
        query = query.where(kind.edition_id == edition.id)
    found = db.session.scalars(query).first()
    if found is None:
        raise NotFound()
    return found


def anywhere(kind: Any, public_id: str) -> Any:
    """A row that belongs to the whole site: a series, a partner's event, a payee."""
    found = db.session.scalars(select(kind).where(kind.public_id == public_id)).first()
    if found is None:
        raise NotFound()
    return found


def logo(public_id: str) -> StoredFile | None:
    """A picture that is the logo of an edition."""
    found: StoredFile | None = db.session.scalars(
        select(StoredFile)
        .join(Edition, Edition.logo_id == StoredFile.id)
        .where(StoredFile.public_id == public_id)
        .limit(1)
    ).first()
    return found
