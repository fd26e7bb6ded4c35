"""One edition and what belongs to it: places, rooms, series, partners, key dates, payee, roles."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from conference.accounts.models import Person
from conference.core.files import StoredFile
from conference.core.model import (
    Erase,
    Model,
    UtcDateTime,
    created_at,
    instant,
    not_personal,
    personal,
    pk,
    public_id,
    states,
    two_languages,
)
from conference.core.permissions import Role
from conference.editions.kinds import Audience, EditionKind, PartnerRole
from conference.editions.states import EditionState
from conference.organisations.models import Organisation

PAPER = "printed on the edition's own papers"


class Payee(Model):
    """The legal entity that is paid: its bank account, currency, and whether it takes cards."""

    __tablename__ = "payee"
    __table_args__ = (
        CheckConstraint("vat_permille BETWEEN 0 AND 500", name="vat_permille_sane"),
        CheckConstraint("currency <> 'EUR' OR iban <> ''", name="eur_needs_iban"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    name: Mapped[str] = mapped_column(String(200), info=not_personal("a legal entity"))
    address: Mapped[str] = mapped_column(Text, default="", info=not_personal("a legal entity"))
    country: Mapped[str] = mapped_column(String(2), info=not_personal("a legal entity"))
    tax_id: Mapped[str] = mapped_column(String(40), default="", info=not_personal("a legal entity"))
    registration_number: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(
        String(254), default="", info=not_personal("the office's address")
    )
    currency: Mapped[str] = mapped_column(String(3))
    iban: Mapped[str] = mapped_column(String(34), default="", info=not_personal("a legal entity"))
    bic: Mapped[str] = mapped_column(String(11), default="")
    domestic_account: Mapped[str] = mapped_column(
        String(20), default="", info=not_personal("a legal entity")
    )
    bank: Mapped[str] = mapped_column(String(120), default="")
    takes_cards: Mapped[bool] = mapped_column(default=False)
    vat_permille: Mapped[int] = mapped_column(default=0)
    vat_note: Mapped[two_languages] = mapped_column(info=not_personal("printed on every invoice"))
    invoice_prefix: Mapped[str] = mapped_column(String(12), default="")
    payment_days: Mapped[int] = mapped_column(default=14)


class Series(Model):
    """A row of editions under one name, such as the Balkan and Black Sea conferences."""

    __tablename__ = "series"
    id: Mapped[pk]
    public_id: Mapped[public_id]
    name: Mapped[two_languages] = mapped_column(info=not_personal("a series of events"))
    position: Mapped[int] = mapped_column(default=0)


class Edition(Model):
    """One event of the organiser. `version` goes up with every change a visitor could see."""

    __tablename__ = "edition"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("places IS NULL OR (places_taken <= places)", name="not_overbooked"),
        CheckConstraint("places_taken >= 0", name="places_taken_not_negative"),
        CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_since"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[EditionKind] = mapped_column(states(EditionKind), default=EditionKind.CONFERENCE)
    state: Mapped[EditionState] = mapped_column(states(EditionState), default=EditionState.DRAFT)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[two_languages] = mapped_column(info=not_personal("an event"))
    motto: Mapped[two_languages]
    summary: Mapped[two_languages]
    about: Mapped[two_languages]
    about_html: Mapped[two_languages]
    for_whom: Mapped[two_languages]
    how_to_take_part: Mapped[two_languages]
    outcome: Mapped[two_languages]
    outcome_html: Mapped[two_languages]
    city: Mapped[two_languages]
    country: Mapped[str] = mapped_column(String(2), info=not_personal("where the event is"))
    zone: Mapped[str] = mapped_column(String(60))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    audience: Mapped[Audience] = mapped_column(states(Audience), default=Audience.EVERYONE)
    registration_opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    registration_closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    cancel_until_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    places: Mapped[int | None]
    places_taken: Mapped[int] = mapped_column(default=0)
    has_waiting_list: Mapped[bool] = mapped_column(default=True)
    offer_hours: Mapped[int] = mapped_column(default=48)
    max_per_order: Mapped[int] = mapped_column(default=10)
    shows_participants: Mapped[bool] = mapped_column(default=False)
    contact_name: Mapped[str] = mapped_column(
        String(120),
        default="",
        info=personal("whom delegates may ask", "until archived", Erase.SEALED),
    )
    contact_email: Mapped[str] = mapped_column(
        String(254),
        default="",
        info=personal("whom delegates may ask", "until archived", Erase.SEALED),
    )
    contact_phone: Mapped[str] = mapped_column(
        String(40),
        default="",
        info=personal("whom delegates may ask", "until archived", Erase.SEALED),
    )
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("payee.id"))
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))

    payee: Mapped[Payee | None] = relationship()
    logo: Mapped[StoredFile | None] = relationship()


class InSeries(Model):
    """An edition's number in a series; a joint edition stands in several."""

    __tablename__ = "in_series"
    __table_args__ = (UniqueConstraint("edition_id", "series_id"),)
    id: Mapped[pk]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    number: Mapped[int | None]

    edition: Mapped[Edition] = relationship()
    series: Mapped[Series] = relationship()


