"""How values look on pages: money, times in the edition's zone, two-language text, countries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from flask import Flask, g
from markupsafe import Markup

from conference.core import dates, geo
from conference.core.money import Money
from conference.core.text import full_name, in_language
from conference.web import i18n

DEFAULT_ZONE = "Europe/Belgrade"


def _locale() -> Locale:
    return Locale.parse(dates.for_dates(i18n.current()))


def _zone(zone: str | None) -> ZoneInfo:
    edition = g.get("edition")
    return ZoneInfo(zone or (edition.zone if edition is not None else DEFAULT_ZONE))


def tr(value: dict[str, str] | None) -> str:
    """Text of people in the reader's language."""
    return in_language(value, i18n.current())


def money(value: Money | int, currency: str | None = None) -> str:
    """An amount: a Money, or minor units with a currency."""
    amount = value if isinstance(value, Money) else Money(value, currency or "")
    return amount.format(i18n.current())


def day(value: date | datetime | None, zone: str | None = None) -> str:
    """A date in words; instants are taken in the edition's zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(_zone(zone)).date()
    return dates.day(value, i18n.current())


def short_day(value: date | datetime | None, zone: str | None = None) -> str:
    """A short date for tables, with the year."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(_zone(zone)).date()
    return format_date(value, "medium", locale=_locale())


def moment(value: datetime | None, zone: str | None = None) -> str:
    """Date and time in the edition's zone."""
    if value is None:
        return ""
    local = value.astimezone(_zone(zone))
    day_text = format_date(local.date(), "medium", locale=_locale())
    between = {"sr": " у ", "sr_Latn": " u "}.get(i18n.current(), ", ")
    return f"{day_text}{between}{format_time(local, 'HH:mm', locale=_locale())}"


def weekday(value: date | datetime | None, zone: str | None = None) -> str:
    """Day of the week with date, for programmes."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(_zone(zone))
    return format_skeleton("MMMEd", value, locale=_locale())


def clock_time(value: datetime | None, zone: str | None = None) -> str:
    """Hours and minutes in the edition's zone."""
    if value is None:
        return ""
    return format_datetime(value.astimezone(_zone(zone)), "HH:mm", locale=_locale())


def daterange(start: date, end: date) -> str:
    """22–24 September 2016, in the reader's language."""
    return dates.days(start, end, i18n.current())


def country(code: str | None) -> str:
    """The name of a country in the reader's language."""
    return geo.country_name(code, i18n.current()) if code else ""


def region(code: str | None) -> str:
    """The name of a NUTS 3 region in the reader's language; the code itself when it is unknown."""
    if not code:
        return ""
    return geo.region(code).name(i18n.current()) if geo.is_region(code) else code


def paragraphs(text: str) -> Markup:
    """Plain text with its line breaks, escaped."""
    parts = [Markup.escape(part) for part in text.split("\n")]
    return Markup("<br>").join(parts)


def init_app(app: Flask) -> None:
    """Register the filters."""
    made: dict[str, Any] = {
        "tr": tr,
        "money": money,
        "date": day,
        "short_date": short_day,
        "datetime": moment,
        "weekday": weekday,
        "time": clock_time,
        "daterange": daterange,
        "country": country,
        "region": region,
        "paragraphs": paragraphs,
    }
    app.jinja_env.filters.update(made)
    app.jinja_env.globals["full_name"] = full_name
