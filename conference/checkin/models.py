"""Lists to check in against, immutable scans and the admissions they add up to, printed badges."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from conference.accounts.models import Person
from conference.core.errors import N_
from conference.core.model import (
    Erase,
    Model,
    created_at,
    instant,
    not_personal,
    personal,
    pk,
    public_id,
    states,
    two_languages,
)
from conference.editions.models import Edition
from conference.registrations.models import EVENT


class CheckinList(Model):
    """What people are checked in to: the arrival, or something with its own door."""

    __tablename__ = "checkin_list"
    __table_args__ = (Index("ix_checkin_list_edition_id", "edition_id"),)
    id: Mapped[pk]
    public_id: Mapped[public_id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    name: Mapped[two_languages] = mapped_column(info=not_personal("a list"))
    position: Mapped[int] = mapped_column(default=0)

    edition: Mapped[Edition] = relationship()


class ScanResult(StrEnum):
    """What the door is told."""

    VALID = "valid"
    ALREADY_IN = "already_in"
    NOT_PAID = "not_paid"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    OTHER_EDITION = "other_edition"
    REVOKED = "revoked"
    FORGED = "forged"
    UNDONE = "undone"


RESULT_NAMES = {
    ScanResult.VALID: N_("Welcome"),
    ScanResult.ALREADY_IN: N_("Already in"),
    ScanResult.NOT_PAID: N_("Not paid"),
    ScanResult.WAITING: N_("On the waiting list"),
    ScanResult.CANCELLED: N_("Cancelled"),
    ScanResult.OTHER_EDITION: N_("Badge of another edition"),
    ScanResult.REVOKED: N_("This badge was replaced"),
    ScanResult.FORGED: N_("Not a badge of ours"),
    ScanResult.UNDONE: N_("Taken back"),
}


class Scan(Model):
    """One scan as it happened; never changed. `uid` is made on the device: repeats are harmless.

    `of_edition` is the edition whose badge was shown, when it was another one and we know it.
    """

    __tablename__ = "scan"
    __table_args__ = (
        Index("ix_scan_registration_id", "registration_id"),
        Index("ix_scan_list_id_on_date", "list_id", "on_date"),
        CheckConstraint(
            "(result = 'undone') = (undoes_id IS NOT NULL)", name="undone_names_its_scan"
        ),
        CheckConstraint(
            "result IN ('forged', 'other_edition') OR registration_id IS NOT NULL",
            name="names_whom_it_read",
        ),
        CheckConstraint(
            "of_edition_id IS NULL OR result = 'other_edition'", name="other_edition_named"
        ),
    )
    id: Mapped[pk]
    uid: Mapped[str] = mapped_column(String(40), unique=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    list_id: Mapped[int] = mapped_column(ForeignKey("checkin_list.id"))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))
    on_date: Mapped[date]
    result: Mapped[ScanResult] = mapped_column(states(ScanResult))
    scanned_at: Mapped[instant]
    received_at: Mapped[created_at]
    by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"), info=personal("who scanned", EVENT, Erase.SEALED)
    )
    device: Mapped[str] = mapped_column(String(60), default="")
    means: Mapped[str] = mapped_column(String(10), default="camera")
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("scan.id"), unique=True)
    of_edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"))


class Admission(Model):
    """That somebody is in, on a list and day: derived from scans, unique by constraint."""

    __tablename__ = "admission"
    __table_args__ = (UniqueConstraint("list_id", "on_date", "registration_id"),)
    id: Mapped[pk]
    list_id: Mapped[int] = mapped_column(ForeignKey("checkin_list.id"))
    on_date: Mapped[date]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    scan_uid: Mapped[str] = mapped_column(String(40))
    admitted_at: Mapped[instant]
    device: Mapped[str] = mapped_column(String(60), default="")


class BadgeRun(Model):
    """One lot of badges sent to the printer. Its file can be fetched again when the paper jams."""

    __tablename__ = "badge_run"
    __table_args__ = (
        Index("ix_badge_run_edition_id", "edition_id"),
        CheckConstraint("badges > 0", name="prints_something"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    made_at: Mapped[created_at]
    by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id"), info=personal("who printed", EVENT, Erase.SEALED)
    )
    locale: Mapped[str] = mapped_column(String(10), info=not_personal("language of the badges"))
    badges: Mapped[int]

    by: Mapped[Person] = relationship()


class BadgePrint(Model):
    """That a badge of a registration, in its version of then, was part of a run."""

    __tablename__ = "badge_print"
    __table_args__ = (
        UniqueConstraint("run_id", "registration_id"),
        Index("ix_badge_print_registration_id_version", "registration_id", "version"),
    )
    id: Mapped[pk]
    run_id: Mapped[int] = mapped_column(ForeignKey("badge_run.id", ondelete="CASCADE"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    version: Mapped[int]