class Place(Model):
    """A venue of an edition with its own times."""

    __tablename__ = "place"
    __table_args__ = (
        Index("ix_place_edition_id", "edition_id"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    name: Mapped[two_languages] = mapped_column(info=not_personal("a venue"))
    address: Mapped[str] = mapped_column(
        String(300), default="", info=not_personal("address of a venue")
    )
    city: Mapped[two_languages]
    country: Mapped[str] = mapped_column(String(2), info=not_personal("where the venue is"))
    map_url: Mapped[str] = mapped_column(String(500), default="")
    starts_at: Mapped[instant]
    ends_at: Mapped[instant]

    edition: Mapped[Edition] = relationship()


class Room(Model):
    """A room of a place."""

    __tablename__ = "room"
    __table_args__ = (
        Index("ix_room_place_id", "place_id"),
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity_positive"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"))
    name: Mapped[two_languages] = mapped_column(info=not_personal("a room"))
    capacity: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)

    place: Mapped[Place] = relationship()


class Partner(Model):
    """An organisation that hosts, funds or supports an edition."""

    __tablename__ = "partner"
    __table_args__ = (UniqueConstraint("edition_id", "organisation_id", "role"),)
    id: Mapped[pk]
    public_id: Mapped[public_id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[PartnerRole] = mapped_column(states(PartnerRole))
    position: Mapped[int] = mapped_column(default=0)

    organisation: Mapped[Organisation] = relationship()


class KeyDate(Model):
    """A date that participants must know."""

    __tablename__ = "key_date"
    __table_args__ = (Index("ix_key_date_edition_id", "edition_id"),)
    id: Mapped[pk]
    public_id: Mapped[public_id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    label: Mapped[two_languages]
    at: Mapped[instant]


class News(Model):
    """A piece of news of an edition; text is Markdown, cleaned once when written."""

    __tablename__ = "news"
    __table_args__ = (Index("ix_news_edition_id", "edition_id"),)
    id: Mapped[pk]
    public_id: Mapped[public_id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    title: Mapped[two_languages]
    text: Mapped[two_languages]
    html: Mapped[two_languages]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class EditionDocument(Model):
    """A file to download from an edition's page."""

    __tablename__ = "edition_document"
    __table_args__ = (Index("ix_edition_document_edition_id", "edition_id"),)
    id: Mapped[pk]
    public_id: Mapped[public_id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    title: Mapped[two_languages]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    position: Mapped[int] = mapped_column(default=0)

    file: Mapped[StoredFile] = relationship()


class PartnerEvent(Model):
    """An event of a partner, shown on the front page with a link."""

    __tablename__ = "partner_event"
    id: Mapped[pk]
    public_id: Mapped[public_id]
    name: Mapped[two_languages] = mapped_column(info=not_personal("an event"))
    city: Mapped[str] = mapped_column(String(100), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    url: Mapped[str] = mapped_column(String(500))


class RoleGrant(Model):
    """A staff role of a person in an edition (in all editions when none is named), until a date."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index("ix_role_grant_person_id", "person_id"),
        Index("ix_role_grant_edition_id", "edition_id"),
        CheckConstraint(
            "edition_id IS NOT NULL OR role = 'administrator'",
            name="only_administrators_everywhere",
        ),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(states(Role))
    ends_on: Mapped[date]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    person: Mapped[Person] = relationship()
    edition: Mapped[Edition | None] = relationship()


class RoleInvitation(Model):
    """An invitation to a staff role, accepted by the link that was mailed."""

    __tablename__ = "role_invitation"
    __table_args__ = (Index("ix_role_invitation_edition_id", "edition_id"),)
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    email: Mapped[str] = mapped_column(
        String(254), info=personal("whom the invitation went to", "1 year", Erase.REPLACE)
    )
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(states(Role))
    ends_on: Mapped[date]
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    expires_at: Mapped[instant]

    edition: Mapped[Edition | None] = relationship()


class SiteStamp(Model):
    """One row whose version goes up when something changes that no single edition owns."""

    __tablename__ = "site_stamp"
    id: Mapped[pk]
    version: Mapped[int] = mapped_column(default=1)
