"""Codes, local times, key dates, Markdown: data in, data out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from conference.core.errors import Invalid
from conference.core.markdown import both, to_html
from conference.editions import codes, local_times, moments
from conference.editions.models import KeyDate
from conference.editions.moments import Registering
from conference.editions.states import EditionState
from tests import factories


def typed(text):
    """A time as somebody types it: the clock on the wall, without a zone."""
    return datetime.fromisoformat(text)


def test_every_first_word_of_the_site_is_reserved(whole_app):
    words = {rule.rule.split("/")[1] for rule in whole_app.url_map.iter_rules()}
    fixed = {word for word in words if word and "<" not in word}
    assert fixed - codes.RESERVED == set()


@pytest.mark.parametrize(
    "code", ["Ohrid", "ohrid_2016", "-ohrid", "ohrid--1", "2016", "", "a" * 61]
)
def test_code_of_another_shape_is_refused(code):
    assert not codes.is_well_formed(code)


def test_code_is_proposed_from_city_and_year_and_stays_free():
    name, city = {"en": "Days of Clusters"}, {"en": "Niš", "sr": "Ниш"}
    assert codes.proposal(name, city, 2027, set()) == "nis-2027"
    taken = {"nis-2027"}
    assert codes.proposal(name, city, 2027, taken) == "days-of-clusters-2027"
    taken |= {"days-of-clusters-2027", "edition-2027"}
    assert codes.proposal(name, city, 2027, taken) == "nis-2027-2"


def test_time_is_that_of_the_clocks_in_the_zone():
    wall = typed("2027-07-01T09:30")
    assert local_times.to_instant(wall, "Europe/Belgrade", field="at") == datetime(
        2027, 7, 1, 7, 30, tzinfo=UTC
    )
    back = local_times.to_local(datetime(2027, 7, 1, 7, 30, tzinfo=UTC), "Europe/Belgrade")
    assert back == wall


@pytest.mark.parametrize(
    ("wall", "words"),
    [
        (typed("2027-03-28T02:30"), "This time does not exist"),
        (typed("2027-10-31T02:30"), "This time comes twice"),
    ],
)
def test_time_in_a_change_of_clocks_is_refused_in_words(wall, words):
    with pytest.raises(Invalid) as refused:
        local_times.to_instant(wall, "Europe/Belgrade", field="opens")
    assert refused.value.field == "opens"
    assert str(refused.value).startswith(words)


@pytest.mark.parametrize("hour", [1, 3])
def test_time_beside_a_change_of_clocks_is_taken(hour):
    for day in ("2027-03-28", "2027-10-31"):
        wall = typed(f"{day}T0{hour}:00")
        instant = local_times.to_instant(wall, "Europe/Belgrade", field="opens")
        assert local_times.to_local(instant, "Europe/Belgrade") == wall


def test_far_year_is_refused_and_does_not_overflow():
    for wall in (typed("0001-01-01T00:00"), typed("9999-12-31T23:59")):
        with pytest.raises(Invalid):
            local_times.to_instant(wall, "Asia/Seoul", field="opens")


@pytest.mark.parametrize(
    "zone",
    ["Europe/Skopje", "Asia/Seoul", "America/New_York", "Europe/London", "Pacific/Auckland", "UTC"],
)
def test_registration_opens_and_closes_at_the_very_second(app, zone):
    place = ZoneInfo(zone)
    opens = datetime(2027, 3, 27, 23, 0, tzinfo=place)
    closes = datetime(2027, 10, 31, 12, 0, tzinfo=place)
    edition = factories.make_edition(
        zone=zone, registration_opens_at=opens, registration_closes_at=closes
    )
    second = timedelta(seconds=1)
    expected = [
        (opens - second, Registering.NOT_YET), (opens, Registering.OPEN),
        (closes - second, Registering.OPEN), (closes, Registering.CLOSED),
    ]  # fmt: skip
    assert [moments.registering(edition, at.astimezone(UTC)) for at, _ in expected] == [
        state for _, state in expected
    ]


def test_draft_and_archived_editions_never_register(app):
    for state in (EditionState.DRAFT, EditionState.ARCHIVED):
        edition = factories.make_edition(state=state)
        assert moments.registering(edition, factories.in_days(0)) is Registering.NEVER


def test_edition_is_over_when_its_last_day_is_over_there(app):
    edition = factories.make_edition(zone="Asia/Seoul", ends_on=date(2027, 1, 31),
                                     starts_on=date(2027, 1, 31))  # fmt: skip
    midnight = datetime(2027, 2, 1, tzinfo=ZoneInfo("Asia/Seoul")).astimezone(UTC)
    assert not moments.is_over(edition, midnight - timedelta(seconds=1))
    assert moments.is_over(edition, midnight)


def test_key_dates_stand_in_order_with_what_they_mean_today(app):
    now = datetime(2027, 5, 10, 20, 0, tzinfo=UTC)
    edition = factories.make_edition(
        zone="Europe/Skopje",
        registration_opens_at=now - timedelta(days=2),
        registration_closes_at=now + timedelta(days=3),
        cancel_until_at=None,
    )
    # 21:30 UTC is half past eleven in Skopje, 22:30 UTC is tomorrow there already.
    rows = [
        KeyDate(label={"en": "tonight"}, at=now + timedelta(hours=1, minutes=30)),
        KeyDate(label={"en": "after midnight"}, at=now + timedelta(hours=2, minutes=30)),
    ]
    found = moments.key_moments(edition, rows, now)
    assert [(m.state, m.days) for m in found] == [
        ("past", -2),
        ("next", 0),
        ("later", 1),
        ("later", 3),
    ]


def test_page_changes_at_midnight_there_and_at_each_deadline(app):
    now = datetime(2027, 5, 10, 20, 0, tzinfo=UTC)
    edition = factories.make_edition(
        zone="Europe/Skopje",
        starts_on=date(2027, 6, 1),
        ends_on=date(2027, 6, 2),
        registration_opens_at=now - timedelta(days=2),
        registration_closes_at=now + timedelta(minutes=5),
        cancel_until_at=None,
    )
    found = moments.changes_at(edition, moments.key_moments(edition, [], now), now)
    assert min(found) == now + timedelta(minutes=5)
    assert datetime(2027, 5, 10, 22, 0, tzinfo=UTC) in found


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "[x](javascript:alert(1))", "[x](data:text/html,x)",
        "![x](https://example.org/x.png)", "<img src=x onerror=alert(1)>", "<b onclick=x>y</b>",
        "[x](JaVaScRiPt:alert(1))", "<iframe src=//x>", "[x](vbscript:x)",
        "<style>*{display:none}</style>", "<a href='javascript:x'>y</a>", "[x](&#106;avascript:x)",
    ],
)  # fmt: skip
def test_markdown_lets_nothing_active_through(text):
    html = to_html(text).lower()
    for part in ("<script", "<img", "<iframe", "<style", "<b ", 'href="javascript', 'href="data',
                 'href="vbscript', 'href="&'):  # fmt: skip
        assert part not in html


def test_markdown_keeps_headings_below_those_of_the_page():
    assert to_html("# One\n\n## Two\n\n### Three") == ("<h3>One</h3>\n<h4>Two</h4>\n<h4>Three</h4>")
    assert to_html("### One") == "<h3>One</h3>"


def test_markdown_of_an_empty_language_is_left_out():
    assert both({"en": "**x**", "sr": " "}) == {"en": "<p><strong>x</strong></p>"}
