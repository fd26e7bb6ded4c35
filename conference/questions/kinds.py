"""The kinds of questions: what a question is made of and how an answer is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from babel.numbers import format_decimal

from conference.core import dates, geo
from conference.core.errors import N_
from conference.core.text import in_language

# None: not answered; everything else goes into JSON as it is.
Answer = str | int | bool | list[str] | dict[str, Any] | None


class Kind(StrEnum):
    SHORT_TEXT = "short_text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    ONE_OF = "one_of"
    MANY_OF = "many_of"
    YES_NO = "yes_no"
    COUNTRY = "country"
    FILE = "file"


KIND_NAMES = {
    Kind.SHORT_TEXT: N_("Short text"),
    Kind.LONG_TEXT: N_("Long text"),
    Kind.NUMBER: N_("Number"),
    Kind.DATE: N_("Date"),
    Kind.ONE_OF: N_("One answer from a list"),
    Kind.MANY_OF: N_("Several answers from a list"),
    Kind.YES_NO: N_("Yes or no"),
    Kind.COUNTRY: N_("Country"),
    Kind.FILE: N_("File"),
}
YES = {"en": "Yes", "sr": "Да"}
NO = {"en": "No", "sr": "Не"}
FILE_KINDS = ("pdf", "png", "jpeg", "webp", "docx", "pptx", "xlsx")


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the kind allows; a limit that the kind does not know has no effect.

    `least` and `most` are numbers, or ISO dates for dates, or how many may be chosen.
    """

    least: Decimal | date | None = None
    most: Decimal | date | None = None
    decimals: int = 0
    characters_least: int | None = None
    characters_most: int | None = None
    words_least: int | None = None
    words_most: int | None = None
    must_be_yes: bool = False
    countries: tuple[str, ...] = ()
    types: tuple[str, ...] = ("pdf", "png", "jpeg")
    megabytes: float = 5

    @classmethod
    def from_json(cls, data: Mapping[str, Any], kind: Kind) -> Limits:
        """From the JSON column: {"least": "0.5", "decimals": 1, "types": ["pdf"]}."""
        known = {own.name for own in fields(cls)}
        values = {key: value for key, value in data.items() if key in known and value is not None}
        for bound in ("least", "most"):
            if bound in values:
                text = str(values[bound])
                values[bound] = date.fromisoformat(text) if kind is Kind.DATE else Decimal(text)
        for several in ("countries", "types"):
            if several in values:
                values[several] = tuple(values[several])
        return cls(**values)


class QuestionRow(Protocol):
    """What `Asked.from_row` reads; the database row has it."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> Mapping[str, str]: ...
    @property
    def help(self) -> Mapping[str, str]: ...
    @property
    def options(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def limits(self) -> Mapping[str, Any]: ...
    @property
    def required(self) -> str: ...
    @property
    def required_when(self) -> Mapping[str, Any] | None: ...
    @property
    def shown(self) -> str: ...
    @property
    def shown_when(self) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as data: `required` is never, always or when; `shown` is always or when."""

    key: str
    kind: Kind
    label: Mapping[str, str]
    help: Mapping[str, str] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    limits: Limits = Limits()
    required: str = "never"
    required_when: Mapping[str, Any] | None = None
    shown: str = "always"
    shown_when: Mapping[str, Any] | None = None

    @classmethod
    def from_row(cls, row: QuestionRow) -> Asked:
        kind = Kind(row.kind)
        return cls(
            key=row.key,
            kind=kind,
            label=row.label,
            help=row.help or {},
            options=tuple(
                Option(str(option["value"]), option.get("label") or {}) for option in row.options
            ),
            limits=Limits.from_json(row.limits or {}, kind),
            required=row.required,
            required_when=row.required_when,
            shown=row.shown,
            shown_when=row.shown_when,
        )


def as_yes_no(value: object) -> bool | None:
    """Yes or no from what forms and conditions say."""
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text in ("yes", "true", "1", "on", "y"):
        return True
    return False if text in ("no", "false", "0", "off", "n") else None


def figure_words(value: Decimal | int, locale: str) -> str:
    return format_decimal(value, locale=locale, decimal_quantization=False)


def day_words(value: date, locale: str) -> str:
    return dates.day(value, locale)


def display(asked: Asked, answer: Answer, locale: str) -> str:
    """The answer in words for pages and mails; empty when there is none.

    An answer that no longer fits its question (an option taken away since) is shown as it stands.
    """
    if answer is None:
        return ""
    if isinstance(answer, list):
        return ", ".join(_option(asked, value, locale) for value in answer)
    if isinstance(answer, Mapping):
        return str(answer.get("name", ""))
    if isinstance(answer, bool):
        return in_language(YES if answer else NO, locale)
    text = str(answer)
    if asked.kind is Kind.ONE_OF:
        return _option(asked, text, locale)
    if asked.kind is Kind.COUNTRY:
        return geo.country_name(text, locale)
    value = _exact(asked, answer)
    if isinstance(value, date):
        return day_words(value, locale)
    return text if value is None else figure_words(value, locale)


def _exact(asked: Asked, answer: Answer) -> int | Decimal | date | None:
    """The number or the day that the answer means; None for all other kinds."""
    try:
        if asked.kind is Kind.NUMBER and isinstance(answer, str | int):
            return answer if isinstance(answer, int) else Decimal(answer)
        if asked.kind is Kind.DATE:
            return date.fromisoformat(str(answer))
    except (ValueError, ArithmeticError):
        return None
    return None


def _option(asked: Asked, value: str, locale: str) -> str:
    for option in asked.options:
        if option.value == value:
            return in_language(option.label, locale) or value
    return value


def cell(asked: Asked, answer: Answer, locale: str) -> str | int | Decimal | date | None:
    """The answer for a spreadsheet: numbers and dates keep their kind, the rest is words."""
    if answer is None:
        return None
    value = _exact(asked, answer)
    return display(asked, answer, locale) if value is None else value
