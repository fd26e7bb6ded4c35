"""The form of one question, without any code: wording, answers to choose, limits, when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from conference.core.errors import DomainError
from conference.core.text import slug
from conference.questions import checks
from conference.questions.kinds import FILE_KINDS, NO, YES, Asked, Kind
from conference.questions.models import Question
from conference.web.filters import tr
from conference.web.forms import BaseForm
from conference.web.i18n import _, lazy

BLANK_ROWS = 3
CHOSEN = (Kind.ONE_OF, Kind.MANY_OF)


class Ticks(SelectMultipleField):
    """Many of several as ticks."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class OptionForm(BaseForm):
    """One answer to choose from; `value` stays when the wording changes."""

    class Meta(BaseForm.Meta):
        """The token stands in the form around."""

        csrf = False

    value = HiddenField()
    en = StringField(lazy("in English"), [Length(max=120)])
    sr = StringField(lazy("in Serbian"), [Length(max=120)])


class QuestionForm(BaseForm):
    """A question of one kind; the fields that the kind does not know are not there."""

    label_en = StringField(lazy("Question in English"), [Length(max=200)])
    label_sr = StringField(lazy("Question in Serbian"), [Length(max=200)])
    help_en = StringField(lazy("Hint in English"), [Length(max=300)])
    help_sr = StringField(lazy("Hint in Serbian"), [Length(max=300)])
    options = FieldList(FormField(OptionForm), label=lazy("Answers to choose from"), max_entries=60)
    must_be_yes = BooleanField(lazy("Only “yes” lets people go on"))
    least = StringField(lazy("At least"), [Length(max=20)])
    most = StringField(lazy("At most"), [Length(max=20)])
    decimals = IntegerField(lazy("Decimals"), [Optional(), NumberRange(0, 6)])
    characters_most = IntegerField(lazy("At most so many characters"), [Optional(), NumberRange(1)])
    words_most = IntegerField(lazy("At most so many words"), [Optional(), NumberRange(1)])
    types = Ticks(lazy("Kinds of files"))
    megabytes = IntegerField(lazy("At most so many MB"), [Optional(), NumberRange(1, 20)])
    shown = RadioField(lazy("Who is asked"), default="always")
    shown_tickets = Ticks(lazy("These tickets"))
    shown_answers = Ticks(lazy("These answers"))
    required = RadioField(lazy("Must it be answered?"), default="never")
    required_answers = Ticks(lazy("After these answers"))

    def __init__(
        self,
        *args: Any,
        kind: Kind,
        before: Sequence[Asked] = (),
        tickets: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.kind = kind
        answers = _answers(before)
        self.types.choices = [(name, name.upper()) for name in FILE_KINDS]
        self.shown_tickets.choices = list(tickets)
        self.shown_answers.choices = self.required_answers.choices = answers
        self.shown.choices = [("always", _("Everybody"))]
        self.shown.choices += (
            [("tickets", _("Only people with certain tickets"))] if tickets else []
        )
        self.shown.choices += [("answers", _("Only after certain answers"))] if answers else []
        self.required.choices = [("never", _("No")), ("always", _("Yes"))]
        self.required.choices += [("when", _("Only after certain answers"))] if answers else []
        self.label_en.flags.required = True
        for name in _unknown_to(kind):
            del self[name]
        while kind in CHOSEN and len(self.options) < 60 and not self.is_submitted():
            if (
                sum(not (row.form.en.data or row.form.sr.data) for row in self.options)
                >= BLANK_ROWS
            ):
                break
            self.options.append_entry()

    @classmethod
    def from_question(cls, question: Question, **more: Any) -> Any:
        """Filled with what is asked now."""
        limits = question.limits or {}
        shown, tickets, answers = _read_shown(question)
        return cls(
            kind=Kind(question.kind),
            data={
                "label_en": question.label.get("en", ""),
                "label_sr": question.label.get("sr", ""),
                "help_en": question.help.get("en", ""),
                "help_sr": question.help.get("sr", ""),
                "options": [
                    {"value": one["value"], **one.get("label", {})} for one in question.options
                ],
                **{name: limits.get(name) for name in _LIMITS},
                "shown": shown,
                "shown_tickets": tickets,
                "shown_answers": answers,
                "required": question.required,
                "required_answers": _pairs_of(question.required_when),
            },
            **more,
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """The limits are figures or days; which, the kind says."""
        right = bool(super().validate(extra_validators))
        for name in ("least", "most"):
            field = self._fields.get(name)
            if field is None or not field.data:
                continue
            try:
                field.data = _bound(field.data, self.kind)
            except (ValueError, InvalidOperation):
                words = _("Please choose a day.") if self.kind is Kind.DATE else None
                field.errors = [words or _("Please type a number.")]
                right = False
        return right

    def refuse(self, error: DomainError) -> None:
        """The checks name the question; beside which field it stands is known here."""
        error.field = self._place_of(error.message)
        super().refuse(error)

    def _place_of(self, message: str) -> str | None:
        if message == checks.NO_CONDITION:
            shown = {"tickets": "shown_tickets", "answers": "shown_answers"}.get(self.shown.data)
            return shown if shown and not self[shown].data else "required_answers"
        return PLACES.get(message)

    def values(self) -> dict[str, Any]:
        """What the row keeps."""
        shown = self.shown.data
        when = None
        if shown == "tickets":
            when = {"ticket_type": self.shown_tickets.data or []}
        elif shown == "answers":
            when = _condition(self.shown_answers.data or [])
        must = self.required.data
        return {
            "kind": self.kind.value,
            "label": _pair(self.label_en, self.label_sr),
            "help": _pair(self.help_en, self.help_sr),
            "options": self._options() if self.kind in CHOSEN else [],
            "limits": self._limits(),
            "shown": "always" if shown == "always" else "when",
            "shown_when": when,
            "required": must,
            "required_when": _condition(self.required_answers.data or [])
            if must == "when"
            else None,
        }

    def _options(self) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        used = {row.form.value.data for row in self.options if row.form.value.data}
        for row in self.options:
            label = _pair(row.form.en, row.form.sr)
            if not label:
                continue
            value = row.form.value.data
            if not value:
                base = slug(label.get("en") or label["sr"], longest=40) or f"answer-{len(made) + 1}"
                value, number = base, 1
                while value in used:
                    number += 1
                    value = f"{base}-{number}"
                used.add(value)
            made.append({"value": value, "label": label})
        return made

    def _limits(self) -> dict[str, Any]:
        found = {name: self._fields[name].data for name in _LIMITS if name in self._fields}
        return {name: value for name, value in found.items() if value not in (None, "", False, [])}


PLACES = {
    checks.NO_LABEL: "label_en",
    checks.NO_OPTIONS: "options",
    checks.DOUBLE_OPTION: "options",
    checks.LIMITS_CROSSED: "most",
}
_LIMITS = (
    "must_be_yes",
    "least",
    "most",
    "decimals",
    "characters_most",
    "words_most",
    "types",
    "megabytes",
)
_OF_KIND = {
    Kind.SHORT_TEXT: {"characters_most"},
    Kind.LONG_TEXT: {"characters_most", "words_most"},
    Kind.NUMBER: {"least", "most", "decimals"},
    Kind.DATE: {"least", "most"},
    Kind.ONE_OF: {"options"},
    Kind.MANY_OF: {"options", "least", "most"},
    Kind.YES_NO: {"must_be_yes"},
    Kind.COUNTRY: set[str](),
    Kind.FILE: {"types", "megabytes"},
}


def _bound(typed: str, kind: Kind) -> str:
    """A limit as the column keeps it: an ISO day, or a plain decimal."""
    if kind is Kind.DATE:
        return date.fromisoformat(typed).isoformat()
    number = Decimal(typed.replace(",", "."))
    if not number.is_finite():
        raise ValueError(typed)
    return str(int(number)) if kind is Kind.MANY_OF else str(number)


def _unknown_to(kind: Kind) -> list[str]:
    return [name for name in ("options", *_LIMITS) if name not in _OF_KIND[kind]]


def _answers(before: Iterable[Asked]) -> list[tuple[str, str]]:
    """Every answer that can be chosen on an earlier question, as (question=answer, words)."""
    found = []
    for asked in before:
        if asked.kind in CHOSEN:
            options = [(one.value, tr(dict(one.label)) or one.value) for one in asked.options]
        elif asked.kind is Kind.YES_NO:
            options = [("yes", tr(YES)), ("no", tr(NO))]
        else:
            continue
        question = tr(dict(asked.label))
        found += [(f"{asked.key}={value}", f"{question}: {text}") for value, text in options]
    return found


def _condition(pairs: Sequence[str]) -> dict[str, Any] | None:
    """The condition that any of the chosen answers was given."""
    by_question: dict[str, list[str]] = {}
    for pair in pairs:
        key, _equals, value = pair.partition("=")
        by_question.setdefault(key, []).append(value)
    parts = [{"question": key, "in": values} for key, values in by_question.items()]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else {"any": parts}


def _pairs_of(condition: Any) -> list[str]:
    """The inverse of `_condition`."""
    if not isinstance(condition, dict):
        return []
    if "any" in condition:
        return [pair for part in condition["any"] for pair in _pairs_of(part)]
    wanted = condition.get("in", condition.get("is", []))
    values = wanted if isinstance(wanted, list) else [wanted]
    words = ["yes" if one is True else "no" if one is False else str(one) for one in values]
    return [f"{condition.get('question')}={value}" for value in words]


def _read_shown(question: Question) -> tuple[str, list[str], list[str]]:
    condition = question.shown_when or {}
    if question.shown == "always":
        return "always", [], []
    if "ticket_type" in condition:
        return "tickets", list(condition["ticket_type"]), []
    return "answers", [], _pairs_of(condition)


def _pair(english: Any, serbian: Any) -> dict[str, str]:
    texts = {"en": english.data or "", "sr": serbian.data or ""}
    return {language: text for language, text in texts.items() if text}
