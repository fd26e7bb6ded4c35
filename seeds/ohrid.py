"""Eight weeks of registrations for Ohrid: orders in every state that an order can have."""

from __future__ import annotations

from datetime import datetime, timedelta

from seeds.orders import GivenUp, Paid, Plan, leave_pay_page, plan
from seeds.world import Guest, World

CODE = "ohrid-2016"
STAFF = ("administrator", "organiser", "finance", "door")
AT_ONCE = Paid(timedelta(minutes=9))
FUNDED = ("bgtex", "bgvidin", "toplitour", "pirotcraft", "nistex")
OPENED = 55.5  # days ago


def _paid(days: float, differs: int = 0) -> Paid:
    return Paid(timedelta(days=days), differs)


def _given_up(days: float, *, refund: float | None = None, people: int = 1) -> GivenUp:
    back = timedelta(days=refund) if refund is not None else None
    return GivenUp(timedelta(days=days), people, back)


class Coming:
    """Who still has no order; nobody gets two."""

    def __init__(self, world: World) -> None:
        self.world = world
        staff = {world.cast[key] for key in STAFF}
        self.left = [guest for guest in world.guests if guest not in staff]

    def take(self, *organisations: str, most: int = 1) -> list[Guest]:
        """The first people of some organisations who are neither students nor guests of honour."""
        fits = [
            guest
            for guest in self.world.of(*organisations)
            if guest in self.left and not (guest.is_student or guest.is_honoured or guest.key)
        ]
        return self.these(*fits[:most])

    def cast(self, *keys: str) -> list[Guest]:
        """People of the cast."""
        return self.these(*(self.world.cast[key] for key in keys))

    def these(self, *guests: Guest) -> list[Guest]:
        """Exactly these."""
        for guest in guests:
            self.left.remove(guest)
        return list(guests)


def add(world: World) -> None:
    """Plan all orders."""
    coming = Coming(world)
    _cast(world, coming)
    _paid_groups(world, coming)
    _unpaid(world, coming)
    _given_back(world, coming)
    _students(world, coming)
    _invited(world, coming)
    _everybody_else(world, coming)


def _ago(world: World, days: float) -> datetime:
    return world.now - timedelta(days=days)


def _cast(world: World, coming: Coming) -> None:
    delegate, speaker, manager = coming.cast("delegate", "speaker", "manager")
    members = coming.take("leskagro", most=4)
    plan(world, CODE, Plan(at=_ago(world, 31), guests=[delegate], pays_by="card", paid=AT_ONCE))
    at = _ago(world, 34.2)
    plan(world, CODE, Plan(at=at, guests=[speaker], ticket="speaker", invited=True))
    group = Plan(
        at=_ago(world, 8.1), guests=[manager, *members], ticket="member", for_organisation=True
    )
    plan(world, CODE, group)


def _paid_groups(world: World, coming: Coming) -> None:
    early_price_by_mistake, too_much = -3 * 5000, 2000
    rows = [
        (23.4, coming.take("rocarp", most=3), "card", AT_ONCE, 0),
        (27.7, coming.take("hrwood", most=3), "transfer", _paid(5.2), 0),
        (13.3, coming.take("krtex", most=2), "card", AT_ONCE, 0),
        (25.1, coming.take("mktour", most=2), "transfer", _paid(7), 2),
        (9.2, coming.take("panonija", most=3), "transfer", _paid(4.5, early_price_by_mistake), 0),
        (18.6, coming.take("bgict", most=3), "transfer", _paid(5, too_much), 0),
        (41.9, coming.take("trtrakya", most=2), "transfer", _paid(6.1), 0),
    ]
    for days, guests, pays_by, paid, unnamed in rows:
        group = Plan(
            at=_ago(world, days),
            guests=guests,
            ticket="member",
            unnamed=unnamed,
            pays_by=pays_by,
            paid=paid,
            for_organisation=True,
        )
        plan(world, CODE, group)


