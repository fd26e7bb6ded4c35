"""Countries and regions: names for readers, continents, memberships, NUTS 3 codes.

Compared with other published lists in November 2026: the 41 countries of SEPA (with Albania,
Montenegro, Moldova, North Macedonia and Serbia), and the codes and names of NUTS 2021 level 3 for
Croatia (21) and Greece (52). Programmes of 2021-27 name regions by NUTS 2021; what NUTS 2024 has
changed was not looked at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel import Locale

from conference.core.text import in_language, sort_key

_DATA = Path(__file__).with_name("geo_data.json")


class Continent(StrEnum):
    """UN M49 codes, by which Babel knows the names."""

    AFRICA = "002"
    ASIA = "142"
    EUROPE = "150"
    NORTH_AMERICA = "003"
    SOUTH_AMERICA = "005"
    OCEANIA = "009"
    ANTARCTICA = "AQ"

    def name_in(self, locale: str) -> str:
        return _territory(self.value, locale)


# ISO 3166-1 alpha-2 and XK, grouped as UN M49 does (Cyprus, Türkiye and the Caucasus are Asia).
_MEMBERS: dict[Continent, str] = {
    Continent.AFRICA: (
        "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA"
        " MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TF TG TN TZ UG YT ZA ZM ZW"
    ),
    Continent.ASIA: (
        "AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN"
        " MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE"
    ),
    Continent.EUROPE: (
        "AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT"
        " LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK"
    ),
    Continent.NORTH_AMERICA: (
        "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI"
        " PA PM PR SV SX TC TT US VC VG VI"
    ),
    Continent.SOUTH_AMERICA: "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE",
    Continent.OCEANIA: (
        "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS"
    ),
    Continent.ANTARCTICA: "AQ",
}
_EU = frozenset(
    ("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK").split()
)
# European Payments Council, EPC409-09: the list after Serbia joined in May 2025.
_SEPA = _EU | frozenset(
    ("AD AL CH GB GG GI IM IS JE LI MC MD ME MK NO RS SM VA AX BL GF GP MF MQ PM RE YT").split()
)
_WESTERN_BALKANS = frozenset(("AL", "BA", "ME", "MK", "RS", "XK"))
_NUTS_PREFIX = {"GR": "EL", "GB": "UK"}


class UnknownPlace(LookupError):
    """A country or region code that is not in the lists."""


@dataclass(frozen=True, slots=True)
class Country:
    """`code` is ISO 3166-1 alpha-2, or XK."""

    code: str
    continent: Continent
    eu: bool
    sepa: bool
    western_balkans: bool

    def name(self, locale: str) -> str:
        return _territory(self.code, locale)


@dataclass(frozen=True, slots=True)
class Region:
    """A NUTS 3 region or the statistical region of the same level; `country` is ISO 3166."""

    code: str
    country: str
    names: Mapping[str, str]

    def name(self, locale: str) -> str:
        return in_language(self.names, locale)


_COUNTRIES: dict[str, Country] = {
    code: Country(code, continent, code in _EU, code in _SEPA, code in _WESTERN_BALKANS)
    for continent, members in _MEMBERS.items()
    for code in members.split()
}


@cache
def _territories(locale: str) -> Mapping[str, str]:
    names: Mapping[str, str] = Locale.parse(locale.replace("-", "_")).territories
    return names


def _territory(code: str, locale: str) -> str:
    return _territories(locale).get(code) or code


def country(code: str) -> Country:
    try:
        return _COUNTRIES[code]
    except KeyError:
        raise UnknownPlace(code) from None


def is_country(code: str) -> bool:
    return code in _COUNTRIES


def country_name(code: str | None, locale: str) -> str:
    """The name for tables and exports; empty for nothing, the code itself for an unknown one."""
    return _territory(code, locale) if code else ""


@cache
def countries(locale: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of all, in the order of the reader's alphabet: choices of a form."""
    pairs = ((code, _territory(code, locale)) for code in _COUNTRIES)
    return tuple(sorted(pairs, key=lambda pair: sort_key(pair[1], locale)))


@cache
def _regions() -> tuple[str, dict[str, Region]]:
    data = json.loads(_DATA.read_text(encoding="utf-8"))
    found = {
        code: Region(code, country_code, names)
        for country_code, members in data["regions"].items()
        for code, names in members.items()
    }
    return str(data["version"]), found


def regions_version() -> str:
    """Which list of regions this is."""
    return _regions()[0]


def region(code: str) -> Region:
    try:
        return _regions()[1][code]
    except KeyError:
        raise UnknownPlace(code) from None


def is_region(code: str, of: str | None = None) -> bool:
    """Whether the code is in the list, and in the country `of` where that is given."""
    found = _regions()[1].get(code)
    return found is not None and of in (None, found.country)


def regions_of(country_code: str) -> tuple[Region, ...]:
    """In the order of their codes; empty for countries whose regions are not in the list."""
    return tuple(found for found in _regions()[1].values() if found.country == country_code)


@cache
def region_choices(country_code: str, locale: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of a country's regions in the order of the reader's alphabet."""
    pairs = ((found.code, found.name(locale)) for found in regions_of(country_code))
    return tuple(sorted(pairs, key=lambda pair: sort_key(pair[1], locale)))


def nuts_prefix(country_code: str) -> str:
    """The two letters with which the country's NUTS codes begin: EL for Greece."""
    return _NUTS_PREFIX.get(country_code, country_code)
