"""A volunteer at the door at eight in the morning: camera, scanner, search, no network."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from conference.accounts.models import Person
from conference.checkin.models import Scan
from conference.checkin.service import badges, lists
from conference.core.permissions import Role
from conference.documents import papers, words
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations import tickets
from tests import factories
from tests.browser import camera
from tests.browser.conftest import Live

pytestmark = pytest.mark.browser


TYPE_ON_A_CYRILLIC_KEYBOARD = """text => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", cyrillic = "АБЦДЕФГХИЈКЛМНОПЉРСТУВЊЏЅЗ";
  const places = {
    "$": ["Digit4", true], "%": ["Digit5", true], "*": ["Digit8", true], "+": ["Equal", true],
    "-": ["Minus", false], ".": ["Period", false], "/": ["Slash", false],
    ":": ["Semicolon", true], " ": ["Space", false],
  };
  const press = (key, code, shiftKey) => document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true }));
  for (const letter of text) {
    const at = letters.indexOf(letter);
    if (at >= 0) press(cyrillic[at], "Key" + letter, true);
    else if (places[letter]) press(letter === ":" ? "Ч" : letter, ...places[letter]);
    else press(letter, "Digit" + letter, false);
  }
  press("Enter", "Enter", false);
}"""


@dataclass
class Hall:
    """An edition at its first morning: a volunteer, and Đorđe with his badge in his hand."""

    live: Live
    edition_id: int
    edition: str
    person: Person
    code: str
    short_code: str
    film: Path

    @property
    def path(self) -> str:
        return f"/{self.edition}/check-in"

    def results(self) -> list[str]:
        with self.live.inside():
            query = select(Scan.result).where(Scan.edition_id == self.edition_id).order_by(Scan.id)
            return [result.value for result in db.session.scalars(query)]


@pytest.fixture
def hall(live_site: Live, tmp_path: Path) -> Hall:
    with live_site.inside():
        edition = factories.make_edition()
        person = factories.make_person(family_name="Volunteer")
        factories.give_role(person, edition, Role.CHECK_IN)
        lists.ensure_lists(edition)
        guest = factories.make_registration(
            edition, given_name="Đorđe", family_name="Šćepanović", organisation_name="ICT Net"
        )
        factories.make_registration(edition, given_name="Ana", family_name="Kovač")
        run = badges.print_one(registration=guest, locale="en", by=person)
        people = badges.people_of(run, edition)
        db.session.flush()
        made: dict[str, Any] = {
            "edition_id": edition.id,
            "edition": edition.code,
            "person": person,
            "code": tickets.badge_code(guest),
            "short_code": tickets.short_code(guest),
        }
    picture = camera.badge_picture(papers.Edition(name="Ohrid"), people, words.badge(str))
    return Hall(live=live_site, film=camera.film(picture, tmp_path / "badge.y4m"), **made)


def scan(page: Page, code: str) -> None:
    """What a hardware scanner types: 10 ms from key to key, however busy this machine is."""
    line, began = page.context.new_cdp_session(page), time.time()
    for number, letter in enumerate([*code, "\r"]):
        key = {"key": "Enter" if letter == "\r" else letter, "timestamp": began + number / 100}
        line.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": letter, **key})
        line.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    line.detach()


def answer(page: Page) -> Any:
    return page.locator("#answer")


def test_camera_reads_a_printed_badge_and_the_second_time_says_already_in(hall, page_for):
    page = page_for(hall.person, camera=hall.film)
    page.goto(hall.path)
    page.get_by_text("This device", exact=True).click()
    page.get_by_label("Which door is this?").fill("Main entrance")
    page.get_by_role("button", name="Start the camera").click()
    expect(answer(page)).to_contain_text("Welcome", timeout=20_000)
    expect(answer(page)).to_contain_text("Đorđe Šćepanović")
    expect(page.locator("#count")).to_have_text("1 of 2 in")
    assert page.locator("#door").get_attribute("data-played") == "good"
    # Held in front of the camera for longer than three seconds, it is still one reading.
    page.wait_for_timeout(3500)
    assert hall.results() == ["valid"]
    page.get_by_role("button", name="Stop the camera").click()
    page.get_by_role("button", name="Start the camera").click()
    expect(answer(page)).to_contain_text("Already in", timeout=20_000)
    expect(answer(page)).to_contain_text("Main entrance")
    assert page.locator("#door").get_attribute("data-played") == "again"
    assert hall.results() == ["valid", "already_in"]


def test_hardware_scanner_is_heard_wherever_the_focus_is(hall, page_for):
    page = page_for(hall.person)
    page.goto(hall.path)
    search = page.get_by_label("Name, order code or badge code")
    search.fill("Ana")
    scan(page, hall.code)
    expect(answer(page)).to_contain_text("Welcome")
    expect(search).to_have_value("Ana")
    page.get_by_role("button", name="Start the camera").focus()
    scan(page, hall.code)
    expect(answer(page)).to_contain_text("Already in")
    expect(page.locator("#camera-words")).to_be_hidden()
    assert hall.results() == ["valid", "already_in"]


def test_hardware_scanner_works_on_a_serbian_keyboard(hall, page_for):
    page = page_for(hall.person)
    page.goto(hall.path)
    page.evaluate(TYPE_ON_A_CYRILLIC_KEYBOARD, hall.code)
    expect(answer(page)).to_contain_text("Welcome")
    assert hall.results() == ["valid"]


def test_person_without_a_badge_is_found_checked_in_and_taken_back(hall, page_for, violations):
    page = page_for(hall.person)
    page.goto(hall.path)
    page.get_by_label("Name, order code or badge code").fill("scepanovic")
    page.get_by_role("button", name="Check in: Đorđe Šćepanović").click()
    expect(answer(page)).to_contain_text("Welcome")
    expect(page.locator("#people")).to_contain_text("In since")
    assert violations(page) == []
    page.get_by_role("button", name="Undo").click()
    expect(answer(page)).to_contain_text("Taken back")
    expect(page.locator("#count")).to_have_text("0 of 2 in")
    page.get_by_label("Name, order code or badge code").fill(hall.short_code)
    expect(page.locator("#people")).to_contain_text("Đorđe")
    assert hall.results() == ["valid", "undone"]


def test_name_of_a_person_is_shown_as_text_and_never_as_markup(hall, page_for):
    nasty = "<img src=x onerror=document.title='gone'>"
    with hall.live.inside():
        edition = db.session.get(Edition, hall.edition_id)
        code = tickets.badge_code(factories.make_registration(edition, given_name=nasty))
    page = page_for(hall.person)
    page.goto(hall.path)
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(answer(page)).to_contain_text(nasty)
    assert page.locator("#answer img").count() == 0


def test_everything_can_be_done_by_keyboard_alone(hall, page_for):
    page = page_for(hall.person, width=1280)
    page.goto(hall.path)
    page.keyboard.press("Tab")
    for _ in range(30):
        if page.evaluate("document.activeElement.id") == "q":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("šćepan", delay=90)
    page.keyboard.press("Enter")
    expect(page.locator("#people")).to_contain_text("Đorđe")
    for _ in range(3):
        page.keyboard.press("Tab")
        if "Check in" in page.evaluate("document.activeElement.ariaLabel ?? ''"):
            break
    page.keyboard.press("Enter")
    expect(answer(page)).to_contain_text("Welcome")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(answer(page)).to_contain_text("Taken back")
    assert hall.results() == ["valid", "undone"]


def test_scan_without_network_is_kept_and_sent_when_the_network_is_back(hall, page_for):
    page = page_for(hall.person, quiet=False)
    page.goto(hall.path)
    page.context.set_offline(True)
    scan(page, hall.code)
    expect(answer(page)).to_contain_text("Not stored yet")
    expect(page.locator("#unsent")).to_contain_text("Not stored yet: 1.")
    assert hall.results() == []
    page.context.set_offline(False)
    expect(answer(page)).to_contain_text("Welcome")
    expect(page.locator("#unsent")).to_be_hidden()
    assert hall.results() == ["valid"]


def test_dropped_answer_does_not_make_a_second_scan(hall, page_for):
    page = page_for(hall.person, quiet=False)
    page.goto(hall.path)

    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/check-in/scans", lose)
    scan(page, hall.code)
    expect(answer(page)).to_contain_text("Not stored yet")
    page.unroute("**/check-in/scans")
    expect(answer(page)).to_contain_text("Welcome")
    assert hall.results() == ["valid"]


def test_scan_outlives_the_page_that_could_not_send_it(hall, page_for):
    page = page_for(hall.person, quiet=False)
    page.goto(hall.path)
    page.route("**/check-in/scans", lambda route: route.abort())
    scan(page, hall.code)
    expect(page.locator("#unsent")).to_be_visible()
    page.unroute("**/check-in/scans")
    page.goto(f"/{hall.edition}/desk/check-in")
    page.goto(hall.path)
    expect(page.locator("#count")).to_have_text("1 of 2 in")
    assert hall.results() == ["valid"]


def test_end_of_the_session_keeps_the_scan_and_says_what_to_do(hall, page_for):
    page = page_for(hall.person, quiet=False)
    page.goto(hall.path)
    kept = page.context.cookies()
    page.context.clear_cookies()
    scan(page, hall.code)
    expect(answer(page)).to_contain_text("Please sign in again")
    page.context.add_cookies(kept)
    page.get_by_role("link", name="Open this page again").click()
    expect(page.locator("#count")).to_have_text("1 of 2 in")
    assert hall.results() == ["valid"]


def test_without_a_camera_the_page_says_what_else_can_be_done(hall, page_for):
    page = page_for(hall.person)
    page.goto(hall.path)
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("#camera-words")).to_contain_text("find people by name below")


def test_page_works_without_scripts(hall, page_for):
    page = page_for(hall.person, java_script_enabled=False, quiet=False)
    page.goto(hall.path)
    page.get_by_label("Name, order code or badge code").fill("šćepanović")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Check in: Đorđe Šćepanović").click()
    expect(answer(page)).to_contain_text("Welcome")
    page.get_by_label("Code of the badge").fill(hall.code)
    page.get_by_role("button", name="Check in", exact=True).click()
    expect(answer(page)).to_contain_text("Already in")
    assert hall.results() == ["valid", "already_in"]