def _unpaid(world: World, coming: Coming) -> None:
    """Due soon, overdue, lapsed, lapsed and paid late, pay page left, address not confirmed."""
    for days in (16.05, 15.9):
        plan(world, CODE, Plan(at=_ago(world, days), guests=coming.take("mkict", "mkwine")))
    for days in (12.2, 11.7):
        plan(world, CODE, Plan(at=_ago(world, days), guests=coming.take("hutisza", "hubala")))
    for days in (33.3, 36.8):
        plan(world, CODE, Plan(at=_ago(world, days), guests=coming.take("plgreen")))
    late = Plan(at=_ago(world, 39.5), guests=coming.take("atmob"), paid=_paid(27))
    plan(world, CODE, late)
    never = Plan(at=_ago(world, 20.3), guests=coming.take("uslake"), confirms=None)
    plan(world, CODE, never)
    for days, home in ((0.21, "vlasina"), (0.09, "bametal"), (0.03, "ittex")):
        plan(world, CODE, Plan(at=_ago(world, days), guests=coming.take(home), confirms=None))
    left = Plan(at=_ago(world, 2.4), guests=coming.take("fraero"), pays_by="card")
    plan(world, CODE, left)
    world.history.at(left.at + timedelta(minutes=20), lambda: leave_pay_page(world, left.kept[0]))


def _given_back(world: World, coming: Coming) -> None:
    """Cancelled before paying; paid and given back by card and by transfer; still to give back."""
    rows = [
        (30.6, coming.take("sumauto"), "transfer", None, _given_up(6)),
        (38.2, coming.take("nlwater"), "card", AT_ONCE, _given_up(14, refund=14.2)),
        (44.4, coming.take("aldrin"), "transfer", _paid(4), _given_up(20, refund=22)),
        (26.3, coming.take("graxios"), "transfer", _paid(6), _given_up(25)),
        (35.5, coming.take("cznano", most=3), "transfer", _paid(5), _given_up(19, refund=21)),
    ]
    for days, guests, pays_by, paid, gives_up in rows:
        at = _ago(world, days)
        done = Plan(at=at, guests=guests, pays_by=pays_by, paid=paid, gives_up=gives_up)
        plan(world, CODE, done)


def _students(world: World, coming: Coming) -> None:
    """Four places: the fifth waits. When one is given back it is offered to the first in line."""
    students = coming.these(*(guest for guest in coming.left if guest.is_student))
    for number, guest in enumerate(students):
        first = number == 0
        one = Plan(
            at=_ago(world, 47 - 7.3 * number),
            guests=[guest],
            ticket="student",
            pays_by="card",
            paid=AT_ONCE,
            gives_up=_given_up(45.6, refund=45.8) if first else None,
        )
        plan(world, CODE, one)
    for days in (6.2, 1.9):
        late = Plan(at=_ago(world, days), guests=coming.take("rouni", "gbsevern"), ticket="student")
        plan(world, CODE, late)


def _invited(world: World, coming: Coming) -> None:
    honoured = coming.these(*(guest for guest in coming.left if guest.is_honoured))
    speakers = coming.take(
        *("grepirus", "deana", "nzsouth", "mwshire", "dkfood", "itfood", "aufood"), most=8
    )
    for ticket, guests, begins in (("invited", honoured, 29), ("speaker", speakers, 33)):
        for number, guest in enumerate(guests):
            at = _ago(world, begins - 2.3 * number)
            plan(world, CODE, Plan(at=at, guests=[guest], ticket=ticket, invited=True))
    for number, guest in enumerate(coming.take(*FUNDED, most=9)):
        at = _ago(world, 40 - 3.7 * number)
        plan(world, CODE, Plan(at=at, guests=[guest], ticket="funded"))


def _everybody_else(world: World, coming: Coming) -> None:
    chance = world.chance
    for guest in list(coming.left):
        at_home = guest.person.country in ("RS", "MK", "BG") and not guest.key
        if at_home and chance.random() < 0.3:
            continue
        by_card = chance.random() < 0.4
        one = Plan(
            at=_ago(world, _days(world)),
            guests=[guest],
            pays_by="card" if by_card else "transfer",
            paid=AT_ONCE if by_card else _paid(chance.uniform(1, 12)),
            for_organisation=chance.random() < 0.5,
        )
        plan(world, CODE, one)


def _days(world: World) -> float:
    """Many at the opening, most before the early price ends, the rest evenly."""
    dice = world.chance.random()
    if dice < 0.22:
        return world.chance.uniform(OPENED - 8, OPENED)
    if dice < 0.6:
        return world.chance.triangular(10.2, 24, 11)
    return world.chance.uniform(0.3, OPENED)
