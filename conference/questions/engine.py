"""Asking: which questions are shown and required, what was answered, what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conference.core.errors import N_, Invalid
from conference.questions.conditions import Answers, holds
from conference.questions.kinds import Answer, Asked, Kind
from conference.questions.reading import read

REQUIRED = N_("Please answer this question.")
REQUIRED_FILE = N_("Please choose a file.")


def is_shown(asked: Asked, answers: Answers, context: Mapping[str, Any]) -> bool:
    if asked.shown != "when":
        return True
    return holds(asked.shown_when or {}, answers, context)


def is_required(asked: Asked, answers: Answers, context: Mapping[str, Any]) -> bool:
    """Of a question that is shown; a hidden one is never required."""
    if asked.required == "when":
        return holds(asked.required_when or {}, answers, context)
    return asked.required == "always"


def _walk(
    questions: Sequence[Asked], answers: Answers, context: Mapping[str, Any]
) -> Iterator[tuple[Asked, dict[str, Answer]]]:
    """The shown questions in order, each with the answers of the shown ones before it."""
    before: dict[str, Answer] = {}
    for asked in questions:
        if is_shown(asked, before, context):
            yield asked, before
            before[asked.key] = answers.get(asked.key)


def visible(
    questions: Sequence[Asked], answers: Answers, context: Mapping[str, Any]
) -> list[Asked]:
    """The questions that this person sees."""
    return [asked for asked, _before in _walk(questions, answers, context)]


def missing(
    questions: Sequence[Asked], answers: Answers, context: Mapping[str, Any]
) -> list[Asked]:
    """The questions that this person still has to answer."""
    return [
        asked
        for asked, before in _walk(questions, answers, context)
        if answers.get(asked.key) is None and is_required(asked, before, context)
    ]


def clean(
    questions: Sequence[Asked],
    raw_answers: Mapping[str, Any],
    context: Mapping[str, Any],
    *,
    locale: str = "en",
) -> tuple[dict[str, Answer], dict[str, Invalid]]:
    """Answers for the JSON column and what is wrong, by question.

    `raw_answers` are a form's values: texts, lists of texts for many_of, and for a file the mapping
    of reading.read. Hidden questions are never required and their answers are dropped; unknown keys
    are ignored; what was not answered is left out.
    """
    answers: dict[str, Answer] = {}
    errors: dict[str, Invalid] = {}
    for asked in questions:
        if not is_shown(asked, answers, context):
            continue
        try:
            answer = read(asked, raw_answers.get(asked.key), locale)
            if answer is None and is_required(asked, answers, context):
                raise Invalid(REQUIRED_FILE if asked.kind is Kind.FILE else REQUIRED)
        except Invalid as error:
            error.field = asked.key
            errors[asked.key] = error
            continue
        if answer is not None:
            answers[asked.key] = answer
    return answers, errors


@dataclass(frozen=True, slots=True)
class Change:
    key: str
    before: Answer
    after: Answer


def changes(old: Answers, new: Answers) -> list[Change]:
    """What differs, in the order of the new answers, those taken away last."""
    keys = [*new, *(key for key in old if key not in new)]
    return [Change(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]
