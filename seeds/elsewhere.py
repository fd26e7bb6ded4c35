"""Who registered for Niš, where a hundred places were not enough, and for the archived editions."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from conference.extensions import db
from conference.registrations.models import Registration
from conference.registrations.service import waiting
from conference.registrations.states import RegistrationState
from seeds.orders import GivenUp, Paid, Plan, plan
from seeds.world import Guest, World

NIS, BUCHAREST, SOFIA = "balkan-cluster-day", "bucharest-2017", "sofia-2016"
NEAR = ("RS", "MK", "BG", "BA", "ME", "TR", "IT", "HR", "AL", "GR", "RO", "HU", "SI")
BORDER = (
    *("RS221", "RS223", "RS224", "RS225", "RS226", "RS228", "RS229"),
    *("BG311", "BG312", "BG313", "BG412", "BG414", "BG415"),
)
GROUPS = (("nischamber", 5), ("bgfound", 3), ("mediana", 6), ("leskoffice", 3))
FULL = 8.5  # days ago the last place was taken
EARLY, LATE = 79, 13  # how many came by themselves, before and after that
# Days ago: the first two places were taken up by those who waited, the third is offered now.
CANCELLED = (5.9, 3.9, 1.2)


def add(world: World) -> None:
    """Plan the orders of all three."""
    _nis(world)
    _bucharest(world)
    _sofia(world)


def _near(world: World) -> list[Guest]:
    staff = {world.cast[key] for key in ("administrator", "organiser", "finance", "door")}
    near = [guest for guest in world.guests if guest.person.country in NEAR and guest not in staff]
    return world.chance.sample(near, len(near))


def _nis(world: World) -> None:
    coming = _near(world)
    groups = []
    for home, unnamed in GROUPS:
        buyer = next(guest for guest in world.of(home) if guest in coming)
        coming.remove(buyer)
        groups.append((buyer, unnamed))
    owing = [guest for guest in world.of("mktex") if guest in coming]
    coming = [guest for guest in coming if guest not in owing]
    at = world.now - timedelta(days=FULL + 1)
    plan(world, NIS, Plan(at=at, guests=owing, ticket="free", books=["evening"]))
    early, late = coming[:EARLY], coming[EARLY : EARLY + LATE]
    for buyer, unnamed in groups:
        at = world.now - timedelta(days=world.chance.uniform(20, 40))
        paid = Paid(timedelta(days=world.chance.uniform(1, 6)))
        group = Plan(at=at, guests=[buyer], ticket="free", unnamed=unnamed, paid=paid)
        plan(world, NIS, group)
    for number, party in enumerate(_parties(early, most=4)):
        at = world.now - timedelta(days=world.chance.triangular(FULL, 41.5, 24))
        cancels = CANCELLED[number] if number < len(CANCELLED) else None
        _come(world, party, at, cancels)
    for number, guest in enumerate(late):
        at = world.now - timedelta(days=FULL - 0.4 - number * 0.6)
        paid = Paid(timedelta(days=1.5))
        plan(world, NIS, Plan(at=at, guests=[guest], ticket="free", paid=paid))
    for days in (5.7, 3.7):
        world.history.at(world.now - timedelta(days=days), lambda: _accept(world))


def _parties(guests: list[Guest], *, most: int) -> list[list[Guest]]:
    """People of one organisation come with one order."""
    homes: dict[str, list[Guest]] = {}
    for guest in guests:
        homes.setdefault(guest.organisation.public_id, []).append(guest)
    return [home[at : at + most] for home in homes.values() for at in range(0, len(home), most)]


def _come(world: World, party: list[Guest], at: datetime, cancels: float | None) -> None:
    """People with one order; `cancels` is how many days ago the first gave the place back."""
    in_area = party[0].organisation.region in BORDER and world.chance.random() < 0.6
    given_up = None
    if cancels is not None:
        given_up = GivenUp(world.now - timedelta(days=cancels) - at)
    one = Plan(
        at=at,
        guests=party,
        ticket="funded" if in_area else "free",
        paid=Paid(timedelta(days=world.chance.uniform(0.5, 5))),
        gives_up=given_up,
    )
    plan(world, NIS, one)


def _accept(world: World) -> None:
    """Whoever is offered a place takes it."""
    offered = db.session.scalars(
        select(Registration).where(
            Registration.edition_id == world.editions[NIS].edition.id,
            Registration.state == RegistrationState.OFFERED,
        )
    ).all()
    for registration in offered:
        waiting.accept(registration=registration, by=registration.order.person)


def _bucharest(world: World) -> None:
    opened = datetime.fromisoformat("2017-09-04T08:00:00+00:00")
    coming = [guest for guest in world.guests if guest.person.country in ("RO", "HU", "AT", "DE")]
    near = [guest for guest in _near(world) if guest.person.country not in ("RO", "HU")]
    for number, party in enumerate(_parties(coming[:18] + near[:16], most=3)):
        given_back = number == 7
        at = opened + timedelta(days=10 if given_back else world.chance.uniform(0, 70))
        by_card = world.chance.random() < 0.3
        one = Plan(
            at=at,
            guests=party,
            pays_by="card" if by_card else "transfer",
            paid=Paid(timedelta(minutes=7) if by_card else timedelta(days=4)),
            gives_up=GivenUp(timedelta(days=5), refund=timedelta(days=6)) if given_back else None,
            for_organisation=not by_card,
        )
        plan(world, BUCHAREST, one)


def _sofia(world: World) -> None:
    opened = datetime.fromisoformat("2016-03-02T08:00:00+00:00")
    coming = [guest for guest in world.guests if guest.person.country == "BG"][:12]
    coming += [guest for guest in _near(world) if guest.person.country == "RS"][:11]
    coming += world.of("dkfood")[:1]
    for party in _parties(coming, most=3):
        at = opened + timedelta(days=world.chance.uniform(0, 48))
        plan(world, SOFIA, Plan(at=at, guests=party, ticket="free"))
