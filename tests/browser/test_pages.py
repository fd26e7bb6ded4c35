"""Every page in a real browser: axe finds nothing, nothing sticks out, no script or style fails.

The quick suite looks at each page once, on a telephone, in English. With TEST_ALL=1 it looks at
each on a telephone and a desk, in three languages and alphabets, by day and by night, full and
empty.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from conference.editions import stamps
from tests import every_page
from tests.access_table import TABLE
from tests.browser.conftest import Live, find_violations
from tests.conftest import TEST_ALL
from tests.every_page import HALF_IN, Visit, World

pytestmark = pytest.mark.browser

LANGUAGES = {"en": "en", "sr": "sr-Cyrl", "sr_Latn": "sr-Latn"}
PHONE, DESK = 390, 1280
QUICK = [(PHONE, "en", "light", "full")]
ENLARGED = 320  # what is left of a desk's screen when its reader enlarges it four times
ALL = [
    *itertools.product((PHONE, DESK), LANGUAGES, ("light", "dark"), ("full", "empty")),
    *itertools.product((ENLARGED,), LANGUAGES, ("light",), ("full",)),
]
NO_PAGES = {"checkin_api", "health", "languages", "payments_webhooks"}
FEATURES = sorted({endpoint.split(".")[0] for endpoint in TABLE} - NO_PAGES)
STICKS_OUT = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const scrolls = it => {
    for (let up = it.parentElement; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible") return true;
    return false;
  };
  return [...document.body.querySelectorAll("*")]
    .filter(it => it.getBoundingClientRect().right > room + 1 && !scrolls(it))
    .map(it => it.outerHTML.slice(0, 100)).slice(-3);
}"""


@pytest.fixture(scope="session")
def worlds(live_site: Live) -> dict[str, World]:
    """An edition with one of everything and long words, and one with nothing."""
    with live_site.inside():
        made = {"full": every_page.full_world(), "empty": every_page.empty_world()}
        stamps.bump()
    return made


class Look:
    """Browsers of all actors, and what was wrong on the pages that they opened."""

    def __init__(self, live: Live, browser: Any, world: World, shape: tuple[int, str, str]) -> None:
        self.live, self.browser, self.world = live, browser, world
        self.width, self.locale, self.scheme = shape
        self.pages: dict[str, tuple[Page, list[str]]] = {}
        self.contexts: list[BrowserContext] = []
        self.faults: dict[str, list[str]] = {}
        self.seen: list[str] = []

    def close(self) -> None:
        for context in self.contexts:
            context.close()

    def page_of(self, actor: str) -> tuple[Page, list[str]]:
        if actor not in self.pages:
            context = self.browser.new_context(
                base_url=self.live.url,
                viewport={"width": self.width, "height": 844},
                color_scheme=self.scheme,
                reduced_motion="reduce",
            )
            self.contexts.append(context)
            cookies = [{"name": "locale", "value": self.locale, "url": self.live.url}]
            person = self.world.actors[actor]
            if person is not None:
                cookies.append(self.live.cookie(person, second_factor=actor != HALF_IN))
            context.add_cookies(cookies)
            page, said = context.new_page(), []
            page.on("pageerror", lambda error: said.append(f"script: {error}"))
            page.on(
                "console",
                lambda message: message.type in {"error", "warning"} and said.append(message.text),
            )
            self.pages[actor] = (page, said)
        return self.pages[actor]

    def look_at(self, page: Page) -> list[str]:
        """What is wrong with a page as it stands there."""
        found = [f"sticks out: {one}" for one in page.evaluate(STICKS_OUT)]
        if page.locator("html").get_attribute("lang") != LANGUAGES[self.locale]:
            found.append("not the language that was asked for")
        return found + find_violations(page)

    def visit(self, visit: Visit) -> None:
        page, said = self.page_of(visit.actor)
        said.clear()
        answer = page.goto(visit.path)
        found = self.look_at(page)
        if answer is None or answer.status != 200:
            found.append(f"answered {answer and answer.status}")
        if answer is not None and answer.request.redirected_from is not None:
            found.append(f"sent on to {page.url}")
        found += said
        self.seen.append(visit.endpoint)
        if found:
            self.faults[f"{visit.endpoint} {visit.path}"] = found


@pytest.fixture
def look(
    live_site: Live, launch: Callable[..., Any], worlds: dict[str, World]
) -> Iterator[Callable[..., Look]]:
    opened: list[Look] = []

    def begin(width: int, locale: str, scheme: str, world: str) -> Look:
        opened.append(Look(live_site, launch(), worlds[world], (width, locale, scheme)))
        return opened[-1]

    yield begin
    for one in opened:
        one.close()


@pytest.mark.parametrize(
    "shape", ALL if TEST_ALL else QUICK, ids=lambda shape: "-".join(map(str, shape))
)
@pytest.mark.parametrize("feature", FEATURES)
def test_everybody_can_use_every_page(live_site, look, feature, shape):
    looking = look(*shape)
    for visit in every_page.visits(live_site.app, looking.world, feature):
        looking.visit(visit)
    assert looking.faults == {}
    assert looking.seen or shape[3] == "empty"


def test_broken_page_is_noticed(look):
    looking = look(PHONE, "sr", "light", "empty")
    page, said = looking.page_of("anonymous")
    page.goto("/sign-in")
    assert looking.look_at(page) == []
    page.evaluate("""() => {
      document.documentElement.lang = "de";
      document.querySelector("main").insertAdjacentHTML("beforeend",
        `<p style="color: #aaa">x</p><p id="wide">x</p><img src="/x.png"><input id="who">`);
      document.getElementById("wide").style.minWidth = "900px";
    }""")
    found = "\n".join(looking.look_at(page))
    for words in ('sticks out: <p id="wide"', "not the language", "image-alt", "label: <input"):
        assert words in found
    assert "Content Security Policy" in "\n".join(said)


def test_every_feature_with_pages_is_looked_at(live_site, worlds):
    found = every_page.visits(live_site.app, worlds["full"])
    assert sorted({visit.endpoint.split(".")[0] for visit in found}) == FEATURES
