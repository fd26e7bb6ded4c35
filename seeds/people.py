"""The organisations of the sample and the people who come from them."""

from __future__ import annotations

from typing import Any

from conference.accounts.models import Person
from conference.accounts.people import index_name
from conference.core import clock, text
from conference.extensions import db
from conference.organisations import service as organisations
from conference.organisations.models import Affiliation, Organisation, OrganisationKind
from seeds.numbers import register_number, tax_number
from seeds.world import Guest, World, read

DOMAIN = "example.org"
POSITIONS = {
    OrganisationKind.CLUSTER: ("Cluster manager", "Project coordinator", "Adviser", "Board member"),
    OrganisationKind.COMPANY: ("Managing director", "Head of exports"),
    OrganisationKind.UNIVERSITY: ("Associate professor", "Researcher", "Lecturer"),
    OrganisationKind.PUBLIC_BODY: ("Head of unit", "Adviser"),
    OrganisationKind.CHAMBER: ("Secretary", "Adviser for small companies"),
    OrganisationKind.NGO: ("Programme coordinator", "Director"),
    OrganisationKind.DONOR: ("Programme officer", "Adviser"),
}
LANGUAGES = {"sr": ["sr", "en"], "sr_Latn": ["sr", "en"], "en": ["en"]}
# The clusters that came late are still to be looked at by staff.
UNCHECKED = ("plgreen", "fraero")


def add_organisations(world: World) -> None:
    """Write the organisations down, as staff would."""
    for key, row in read("organisations")["organisations"].items():
        name, latin, short, kind, sector, country, region, seat, is_member, tax = row
        details = organisations.Details(
            name=name,
            kind=OrganisationKind(kind),
            country=country,
            latin_name=latin,
            short_name=short,
            sector=sector,
            region=region or None,
            seat=seat,
            website=f"https://example.org/{text.slug(latin or name)}",
            tax_id=tax_number(key) if tax else "",
            registration_number=register_number(key) if tax else "",
        )
        if key in UNCHECKED:
            made: Organisation = organisations.propose(details=details, by=None)
        else:
            made = organisations.add(details=details, is_member=is_member, by=None)
        world.organisations[key] = made


def add_people(world: World) -> None:
    """Write the people down: the cast first, then everybody else by country."""
    for key, row in read("cast")["people"].items():
        given, family, latin, country, language, organisation, position = row
        person = _person(f"{key}@{DOMAIN}", given, family, latin, country, language)
        world.cast[key] = _join(world, person, organisation, position, key=key)
    data = read("people")
    honoured = data.pop("guests")
    for country, group in data.items():
        rows = [(row, False) for row in group["people"]]
        rows += [(row, True) for row in honoured.get(country, ())]
        for row, is_honoured in rows:
            given, family, latin, organisation, position = row
            email = _address(world, given, family, latin)
            person = _person(email, given, family, latin, country, group["language"])
            _join(world, person, organisation, position, is_honoured=is_honoured)
    db.session.flush()
    db.session.add_all(
        Affiliation(
            person_id=guest.person.id,
            organisation_id=guest.organisation.id,
            position=guest.position,
        )
        for guest in world.guests
    )
    db.session.flush()


def _join(world: World, person: Person, organisation: str, position: str, **what: Any) -> Guest:
    home = world.organisations[organisation]
    guest = Guest(person, home, position or world.chance.choice(POSITIONS[home.kind]), **what)
    world.guests.append(guest)
    return guest


def _person(email: str, given: str, family: str, latin: str, country: str, language: str) -> Person:
    person = Person(
        email=email,
        given_name=given,
        family_name=family,
        latin_name=latin,
        country=country,
        locale=language,
        languages=LANGUAGES[language],
        confirmed_at=clock.now(),
    )
    index_name(person)
    db.session.add(person)
    return person


def _address(world: World, given: str, family: str, latin: str) -> str:
    taken = {guest.person.email for guest in world.guests}
    first, last = latin.rsplit(" ", 1) if latin else (given, family)
    word = f"{text.slug(first)}.{text.slug(last)}"
    for number in range(1, 100):
        email = f"{word}{number if number > 1 else ''}@{DOMAIN}"
        if email not in taken:
            return email
    raise RuntimeError("a hundred people of one name")
