"""Where features hang menu entries, cards and next steps, so that pages import none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import request


@dataclass(frozen=True)
class Entry:
    """A line of a menu."""

    label: str
    url: str
    order: int = 50
    method: str = "get"
    exact: bool = False

    @property
    def active(self) -> bool:
        """Whether this page stands at the entry, or below it unless the entry is exact."""
        path = self.url.split("?")[0].rstrip("/")
        here = request.path.rstrip("/")
        return here == path or (bool(path) and not self.exact and here.startswith(path + "/"))


@dataclass(frozen=True)
class Card:
    """A piece of a page: a template of the feature and what it shows."""

    template: str
    values: dict[str, Any]
    order: int = 50


Maker = Callable[[], Any]


class Slot:
    """A place on a page that features fill. A maker answers an Entry or Card, several, or None."""

    def __init__(self) -> None:
        self.makers: list[Maker] = []

    def __call__(self, maker: Maker) -> Maker:
        """Register a maker; usable as a decorator."""
        if maker not in self.makers:
            self.makers.append(maker)
        return maker

    def __iter__(self) -> Iterator[Any]:
        made: list[Any] = []
        for maker in self.makers:
            found = maker()
            if found is not None:
                made.extend(found if isinstance(found, list) else [found])
        return iter(sorted(made, key=lambda thing: thing.order))


site_menu = Slot()  # every page that is not inside an edition
edition_menu = Slot()  # pages of an edition, for participants
desk_menu = Slot()  # pages of an edition, for its staff
account_menu = Slot()  # the signed-in person's own pages
footer_links = Slot()
home_cards = Slot()  # the signed-in person's own front page: what is next
profile_cards = Slot()  # a person's public page: makers read g.profile
organisation_cards = Slot()  # pieces of an organisation's page: makers read g.organisation
edition_cards = Slot()  # pieces of an edition's public page
desk_cards = Slot()  # the organiser's dashboard
order_cards = Slot()  # the buyer's page of one order: makers read g.order
story = Slot()  # one registration's whole story: makers read g.registration
