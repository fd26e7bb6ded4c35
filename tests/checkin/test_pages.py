"""The pages at the door and at the desk."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from conference.checkin.models import Admission, BadgePrint, BadgeRun, CheckinList, Scan, ScanResult
from conference.checkin.service import badges
from conference.core.model import new_public_id
from conference.extensions import db
from conference.registrations import tickets
from conference.registrations.states import RegistrationState
from tests import factories


@pytest.fixture
def arrival(edition: Any) -> Any:
    return factories.make_checkin_list(edition)


@pytest.fixture
def guest(edition: Any) -> Any:
    return factories.make_registration(edition, given_name="Ana", family_name="Kovač")


def sent(arrival: Any, guest: Any = None, **more: Any) -> dict[str, Any]:
    text = {"text": tickets.badge_code(guest)} if guest is not None else {}
    return {"list": arrival.public_id, "uid": new_public_id(), "means": "camera", **text, **more}


def url(edition: Any, path: str) -> str:
    return f"/{edition.code}/{path}"


@pytest.mark.sql
def test_scan_takes_five_statements(browse, edition, arrival, guest, door, queries):
    client = browse(door)
    place, first, second = (
        url(edition, "check-in/scans"),
        sent(arrival, guest),
        sent(arrival, guest),
    )
    queries.clear()
    answer = client.post(place, json=first)
    assert (answer.status_code, answer.json["result"]) == (200, "valid")
    assert len(queries) == 5
    queries.clear()
    again = client.post(place, json=second)
    assert again.json["result"] == "already_in"
    assert len(queries) == 4


def test_answer_has_the_words_of_the_readers_language_and_the_name(
    browse, edition, arrival, guest, door
):
    client = browse(door)
    client.set_cookie("locale", "sr_Latn")
    answer = client.post(url(edition, "check-in/scans"), json=sent(arrival, guest)).json
    assert (answer["tone"], answer["words"], answer["name"]) == ("good", "Dobro došli", "Ana Kovač")
    assert answer["foot"].endswith("· Dolazak")
    answer = client.post(url(edition, "check-in/scans"), json=sent(arrival, guest)).json
    assert (answer["tone"], answer["words"]) == ("again", "Već je unutra")
    assert answer["text"].startswith("Unutra od")


def test_name_of_a_person_is_escaped_on_the_page(browse, edition, arrival, door):
    nasty = factories.make_registration(edition, given_name="<img src=x onerror=alert(1)>")
    client, body = browse(door), sent(arrival, nasty, uid="a" * 20)
    client.post(url(edition, "check-in/scans"), json=body)
    page = client.get(url(edition, f"check-in?scan={'a' * 20}")).text
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img" not in page


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"list": 5, "uid": "a" * 20, "text": "x"},
        {"list": "x", "uid": "short", "text": "x"},
        {"list": "x", "uid": "a" * 20, "text": "x" * 1001},
        {"list": "x", "uid": "a" * 20, "text": "a\0b"},
        {"list": "x", "uid": "a" * 20, "text": "\ud800"},
        {"list": "x", "uid": "a" * 20},
        {"list": "x", "uid": "a" * 20, "text": "x", "device": "d" * 61},
    ],
)
def test_malformed_scan_is_refused_and_nothing_is_kept(browse, edition, arrival, door, body):
    if isinstance(body, dict) and body.get("list") == "x":
        body = {**body, "list": arrival.public_id}
    answer = browse(door).post(url(edition, "check-in/scans"), json=body)
    assert answer.status_code in {415, 422}
    assert db.session.scalar(select(func.count(Scan.id))) == 0


def test_age_of_a_kept_scan_puts_it_back_in_time(browse, edition, arrival, guest, door):
    browse(door).post(url(edition, "check-in/scans"), json=sent(arrival, guest, age=600))
    row = db.session.execute(select(Scan.scanned_at, Scan.received_at)).one()
    assert 599 < (row.received_at - row.scanned_at).total_seconds() < 605


@pytest.mark.parametrize("age", [-5, "x", None, True, 1e300])
def test_impossible_age_counts_as_now(browse, edition, arrival, guest, door, age):
    browse(door).post(url(edition, "check-in/scans"), json=sent(arrival, guest, age=age))
    row = db.session.execute(select(Scan.scanned_at, Scan.received_at)).one()
    assert abs((row.received_at - row.scanned_at).total_seconds()) < 5


def test_scan_needs_the_right_role_and_the_second_factor(
    browse, edition, arrival, guest, door, reviewer, stranger
):
    body = sent(arrival, guest)
    place = url(edition, "check-in/scans")
    assert browse().post(place, json=body).status_code == 401
    assert browse(stranger).post(place, json=body).status_code == 404
    assert browse(reviewer).post(place, json=body).status_code == 403
    assert browse(door, second_factor=False).post(place, json=body).status_code == 302
    assert db.session.scalar(select(func.count(Scan.id))) == 0


def test_page_works_as_plain_forms(browse, edition, arrival, guest, door):
    client = browse(door)
    page = client.get(url(edition, f"check-in?list={arrival.public_id}&q=kovac")).text
    assert "Ana Kovač" in page
    fields = {"list": arrival.public_id, "uid": "a" * 20, "registration": guest.public_id}
    answer = client.post(url(edition, "check-in"), data=fields)
    assert answer.status_code == 302
    page = client.get(answer.location).text
    assert "Welcome" in page
    undo = re.search(r'name="uid" value="(\w+)"', page.split("data-undo>")[1])
    assert undo is not None
    answer = client.post(
        url(edition, "check-in/undo"),
        data={"scan": "a" * 20, "uid": undo[1], "list": arrival.public_id},
    )
    assert "Taken back" in client.get(answer.location).text
    assert db.session.scalar(select(func.count(Admission.id))) == 0


def test_double_click_on_check_in_is_one_scan(browse, edition, arrival, guest, door):
    client = browse(door)
    fields = {"list": arrival.public_id, "uid": "a" * 20, "registration": guest.public_id}
    pages = [
        client.get(client.post(url(edition, "check-in"), data=fields).location).text
        for _ in range(2)
    ]
    assert ["Welcome" in page for page in pages] == [True, True]
    assert db.session.scalar(select(func.count(Scan.id))) == 1


def test_code_typed_by_a_plain_scanner_keeps_its_blanks(browse, edition, arrival, door):
    client = browse(door)
    guest = next(
        made
        for made in (factories.make_registration(edition) for _ in range(200))
        if "  " in tickets.badge_code(made)
    )
    fields = {"list": arrival.public_id, "uid": "a" * 20, "text": tickets.badge_code(guest)}
    client.post(url(edition, "check-in"), data=fields)
    assert db.session.scalars(select(Scan.result)).all() == [ScanResult.VALID]


def test_short_code_typed_at_the_door_shows_whose_it_is_first(
    browse, edition, arrival, guest, door
):
    client = browse(door)
    fields = {"list": arrival.public_id, "uid": "a" * 20, "text": tickets.short_code(guest)}
    page = client.get(client.post(url(edition, "check-in"), data=fields).location).text
    assert "Ana Kovač" in page
    assert db.session.scalar(select(func.count(Scan.id))) == 0


def test_first_use_makes_the_list_for_the_arrival(browse, edition, door):
    client = browse(door)
    assert "Begin with the arrival" in client.get(url(edition, "check-in")).text
    client.post(url(edition, "check-in/lists"))
    assert db.session.scalar(select(func.count(CheckinList.id))) == 1
    assert client.get(url(edition, "check-in")).status_code == 200


def test_scan_of_another_edition_is_not_shown(browse, edition, arrival, guest, door):
    client = browse(door)
    client.post(url(edition, "check-in/scans"), json=sent(arrival, guest, uid="a" * 20))
    other = factories.make_edition()
    factories.make_checkin_list(other)
    factories.give_role(door, other, factories.Role.CHECK_IN)
    db.session.commit()
    assert "Ana Kovač" in client.get(url(edition, f"check-in?scan={'a' * 20}")).text
    assert "Ana Kovač" not in client.get(url(other, f"check-in?scan={'a' * 20}")).text


@pytest.mark.parametrize(
    "place", ["check-in?q=guest", "desk/check-in", "LOG", "desk/badges?q=guest"]
)
def test_lists_take_the_same_statements_for_1_3_and_21_rows(
    browse, edition, arrival, organiser, queries, place
):
    client = browse(organiser)
    place = place.replace("LOG", f"desk/check-in/{arrival.public_id}")
    taken = []
    made = 0
    for wanted in (1, 3, 21):
        while made < wanted:
            guest = factories.make_registration(edition, family_name=f"Guest {made}")
            client.post(url(edition, "check-in/scans"), json=sent(arrival, guest))
            made += 1
        queries.clear()
        assert client.get(url(edition, place)).status_code == 200
        taken.append(len(queries))
    assert taken[0] == taken[1] == taken[2]


def test_log_shows_refusals_and_is_exported_without_formulas(
    browse, edition, arrival, organiser, door
):
    guest = factories.make_registration(edition, given_name="=1+1", family_name="Kovač")
    client = browse(door)
    client.post(url(edition, "check-in/scans"), json=sent(arrival, guest, device="Side door"))
    client.post(url(edition, "check-in/scans"), json=sent(arrival, text="nothing"))
    desk = browse(organiser)
    page = desk.get(url(edition, f"desk/check-in/{arrival.public_id}")).text
    assert "Not a badge of ours" in page
    answer = desk.get(url(edition, f"desk/check-in/{arrival.public_id}/scans.csv"))
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[5] for row in rows[1:]] == ["Not a badge of ours", "Welcome"]
    assert rows[2][2:4] == ["'=1+1", "Kovač"]
    assert rows[2][7] == "Side door"


def test_volunteers_see_the_log_and_do_not_export_it(browse, edition, arrival, door):
    client = browse(door)
    page = client.get(url(edition, f"desk/check-in/{arrival.public_id}"))
    assert page.status_code == 200
    assert (
        client.get(url(edition, f"desk/check-in/{arrival.public_id}/scans.csv")).status_code == 403
    )


def test_organiser_adds_and_renames_lists(browse, edition, organiser):
    client = browse(organiser)
    refused = client.post(url(edition, "desk/check-in"), data={"name_en": "", "name_sr": ""})
    assert (refused.status_code, "give the list a name" in refused.text) == (422, True)
    client.post(url(edition, "desk/check-in"), data={"name_en": "Dinner", "name_sr": "Вечера"})
    made = db.session.scalars(select(CheckinList)).one()
    client.post(
        url(edition, f"desk/check-in/{made.public_id}/name"), data={"name_en": "Gala dinner"}
    )
    db.session.refresh(made)
    assert made.name == {"en": "Gala dinner"}


def test_badges_are_printed_once_and_new_ones_afterwards(browse, edition, guest, organiser):
    client = browse(organiser)
    for state in (RegistrationState.PENDING, RegistrationState.CANCELLED):
        factories.make_registration(edition, state=state)
    ready = client.post(url(edition, "desk/badges"), data={"which": "new", "locale": "en"})
    run = db.session.scalars(select(BadgeRun)).one()
    assert (run.badges, ready.location.endswith(run.public_id)) == (1, True)
    nothing = client.post(url(edition, "desk/badges"), data={"which": "new", "locale": "en"})
    assert (nothing.status_code, "There is no badge to print" in nothing.text) == (422, True)
    factories.make_registration(edition, family_name="Late")
    client.post(url(edition, "desk/badges"), data={"which": "new", "locale": "en"})
    assert db.session.scalars(select(BadgeRun.badges).order_by(BadgeRun.id)).all() == [1, 1]


def test_file_of_a_run_holds_its_badges_in_the_order_of_the_alphabet(browse, edition, organiser):
    client = browse(organiser)
    for name in ("Žarko", "Čedomir", "Ana", "Ђорђе", "Zoran"):
        factories.make_registration(edition, given_name="X", family_name=name)
    client.post(url(edition, "desk/badges"), data={"which": "all", "locale": "sr_Latn"})
    run = db.session.scalars(select(BadgeRun)).one()
    answer = client.get(url(edition, f"desk/badges/runs/{run.public_id}.pdf"))
    assert (answer.content_type, answer.data[:5]) == ("application/pdf", b"%PDF-")
    names = [person.name.split()[1] for person in badges.people_of(run, edition)]
    assert names == ["Ana", "Čedomir", "Ђорђе", "Zoran", "Žarko"]


def test_replaced_badge_is_a_run_of_one_with_a_new_code(browse, edition, guest, door):
    client = browse(door)
    before = tickets.badge_code(guest)
    page = client.get(url(edition, f"desk/badges/people/{guest.public_id}"))
    assert page.status_code == 200
    client.post(
        url(edition, f"desk/badges/people/{guest.public_id}/replace"),
        data={"reason": "lost", "locale": "en"},
    )
    db.session.refresh(guest)
    assert guest.badge_version == 2
    assert tickets.badge_code(guest) != before
    assert db.session.scalars(select(BadgePrint.version)).all() == [2]


def test_badge_of_somebody_without_a_place_is_not_printed(browse, edition, door):
    waiting = factories.make_registration(edition, state=RegistrationState.WAITING)
    client = browse(door)
    place = url(edition, f"desk/badges/people/{waiting.public_id}/print")
    assert client.post(place, data={"again-locale": "en"}).status_code == 409


def test_who_checks_people_in_is_one_tap_from_the_door(browse, edition, door, organiser):
    link = f'href="/{edition.code}/check-in"'
    assert browse(door).get("/account").text.count(link) == 1
    assert link not in browse(organiser).get("/account").text
    edition.state = "archived"
    assert link not in browse(door).get("/account").text
