"""How papers write dates and codes, the same on each of them."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from conference.documents import qr


def day(value: date, locale: str) -> str:
    """A date as a paper states it: "22 September 2016", "22. septembar 2016."."""
    return format_date(value, "long", locale=_for_dates(locale))


def days(first: date, last: date, locale: str) -> str:
    """The days of an event: "22–24 September 2016", "30 September – 2 October 2016"."""
    if first == last:
        return day(first, locale)
    if first.year != last.year:
        return f"{day(first, locale)} – {day(last, locale)}"
    if first.month != last.month:
        pattern = "d MMMM" if locale == "en" else "d. MMMM"
        return f"{format_date(first, pattern, locale=_for_dates(locale))} – {day(last, locale)}"
    return f"{first.day}–{day(last, locale)}"


def _for_dates(locale: str) -> str:
    # The product's English is the European one, day before month.
    return "en_GB" if locale == "en" else locale


def code(text: str, alt: str) -> dict[str, object]:
    """A QR code as templates/papers/paper.typ draws it."""
    size, path = qr.path(text)
    return {"size": size, "path": path, "alt": alt}
