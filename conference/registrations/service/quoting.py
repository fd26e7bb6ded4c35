"""What wishes cost, and who of them would have to wait: computed on the server, nothing taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from conference.core.errors import N_, Invalid
from conference.core.money import Money
from conference.editions.models import Edition
from conference.registrations import places
from conference.registrations.models import Extra, TicketType
from conference.registrations.refusals import NotOnSale, TooManyPeople
from conference.registrations.service import catalogue
from conference.registrations.wishes import Wish

TOO_MANY_EACH = N_("At most %(most)s of “%(extra)s” for one person.")


@dataclass(frozen=True, slots=True)
class Booked:
    """An extra in a quote; `price` is for one piece."""

    extra: Extra
    quantity: int
    price: Money

    @property
    def amount(self) -> Money:
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class Priced:
    """One wish with its prices. `waits` says that the place is gone as things stand."""

    wish: Wish
    ticket_type: TicketType
    price: Money
    price_label: Mapping[str, str]
    booked: list[Booked]
    waits: bool

    @property
    def amount(self) -> Money:
        return Money.total((self.price, *(one.amount for one in self.booked)), self.price.currency)


@dataclass(frozen=True, slots=True)
class Quote:
    """The whole order."""

    people: list[Priced]
    currency: str

    @property
    def total(self) -> Money:
        """What it costs when everybody has a place."""
        return Money.total((one.amount for one in self.people), self.currency)

    @property
    def due_now(self) -> Money:
        """Without those who would wait: they pay when they accept a place."""
        return Money.total((p.amount for p in self.people if not p.waits), self.currency)

    @property
    def waiting(self) -> int:
        return sum(person.waits for person in self.people)


def quote(edition: Edition, wishes: Sequence[Wish], at: datetime | None = None) -> Quote:
    """Prices at an instant. Refuses what is not on sale; `field` names the person and the field."""
    if not 1 <= len(wishes) <= edition.max_per_order:
        raise TooManyPeople(most=edition.max_per_order)
    offers = {offer.ticket_type.public_id: offer for offer in catalogue.on_sale(edition, at)}
    extras: dict[str, catalogue.ExtraOffer] = {}
    if any(wish.extras for wish in wishes):
        extras = {one.extra.public_id: one for one in catalogue.extras(edition)}
    seated: Counter[str] = Counter()
    people = []
    for number, wish in enumerate(wishes):
        offer = offers.get(wish.ticket)
        if offer is None:
            raise NotOnSale(field=f"p{number}-ticket")
        left = offer.places_left
        whole = places.left(edition.places, edition.places_taken)
        waits = (left is not None and seated[wish.ticket] >= left) or (
            whole is not None and seated.total() >= whole
        )
        if not waits:
            seated[wish.ticket] += 1
        booked = _booked(number, wish, extras)
        people.append(
            Priced(wish, offer.ticket_type, offer.price, offer.price_label, booked, waits)
        )
    return Quote(people, catalogue.currency_of(edition))


def _booked(number: int, wish: Wish, extras: Mapping[str, catalogue.ExtraOffer]) -> list[Booked]:
    booked = []
    for public_id, quantity in wish.extras.items():
        if quantity == 0:
            continue
        offer = extras.get(public_id)
        if offer is None:
            raise Invalid(field=f"p{number}-extra-{public_id}")
        if not 1 <= quantity <= offer.extra.most_each:
            raise Invalid(
                TOO_MANY_EACH,
                field=f"p{number}-extra-{public_id}",
                most=offer.extra.most_each,
                extra=offer.extra.name.get("en", ""),
            )
        booked.append(Booked(offer.extra, quantity, offer.price))
    return booked
