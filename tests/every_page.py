"""Every page of the product, with an object for each parameter and somebody who may see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from conference.accounts import vault
from conference.accounts.models import Person
from conference.core.permissions import Role
from conference.extensions import db
from conference.registrations.models import Registration
from tests import factories
from tests.access_paths import parameters
from tests.access_table import TABLE
from tests.access_world import Objects, fill

LONG = {
    "en": "Days of Clusters and 6th National Romanian Cluster Conference: internationalisation",
    "sr": "Дани кластера и шеста национална румунска конференција кластера: интернационализација",
}
GUESTS = [
    ("Ђорђе", "Ћирковић-Вујновић", "Клaстер пољопривредних произвођача југоисточне Србије"),
    ("지우", "김", "계명대학교"),
    ("Aikaterini", "Papadopoulou-Konstantinidou", "Donaudampfschifffahrtsgesellschaft"),
    ("Ayşegül", "Işıkoğlu", "Trakya Kalkınma Ajansı"),
    (
        "Ștefan",
        "Brâncoveanu",
        "Clusterul Inovativ Regional pentru Mobilier și Prelucrarea Lemnului",
    ),
]

# These answer with something else than a page, or send on.
NOT_PAGES = frozenset(
    """
    health.alive health.ready languages.switch site.show_picture
    accounts.passkey_options accounts.download_my_data
    editions.calendar editions.document
    registrations.ticket registrations.calendar registrations.answer_file registrations_desk.file
    payments.document payments_desk.document payments.returned
    checkin_api.count checkin_desk.export payments_desk.export checkin_badges.file
    """.split()
)

HALF_IN = "signed in without the second step"


@dataclass
class World:
    """What the pages show, and who looks at them."""

    objects: Objects
    actors: dict[str, Person | None]


@dataclass(frozen=True)
class Visit:
    """One page and who opens it."""

    endpoint: str
    path: str
    actor: str


def full_world() -> World:
    """An edition with one of everything and long words everywhere."""
    owner = factories.make_person(given_name="Александра", family_name="Стаменковић-Петровић")
    objects = fill(owner, name=LONG, motto=LONG, summary=LONG)
    edition = objects.edition
    kind = factories.make_ticket_type(edition, name=LONG, description=LONG, amount=123456789)
    # "yes", which the proof of access answers, is a word of ours, too.
    known = db.session.query(Registration).filter_by(public_id=objects.ids["registration"]).one()
    known.answers = {k: "Wood" if v == "yes" else v for k, v in known.answers.items()}
    for number, (given, family, organisation) in enumerate(GUESTS * 12):
        factories.make_registration(
            edition,
            ticket_type=kind,
            given_name=given,
            family_name=family,
            organisation_name=organisation,
            email=f"{'a-very-long-address' * 2}{number}@department.university.example.org",
            is_listed=True,
        )
    return World(objects, _actors(edition, owner))


def empty_world() -> World:
    """An edition in which nothing was done yet, and people who have nothing."""
    edition = factories.make_edition(payee=None, contact_email="", shows_participants=True)
    return World(Objects(edition, edition.code), _actors(edition, factories.make_person()))


def _actors(edition: Any, owner: Person) -> dict[str, Person | None]:
    administrator, finance = factories.make_person(), factories.make_person()
    factories.give_role(administrator, None, Role.ADMINISTRATOR)
    factories.give_role(finance, edition, Role.FINANCE)
    return {
        "anonymous": None,
        "owner": owner,
        "administrator": administrator,
        "finance": finance,
        HALF_IN: factories.make_person(tf_totp_secret=vault.new_totp_secret()),
    }


def who_may(endpoint: str) -> str:
    """An actor whom the table of access lets in."""
    if endpoint in {"accounts.second_factor", "accounts.use_recovery_code"}:
        return HALF_IN
    row = TABLE[endpoint]
    if row in {"everybody", "key"}:
        return "anonymous"
    if row in {"signed-in", "own"}:
        return "owner"
    return "administrator" if "A" in row else "finance"


def visits(app: Any, world: World, feature: str | None = None) -> Iterator[Visit]:
    """All pages (of a feature); in an empty world those that need no object."""
    addresses = app.url_map.bind("")
    for rule in app.url_map.iter_rules():
        name = rule.endpoint
        if "GET" not in rule.methods or name in NOT_PAGES:
            continue
        if feature is not None and name.split(".")[0] != feature:
            continue
        if not world.objects.ids and set(rule.arguments) - {"edition_code"}:
            continue
        values = {"edition_code": world.objects.code}
        if set(rule.arguments) - set(values):
            values |= parameters(name, world.objects)
        path = addresses.build(name, {key: values[key] for key in rule.arguments})
        yield Visit(name, path, who_may(name))


class Texts(HTMLParser):
    """What a reader sees or hears of a page, without what is marked as another language.

    Its <title> repeats the heading and cannot mark a language.
    """

    HEARD = ("aria-label", "alt", "placeholder", "title", "data-text", "data-failed")
    VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent: list[bool] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        values = dict(attrs)
        silent = tag in {"script", "style", "svg", "title"} or (tag != "html" and "lang" in values)
        silent = silent or values.get("translate") == "no" or any(self._silent)
        if not silent:
            self.found += [values[name] for name in self.HEARD if values.get(name)]
        if tag not in self.VOID:
            self._silent.append(silent)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and self._silent:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._silent) and data.strip():
            self.found.append(data)


def texts(html: str) -> set[str]:
    """The pieces of text of a page, blanks evened out."""
    reader = Texts()
    reader.feed(html)
    return {" ".join(text.split()) for text in reader.found}
