"""What the door is shown about a scan, right after it and whenever the page is opened again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import aliased

from conference.checkin.models import Admission, CheckinList, Scan, ScanResult
from conference.core.text import full_name
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.models import Registration, TicketType
from conference.registrations.states import RegistrationState

WHO: tuple[Any, ...] = (
    Registration.id.label("registration_id"),
    Registration.public_id.label("registration"),
    Registration.given_name,
    Registration.family_name,
    Registration.latin_name,
    Registration.organisation_name,
    Registration.country,
    Registration.state,
    TicketType.name.label("ticket_type"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The answer to one scan. Names are empty when the text named nobody of this edition.

    `since_at` and `since_device` say when and where somebody came in who is in already;
    `of_edition` is the name of the edition whose badge was shown.
    """

    uid: str
    result: ScanResult
    scanned_at: datetime
    list_name: dict[str, str]
    registration: str | None = None
    state: RegistrationState | None = None
    name: str = ""
    latin_name: str = ""
    organisation: str = ""
    country: str = ""
    ticket_type: dict[str, str] | None = None
    since_at: datetime | None = None
    since_device: str = ""
    of_edition: dict[str, str] | None = None
    is_taken_back: bool = False

    @property
    def can_be_undone(self) -> bool:
        """Whether this scan let somebody in, and nobody has taken it back."""
        return self.result is ScanResult.VALID and not self.is_taken_back


def outcome(row: Row[Any], *, result: ScanResult, **more: Any) -> Outcome:
    """An outcome from a row that has WHO and `list_name`."""
    if row.registration_id is None:
        return Outcome(result=result, list_name=row.list_name, **more)
    return Outcome(
        result=result,
        list_name=row.list_name,
        registration=row.registration,
        state=row.state,
        name=full_name(row.given_name, row.family_name),
        latin_name=row.latin_name,
        organisation=row.organisation_name,
        country=row.country,
        ticket_type=row.ticket_type,
        **more,
    )


def of_scan(edition: Edition, uid: str) -> Outcome | None:
    """The outcome of a recorded scan of this edition."""
    undoing, other = aliased(Scan), aliased(Edition)
    row = db.session.execute(
        select(
            Scan.result,
            Scan.scanned_at,
            CheckinList.name.label("list_name"),
            *WHO,
            Admission.admitted_at,
            Admission.device.label("admitted_by"),
            undoing.id.label("undone_by"),
            other.name.label("of_edition"),
        )
        .join(CheckinList, CheckinList.id == Scan.list_id)
        .outerjoin(Registration, Registration.id == Scan.registration_id)
        .outerjoin(TicketType, TicketType.id == Registration.ticket_type_id)
        .outerjoin(
            Admission,
            and_(
                Admission.list_id == Scan.list_id,
                Admission.on_date == Scan.on_date,
                Admission.registration_id == Scan.registration_id,
            ),
        )
        .outerjoin(undoing, undoing.undoes_id == Scan.id)
        .outerjoin(other, other.id == Scan.of_edition_id)
        .where(Scan.uid == uid, Scan.edition_id == edition.id)
    ).first()
    if row is None:
        return None
    before = row.result is ScanResult.ALREADY_IN
    return outcome(
        row,
        uid=uid,
        result=row.result,
        scanned_at=row.scanned_at,
        since_at=row.admitted_at if before else None,
        since_device=(row.admitted_by or "") if before else "",
        of_edition=row.of_edition,
        is_taken_back=row.undone_by is not None,
    )
