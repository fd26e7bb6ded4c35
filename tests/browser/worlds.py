"""What journeys find: an edition on sale with a payee, an organisation to come from."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page
from sqlalchemy import select

from conference.editions import stamps
from conference.extensions import db
from conference.registrations.models import Order, Price
from tests import factories
from tests.browser.conftest import Live

_number = itertools.count(1)


@dataclass
class Sale:
    """A published edition with one ticket of 120 EUR, by card or transfer."""

    live: Live
    edition_id: int
    code: str
    name: str

    @property
    def front(self) -> str:
        return f"/{self.code}/"

    @property
    def register(self) -> str:
        return f"/{self.code}/registrations/new"

    def orders(self) -> list[dict[str, Any]]:
        """What was ordered, oldest first."""
        names = ("public_id", "code", "reference", "email", "total_minor", "state")
        with self.live.inside():
            query = select(Order).where(Order.edition_id == self.edition_id).order_by(Order.id)
            return [
                {name: getattr(order, name) for name in names}
                for order in db.session.scalars(query)
            ]

    def set_price(self, minor: int) -> None:
        with self.live.inside():
            for price in db.session.scalars(
                select(Price).where(Price.ticket_type.has(edition_id=self.edition_id))
            ):
                price.amount_minor = minor
            stamps.bump()


def open_sale(live: Live, *, amount: int = 12000, **overrides: Any) -> Sale:
    """Put an edition on sale."""
    name = f"Cluster Days of town {next(_number)}"
    with live.inside():
        payee = factories.make_payee(takes_cards=True)
        values = {"name": {"en": name, "sr": f"Дани кластера {name[-2:]}"}, "payee": payee}
        edition = factories.make_edition(shows_participants=True, **{**values, **overrides})
        factories.make_place(edition)
        factories.make_ticket_type(edition, amount=amount)
        factories.make_extra(edition, amount_minor=3500, asks_diet=True)
        stamps.bump(edition)
        return Sale(live, edition.id, edition.code, name)


def fill_in(page: Page, email: str | None) -> None:
    """The first screen, as a delegate from Leskovac would."""
    if email is not None:
        page.get_by_label("Your e-mail address").fill(email)
    page.get_by_label("Given name").fill("Милица")
    page.get_by_label("Family name").fill("Ђорђевић")
    page.get_by_label("Organisation").fill("Klaster drvne industrije Leskovac")
    page.get_by_label("What you do there").fill("Director")
    page.get_by_label("Country").select_option("RS")
    tick(page, "Regular")


def tick(page: Page, words: str) -> None:
    """Choose what stands beside these words."""
    page.locator(".choice label", has_text=words).click()


def go_on(page: Page) -> None:
    """To the next screen."""
    page.get_by_role("button", name="Continue").click()


def fill_in_invoice(page: Page, way: str) -> None:
    """The last screen."""
    page.get_by_label("Address", exact=True).fill("Bulevar oslobođenja 12\n16000 Leskovac")
    tick(page, way)


def register(page: Page, sale: Sale, email: str | None, way: str) -> None:
    """All three screens, without detours."""
    page.goto(sale.register)
    fill_in(page, email)
    go_on(page)
    go_on(page)
    fill_in_invoice(page, way)
    page.get_by_role("button", name="Register and pay").click()
