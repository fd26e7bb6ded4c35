"""Countries and regions: complete, named for the reader, the funded regions right."""

from __future__ import annotations

import pytest

from conference.core import geo
from conference.core.geo import Continent
from conference.core.text import in_language


def test_all_countries_of_iso_and_kosovo_have_names_in_every_language() -> None:
    for locale in ("en", "sr", "sr_Latn"):
        choices = geo.countries(locale)
        assert len(choices) == 250
        assert len(dict(choices)) == 250
        assert [code for code, name in choices if name == code] == []


def test_countries_stand_in_the_order_of_the_readers_alphabet() -> None:
    assert [name for _code, name in geo.countries("sr")[:3]] == [
        "Авганистан",
        "Азербејџан",
        "Албанија",
    ]
    assert geo.countries("sr_Latn")[-1] == ("ZW", "Zimbabve")
    assert geo.countries("en")[1] == ("AX", "Åland Islands")


def test_memberships_are_what_payments_and_funding_rely_on() -> None:
    everyone = [geo.country(code) for code, _name in geo.countries("en")]
    assert sum(one.eu for one in everyone) == 27
    assert {one.code for one in everyone if one.western_balkans} == {
        "AL", "BA", "ME", "MK", "RS", "XK"
    }  # fmt: skip
    assert not any(one.eu and not one.sepa for one in everyone)
    assert [geo.country(code).sepa for code in ("RS", "CH", "BA", "TR", "XK")] == [
        True, True, False, False, False
    ]  # fmt: skip


def test_continents_follow_the_united_nations() -> None:
    assert geo.country("KR").continent is Continent.ASIA
    assert geo.country("RS").continent is Continent.EUROPE
    assert Continent.EUROPE.name_in("sr") == "Европа"


def test_an_unknown_place_is_refused() -> None:
    for code in ("ZZ", "EU", "rs", ""):
        assert not geo.is_country(code)
        with pytest.raises(geo.UnknownPlace):
            geo.country(code)
    with pytest.raises(geo.UnknownPlace):
        geo.region("RS999")
    assert geo.regions_of("KR") == ()


@pytest.mark.parametrize(
    ("country", "count"),
    [("BG", 28), ("RS", 25), ("RO", 42), ("MK", 8), ("HR", 21), ("SI", 12), ("HU", 20)]
    + [("GR", 52), ("ME", 1), ("AL", 12), ("TR", 81)],
)
def test_every_region_of_a_country_is_there(country: str, count: int) -> None:
    regions = geo.regions_of(country)
    assert len(regions) == count
    prefix = geo.nuts_prefix(country)
    assert [one.code for one in regions if not one.code.startswith(prefix)] == []
    assert len({in_language(one.names, "en") for one in regions}) == count


def test_the_programme_area_of_bulgaria_and_serbia_has_its_codes() -> None:
    names = {
        "BG311": "Vidin", "BG312": "Montana", "BG313": "Vratsa", "BG412": "Sofia Province",
        "BG414": "Pernik", "BG415": "Kyustendil", "RS221": "Bor District",
        "RS223": "Zaječar District", "RS224": "Jablanica District", "RS225": "Nišava District",
        "RS226": "Pirot District", "RS228": "Pčinja District", "RS229": "Toplica District",
        "BG411": "Sofia (capital city)",
    }  # fmt: skip
    assert {code: geo.region(code).name("en") for code in names} == names
    assert geo.region("RS228").name("sr_Latn") == "Pčinjska oblast"
    assert geo.is_region("BG411", "BG")
    assert not geo.is_region("BG411", "RS")
    assert geo.regions_version().startswith("NUTS 2021")


def test_region_choices_are_sorted_by_their_name() -> None:
    assert [name for _code, name in geo.region_choices("MK", "sr")] == [
        "Вардарски регион",
        "Источни регион",
        "Југозападни регион",
        "Југоисточни регион",
        "Пелагонијски регион",
        "Полошки регион",
        "Североисточни регион",
        "Скопски регион",
    ]
