"""The pages on which organisers ask something."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from conference.extensions import db
from conference.questions.models import Question


@pytest.mark.parametrize(
    ("kind", "typed", "field", "words"),
    [
        ("short_text", {"label_en": ""}, "label_en", "Please write the question"),
        ("one_of", {"options-0-en": "Bus"}, "options", "Please give at least two answers"),
        ("number", {"least": "10", "most": "5"}, "most", "The least is more than the most"),
        ("number", {"least": "ten"}, "least", "Please type a number"),
    ],
)
def test_what_is_wrong_with_a_question_stands_beside_its_field(
    browse, edition, organiser, kind, typed, field, words
):
    form = {"label_en": "How?", "shown": "always", "required": "never", **typed}
    answer = browse(organiser).post(f"/{edition.code}/desk/questions/new/{kind}", data=form)
    assert answer.status_code == 422
    assert answer.text.count(words) == 2
    assert f'<a href="#{field}">' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert db.session.scalars(select(Question)).all() == []
