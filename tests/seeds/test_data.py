"""The data files by themselves: two languages, known codes, moments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conference.core import geo
from conference.editions.codes import is_reserved, is_well_formed
from conference.organisations.sectors import SECTORS
from seeds.editions import CODES
from seeds.world import DATA, Moments, coming, read

FILES = sorted(str(path.relative_to(DATA)).removesuffix(".toml") for path in DATA.rglob("*.toml"))


def _texts(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        if value.keys() & {"en", "sr"} and all(isinstance(v, str) for v in value.values()):
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)


@pytest.mark.parametrize("name", FILES)
def test_every_text_stands_in_both_languages(name: str) -> None:
    for text in _texts(read(name)):
        assert text.keys() == {"en", "sr"}, text
        assert all(part.strip() for part in text.values()), text


@pytest.mark.parametrize("name", FILES)
def test_serbian_is_written_in_cyrillic(name: str) -> None:
    for text in _texts(read(name)):
        if "CLUSTERIX" in text["sr"]:
            continue  # a proper name
        letters = [char for char in text["sr"] if char.isalpha()]
        cyrillic = sum("\u0400" <= char <= "\u04ff" for char in letters)
        assert cyrillic > 0.8 * len(letters), text["sr"]


def test_organisations_have_known_countries_regions_and_sectors() -> None:
    for row in read("organisations")["organisations"].values():
        _name, _latin, _short, _kind, sector, country, region, *_ = row
        assert geo.is_country(country)
        assert sector in SECTORS
        assert not region or geo.is_region(region, country), row


def test_people_come_from_27_countries() -> None:
    countries = read("people").keys() - {"guests"}
    assert len(countries) == 27
    assert all(geo.is_country(code) for code in countries)


def test_codes_of_editions_are_free_words() -> None:
    for name in CODES:
        code = read(f"editions/{name}")["code"]
        assert is_well_formed(code)
        assert not is_reserved(code)


def test_moments_are_read_on_the_clocks_of_the_edition() -> None:
    zone = ZoneInfo("Europe/Skopje")
    moments = Moments(today=date(2026, 7, 1), start=date(2026, 8, 6), zone=zone)
    assert moments.at("now-3 09:00") == datetime(2026, 6, 28, 7, tzinfo=UTC)
    assert moments.at("start+1 20:00") == datetime(2026, 8, 7, 18, tzinfo=UTC)
    assert moments.at("2017-11-22 09:00") == datetime(2017, 11, 22, 8, tzinfo=UTC)
    assert moments.local("start 10:30") == datetime(2026, 8, 6, 10, 30)  # noqa: DTZ001
    assert moments.maybe("") is None
    with pytest.raises(ValueError, match="not a moment"):
        moments.at("tomorrow")


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 3, 1), date(2026, 4, 9)),
        (date(2026, 11, 22), date(2027, 1, 14)),  # not at Christmas, of either calendar
        (date(2026, 12, 20), date(2027, 1, 28)),
    ],
)
def test_ohrid_begins_on_the_next_thursday_after_about_five_weeks(
    today: date, expected: date
) -> None:
    assert coming(today, weekday=3, ahead=33) == expected
