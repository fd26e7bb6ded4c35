"""Fields that several of these forms share."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from wtforms import DateTimeLocalField, IntegerField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from conference.core import geo
from conference.editions import local_times
from conference.web import i18n
from conference.web.forms import BaseForm, Wanted
from conference.web.i18n import _


def line(label: Any, *, wanted: bool = False, most: int = 200, **more: Any) -> StringField:
    """One line of text."""
    checks = [*([Wanted()] if wanted else []), Length(max=most)]
    return StringField(label, checks, **more)


def area(label: Any, *, most: int = 20000, **more: Any) -> TextAreaField:
    """Several lines of text."""
    return TextAreaField(label, [Length(max=most)], **more)


def moment(label: Any, *, wanted: bool = False, **more: Any) -> DateTimeLocalField:
    """A wall-clock time in the zone of the edition."""
    return DateTimeLocalField(label, [Wanted() if wanted else Optional()], **more)


def number(label: Any, *, least: int = 1, most: int = 1_000_000, **more: Any) -> IntegerField:
    """A whole number, or nothing."""
    return IntegerField(label, [Optional(), NumberRange(least, most)], **more)


def both(form: BaseForm, name: str) -> dict[str, str]:
    """What was typed in two fields name_en and name_sr."""
    return {language: form[f"{name}_{language}"].data or "" for language in ("en", "sr")}


def spread(name: str, texts: dict[str, str] | None) -> dict[str, str]:
    """The inverse: data for such two fields."""
    return {f"{name}_{language}": (texts or {}).get(language, "") for language in ("en", "sr")}


def local(instant: datetime | None, zone: str) -> datetime | None:
    """What a field of `moment` shows: whole minutes."""
    found = local_times.to_local(instant, zone)
    return None if found is None else found.replace(second=0, microsecond=0)


def country_choices() -> list[tuple[str, str]]:
    """Countries in the order of the reader's alphabet."""
    return [("", _("Please choose")), *geo.countries(i18n.current())]


# The zones of the network first; the others follow by name.
NEAR = (
    "Europe/Belgrade", "Europe/Skopje", "Europe/Sofia", "Europe/Bucharest", "Europe/Sarajevo",
    "Europe/Podgorica", "Europe/Tirane", "Europe/Athens", "Europe/Istanbul", "Europe/Zagreb",
    "Europe/Ljubljana", "Europe/Budapest", "Europe/Chisinau", "Europe/Vienna", "Europe/Berlin",
    "Europe/Brussels", "Asia/Seoul",
)  # fmt: skip
OLD = ("Etc/", "SystemV/", "posix", "right", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")


def zone_choices(now: str = "") -> dict[str, list[tuple[str, str]]]:
    """Time zones, those of the network first."""
    others = sorted(
        zone
        for zone in available_timezones()
        if "/" in zone and not zone.startswith(OLD) and zone not in NEAR
    )
    if now and now not in NEAR and now not in others:
        others = [now, *others]
    return {
        _("In the region"): [(zone, zone.replace("_", " ")) for zone in NEAR],
        _("Elsewhere"): [(zone, zone.replace("_", " ")) for zone in others],
    }
