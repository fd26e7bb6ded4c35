"""Journeys in a real Chromium: a served product with its worker, a mailbox and a card provider."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import inspect

from conference.accounts import current, sessions
from conference.accounts.models import Person
from conference.extensions import db
from conference.features import tell
from tests.sandbox import mailbox, stripe
from tests.sandbox.chromium import NoBrowser, chromium
from tests.serving import ROOT, Site, site

PATIENCE = 20_000  # milliseconds: a page answers in some dozens, a busy machine needs more
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Live:
    """A running product with its surroundings, and its twin in this process for preparing."""

    site: Site
    app: Any
    mailbox: mailbox.Mailbox
    stripe: stripe.Sandbox

    @property
    def url(self) -> str:
        return self.site.url

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Prepare rows or look at them; what is written is committed at the end.

        Keep public ids and texts, not objects: the session ends with the block.
        """
        tell(self.app.config)
        with self.app.app_context():
            yield
            db.session.commit()
            db.session.remove()

    def cookie(self, person: Person, *, second_factor: bool = True) -> dict[str, str]:
        """The cookie of a browser in which the person is signed in."""
        with self.inside():
            known = db.session.get(Person, inspect(person).identity[0])
            key = sessions.begin(
                known,
                method="link",
                browser="tests",
                address="127.0.0.1",
                second_factor=second_factor,
            )
        signer = self.app.session_interface.get_signing_serializer(self.app)
        name = self.app.config["SESSION_COOKIE_NAME"]
        return {"name": name, "value": signer.dumps({current.KEY: key}), "url": self.url}

    @cached_property
    def worker(self) -> Any:
        """The worker; it starts with the first journey that waits for a mail."""
        return self.site.spawn(sys.executable, "-m", "flask", "--app", "wsgi", "work")

    def mail(self, address: str, subject: str = "") -> Any:
        """The newest mail to an address, as soon as the worker has brought it."""
        assert self.worker.poll() is None, self.site.words()
        return self.mailbox.wait_for(address, subject=subject, seconds=30)

    def link_in(self, mail: Any) -> str:
        """The path of the first address in the text of a mail that leads to the product."""
        text = mail.get_body(("plain",)).get_content()
        found = re.search(rf"{re.escape(self.url)}(/\S+)", text)
        assert found, text
        return found[1]


@pytest.fixture(scope="session")
def live_site() -> Iterator[Live]:
    """The product under its real server on a SQLite file, one for all journeys of a worker.

    Journeys make their own edition and people, so that they do not see each other's.
    """
    post, cards = mailbox.serve(), stripe.serve(webhook_secret="whsec_browser")
    settings = {
        "SECRET_KEY": os.environ["SECRET_KEY"],
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(post.smtp_port),
        "STRIPE_API_BASE": cards.url,
        "STRIPE_CHECKOUT_ORIGIN": cards.url,
        "STRIPE_SECRET_KEY": "sk_test_browser",
        "STRIPE_WEBHOOK_SECRET": cards.webhook_secret,
    }
    running = site("sqlite", **settings)
    made = running.__enter__()
    app = made.app()
    try:
        cards.point_webhooks_at(f"{made.url}/payments/stripe/webhook")
        made.serve()
        yield Live(made, app, post, cards)
    finally:
        with app.app_context():
            db.engine.dispose()
        running.__exit__(None, None, None)
        cards.stop()
        post.stop()


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """`launch()` is the shared browser; `launch(camera=path)` one whose camera shows that file."""
    known: dict[Path | None, Browser] = {}
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:

        def open_one(camera: Path | None = None) -> Browser:
            if camera not in known:
                try:
                    known[camera] = playwright.chromium.launch(**chromium(camera=camera))
                except NoBrowser as missing:
                    if os.environ.get("REQUIRE_BROWSER") == "1":
                        raise
                    pytest.skip(str(missing))
            return known[camera]

        yield open_one
        for browser in known.values():
            browser.close()


@pytest.fixture
def page_for(live_site: Live, launch: Callable[..., Browser]) -> Iterator[Callable[..., Page]]:
    """`page_for(person)` is a page of a browser in which they are signed in; None is a stranger.

    A script error or something refused by the content security policy fails the test;
    `page_for(…, quiet=False)` is for journeys in which the network breaks on purpose.
    """
    contexts: list[Any] = []
    troubles: list[str] = []

    def open_page(
        person: Person | None = None,
        *,
        camera: Path | None = None,
        width: int = 390,
        height: int = 844,
        locale: str | None = "en",
        second_factor: bool = True,
        quiet: bool = True,
        **more: Any,
    ) -> Page:
        context = launch(camera).new_context(
            base_url=live_site.url,
            viewport={"width": width, "height": height},
            permissions=["camera"] if camera else [],
            **more,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if locale is not None:
            context.add_cookies([{"name": "locale", "value": locale, "url": live_site.url}])
        if person is not None:
            context.add_cookies([live_site.cookie(person, second_factor=second_factor)])
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
        if quiet:
            page.on("console", lambda said: said.type == "error" and troubles.append(said.text))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """`violations(page)` is what axe finds on it: empty when everybody can use it."""
    return find_violations


def find_violations(page: Page) -> list[str]:
    """What axe says, one line for each place."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        """rules => axe.run({
          runOnly: { type: "tag", values: rules },
          rules: { "target-size": { enabled: true } },
          resultTypes: ["violations"],
        })""",
        RULES,
    )
    return [
        f"{one['id']}: {node['html'][:160]} {_why(node)}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    words = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
    return "; ".join(words)[:200]


def at(page: Page, path: str) -> None:
    """Wait until the page stands at a path of the product."""
    page.wait_for_url(lambda url: urlsplit(url).path == path)
