"""Questions: shown and required by conditions, read in plain words, checked before use."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.questions import checks, engine, reading
from conference.questions.checks import check_questions
from conference.questions.engine import Change, changes, clean, missing, visible
from conference.questions.kinds import Answer, Asked, Kind, Limits, Option, cell, display

NOTHING: dict[str, Any] = {}


def ask(key: str, kind: Kind = Kind.SHORT_TEXT, **more: Any) -> Asked:
    if kind in (Kind.ONE_OF, Kind.MANY_OF) and "options" not in more:
        more["options"] = options("meat", "fish", "other")
    return Asked(key, kind, {"en": key.title(), "sr": "Питање"}, **more)


def options(*values: str) -> tuple[Option, ...]:
    return tuple(Option(value, {"en": value.title(), "sr": "Реч"}) for value in values)


def refusal(asked: Asked, raw: object, locale: str = "en") -> str:
    answers, errors = clean([asked], {asked.key: raw}, NOTHING, locale=locale)
    assert answers == {}
    assert errors[asked.key].field == asked.key
    return errors[asked.key].message


def answer(asked: Asked, raw: object, locale: str = "en") -> Answer:
    answers, errors = clean([asked], {asked.key: raw}, NOTHING, locale=locale)
    assert errors == {}
    return answers.get(asked.key)


DIET = ask("diet", Kind.ONE_OF, required="always")
WHICH = ask(
    "which",
    shown="when",
    shown_when={"question": "diet", "is": "other"},
    required="always",
)


def test_a_question_hangs_on_an_earlier_answer() -> None:
    assert clean([DIET, WHICH], {"diet": "fish", "which": "left over"}, NOTHING) == (
        {"diet": "fish"},
        {},
    )
    answers, errors = clean([DIET, WHICH], {"diet": "other", "which": " "}, NOTHING)
    assert answers == {"diet": "other"}
    assert {key: error.message for key, error in errors.items()} == {"which": engine.REQUIRED}


def test_a_question_behind_a_hidden_one_is_hidden_too() -> None:
    again = ask("again", shown="when", shown_when={"question": "which", "answered": True})
    raw = {"diet": "meat", "which": "x", "again": "y"}
    assert clean([DIET, WHICH, again], raw, NOTHING)[0] == {"diet": "meat"}
    assert [asked.key for asked in visible([DIET, WHICH, again], raw, NOTHING)] == ["diet"]


def test_a_wrong_answer_opens_nothing_and_only_itself_is_reported() -> None:
    answers, errors = clean([DIET, WHICH], {"diet": "stone"}, NOTHING)
    assert answers == {}
    assert {key: error.message for key, error in errors.items()} == {"diet": reading.NOT_AN_OPTION}


def test_the_ticket_decides_what_is_asked() -> None:
    visa = ask(
        "passport",
        required="when",
        required_when={"all": [{"ticket_type": ["funded", "speaker"]}, {"not": {"country": "RS"}}]},
    )
    for context, wanted in (
        ({"ticket_type": "funded", "country": "KR"}, ["passport"]),
        ({"ticket_type": "funded", "country": "RS"}, []),
        ({"ticket_type": "regular", "country": "KR"}, []),
        ({}, []),
    ):
        assert [asked.key for asked in missing([visa], {}, context)] == wanted
        assert list(clean([visa], {}, context)[1]) == wanted


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({"question": "nights", "at_least": 2}, True),
        ({"question": "nights", "at_least": 10}, False),
        ({"question": "nights", "at_most": "2"}, True),
        ({"question": "arrival", "at_least": "2026-09-21"}, True),
        ({"question": "arrival", "at_most": "2026-09-21"}, False),
        ({"question": "visa", "is": True}, True),
        ({"question": "visa", "is": "yes"}, True),
        ({"question": "visa", "is_not": "yes"}, False),
        ({"question": "days", "is": "friday"}, True),
        ({"question": "days", "in": ["monday", "sunday"]}, False),
        ({"question": "days", "is_not": "monday"}, True),
        ({"question": "empty", "is_not": "x"}, False),
        ({"question": "empty", "answered": False}, True),
        ({"any": [{"question": "empty", "is": "x"}, {"question": "nights", "is": 2}]}, True),
        ({"all": [{"question": "empty", "is": "x"}, {"question": "nights", "is": 2}]}, False),
    ],
)
def test_conditions_compare_every_kind_of_answer(condition: dict[str, Any], met: bool) -> None:
    known: dict[str, Answer] = {
        "nights": 2,
        "arrival": "2026-09-22",
        "visa": True,
        "days": ["friday", "saturday"],
    }
    assert engine.holds(condition, known, NOTHING) is met


def test_text_is_cleaned_and_measured() -> None:
    assert answer(ask("a"), "  Niš \r\n Bcc: x\x00 ") == "Niš Bcc: x"
    assert answer(ask("a", Kind.LONG_TEXT), "one\r\n\r\n\r\n\r\ntwo ") == "one\n\ntwo"
    assert refusal(ask("a"), "x" * 201) == reading.TOO_LONG
    words = ask("a", Kind.LONG_TEXT, limits=Limits(words_least=2, words_most=3))
    assert answer(words, "one two\nthree") == "one two\nthree"
    assert refusal(words, "one two three four") == reading.TOO_MANY_WORDS
    assert refusal(words, "one") == reading.TOO_FEW_WORDS
    assert refusal(ask("a", limits=Limits(characters_least=3)), "xy") == reading.TOO_SHORT


def test_numbers_are_exact_and_read_as_the_reader_writes() -> None:
    whole = ask("n", Kind.NUMBER, limits=Limits(least=Decimal(1), most=Decimal(5000)))
    assert answer(whole, "1.250", "sr") == answer(whole, "1,250", "en") == 1250
    assert refusal(whole, "0") == reading.TOO_SMALL
    assert refusal(whole, "5001") == reading.TOO_BIG
    assert refusal(whole, "2.5") == reading.WHOLE
    assert refusal(whole, "1.250", "en") == reading.AMBIGUOUS
    assert refusal(whole, "two") == reading.NOT_A_NUMBER
    half = ask("n", Kind.NUMBER, limits=Limits(decimals=2))
    assert answer(half, "2,50", "sr") == "2.5"
    assert answer(half, "-100") == "-100"
    assert refusal(half, "2.555555") == reading.DECIMALS
    assert display(half, "1234.5", "sr") == "1.234,5"
    assert cell(half, "1234.5", "sr") == Decimal("1234.5")


def test_dates_are_read_from_the_picker_and_as_typed() -> None:
    limits = Limits(least=date(2026, 9, 20), most=date(2026, 9, 26))
    arrival = ask("d", Kind.DATE, limits=limits)
    for typed in ("2026-09-22", "22.09.2026", "22. 9. 2026.", "22/9/2026"):
        assert answer(arrival, typed) == "2026-09-22"
    assert refusal(arrival, "2026-09-19") == reading.TOO_EARLY
    assert refusal(arrival, "27.9.2026") == reading.TOO_LATE
    for typed in ("31.2.2026", "tomorrow", "2026-09-22T10:00"):
        assert refusal(arrival, typed) == reading.NOT_A_DATE
    assert display(arrival, "2026-09-22", "sr_Latn") == "22. septembra 2026."
    assert cell(arrival, "2026-09-22", "en") == date(2026, 9, 22)


def test_choices_come_from_the_list_in_its_order() -> None:
    many = ask("m", Kind.MANY_OF, limits=Limits(least=Decimal(1), most=Decimal(2)))
    assert answer(many, ["other", "meat", "meat"]) == ["meat", "other"]
    assert answer(many, "fish") == ["fish"]
    assert answer(many, []) is answer(many, "") is None
    assert refusal(many, ["meat", "stone"]) == reading.NOT_AN_OPTION
    assert refusal(many, ["meat", "fish", "other"]) == reading.TOO_MANY_CHOSEN
    assert display(many, ["meat", "gone"], "en") == "Meat, gone"
    assert refusal(DIET, "stone") == reading.NOT_AN_OPTION
    assert display(DIET, "fish", "sr_Latn") == "Reč"


def test_yes_or_no_and_consent() -> None:
    yes_no = ask("y", Kind.YES_NO, required="always")
    assert answer(yes_no, "yes") is answer(yes_no, True) is True
    assert answer(yes_no, ["", "no"]) is False
    assert refusal(yes_no, None) == engine.REQUIRED
    assert refusal(yes_no, "maybe") == reading.NOT_YES_OR_NO
    assert refusal(replace(yes_no, limits=Limits(must_be_yes=True)), "no") == reading.MUST_BE_YES
    assert [display(yes_no, value, "sr_Latn") for value in (True, False, None)] == ["Da", "Ne", ""]


def test_a_country_is_a_code_and_shown_by_name() -> None:
    country = ask("c", Kind.COUNTRY, limits=Limits(countries=("RS", "KR")))
    assert answer(country, "kr") == "KR"
    assert refusal(country, "DE") == refusal(country, "ZZ") == reading.NOT_AN_OPTION
    assert display(country, "KR", "sr_Latn") == "Južna Koreja"


def test_a_file_is_a_reference_within_its_limits() -> None:
    paper = ask("f", Kind.FILE, limits=Limits(types=("pdf",), megabytes=1), required="always")
    stored = {"file": "abc", "name": "a\nb.pdf", "kind": "pdf", "size": 1024, "extra": 1}
    kept = {"file": "abc", "name": "a b.pdf", "kind": "pdf", "size": 1024}
    assert answer(paper, stored) == kept
    assert display(paper, kept, "en") == "a b.pdf"
    assert refusal(paper, {**stored, "kind": "png"}) == reading.FILE_KIND
    assert refusal(paper, {**stored, "size": 2**21}) == reading.FILE_SIZE
    assert refusal(paper, "abc") == reading.NOT_A_FILE
    assert refusal(paper, "") == engine.REQUIRED_FILE


ANYTHING = st.none() | st.text(max_size=20) | st.booleans() | st.lists(st.text(max_size=5))


@given(st.sampled_from(list(Kind)), ANYTHING, st.sampled_from(["en", "sr", "sr_Latn"]))
def test_whatever_is_sent_gives_an_answer_for_json_or_words(
    kind: Kind, raw: object, locale: str
) -> None:
    asked = ask("k", kind)
    answers, errors = clean([asked], {"k": raw, "unknown": "x"}, NOTHING, locale=locale)
    assert json.loads(json.dumps(answers)) == answers
    assert not (answers and errors)
    for given_answer in answers.values():
        assert display(asked, given_answer, locale)
        assert clean([asked], {"k": given_answer}, NOTHING)[0] == answers


def test_a_row_of_the_database_becomes_a_question() -> None:
    row = SimpleNamespace(
        key="nights",
        kind="number",
        label={"en": "Nights"},
        help={},
        options=[],
        limits={"least": "0.5", "most": 9, "decimals": 1, "unheard_of": 1},
        required="always",
        required_when=None,
        shown="always",
        shown_when=None,
    )
    asked = Asked.from_row(row)
    assert asked.limits == Limits(least=Decimal("0.5"), most=Decimal(9), decimals=1)
    assert answer(asked, "0.5") == "0.5"
    row.kind, row.limits = "date", {"least": "2026-09-20"}
    assert Asked.from_row(row).limits.least == date(2026, 9, 20)


def test_changes_name_what_differs() -> None:
    old: dict[str, Answer] = {"a": 1, "b": "x", "c": ["y"]}
    new: dict[str, Answer] = {"b": "z", "c": ["y"], "d": True}
    assert changes(old, new) == [
        Change("b", "x", "z"),
        Change("d", None, True),
        Change("a", 1, None),
    ]
    assert changes(old, old) == []


def faults(*questions: Asked) -> list[tuple[str | None, str]]:
    return [(problem.field, problem.message) for problem in check_questions(questions)]


def when(key: str, condition: Any, **more: Any) -> Asked:
    return ask(key, shown="when", shown_when=condition, **more)


def test_a_sound_list_has_no_faults() -> None:
    assert faults(DIET, WHICH, when("visa", {"ticket_type": ["funded"]})) == []


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        ([ask("Bad key")], [("Bad key", checks.BAD_KEY)]),
        ([ask("a"), ask("a")], [("a", checks.DOUBLE_KEY)]),
        ([replace(ask("a"), label={"en": " "})], [("a", checks.NO_LABEL)]),
        ([ask("a", Kind.ONE_OF, options=options("x"))], [("a", checks.NO_OPTIONS)]),
        ([ask("a", Kind.ONE_OF, options=options("x", "x"))], [("a", checks.DOUBLE_OPTION)]),
        (
            [ask("a", Kind.MANY_OF, options=(Option("x", {}), Option("y", {"sr": "Игрек"})))],
            [("a", checks.NO_OPTION_LABEL)],
        ),
        (
            [ask("a", limits=Limits(words_least=5, words_most=2))],
            [("a", checks.LIMITS_CROSSED)],
        ),
        ([ask("a", required="when")], [("a", checks.NO_CONDITION)]),
        ([ask("a", required="sometimes")], [("a", checks.BAD_CHOICE)]),
        ([when("a", {"weather": "fine"})], [("a", checks.BAD_CONDITION)]),
        ([when("a", {"any": []})], [("a", checks.BAD_CONDITION)]),
        ([when("a", {"any": ["x"]})], [("a", checks.BAD_CONDITION)]),
        ([when("a", {"question": "b"})], [("a", checks.BAD_CONDITION)]),
        ([when("a", ["x"])], [("a", checks.BAD_CONDITION)]),
        ([when("a", {"question": "b", "is": "x"})], [("a", checks.UNKNOWN_QUESTION)]),
        ([when("a", {"question": "a", "is": "x"})], [("a", checks.ITSELF)]),
        ([when("a", {"question": "b", "is": "x"}), ask("b")], [("a", checks.LATER_QUESTION)]),
        (
            [DIET, when("a", {"not": {"question": "diet", "is": "stone"}})],
            [("a", checks.UNKNOWN_OPTION)],
        ),
        (
            [when("a", {"question": "b", "is": "x"}), when("b", {"question": "a", "is": "x"})],
            [("a", checks.CIRCLE)],
        ),
    ],
)
def test_a_fault_is_found_and_said_in_words(
    questions: list[Asked], expected: list[tuple[str, str]]
) -> None:
    assert faults(*questions) == expected


def test_a_circle_names_its_questions() -> None:
    [problem] = check_questions(
        [when("a", {"question": "b", "is": "x"}), when("b", {"question": "a", "is": "x"})]
    )
    assert str(problem) == "These questions wait for each other: a, b."
