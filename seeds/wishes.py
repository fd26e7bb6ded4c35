"""What a person of the sample asks for: ticket, extras, answers. Chance decides, always alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from conference.core import files
from conference.organisations.models import OrganisationKind
from conference.questions import engine
from conference.registrations.models import Category
from conference.registrations.wishes import Wish
from seeds import papers
from seeds.world import Built, Guest, World, read

ROLES = {
    OrganisationKind.CLUSTER: "cluster",
    OrganisationKind.COMPANY: "company",
    OrganisationKind.UNIVERSITY: "research",
    OrganisationKind.NGO: "other",
}
SECTORS = {
    "textile": "textile",
    "agriculture_and_food": "food",
    "tourism": "tourism",
    "crafts": "tourism",
    "construction": "building",
    "energy": "building",
}
VISA = ("KR", "TN", "MW", "NZ", "AU")
LIKELY = {"lunch1": 0.6, "lunch2": 0.65, "lunch3": 0.35, "gala": 0.55, "visit": 0.3}
LIKELY |= {"companion": 0.08, "lunch": 0.8, "evening": 0.22}
# Whoever pays nothing is not asked to add paid extras one by one.
PACKAGE = ("lunch1", "lunch2", "lunch3", "gala")


@cache
def _answers() -> dict[str, Any]:
    return read("answers")


def ticket_for(built: Built, guest: Guest) -> str:
    """The ticket of an edition that fits a person."""
    home = guest.organisation
    if "academic" not in built.tickets:
        return (
            "member" if "member" in built.tickets and home.is_member else next(iter(built.tickets))
        )
    if guest.is_honoured:
        return "invited"
    if guest.is_student:
        return "student"
    if home.kind is OrganisationKind.UNIVERSITY:
        return "academic"
    return "member" if home.is_member else "regular"


def wish(world: World, built: Built, guest: Guest, ticket: str, books: Sequence[str] = ()) -> Wish:
    """What one person asks for, `books` for sure, with answers that the product would accept."""
    person, kind = guest.person, built.tickets[ticket]
    extras = {**_extras(world, built, kind.category), **dict.fromkeys(books, 1)}
    fed = any(built.extras[key].asks_diet for key in extras)
    context = {
        "ticket_type": kind.public_id,
        "category": kind.category.value,
        "country": person.country or "",
    }
    raw = _raw(world, built, guest, kind.category)
    answers, errors = engine.clean(built.questions, raw, context)
    if errors:
        raise ValueError(f"{person.email}: {errors}")
    return Wish(
        ticket=kind.public_id,
        given_name=person.given_name,
        family_name=person.family_name,
        latin_name=person.latin_name,
        email=person.email,
        organisation=guest.organisation.name,
        position=guest.position,
        country=person.country or "",
        extras={built.extras[key].public_id: count for key, count in extras.items()},
        answers=answers,
        diet=world.chance.choice(_answers()["diets"]) if fed else "",
        accessibility=_access(world),
        wants_visa_letter=person.country in VISA and bool(built.extras),
        is_listed=world.chance.random() < 0.7,
    )


def unnamed(built: Built, guest: Guest, ticket: str) -> Wish:
    """A place that a cluster manager books for somebody to be named later."""
    return Wish(ticket=built.tickets[ticket].public_id, organisation=guest.organisation.name)


def _access(world: World) -> str:
    return world.chance.choice(_answers()["access"]) if world.chance.random() < 0.03 else ""


def _extras(world: World, built: Built, category: Category) -> dict[str, int]:
    guest_of_ours = category in {Category.INVITED, Category.SPEAKER, Category.FUNDED}
    chosen: dict[str, int] = {}
    for key, extra in built.extras.items():
        dice = world.chance.random()
        if guest_of_ours and extra.amount_minor:
            continue
        room = extra.quota is None or extra.taken < extra.quota - 2
        if dice < LIKELY[key] and room:
            chosen[key] = 2 if key == "companion" and dice < 0.01 else 1
    return chosen


def _raw(world: World, built: Built, guest: Guest, category: Category) -> dict[str, Any]:
    """Form values for every question that this person may see; the others are dropped."""
    chance, said = world.chance, _answers()
    country = guest.person.country or ""
    meets = chance.random() < 0.55
    tongue = "sr" if guest.person.locale in ("sr", "sr_Latn") else "en"
    topics = [one.value for q in built.questions if q.key == "topics" for one in q.options]
    arrival = built.edition.starts_on - timedelta(days=chance.choice((0, 0, 1, 1, 1, 2)))
    raw = {
        "role": ROLES.get(guest.organisation.kind, "support"),
        "members": str(chance.randint(8, 140)) if chance.random() < 0.8 else "",
        "school": said["schools"].get(country, "Regional economics"),
        "topics": chance.sample(topics, min(len(topics), chance.randint(1, 3))),
        "brokerage": "yes" if meets else "no",
        "seeks": chance.choice(said["seeks"][tongue]),
        "partner_country": chance.choice(("DK", "DE", "KR", "RS", "MK", "TR", "IT", "")),
        "arrival": arrival.isoformat() if chance.random() < 0.6 else "",
        "sector": SECTORS.get(guest.organisation.sector, "other"),
        "support": "yes" if chance.random() < 0.7 else "no",
        "from_town": guest.organisation.seat,
    }
    if guest.key == "manager" and category is Category.MEMBER:
        raw["profile"] = _profile(world, built)
    return raw


def _profile(world: World, built: Built) -> dict[str, Any]:
    """The page about a cluster, stored as an upload would be."""
    pdf = papers.pdf("cluster-profile", built.edition.name, built.moments)
    stored = files.keep(
        pdf, "agroklaster-jablanica.pdf", folder=world.files, content_type=files.KINDS["pdf"]
    )
    return {"file": stored.public_id, "name": stored.name, "kind": "pdf", "size": stored.size}
