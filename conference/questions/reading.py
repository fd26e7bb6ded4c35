"""Reading what people typed or chose: a form's value in, an answer out, or plain words why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from conference.core import figures, geo
from conference.core.errors import N_, Invalid
from conference.core.text import plain_line, plain_text
from conference.questions.kinds import Answer, Asked, Kind, as_yes_no, day_words, figure_words

SHORT = 200
LONG = 10_000

NOT_A_NUMBER = N_("Please type a number.")
AMBIGUOUS = N_("Please write this number without dots and commas between the thousands.")
WHOLE = N_("Please type a whole number.")
DECIMALS = N_("At most %(most)s decimals.")
TOO_SMALL = N_("Not below %(least)s.")
TOO_BIG = N_("Not above %(most)s.")
NOT_A_DATE = N_("Please type a date such as 22.09.2026 or 2026-09-22.")
TOO_EARLY = N_("Not before %(least)s.")
TOO_LATE = N_("Not after %(most)s.")
TOO_LONG = N_("Please shorten this: %(count)s characters of at most %(most)s.")
TOO_SHORT = N_("Please write a little more: %(count)s characters of at least %(least)s.")
TOO_MANY_WORDS = N_("Please shorten this. Words: %(count)s, at most %(most)s.")
TOO_FEW_WORDS = N_("Please write a little more. Words: %(count)s, at least %(least)s.")
NOT_AN_OPTION = N_("Please choose from the list.")
TOO_MANY_CHOSEN = N_("Please choose at most %(most)s.")
TOO_FEW_CHOSEN = N_("Please choose at least %(least)s.")
NOT_YES_OR_NO = N_("Please choose yes or no.")
MUST_BE_YES = N_("You can only go on if you agree.")
FILE_KIND = N_("This file is not of an accepted kind. Accepted: %(kinds)s.")
FILE_SIZE = N_("The file is larger than %(limit)s MB. Please choose a smaller one.")
NOT_A_FILE = N_("Please choose a file.")


def read(asked: Asked, raw: Any, locale: str) -> Answer:
    """The answer that a form's value means; None when nothing was typed or chosen."""
    if asked.kind is Kind.MANY_OF:
        return _many_of(asked, raw)
    if asked.kind is Kind.FILE:
        return _file(asked, raw)
    if isinstance(raw, list | tuple):
        raw = next((item for item in raw if item not in (None, "")), None)
    if isinstance(raw, bool):
        text = "yes" if raw else "no"
    elif isinstance(raw, str | int | Decimal | date):
        text = str(raw)
    else:
        text = ""
    text = text if asked.kind is Kind.LONG_TEXT else plain_line(text)
    return _READERS[asked.kind](asked, text, locale) if text.strip() else None


def _short_text(asked: Asked, text: str, _locale: str) -> str | None:
    return _measured(asked, text, SHORT)


def _long_text(asked: Asked, text: str, _locale: str) -> str | None:
    return _measured(asked, plain_text(text), LONG)


def _measured(asked: Asked, text: str, longest: int) -> str | None:
    limits = asked.limits
    characters, words = len(text), len(text.split())
    if not characters:
        return None
    most = min(limits.characters_most or longest, longest)
    if characters > most:
        raise Invalid(TOO_LONG, count=characters, most=most)
    if limits.characters_least and characters < limits.characters_least:
        raise Invalid(TOO_SHORT, count=characters, least=limits.characters_least)
    if limits.words_most and words > limits.words_most:
        raise Invalid(TOO_MANY_WORDS, count=words, most=limits.words_most)
    if limits.words_least and words < limits.words_least:
        raise Invalid(TOO_FEW_WORDS, count=words, least=limits.words_least)
    return text


def _number(asked: Asked, text: str, locale: str) -> int | str:
    """A whole number is an int; one with decimals is exact text such as "12.5"."""
    limits = asked.limits
    try:
        value = Decimal(figures.read(text, limits.decimals, locale)).scaleb(-limits.decimals)
    except figures.NotAFigure as error:
        if error.why is figures.Why.DECIMALS and limits.decimals:
            raise Invalid(DECIMALS, most=limits.decimals) from None
        words = {figures.Why.DECIMALS: WHOLE, figures.Why.AMBIGUOUS: AMBIGUOUS}
        raise Invalid(words.get(error.why, NOT_A_NUMBER)) from None
    if isinstance(limits.least, Decimal) and value < limits.least:
        raise Invalid(TOO_SMALL, least=figure_words(limits.least, locale))
    if isinstance(limits.most, Decimal) and value > limits.most:
        raise Invalid(TOO_BIG, most=figure_words(limits.most, locale))
    if not limits.decimals:
        return int(value)
    exact = format(value, "f")
    return exact.rstrip("0").rstrip(".") if "." in exact else exact


