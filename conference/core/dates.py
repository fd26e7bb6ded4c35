"""Dates in words, for pages, papers and mails alike."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from conference.core.scripts import latin

_GENITIVE = {
    "јануар": "јануара",
    "фебруар": "фебруара",
    "март": "марта",
    "април": "априла",
    "мај": "маја",
    "јун": "јуна",
    "јул": "јула",
    "август": "августа",
    "септембар": "септембра",
    "октобар": "октобра",
    "новембар": "новембра",
    "децембар": "децембра",
}
_CASES = {**_GENITIVE, **{latin(k): latin(v) for k, v in _GENITIVE.items()}}


def for_dates(locale: str) -> str:
    """The locale of dates: delegates from thirty countries read day before month."""
    return "en_GB" if locale == "en" else locale


def day(value: date, locale: str, pattern: str = "long") -> str:
    """A date: "22 September 2016", "22. септембра 2016.".

    Serbian puts the month into the genitive, which CLDR does not.
    """
    text = format_date(value, pattern, locale=for_dates(locale))
    return " ".join(_CASES.get(word, word) for word in text.split(" "))


def days(first: date, last: date, locale: str) -> str:
    """From a day to a day: "22–24 September 2016", "30 September – 2 October 2016"."""
    if first == last:
        return day(first, locale)
    if first.year != last.year:
        return f"{day(first, locale)} – {day(last, locale)}"
    dot = "." if locale.startswith("sr") else ""
    if first.month != last.month:
        return f"{day(first, locale, f'd{dot} MMMM')} – {day(last, locale)}"
    return f"{first.day}{dot}–{day(last, locale)}"
