"""Sixteen people who knock at every door."""

from __future__ import annotations

from dataclasses import dataclass

from conference.accounts.models import Person
from conference.core import clock
from conference.core.permissions import Role
from tests import factories
from tests.access_world import Objects

LETTERS = {
    "A": Role.ADMINISTRATOR,
    "O": Role.ORGANISER,
    "C": Role.CHAIR,
    "R": Role.REVIEWER,
    "F": Role.FINANCE,
    "D": Role.CHECK_IN,
    "U": Role.FUNDING_OFFICER,
    "P": Role.FUNDING_APPROVER,
}


@dataclass(frozen=True)
class Actor:
    """Somebody at the door: a person (or none), the letters of their roles here, what they own."""

    name: str
    person: Person | None
    letters: str = ""
    owns: bool = False
    second_factor: bool = True


def cast(objects: Objects, other: Objects, owner: Person) -> list[Actor]:
    """The sixteen."""
    actors = [
        Actor("anonymous", None),
        Actor("stranger", factories.make_person()),
        Actor("owner", owner, owns=True),
        Actor("other delegate", factories.make_person()),
    ]
    factories.make_registration(objects.edition, person=actors[-1].person)
    for letter, role in LETTERS.items():
        person = factories.make_person()
        factories.give_role(person, None if letter == "A" else objects.edition, role)
        actors.append(Actor(role.value, person, letter))
    without = factories.make_person()
    factories.give_role(without, objects.edition, Role.ORGANISER)
    actors.append(Actor("organiser without second factor", without, "O", second_factor=False))
    elsewhere = factories.make_person()
    for role in (Role.ORGANISER, Role.FINANCE, Role.CHECK_IN):
        factories.give_role(elsewhere, other.edition, role)
    actors.append(Actor("staff of another edition", elsewhere))
    over = factories.make_person()
    factories.give_role(over, objects.edition, Role.ORGANISER, ends_on=factories.on_day(-1))
    actors.append(Actor("organiser until yesterday", over))
    ended = factories.make_person()
    factories.give_role(ended, objects.edition, Role.ORGANISER, ended_at=clock.now())
    actors.append(Actor("organiser whose role was ended", ended))
    return actors