_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DOTTED = re.compile(r"([0-9]{1,2})\s*[./]\s*([0-9]{1,2})\s*[./]\s*([0-9]{4})\.?")


def _date(asked: Asked, text: str, locale: str) -> str:
    iso, dotted = _ISO.fullmatch(text), _DOTTED.fullmatch(text)
    try:
        if iso:
            value = date(*(int(part) for part in iso.groups()))
        elif dotted:
            day, month, year = (int(part) for part in dotted.groups())
            value = date(year, month, day)
        else:
            raise Invalid(NOT_A_DATE)
    except ValueError:
        raise Invalid(NOT_A_DATE) from None
    least, most = asked.limits.least, asked.limits.most
    if isinstance(least, date) and value < least:
        raise Invalid(TOO_EARLY, least=day_words(least, locale))
    if isinstance(most, date) and value > most:
        raise Invalid(TOO_LATE, most=day_words(most, locale))
    return value.isoformat()


def _one_of(asked: Asked, text: str, _locale: str) -> str:
    if text not in {option.value for option in asked.options}:
        raise Invalid(NOT_AN_OPTION)
    return text


def _many_of(asked: Asked, raw: Any) -> list[str] | None:
    """The chosen values in the order of the options."""
    items = raw if isinstance(raw, list | tuple) else [raw]
    wanted = {plain_line(item) for item in items if isinstance(item, str)} - {""}
    chosen = [option.value for option in asked.options if option.value in wanted]
    if len(chosen) < len(wanted):
        raise Invalid(NOT_AN_OPTION)
    if not chosen:
        return None
    least, most = asked.limits.least, asked.limits.most
    if isinstance(most, Decimal) and len(chosen) > most:
        raise Invalid(TOO_MANY_CHOSEN, most=int(most))
    if isinstance(least, Decimal) and len(chosen) < least:
        raise Invalid(TOO_FEW_CHOSEN, least=int(least))
    return chosen


def _yes_no(asked: Asked, text: str, _locale: str) -> bool:
    answer = as_yes_no(text)
    if answer is None:
        raise Invalid(NOT_YES_OR_NO)
    if asked.limits.must_be_yes and not answer:
        raise Invalid(MUST_BE_YES)
    return answer


def _country(asked: Asked, text: str, _locale: str) -> str:
    code = text.upper()
    if not geo.is_country(code) or (asked.limits.countries and code not in asked.limits.countries):
        raise Invalid(NOT_AN_OPTION)
    return code


def _file(asked: Asked, raw: Any) -> dict[str, Any] | None:
    """A file that the caller has stored: {"file": its public id, "name", "kind", "size"}."""
    if isinstance(raw, list | tuple):
        raw = next((item for item in raw if item), None)
    if not raw:
        return None
    if not isinstance(raw, Mapping) or not {"file", "name", "kind", "size"} <= raw.keys():
        raise Invalid(NOT_A_FILE)
    if raw["kind"] not in asked.limits.types:
        raise Invalid(FILE_KIND, kinds=", ".join(kind.upper() for kind in asked.limits.types))
    if raw["size"] > asked.limits.megabytes * 1024 * 1024:
        raise Invalid(FILE_SIZE, limit=f"{asked.limits.megabytes:g}")
    return {
        "file": str(raw["file"]),
        "name": plain_line(str(raw["name"])),
        "kind": str(raw["kind"]),
        "size": int(raw["size"]),
    }


_READERS: dict[Kind, Callable[[Asked, str, str], Answer]] = {
    Kind.SHORT_TEXT: _short_text,
    Kind.LONG_TEXT: _long_text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.ONE_OF: _one_of,
    Kind.YES_NO: _yes_no,
    Kind.COUNTRY: _country,
}
