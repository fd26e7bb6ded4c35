"""Figures and charts: counted once, drawn so that words and widths agree."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from conference.core.geo import Continent
from conference.registrations import figures
from conference.registrations.service import counting
from conference.registrations.states import RegistrationState
from conference.web import charts
from tests import factories


def hour(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_an_evening_in_utc_is_the_next_day_where_the_edition_is():
    days = figures.over_time(
        [(hour("2026-05-01T21:00"), 2), (hour("2026-05-01T22:00"), 3)],
        zone="Europe/Skopje",
        today=date(2026, 5, 2),
    )
    assert days == [figures.Day(date(2026, 5, 1), 2, 2), figures.Day(date(2026, 5, 2), 3, 5)]


def test_the_line_goes_on_to_today_when_nobody_came_since():
    days = figures.over_time(
        [(hour("2026-05-01T10:00"), 4)], zone="Europe/Skopje", today=date(2026, 5, 9)
    )
    assert days == [figures.Day(date(2026, 5, 1), 4, 4), figures.Day(date(2026, 5, 9), 0, 4)]


def test_nobody_makes_no_days():
    assert figures.over_time([], zone="Europe/Skopje", today=date(2026, 5, 9)) == []


def test_continents_add_up_their_countries_and_kosovo_is_in_europe():
    counts = {"RS": 3, "XK": 2, "TR": 4, "KR": 2, "US": 1}
    assert figures.by_continent(counts) == [
        (Continent.ASIA, 6),
        (Continent.EUROPE, 5),
        (Continent.NORTH_AMERICA, 1),
    ]


def test_the_largest_come_first():
    counts = {"RS": 3, "MK": 9, "BG": 3}
    assert figures.largest_first(counts) == [("MK", 9), ("BG", 3), ("RS", 3)]


def test_the_longest_bar_or_frame_spans_the_chart():
    chart = charts.bars(
        "By ticket",
        [charts.Bar("Regular", 30, "30 of 120", of=120), charts.Bar("Student", 6, "6")],
        head=("Ticket", "People"),
    )
    assert [(row.width, row.frame) for row in chart.rows] == [(25.0, 100.0), (5.0, None)]
    assert chart.table == [("Regular", "30 of 120"), ("Student", "6")]


def test_a_long_name_takes_two_lines_and_moves_what_is_below():
    short = charts.bars("", [charts.Bar("A", 1, "1"), charts.Bar("B", 1, "1")], head=("", ""))
    name = "Representative of a member cluster of the network"
    long = charts.bars("", [charts.Bar(name, 1, "1"), charts.Bar("B", 1, "1")], head=("", ""))
    assert long.rows[0].lines == ("Representative of a member", "cluster of the network")
    assert long.rows[1].top - short.rows[1].top == charts.LINE
    assert long.height - short.height == charts.LINE


@pytest.mark.parametrize(
    ("most", "step"), [(0, 1), (4, 1), (5, 2), (160, 50), (200, 50), (201, 100), (9_000, 5_000)]
)
def test_lines_across_stand_at_round_values_and_are_at_most_four(most, step):
    assert charts.round_step(most) == step
    assert -(-most // step) <= 4


def test_the_line_begins_left_at_its_first_day_and_ends_right_at_its_last():
    days = [(1, 5), (2, 10), (11, 20)]
    points = [charts.Point(date(2026, 5, d), v, f"{d} May", str(v)) for d, v in days]
    chart = charts.line("Over time", points, head=("Day", "People"))
    assert chart is not None
    assert chart.points == "0,750 100,500 1000,0"
    assert chart.area == "0,1000 0,750 100,500 1000,0 1000,1000"
    assert [tick.shown for tick in chart.ticks] == ["5", "10", "15", "20"]
    assert chart.last == (100.0, float(charts.ABOVE), "20")


def test_a_single_day_is_a_level_line_and_no_day_is_no_chart():
    point = charts.Point(date(2026, 5, 1), 4, "1 May", "4")
    chart = charts.line("Over time", [point], head=("Day", "People"))
    assert chart is not None
    assert chart.points == "0,0 1000,0"
    assert charts.line("Over time", [], head=("Day", "People")) is None


@pytest.mark.sql
def test_figures_leave_out_who_cancelled_or_lapsed_and_know_what_is_expected(app, edition):
    kind = factories.make_ticket_type(edition, amount=12_000, quota=50)
    for country in ("RS", "RS", "MK"):
        factories.make_registration(edition, ticket_type=kind, country=country)
    factories.make_registration(
        edition, ticket_type=kind, country="BG", state=RegistrationState.PENDING
    )
    factories.make_registration(
        edition, ticket_type=kind, country="TR", state=RegistrationState.WAITING
    )
    cancelled = factories.make_registration(
        edition, ticket_type=kind, country="KR", state=RegistrationState.CANCELLED
    )
    cancelled.order.total_minor = 0
    factories.make_registration(factories.make_edition(), country="HU")

    found = counting.figures_of(edition)
    assert found.countries == {"RS": 2, "MK": 1, "BG": 1, "TR": 1}
    assert found.states == {
        RegistrationState.CONFIRMED: 3,
        RegistrationState.PENDING: 1,
        RegistrationState.WAITING: 1,
        RegistrationState.CANCELLED: 1,
    }
    assert (found.counted, found.holding) == (5, 4)
    assert [(k.taken, k.waiting, k.quota) for k in found.kinds] == [(4, 1, 50)]
    assert [day.total for day in found.days] == [5]
    # three paid, and two orders (one of them of who waits) that ask for money
    assert [(str(m.total), str(m.paid)) for m in found.money] == [("600.00 EUR", "360.00 EUR")]


@pytest.mark.sql
def test_figures_take_as_many_statements_for_one_as_for_thirty(app, edition, queries):
    kind = factories.make_ticket_type(edition)
    factories.make_registration(edition, ticket_type=kind)
    queries.clear()
    counting.figures_of(edition)
    for_one = len(queries)
    for _ in range(29):
        factories.make_registration(edition, ticket_type=kind)
    queries.clear()
    counting.figures_of(edition)
    assert len(queries) == for_one == 6
