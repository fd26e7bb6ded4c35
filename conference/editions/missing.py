"""What a fresh edition still needs: the check list of its desk, and what stops publishing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conference.core.errors import N_
from conference.core.text import in_language
from conference.editions.models import Edition


@dataclass(frozen=True)
class Step:
    """One thing to do. `page` is the endpoint where it is done; `needed` stops publishing."""

    name: str
    hint: str
    page: str
    done: bool
    needed: bool = False


def steps(
    edition: Edition, *, places: int, key_dates: int, partners: int, further: Iterable[Step] = ()
) -> list[Step]:
    """The check list; `further` steps are those of upper features, such as tickets."""
    rules = edition.registration_opens_at is not None and edition.registration_closes_at is not None
    return [
        Step(
            N_("Name, dates and city"),
            N_("The name in English, the first and the last day, the city."),
            "editions_desk.basics",
            bool(in_language(edition.name, "en") and in_language(edition.city, "en")),
            needed=True,
        ),
        Step(
            N_("Venue"),
            N_("Where it takes place, with address and times."),
            "editions_desk.places",
            places > 0,
            needed=True,
        ),
        Step(
            N_("What visitors read"),
            N_("A short summary, for whom it is, how to take part."),
            "editions_desk.texts",
            bool(in_language(edition.summary, "en")),
            needed=True,
        ),
        Step(
            N_("Contact person"),
            N_("An e-mail address that delegates can write to."),
            "editions_desk.contact",
            bool(edition.contact_email),
            needed=True,
        ),
        Step(
            N_("Registration"),
            N_("Who may register, from when until when, how many places."),
            "editions_desk.registration",
            rules,
        ),
        Step(
            N_("Payee"),
            N_("Who is paid, on which account and in which currency."),
            "editions_desk.payee",
            edition.payee_id is not None,
        ),
        *further,
        Step(
            N_("Key dates"),
            N_("Deadlines that delegates must know, besides those of registration."),
            "editions_desk.key_dates",
            key_dates > 0,
        ),
        Step(
            N_("Partners"),
            N_("Who hosts, organises and funds the edition."),
            "editions_desk.partners",
            partners > 0,
        ),
    ]


def stops_publishing(steps_of_edition: list[Step]) -> list[Step]:
    """What must be there before everybody may see the edition."""
    return [step for step in steps_of_edition if step.needed and not step.done]
