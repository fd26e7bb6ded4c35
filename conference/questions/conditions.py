"""Conditions as data: {"question": "diet", "is": "other"}, {"any": [...]}, {"all": [...]},

{"not": {...}} and, about what else is known, {"ticket_type": ["funded", "speaker"]}.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from conference.questions.kinds import Answer, Asked, as_yes_no

Answers = Mapping[str, Answer]
# What a condition may ask besides earlier answers; each value is a word or several.
CONTEXT = ("ticket_type", "category", "country", "track")
_COMPARISONS = ("is", "is_not", "in", "answered", "at_least", "at_most")


def holds(condition: Mapping[str, Any], answers: Answers, context: Mapping[str, Any]) -> bool:
    """Whether the condition is met. A question without an answer meets none but "answered": false.

    Raises ValueError for a condition that `check_questions` would have refused.
    """
    if "any" in condition:
        return any(holds(part, answers, context) for part in condition["any"])
    if "all" in condition:
        return all(holds(part, answers, context) for part in condition["all"])
    if "not" in condition:
        return not holds(condition["not"], answers, context)
    if "question" in condition:
        return _compares(condition, answers.get(condition["question"]))
    if len(condition) == 1:
        [(name, wanted)] = condition.items()
        return bool(set(several(context.get(name))) & set(several(wanted)))
    raise ValueError(f"not a condition: {condition!r}")


def _compares(condition: Mapping[str, Any], answer: Answer) -> bool:
    for name in _COMPARISONS:
        if name in condition:
            wanted = condition[name]
            break
    else:
        raise ValueError(f"not a comparison: {condition!r}")
    if name == "answered":
        return (answer is not None) == bool(wanted)
    if answer is None:
        return False
    if name in ("is", "in"):
        return any(_same(answer, one) for one in several(wanted))
    if name == "is_not":
        return not any(_same(answer, one) for one in several(wanted))
    try:
        value, bound = Decimal(str(answer)), Decimal(str(wanted))
    except InvalidOperation:  # dates are ISO text, which orders as it reads
        return str(answer) >= str(wanted) if name == "at_least" else str(answer) <= str(wanted)
    return value >= bound if name == "at_least" else value <= bound


def _same(answer: Answer, wanted: object) -> bool:
    if isinstance(answer, list):
        return wanted in answer
    if isinstance(answer, bool):
        return as_yes_no(wanted) is answer
    return str(answer) == str(wanted)


def several(value: Any) -> list[Any]:
    """One value or many, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def well_formed(condition: Any, context_names: Collection[str]) -> bool:
    """Whether `holds` can read it."""
    if not isinstance(condition, Mapping) or not condition:
        return False
    for word in ("any", "all"):
        if word in condition:
            parts = condition[word]
            return (
                len(condition) == 1
                and isinstance(parts, list | tuple)
                and bool(parts)
                and all(well_formed(part, context_names) for part in parts)
            )
    if "not" in condition:
        return len(condition) == 1 and well_formed(condition["not"], context_names)
    if "question" in condition:
        others = condition.keys() - {"question"}
        return (
            isinstance(condition["question"], str)
            and len(others) == 1
            and others <= set(_COMPARISONS)
        )
    [name, *more] = condition
    return not more and name in context_names and bool(several(condition[name]))


def comparisons(asked: Asked) -> Iterator[Mapping[str, Any]]:
    """The comparisons with answers in the conditions that count."""
    waiting: list[Any] = []
    if asked.shown == "when" and asked.shown_when:
        waiting.append(asked.shown_when)
    if asked.required == "when" and asked.required_when:
        waiting.append(asked.required_when)
    while waiting:
        condition = waiting.pop()
        if not isinstance(condition, Mapping):
            continue
        if isinstance(condition.get("question"), str):
            yield condition
        for word in ("any", "all", "not"):
            waiting += several(condition.get(word))


def circle(questions: Sequence[Asked]) -> list[str]:
    """The keys of the first circle of questions that wait for each other, in order."""
    waits = {
        asked.key: {condition["question"] for condition in comparisons(asked)} - {asked.key}
        for asked in questions
    }

    def reach(start: str) -> set[str]:
        found: set[str] = set()
        waiting = list(waits.get(start, ()))
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += waits.get(key, ())
        return found

    reached = {key: reach(key) for key in waits}
    for key in waits:
        if key in reached[key]:
            return [other for other in waits if other in reached[key] and key in reached[other]]
    return []
