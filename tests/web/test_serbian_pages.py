"""No English words are left on Serbian pages, in either alphabet."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from conference.core.text import serbian_latin
from conference.translations import catalogue
from tests import every_page

PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")


def english(letters: Callable[[str], str]) -> re.Pattern[str]:
    """Every text of ours whose Serbian, in these letters, differs from it."""
    kept = catalogue.kept(catalogue.ROOT)
    texts = {
        " ".join(msgid.split())
        for msgid, entry in kept.items()
        if entry.forms[0] and letters(entry.forms[0]) != msgid and re.search("[a-z]{2}", msgid)
    }
    # A text that is little more than its places would match everything.
    telling = [text for text in texts if len(PLACE.sub("", text).strip(" :.,()")) > 2]
    patterns = (".+?".join(map(re.escape, PLACE.split(text))) for text in telling)
    return re.compile("|".join(sorted(patterns, key=len, reverse=True)))


@pytest.mark.sql
@pytest.mark.parametrize(
    ("locale", "language", "letters"),
    [("sr", "sr-Cyrl", str), ("sr_Latn", "sr-Latn", serbian_latin)],
)
def test_no_english_text_of_ours_is_left_on_a_serbian_page(app, browse, locale, language, letters):
    words = english(letters)
    world = every_page.full_world()
    browsers: dict[str, Any] = {
        name: browse(person, second_factor=name != every_page.HALF_IN)
        for name, person in world.actors.items()
    }
    left: dict[str, list[str]] = {}
    seen = 0
    for visit in every_page.visits(app, world):
        client = browsers[visit.actor]
        client.set_cookie("locale", locale)
        answer = client.get(visit.path)
        assert answer.status_code < 500, visit
        if answer.status_code >= 300:
            continue
        seen += 1
        assert f'<html lang="{language}">' in answer.text, visit.endpoint
        found = sorted(text for text in every_page.texts(answer.text) if words.fullmatch(text))
        if found:
            left[visit.endpoint] = found
    assert left == {}
    assert seen > 90
