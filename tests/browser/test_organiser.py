"""An organiser makes an edition from nothing, publishes it, and looks after who comes."""

from __future__ import annotations

import csv

import pytest
from playwright.sync_api import Page, expect

from conference.core.permissions import Role
from tests import factories
from tests.browser.conftest import at

pytestmark = pytest.mark.browser
NAME = "Days of Clusters in Pirot"


def put(page: Page, values: dict[str, str]) -> None:
    """Type into fields by their names and save."""
    for name, value in values.items():
        field = page.locator(f"[name={name}]")
        if field.evaluate("it => it.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def save(page: Page, button: str = "Save") -> None:
    page.get_by_role("main").get_by_role("button", name=button, exact=True).first.click()


def next_step(page: Page, name: str) -> None:
    """From the desk to what is still to be done."""
    page.get_by_role("list").get_by_role("link", name=name, exact=True).last.click()


def make_draft(page: Page) -> None:
    page.goto("/administration")
    page.get_by_role("link", name="New edition").first.click()
    put(
        page,
        {
            "name_en": NAME,
            "name_sr": "Дани кластера у Пироту",
            "city_en": "Pirot",
            "city_sr": "Пирот",
            "starts_on": factories.on_day(100).isoformat(),
            "ends_on": factories.on_day(101).isoformat(),
            "code": "pirot-2030",
        },
    )
    save(page, "Make the draft")
    at(page, "/pirot-2030/desk")


STEPS = [
    ("Venue", "Add a venue", {"name_en": "Hotel Dijana", "address": "Nikole Pašića 1"}),
    ("What visitors read", None, {"summary_en": "Two days of wool, wood and cheese."}),
    ("Contact person", None, {"email": "office@example.org"}),
    (
        "Registration",
        None,
        {
            "opens": f"{factories.on_day(-2)}T09:00",
            "closes": f"{factories.on_day(90)}T09:00",
        },
    ),
    (
        "Payee",
        None,
        {
            "name": "Cluster House",
            "address": "Lešjanina 52, Niš",
            "country": "RS",
            "iban": "RS35105008123123123173",
        },
    ),
]


def test_organiser_makes_an_edition_fills_what_is_missing_and_publishes_it(live_site, page_for):
    with live_site.inside():
        administrator = factories.make_person(family_name="Administrator")
        factories.give_role(administrator, None, Role.ADMINISTRATOR)
        factories.make_edition()  # the next one: it stands on top of the front page
    page, stranger = page_for(administrator, width=1280), page_for()
    make_draft(page)
    expect(page.get_by_role("main")).to_contain_text("You can publish as soon as")
    for name, button, values in STEPS:
        page.goto("/pirot-2030/desk")
        next_step(page, name)
        if button:
            page.get_by_role("link", name=button).first.click()
        put(page, values)
        save(page)
    page.goto("/pirot-2030/desk")
    next_step(page, "Tickets and prices")
    page.get_by_role("link", name="Add a ticket").first.click()
    put(page, {"name_en": "Regular", "name_sr": "Редовна", "steps-0-amount": "90"})
    save(page)
    expect(page.get_by_role("main")).to_contain_text("€90.00")

    assert stranger.request.get("/pirot-2030/").status == 404
    page.goto("/pirot-2030/desk")
    save(page, "Publish")
    expect(page.get_by_role("status")).to_contain_text("Published")
    stranger.goto("/")
    stranger.get_by_role("link", name=NAME).first.click()
    at(stranger, "/pirot-2030/")
    expect(stranger.get_by_role("main")).to_contain_text("€90.00")
    expect(stranger.get_by_role("main").get_by_role("link", name="Register").first).to_be_visible()


def test_organiser_finds_somebody_reads_the_story_and_takes_the_list_away(live_site, page_for):
    with live_site.inside():
        edition = factories.make_edition()
        organiser = factories.make_person()
        factories.give_role(organiser, edition, Role.ORGANISER)
        kind = factories.make_ticket_type(edition)
        for given, family in (("Đorđe", "Šćepanović"), ("지우", "김"), ("Ana", "=1+1")):
            factories.make_registration(
                edition, ticket_type=kind, given_name=given, family_name=family
            )
        desk = f"/{edition.code}/desk"
    page = page_for(organiser, width=1280)
    page.goto(desk)
    page.get_by_role("navigation", name="For organisers").get_by_role(
        "link", name="Registrations"
    ).click()
    page.get_by_role("searchbox").fill("scepanovic")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="Đorđe Šćepanović").click()
    expect(page.get_by_role("main")).to_contain_text("Where it stands")
    page.go_back()
    page.goto(f"{desk}/registrations")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").first.click()
    rows = list(csv.reader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert len(rows) == 4
    assert {"Šćepanović", "김", "'=1+1"} <= {cell for row in rows for cell in row}
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel").first.click()
    assert download.value.path().read_bytes()[:2] == b"PK"
