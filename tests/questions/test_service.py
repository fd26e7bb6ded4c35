"""Questions as organisers make them: kept in order, refused when they do not fit together."""

from __future__ import annotations

import pytest

from conference.core.errors import Invalid, NotFound
from conference.extensions import db
from conference.questions import checks, service
from conference.questions.kinds import Kind
from tests import factories


def values(label="Sector", **overrides):
    return {
        "kind": "short_text",
        "label": {"en": label},
        "help": {},
        "options": [],
        "limits": {},
        "required": "never",
        "required_when": None,
        "shown": "always",
        "shown_when": None,
        **overrides,
    }


def add(edition, organiser, label="Sector", **overrides):
    return service.add(edition=edition, values=values(label, **overrides), by=organiser)


CHOICE = {
    "kind": "one_of",
    "options": [{"value": "a", "label": {"en": "A"}}, {"value": "b", "label": {"en": "B"}}],
}


def test_question_gets_a_short_name_of_its_own_from_its_wording(edition, organiser):
    keys = [add(edition, organiser, "Your sector?").key for _ in range(2)]
    keys.append(add(edition, organiser, "2 days?").key)
    assert keys == ["your_sector", "your_sector_2", "question_2_days"]


def test_questions_are_asked_in_the_order_in_which_they_were_moved(edition, organiser):
    first, second, third = (add(edition, organiser, name) for name in ("A", "B", "C"))
    service.move(edition=edition, question=third, up=True, by=organiser)
    service.move(edition=edition, question=first, up=False, by=organiser)
    assert [row.key for row in service.rows(edition)] == ["c", "a", "b"]
    assert [asked.key for asked in service.asked(edition)] == ["c", "a", "b"]
    service.move(edition=edition, question=second, up=False, by=organiser)
    assert [row.key for row in service.rows(edition)] == ["c", "a", "b"]


def test_question_cannot_be_moved_before_the_one_whose_answer_it_waits_for(edition, organiser):
    add(edition, organiser, "Choice", **CHOICE)
    waits = add(
        edition,
        organiser,
        "Why",
        shown="when",
        shown_when={"question": "choice", "in": ["b"]},
    )
    with pytest.raises(Invalid) as refused:
        service.move(edition=edition, question=waits, up=True, by=organiser)
    assert refused.value.message == checks.LATER_QUESTION


def test_question_for_whose_answer_another_waits_cannot_be_archived(edition, organiser):
    choice = add(edition, organiser, "Choice", **CHOICE)
    add(edition, organiser, "Why", shown="when", shown_when={"question": "choice", "in": ["b"]})
    with pytest.raises(Invalid) as refused:
        service.archive(edition=edition, question=choice, by=organiser)
    assert refused.value.message == checks.UNKNOWN_QUESTION


def test_archived_question_is_asked_no_more_but_still_known(edition, organiser):
    question = add(edition, organiser)
    service.archive(edition=edition, question=question, by=organiser)
    assert service.asked(edition) == []
    assert [asked.key for asked in service.ever_asked(edition)] == ["sector"]
    service.ask_again(edition=edition, question=question, by=organiser)
    assert [asked.key for asked in service.asked(edition)] == ["sector"]


def test_kind_of_a_question_stays(edition, organiser):
    question = add(edition, organiser)
    service.change(
        edition=edition,
        question=question,
        values=values("Branch", kind="number"),
        by=organiser,
    )
    assert (question.kind, question.label) == ("short_text", {"en": "Branch"})


def test_choice_with_one_answer_is_refused(edition, organiser):
    with pytest.raises(Invalid) as refused:
        add(edition, organiser, kind="one_of", options=CHOICE["options"][:1])
    assert refused.value.message == checks.NO_OPTIONS


def test_questions_of_another_edition_are_not_found(edition, organiser):
    other = factories.make_question(factories.make_edition())
    with pytest.raises(NotFound):
        service.one(edition, other.public_id)
    assert service.asked(edition) == []


