"""Checking a list of questions before it is used: every fault in plain words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from conference.core.errors import N_, Invalid
from conference.questions import conditions
from conference.questions.kinds import Asked, Kind

_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")

BAD_KEY = N_("The short name may have small letters, digits and underscores only.")
DOUBLE_KEY = N_("Two questions have the short name “%(question)s”.")
NO_LABEL = N_("Please write the question in at least one language.")
NO_OPTIONS = N_("Please give at least two answers to choose from.")
DOUBLE_OPTION = N_("The answer “%(option)s” is there twice.")
NO_OPTION_LABEL = N_("The answer “%(option)s” has no text.")
LIMITS_CROSSED = N_("The least is more than the most.")
NO_CONDITION = N_("Please say when.")
BAD_CONDITION = N_("This condition cannot be read.")
BAD_CHOICE = N_("Please choose when the question is shown and when it must be answered.")
UNKNOWN_QUESTION = N_("The condition names “%(question)s”, but there is no such question.")
LATER_QUESTION = N_("The condition depends on “%(question)s”, which is asked later. Move it up.")
ITSELF = N_("The question waits for its own answer.")
CIRCLE = N_("These questions wait for each other: %(questions)s.")
UNKNOWN_OPTION = N_("The condition waits for “%(option)s”, which “%(question)s” does not offer.")


def check_questions(
    questions: Sequence[Asked], context_names: Collection[str] = conditions.CONTEXT
) -> list[Invalid]:
    """Everything that is wrong with the list, in words; `field` is the key of the question."""
    problems: list[Invalid] = []
    by_key = {asked.key: asked for asked in questions}
    circle = conditions.circle(questions)
    seen: set[str] = set()
    for asked in questions:
        found = [*_own_problems(asked, seen), *_when_problems(asked, context_names)]
        if not found:
            found = _reference_problems(asked, by_key, seen, circle)
        for problem in found:
            problem.field = asked.key
        problems += found
        seen.add(asked.key)
    return problems


def _own_problems(asked: Asked, seen: Collection[str]) -> Iterator[Invalid]:
    if not _KEY.fullmatch(asked.key):
        yield Invalid(BAD_KEY)
    if asked.key in seen:
        yield Invalid(DOUBLE_KEY, question=asked.key)
    if not any(text.strip() for text in asked.label.values()):
        yield Invalid(NO_LABEL)
    if asked.kind in (Kind.ONE_OF, Kind.MANY_OF):
        yield from _option_problems(asked)
    limits = asked.limits
    for least, most in (
        (limits.least, limits.most),
        (limits.characters_least, limits.characters_most),
        (limits.words_least, limits.words_most),
    ):
        if least is not None and most is not None and least > most:  # type: ignore[operator]
            yield Invalid(LIMITS_CROSSED)


def _option_problems(asked: Asked) -> Iterator[Invalid]:
    values = [option.value for option in asked.options]
    if len(values) < 2:
        yield Invalid(NO_OPTIONS)
    for option in asked.options:
        if not any(text.strip() for text in option.label.values()):
            yield Invalid(NO_OPTION_LABEL, option=option.value)
    for value in dict.fromkeys(value for value in values if values.count(value) > 1):
        yield Invalid(DOUBLE_OPTION, option=value)


def _when_problems(asked: Asked, context_names: Collection[str]) -> Iterator[Invalid]:
    if asked.required not in ("never", "always", "when") or asked.shown not in ("always", "when"):
        yield Invalid(BAD_CHOICE)
    for choice, condition in (
        (asked.required, asked.required_when),
        (asked.shown, asked.shown_when),
    ):
        if choice == "when" and not condition:
            yield Invalid(NO_CONDITION)
        elif choice == "when" and not conditions.well_formed(condition, context_names):
            yield Invalid(BAD_CONDITION)


def _reference_problems(
    asked: Asked, by_key: Mapping[str, Asked], seen: Collection[str], circle: Sequence[str]
) -> list[Invalid]:
    problems: list[Invalid] = []
    for condition in conditions.comparisons(asked):
        other = condition["question"]
        if other == asked.key:
            problems.append(Invalid(ITSELF))
        elif other not in by_key:
            problems.append(Invalid(UNKNOWN_QUESTION, question=other))
        elif other not in seen and {asked.key, other} <= set(circle):
            problems.append(Invalid(CIRCLE, questions=", ".join(circle)))
        elif other not in seen:
            problems.append(Invalid(LATER_QUESTION, question=other))
        elif by_key[other].kind in (Kind.ONE_OF, Kind.MANY_OF):
            offered = {option.value for option in by_key[other].options}
            for name in ("is", "is_not", "in"):
                problems += [
                    Invalid(UNKNOWN_OPTION, option=str(wanted), question=other)
                    for wanted in conditions.several(condition.get(name))
                    if wanted not in offered
                ]
    return problems
