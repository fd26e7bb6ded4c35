"""A scan at the door: checked, written down for good, and taken back by another record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, delete, false, select
from sqlalchemy.dialects import postgresql, sqlite

from conference.accounts.models import Person
from conference.checkin import codes, keys
from conference.checkin.judging import judge
from conference.checkin.models import Admission, CheckinList, Scan, ScanResult
from conference.checkin.service import outcomes
from conference.checkin.service.outcomes import Outcome
from conference.core import clock
from conference.core.errors import N_, Conflict, Invalid, NotFound
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.models import Registration, TicketType

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
DEVICE_LENGTH = 60
NOT_TO_UNDO = N_("There is nothing to take back: this scan let nobody in.")
OTHER_USE = N_("This scan was sent before for something else. Please scan again.")


def _looking(who: ColumnElement[bool]) -> Select[Any]:
    """The list, whom the scan means, whether they are in, whether it was sent before: at once.

    Made once, because making it costs more than asking it.
    """
    return (
        select(
            CheckinList.id.label("list_id"),
            CheckinList.name.label("list_name"),
            *outcomes.WHO,
            Registration.badge_version,
            Admission.admitted_at,
            Admission.device.label("admitted_by"),
            Scan.id.label("repeat_id"),
        )
        .select_from(CheckinList)
        .outerjoin(Registration, and_(Registration.edition_id == CheckinList.edition_id, who))
        .outerjoin(TicketType, TicketType.id == Registration.ticket_type_id)
        .outerjoin(
            Admission,
            and_(
                Admission.list_id == CheckinList.id,
                Admission.on_date == bindparam("day"),
                Admission.registration_id == Registration.id,
            ),
        )
        .outerjoin(Scan, Scan.uid == bindparam("uid"))
        .where(
            CheckinList.public_id == bindparam("list"),
            CheckinList.edition_id == bindparam("edition"),
        )
    )


BY_BADGE = _looking(Registration.badge_id == bindparam("key"))
BY_CHOICE = _looking(Registration.public_id == bindparam("key"))
NOBODY = _looking(false())


@dataclass(frozen=True, slots=True)
class Reading:
    """Whom a text or a choice points to. `result` is set when the text itself is the answer."""

    who: Select[Any]
    key: str = ""
    version: int | None = None
    result: ScanResult | None = None
    edition: Row[Any] | None = None


def check_in(
    *,
    edition: Edition,
    checkin_list: str,
    uid: str,
    scanned_at: datetime,
    means: str,
    by: Person,
    device: str = "",
    text: str | None = None,
    registration: str | None = None,
) -> Outcome:
    """Record one scan and answer what the door is told. Refusals are records too.

    The list and the registration are named by their public ids; one of `text` (what was read from
    a badge) and `registration` (who was chosen from the search) is given. `uid` is made on the
    device: the same one again answers the first outcome and writes nothing. At any concurrency one
    scan of a registration is valid for a list and a day. Three statements, two for a refusal.
    """
    read = _read(edition, text) if text is not None else _chosen(registration)
    day = scanned_at.astimezone(ZoneInfo(edition.zone)).date()
    found = _look_up(edition, checkin_list, uid, day, read)
    if found.repeat_id is not None:
        return _repeated(edition, uid)
    if registration is not None and found.registration_id is None:
        raise NotFound()
    result, admitted_at, admitted_by = _decide(found, read)
    if result is ScanResult.VALID:
        winner = _admit(found, uid, day, scanned_at, device)
        if winner.scan_uid != uid:
            result, admitted_at, admitted_by = (
                ScanResult.ALREADY_IN,
                winner.admitted_at,
                winner.device,
            )
    scan_id = _record(
        uid=uid,
        edition_id=edition.id,
        list_id=found.list_id,
        registration_id=found.registration_id,
        on_date=day,
        result=result,
        scanned_at=scanned_at,
        by_id=by.id,
        device=device[:DEVICE_LENGTH],
        means=means,
        of_edition_id=read.edition.id if read.edition is not None else None,
    )
    if scan_id is None:  # the same scan came by another way at this very moment
        told = _repeated(edition, uid)
        if told.registration != found.registration or told.result is not result:
            raise Conflict(OTHER_USE)
        return told
    before = result is ScanResult.ALREADY_IN
    return outcomes.outcome(
        found,
        uid=uid,
        result=result,
        scanned_at=scanned_at,
        since_at=admitted_at if before else None,
        since_device=admitted_by if before else "",
        of_edition=read.edition.name if read.edition is not None else None,
    )


def undo(*, edition: Edition, scan: str, uid: str, by: Person, device: str = "") -> Outcome:
    """Take back the scan with the uid `scan`, by a record with an own uid. Once only."""
    told = db.session.execute(
        select(
            Scan.id,
            Scan.list_id,
            Scan.registration_id,
            Scan.on_date,
            Scan.result,
        ).where(Scan.uid == scan, Scan.edition_id == edition.id)
    ).first()
    if told is None:
        raise NotFound()
    if told.result is not ScanResult.VALID:
        raise Conflict(NOT_TO_UNDO)
    undone = _record(
        uid=uid,
        edition_id=edition.id,
        list_id=told.list_id,
        registration_id=told.registration_id,
        on_date=told.on_date,
        result=ScanResult.UNDONE,
        scanned_at=clock.now(),
        by_id=by.id,
        device=device[:DEVICE_LENGTH],
        means="undo",
        undoes_id=told.id,
    )
    if undone is not None:
        db.session.execute(
            delete(Admission).where(
                Admission.list_id == told.list_id,
                Admission.on_date == told.on_date,
                Admission.registration_id == told.registration_id,
                Admission.scan_uid == scan,
            )
        )
    return _repeated(edition, uid if undone is not None else _undoing(told.id))


def _undoing(scan_id: int) -> str:
    found = db.session.scalar(select(Scan.uid).where(Scan.undoes_id == scan_id))
    if found is None:  # the uid itself was used for another scan
        raise Conflict(OTHER_USE)
    return str(found)


def _repeated(edition: Edition, uid: str) -> Outcome:
    told = outcomes.of_scan(edition, uid)
    if told is None:
        raise Conflict(OTHER_USE)
    return told


def _read(edition: Edition, text: str) -> Reading:
    code = codes.read(text)
    if isinstance(code, codes.Malformed):
        return Reading(NOBODY, result=ScanResult.FORGED)
    if keys.is_genuine(code, edition.public_id):
        return Reading(BY_BADGE, code.badge_id.hex(), version=code.version)
    other = _edition_of(code, but=edition)
    if other is None:
        return Reading(NOBODY, result=ScanResult.FORGED)
    return Reading(NOBODY, result=ScanResult.OTHER_EDITION, edition=other)


def _edition_of(code: codes.BadgeCode, *, but: Edition) -> Row[Any] | None:
    """The edition that signed a code; a copied tag without its signature names none."""
    every = select(Edition.id, Edition.public_id, Edition.name).where(Edition.id != but.id)
    for row in db.session.execute(every):
        if keys.is_genuine(code, row.public_id):
            named: Row[Any] = row
            return named
    return None


def _chosen(registration: str | None) -> Reading:
    if registration is None:
        raise Invalid()
    return Reading(BY_CHOICE, registration)


def _look_up(edition: Edition, checkin_list: str, uid: str, day: date, read: Reading) -> Row[Any]:
    named = {"list": checkin_list, "edition": edition.id, "uid": uid, "day": day, "key": read.key}
    found: Row[Any] | None = db.session.connection().execute(read.who, named).first()
    if found is None:
        raise NotFound()
    return found


def _decide(found: Row[Any], read: Reading) -> tuple[ScanResult, datetime | None, str]:
    if read.result is not None:
        return read.result, None, ""
    if found.registration_id is None:  # signed by us, but for nobody that we know
        return ScanResult.FORGED, None, ""
    result = judge(
        found.state,
        version=found.badge_version,
        read_version=read.version,
        is_in=found.admitted_at is not None,
    )
    return result, found.admitted_at, found.admitted_by or ""


def _admit(found: Row[Any], uid: str, day: date, at: datetime, device: str) -> Row[Any]:
    """The admission that stands: this one, or the one of whoever was quicker."""
    values = {
        "list_id": found.list_id,
        "on_date": day,
        "registration_id": found.registration_id,
        "scan_uid": uid,
        "admitted_at": at,
        "device": device[:DEVICE_LENGTH],
    }
    winner: Row[Any] = _run(_ADMITTING, values).one()
    return winner


def _record(**values: Any) -> int | None:
    """Write a scan; None when one with this uid, or an undo of the same scan, stands already."""
    empty = {"undoes_id": None, "of_edition_id": None}
    values = {**empty, **values, "received_at": clock.now()}
    found: int | None = _run(_RECORDING, values).scalar()
    return found


def _run(statements: dict[str, Any], values: dict[str, Any]) -> Any:
    connection = db.session.connection()  # the short way: nothing of this is an object of ours
    return connection.execute(statements[connection.dialect.name], values)


def _admitting(insert: Any) -> Any:
    table = Admission.__table__
    # "Do nothing" would not tell who was quicker; this changes nothing and does.
    return (
        insert(table)
        .values(_places(table))
        .on_conflict_do_update(
            index_elements=(table.c.list_id, table.c.on_date, table.c.registration_id),
            set_={"scan_uid": table.c.scan_uid},
        )
        .returning(table.c.scan_uid, table.c.admitted_at, table.c.device)
    )


def _recording(insert: Any) -> Any:
    table = Scan.__table__
    return insert(table).values(_places(table)).on_conflict_do_nothing().returning(table.c.id)


def _places(table: Any) -> dict[str, Any]:
    return {column.name: bindparam(column.name) for column in table.columns if column.name != "id"}


_ADMITTING = {name: _admitting(insert) for name, insert in _INSERTS.items()}
_RECORDING = {name: _recording(insert) for name, insert in _INSERTS.items()}
