"""The door: what is answered, what is written down, and what can never happen."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from conference.checkin import codes, keys
from conference.checkin.models import Admission, Scan, ScanResult
from conference.checkin.service import badges, figures, finding, lists, outcomes, scans
from conference.core import audit, clock
from conference.core.errors import Conflict, NotFound
from conference.core.model import new_public_id
from conference.editions.models import SiteStamp
from conference.extensions import db
from conference.registrations import tickets
from conference.registrations.states import OrderState, RegistrationState
from tests import databases, factories
from tests.conftest import SETTINGS

FORGED = codes.PREFIX + "0" * 117


def code_of(registration: Any) -> str:
    return tickets.badge_code(registration)


def scan(edition: Any, arrival: Any, by: Any, text: str | None = None, **more: Any) -> Any:
    values: dict[str, Any] = {
        "uid": new_public_id(),
        "scanned_at": clock.now(),
        "means": "camera",
        "device": "Main entrance",
        **more,
    }
    return scans.check_in(
        edition=edition, checkin_list=arrival.public_id, text=text, by=by, **values
    )


def kept() -> list[ScanResult]:
    db.session.flush()
    return list(db.session.scalars(select(Scan.result).order_by(Scan.id)))


def admitted() -> int:
    return db.session.scalar(select(func.count(Admission.id))) or 0


@pytest.fixture
def arrival(edition: Any) -> Any:
    return factories.make_checkin_list(edition)


@pytest.fixture
def guest(edition: Any) -> Any:
    return factories.make_registration(
        edition, given_name="Ђорђе", family_name="Илић", latin_name="Đorđe Ilić"
    )


@pytest.mark.sql
def test_badge_of_a_confirmed_person_is_valid_once_and_then_already_in(
    edition, arrival, guest, door
):
    first = scan(edition, arrival, door, code_of(guest))
    assert (first.result, first.name, first.can_be_undone) == (ScanResult.VALID, "Ђорђе Илић", True)
    again = scan(edition, arrival, door, code_of(guest), device="Side door")
    assert again.result is ScanResult.ALREADY_IN
    assert (again.since_at, again.since_device) == (first.scanned_at, "Main entrance")
    assert kept() == [ScanResult.VALID, ScanResult.ALREADY_IN]
    assert admitted() == 1


@pytest.mark.sql
def test_same_uid_again_is_answered_the_same_and_writes_nothing(edition, arrival, guest, door):
    uid = new_public_id()
    first = scan(edition, arrival, door, code_of(guest), uid=uid)
    again = scan(edition, arrival, door, code_of(guest), uid=uid)
    assert again == first
    assert kept() == [ScanResult.VALID]


def test_same_uid_for_somebody_else_answers_the_scan_that_was_made_with_it(
    edition, arrival, guest, door
):
    other = factories.make_registration(edition)
    uid = new_public_id()
    scan(edition, arrival, door, code_of(guest), uid=uid)
    assert scan(edition, arrival, door, code_of(other), uid=uid).registration == guest.public_id
    assert kept() == [ScanResult.VALID]
    assert admitted() == 1


@pytest.mark.sql
@pytest.mark.parametrize(
    ("state", "result"),
    [
        (RegistrationState.PENDING, ScanResult.NOT_PAID),
        (RegistrationState.WAITING, ScanResult.WAITING),
        (RegistrationState.OFFERED, ScanResult.WAITING),
        (RegistrationState.CANCELLED, ScanResult.CANCELLED),
        (RegistrationState.EXPIRED, ScanResult.CANCELLED),
    ],
)
def test_without_a_confirmed_place_nobody_is_let_in_and_the_refusal_is_kept(
    edition, arrival, door, state, result
):
    guest = factories.make_registration(edition, state=state)
    told = scan(edition, arrival, door, code_of(guest))
    assert (told.result, told.name) == (result, guest.name)
    assert kept() == [result]
    assert admitted() == 0


def test_confirmed_person_is_let_in_while_the_order_waits_for_somebody_elses_money(
    edition, arrival, guest, door
):
    order = factories.make_order(edition, state=OrderState.AWAITING_PAYMENT)
    guest.order = order
    assert scan(edition, arrival, door, code_of(guest)).result is ScanResult.VALID


@pytest.mark.sql
def test_replaced_badge_is_refused_and_the_new_one_is_valid(edition, arrival, guest, door):
    old = code_of(guest)
    badges.replace(registration=guest, reason=badges.Reason.LOST, by=door)
    assert scan(edition, arrival, door, old).result is ScanResult.REVOKED
    assert scan(edition, arrival, door, code_of(guest)).result is ScanResult.VALID
    assert [e.act for e in audit.about(guest)] == ["registration.badge_replaced"]


@pytest.mark.sql
def test_badge_of_last_year_says_which_edition_it_is_from(edition, arrival, door):
    ohrid = factories.make_edition(name={"en": "Ohrid 2016"})
    text = code_of(factories.make_registration(ohrid))
    told = scan(edition, arrival, door, text)
    assert (told.result, told.of_edition) == (ScanResult.OTHER_EDITION, {"en": "Ohrid 2016"})
    assert told.name == ""
    assert outcomes.of_scan(edition, told.uid) == told


def test_tag_of_another_edition_without_its_signature_is_forged(edition, arrival, guest, door):
    ohrid = factories.make_edition()
    foreign = codes.sign(
        b"x" * 32, edition_public_id=ohrid.public_id, badge_id=bytes.fromhex(guest.badge_id)
    )
    assert scan(edition, arrival, door, foreign).result is ScanResult.FORGED


@pytest.mark.parametrize(
    "text", ["", "https://example.org/", FORGED, "DC9:" + "0" * 117, "DC1:", "x" * 1000]
)
def test_text_that_we_did_not_sign_is_forged(edition, arrival, door, text):
    assert scan(edition, arrival, door, text).result is ScanResult.FORGED
    assert kept() == [ScanResult.FORGED]


def test_signed_code_for_nobody_we_know_is_forged(edition, arrival, door):
    text = keys.code_of(edition.public_id, "ab" * 8, 1)
    assert scan(edition, arrival, door, text).result is ScanResult.FORGED


@pytest.mark.sql
def test_undo_is_a_record_and_the_person_can_come_in_again(edition, arrival, guest, door):
    first = scan(edition, arrival, door, code_of(guest))
    undone = scans.undo(edition=edition, scan=first.uid, uid=new_public_id(), by=door)
    assert (undone.result, undone.name) == (ScanResult.UNDONE, guest.name)
    assert admitted() == 0
    assert outcomes.of_scan(edition, first.uid).is_taken_back
    assert scan(edition, arrival, door, code_of(guest)).result is ScanResult.VALID
    assert kept() == [ScanResult.VALID, ScanResult.UNDONE, ScanResult.VALID]


@pytest.mark.sql
def test_undo_sent_twice_is_one_record(edition, arrival, guest, door):
    first = scan(edition, arrival, door, code_of(guest))
    told = [
        scans.undo(edition=edition, scan=first.uid, uid=uid, by=door)
        for uid in ("a" * 20, "a" * 20, "b" * 20)
    ]
    assert {t.uid for t in told} == {"a" * 20}
    assert kept() == [ScanResult.VALID, ScanResult.UNDONE]


def test_late_undo_does_not_take_back_a_newer_admission(edition, arrival, guest, door):
    first = scan(edition, arrival, door, code_of(guest))
    scans.undo(edition=edition, scan=first.uid, uid="a" * 20, by=door)
    scan(edition, arrival, door, code_of(guest))
    scans.undo(edition=edition, scan=first.uid, uid="b" * 20, by=door)
    assert admitted() == 1


def test_refusal_cannot_be_undone(edition, arrival, door):
    told = scan(edition, arrival, door, "nothing")
    with pytest.raises(Conflict, match="let nobody in"):
        scans.undo(edition=edition, scan=told.uid, uid=new_public_id(), by=door)


def test_scan_of_another_edition_cannot_be_undone_from_here(edition, arrival, guest, door):
    told = scan(edition, arrival, door, code_of(guest))
    with pytest.raises(NotFound):
        scans.undo(edition=factories.make_edition(), scan=told.uid, uid=new_public_id(), by=door)


def test_list_of_another_edition_is_not_found(edition, guest, door):
    foreign = factories.make_checkin_list(factories.make_edition())
    with pytest.raises(NotFound):
        scan(edition, foreign, door, code_of(guest))
    assert kept() == []


def test_chosen_person_of_another_edition_is_not_found(edition, arrival, door):
    other = factories.make_registration(factories.make_edition())
    with pytest.raises(NotFound):
        scan(edition, arrival, door, registration=other.public_id)


def test_each_list_and_each_day_count_for_themselves(edition, arrival, guest, door, at):
    dinner = factories.make_checkin_list(edition, name={"en": "Dinner"})
    now = clock.now()
    results = [
        scan(edition, arrival, door, code_of(guest)).result,
        scan(edition, dinner, door, code_of(guest)).result,
    ]
    at(now + timedelta(days=1))
    results.append(scan(edition, arrival, door, code_of(guest)).result)
    assert results == [ScanResult.VALID] * 3
    today = clock.today(edition.zone)
    assert figures.count(edition, arrival.public_id, today) == figures.Count(1, 1)
    assert figures.arrived(edition, today) == figures.Count(1, 1)
    assert len(figures.by_list_and_day(edition)) == 3


def test_day_is_the_day_of_the_editions_zone(edition, arrival, guest, door):
    edition.zone = "Asia/Seoul"
    late = clock.now().replace(hour=20, minute=0)
    scan(edition, arrival, door, code_of(guest), scanned_at=late)
    day = db.session.scalar(select(Scan.on_date))
    assert day == late.date() + timedelta(days=1)


def _race(database: str, tmp_path: Any, texts: int, same_uid: bool = False) -> list[str]:
    """The results of threads that scan one badge at the same moment, each on its own connection."""
    from conference.app import create_app

    url = databases.fresh(database, tmp_path)
    app = create_app(SQLALCHEMY_DATABASE_URI=url, DATA_DIR=tmp_path, **SETTINGS)
    results: list[str] = []
    with app.app_context():
        db.create_all()
        db.session.add(SiteStamp(id=1, version=1))
        edition = factories.make_edition()
        person = factories.make_person()
        arrival = factories.make_checkin_list(edition)
        text = code_of(factories.make_registration(edition))
        names = (edition.id, person.id, arrival.public_id)
        db.session.commit()
        db.session.remove()
    start = threading.Barrier(texts)

    def one() -> None:
        with app.app_context():
            start.wait(timeout=20)
            person = db.session.get(type_of_person, names[1])
            told = scans.check_in(
                edition=db.session.get(type_of_edition, names[0]),
                checkin_list=names[2],
                text=text,
                uid="s" * 20 if same_uid else new_public_id(),
                scanned_at=clock.now(),
                means="camera",
                by=person,
            )
            db.session.commit()
            results.append(told.result.value)
            db.session.remove()

    type_of_edition, type_of_person = type(edition), type(person)
    threads = [threading.Thread(target=one) for _ in range(texts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        results.append(f"{db.session.scalar(select(func.count(Scan.id)))} scans")
        results.append(f"{db.session.scalar(select(func.count(Admission.id)))} in")
        db.session.remove()
        db.engine.dispose()
    return sorted(results)


KINDS = ["sqlite", "postgres"] if databases.postgres_wanted() else ["sqlite"]


@pytest.mark.parametrize("kind", KINDS)
def test_badge_shown_at_eight_doors_at_once_is_valid_at_one(kind, tmp_path):
    expected = sorted(["valid", *["already_in"] * 7, "8 scans", "1 in"])
    assert _race(kind, tmp_path, 8) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_scan_sent_by_two_ways_at_once_is_one_scan(kind, tmp_path):
    assert _race(kind, tmp_path, 4, same_uid=True) == sorted([*["valid"] * 4, "1 scans", "1 in"])


@pytest.mark.parametrize("typed", ["Ilic", "ђорђе", "Djordje ilić", "ИЛИЋ"])
def test_people_are_found_in_any_script(edition, guest, typed):
    factories.make_registration(edition, given_name="Ana", family_name="Kovač")
    found = finding.people(edition, typed)
    assert [row.registration for row in found] == [guest.public_id]


def test_people_are_found_by_order_code_and_by_the_code_on_the_badge(edition, guest):
    from conference.registrations import codes as order_codes

    guest.order.code = order_codes.new_code()
    db.session.flush()
    for typed in (order_codes.show_code(guest.order.code), tickets.short_code(guest).lower()):
        assert [r.registration for r in finding.people(edition, typed)] == [guest.public_id]


def test_people_of_another_edition_are_not_found(edition, guest):
    assert finding.people(factories.make_edition(), "Ilić") == []


@pytest.mark.sql
def test_edition_gets_one_list_for_the_arrival(edition):
    first = lists.ensure_lists(edition)
    assert [one.name for one in first] == [lists.ARRIVAL]
    assert lists.ensure_lists(edition) == first