def test_questions_of_several_editions_come_in_one_statement(edition, organiser, queries):
    other = factories.make_edition()
    for here in (edition, other):
        factories.make_question(here, key="sector")
    db.session.commit()
    _ = (edition.id, other.id)
    queries.clear()
    asked = service.asked_in([edition, other])
    assert [len(asked[edition.id]), len(asked[other.id]), len(queries)] == [1, 1, 1]


def test_organiser_makes_a_choice_without_code(browse, edition, organiser):
    client = browse(organiser)
    form = {
        "label_en": "Your sector",
        "options-0-en": "Wood",
        "options-1-en": "ICT",
        "options-1-sr": "ИКТ",
        "options-2-en": "",
        "shown": "always",
        "required": "always",
    }
    answer = client.post(f"/{edition.code}/desk/questions/new/one_of", data=form)
    assert answer.location == f"/{edition.code}/desk/questions"
    (asked,) = service.asked(edition)
    assert (asked.key, asked.kind, asked.required) == ("your_sector", Kind.ONE_OF, "always")
    assert [(option.value, option.label) for option in asked.options] == [
        ("wood", {"en": "Wood"}),
        ("ict", {"en": "ICT", "sr": "ИКТ"}),
    ]


def test_organiser_makes_a_question_that_waits_for_an_answer_and_finds_it_so(
    browse, edition, organiser
):
    add(edition, organiser, "Choice", **CHOICE)
    client = browse(organiser)
    form = {
        "label_en": "Why",
        "shown": "answers",
        "shown_answers": ["choice=a", "choice=b"],
        "required": "never",
    }
    assert (
        client.post(f"/{edition.code}/desk/questions/new/long_text", data=form).status_code == 302
    )
    row = service.rows(edition)[1]
    assert row.shown_when == {"question": "choice", "in": ["a", "b"]}
    text = client.get(f"/{edition.code}/desk/questions/{row.public_id}").text
    assert text.count('name="shown_answers"') == 2
    assert text.count("checked") == 4  # both answers, "only after certain answers" and "no"


def test_question_for_certain_tickets_names_them(browse, edition, organiser):
    student = factories.make_ticket_type(edition, name={"en": "Student"})
    form = {
        "label_en": "University",
        "shown": "tickets",
        "shown_tickets": [student.public_id],
        "required": "always",
    }
    browse(organiser).post(f"/{edition.code}/desk/questions/new/short_text", data=form)
    (row,) = service.rows(edition)
    assert row.shown_when == {"ticket_type": [student.public_id]}


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_page_that_saves(browse, edition, organiser, kind):
    form = {"label_en": "Something", "shown": "always", "required": "never"}
    if kind in (Kind.ONE_OF, Kind.MANY_OF):
        form |= {"options-0-en": "A", "options-1-en": "B"}
    client, address = browse(organiser), f"/{edition.code}/desk/questions/new/{kind}"
    assert client.get(address).status_code == 200
    assert client.post(address, data=form).status_code == 302
    assert [asked.kind for asked in service.asked(edition)] == [kind]


@pytest.mark.parametrize(("kind", "typed"), [("number", "many"), ("date", "soon")])
def test_limit_that_is_none_is_refused_beside_its_field(browse, edition, organiser, kind, typed):
    form = {"label_en": "Age", "shown": "always", "required": "never", "least": typed}
    answer = browse(organiser).post(f"/{edition.code}/desk/questions/new/{kind}", data=form)
    assert answer.status_code == 422
    assert 'id="least-error"' in answer.text
    assert service.asked(edition) == []


def test_questions_are_edited_by_organisers_only(browse, edition, finance):
    assert browse(finance).get(f"/{edition.code}/desk/questions").status_code == 403
    assert browse(finance).get(f"/{edition.code}/desk/questions/new/date").status_code == 403
