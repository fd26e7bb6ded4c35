"""Organisations and who belongs to them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from conference.accounts.models import ACCOUNT, Person
from conference.core.errors import N_
from conference.core.files import StoredFile
from conference.core.model import (
    Erase,
    Model,
    UtcDateTime,
    created_at,
    not_personal,
    personal,
    pk,
    public_id,
    states,
)

COMPANY = "an organisation, not a person"


class OrganisationKind(StrEnum):
    """What an organisation is."""

    CLUSTER = "cluster"
    COMPANY = "company"
    UNIVERSITY = "university"
    PUBLIC_BODY = "public_body"
    CHAMBER = "chamber"
    NGO = "ngo"
    DONOR = "donor"


KIND_NAMES = {
    OrganisationKind.CLUSTER: N_("Cluster organisation"),
    OrganisationKind.COMPANY: N_("Company"),
    OrganisationKind.UNIVERSITY: N_("University or institute"),
    OrganisationKind.PUBLIC_BODY: N_("Public body"),
    OrganisationKind.CHAMBER: N_("Chamber of commerce"),
    OrganisationKind.NGO: N_("Non-governmental organisation"),
    OrganisationKind.DONOR: N_("Donor or programme"),
}


class Organisation(Model):
    """A cluster, company, university, public body, chamber, NGO or donor."""

    __tablename__ = "organisation"
    __table_args__ = (
        Index("ix_organisation_search_key", "search_key"),
        Index("ix_organisation_sort_key_public_id", "sort_key", "public_id"),
        CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name="not_into_itself"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    name: Mapped[str] = mapped_column(String(200), info=not_personal(COMPANY))
    latin_name: Mapped[str] = mapped_column(String(200), default="", info=not_personal(COMPANY))
    short_name: Mapped[str] = mapped_column(String(60), default="", info=not_personal(COMPANY))
    kind: Mapped[OrganisationKind] = mapped_column(states(OrganisationKind))
    sector: Mapped[str] = mapped_column(String(100), default="")
    country: Mapped[str] = mapped_column(String(2), info=not_personal(COMPANY))
    region: Mapped[str | None] = mapped_column(String(5))
    seat: Mapped[str] = mapped_column(String(100), default="")
    website: Mapped[str] = mapped_column(String(300), default="")
    registration_number: Mapped[str] = mapped_column(String(40), default="")
    tax_id: Mapped[str] = mapped_column(String(40), default="", info=not_personal(COMPANY))
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    search_key: Mapped[str] = mapped_column(Text, default="", info=not_personal(COMPANY))
    sort_key: Mapped[str] = mapped_column(String(250), default="", info=not_personal(COMPANY))
    is_member: Mapped[bool] = mapped_column(default=False)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    proposed_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"),
        info=personal("who may correct a proposal until it is checked", ACCOUNT, Erase.CLEAR),
    )

    logo: Mapped[StoredFile | None] = relationship()


class Affiliation(Model):
    """That a person belongs to an organisation, in some position."""

    __tablename__ = "affiliation"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id"),
        Index("ix_affiliation_organisation_id", "organisation_id"),
    )
    id: Mapped[pk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), info=personal("where somebody works", ACCOUNT, Erase.DELETE)
    )
    position: Mapped[str] = mapped_column(
        String(120), default="", info=personal("job title", ACCOUNT, Erase.DELETE)
    )
    is_main: Mapped[bool] = mapped_column(default=True)

    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation] = relationship()
