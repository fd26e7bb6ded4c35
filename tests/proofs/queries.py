"""Every page that can be read issues the same number of statements for 3 and for 300 rows."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import event, select

from conference.accounts import sessions
from conference.accounts.models import Passkey, Person
from conference.checkin.models import Admission, BadgePrint, BadgeRun, CheckinList, Scan, ScanResult
from conference.core import audit, clock, files, outbox
from conference.core.model import new_public_id
from conference.core.permissions import Role
from conference.editions.kinds import PartnerRole
from conference.editions.models import (
    Edition,
    EditionDocument,
    KeyDate,
    News,
    Partner,
    PartnerEvent,
    RoleInvitation,
    Room,
    Series,
)
from conference.extensions import db
from conference.organisations.models import Affiliation
from conference.payments.models import EntryKind, Invoice, InvoiceKind, LedgerEntry, Method
from conference.registrations.models import (
    Extra,
    Invitation,
    Order,
    OrderLine,
    Registration,
    TicketType,
)
from conference.registrations.states import RegistrationState
from conference.web.access import Rule
from tests import access_paths, factories
from tests.access_cast import Actor
from tests.access_table import TABLE
from tests.measures import proof
from tests.proofs._doors import Doors

SMALL, LARGE = 3, 300
SET_UP = 30  # of what organisers set up by hand, such as tickets and questions
QUIET = re.compile(r"\s*(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|PRAGMA|COMMIT)", re.IGNORECASE)
COUNTRIES = ("RS", "BG", "MK", "RO", "TR", "GR", "KR", "FR")
STATES = tuple(RegistrationState)


class World:
    """What rows are hung on."""

    def __init__(self, doors: Doors, files_folder: Any) -> None:
        edition = db.session.query(Edition).filter_by(code=doors.code)
        self.edition: Edition = edition.one()
        here = {"edition_id": self.edition.id}
        self.kind = db.session.query(TicketType).filter_by(**here).first()
        self.extra = db.session.query(Extra).filter_by(**here).first()
        self.gate = db.session.query(CheckinList).filter_by(**here).first()
        self.order = db.session.query(Order).filter_by(public_id=doors.own.ids["order"]).one()
        self.owner = db.session.query(Person).filter_by(public_id=doors.own.ids["person"]).one()
        self.invoice = db.session.query(Invoice).filter_by(order_id=self.order.id).first()
        self.folder = files_folder


def _one_more(world: World, number: int) -> None:
    """One more row of everything that people make."""
    edition, owner = world.edition, world.owner
    country = COUNTRIES[number % 8]
    two = {"en": f"Thing {number}", "sr": f"Ствар {number}"}
    organisation = factories.make_organisation(
        country=country, proposed_by_id=owner.id, checked_at=None if number % 2 else clock.now()
    )
    person = factories.make_person(country=country)
    order = factories.make_order(edition, person=person, reference=f"RF{number:08d}")
    registration = _registration(world, number, order, person, organisation)
    _registration(world, number + LARGE, world.order, owner, organisation)
    mine = factories.make_order(edition, person=owner, email=owner.email)
    _registration(world, number + 2 * LARGE, mine, owner, organisation)
    scan = _scan(world, registration, person)
    run = BadgeRun(edition_id=edition.id, by_id=person.id, locale="en", badges=1)
    db.session.add_all([scan, run])
    db.session.flush()
    soon = factories.on_day(number + 9)
    db.session.add_all(
        [
            BadgePrint(run_id=run.id, registration_id=registration.id, version=1),
            Affiliation(person_id=owner.id, organisation_id=organisation.id, is_main=False),
            Affiliation(person_id=person.id, organisation_id=organisation.id),
            Admission(
                list_id=world.gate.id,
                on_date=factories.on_day(-(number % 5)),
                registration_id=registration.id,
                scan_uid=scan.uid,
                admitted_at=clock.now(),
            ),
            KeyDate(edition_id=edition.id, label=two, at=clock.now() + timedelta(days=number)),
            News(edition_id=edition.id, title=two, text=two, html=two, published_at=clock.now()),
            Partner(edition_id=edition.id, organisation_id=organisation.id, role=PartnerRole.HOST),
            PartnerEvent(name=two, starts_on=soon, ends_on=soon, url="https://www.example.org"),
            Invitation(edition_id=edition.id, email=f"guest{number}@example.org"),
            Passkey(
                credential_id=new_public_id().encode(),
                public_key=b"k",
                name="key",
                device_type="single_device",
                backed_up=False,
                person_id=owner.id,
            ),
            *_money(world, order, number),
        ]
    )
    for where, role in ((edition, Role.REVIEWER), (None, Role.ADMINISTRATOR)):
        factories.give_role(person, where, role)
        _invite(where, role, number)
    sessions.begin(owner, method="link", browser=f"browser {number}", address="127.0.0.1")
    audit.record("registration.changed", about=registration, by=person, fields=["position"])
    for about in (registration.public_id, world.order.public_id):
        outbox.queue(
            "registration-confirmed",
            to=person.email,
            locale="en",
            edition_id=edition.id,
            about=about,
        )


def _registration(world: World, number: int, order: Order, person: Person, at: Any) -> Any:
    made = factories.make_registration(
        world.edition,
        order=order,
        ticket_type=world.kind,
        person=person,
        organisation=at,
        organisation_name=at.name,
        is_listed=True,
        country=at.country,
        diet=f"diet {number % 9}",
        accessibility="ramp",
        queue_number=10_000 + number,
        cancelled_at=clock.now(),
        offered_until_at=factories.in_days(1),
        state=STATES[number % len(STATES)] if number >= LARGE else RegistrationState.CONFIRMED,
    )
    line = OrderLine(
        order_id=order.id,
        registration_id=made.id,
        extra_id=world.extra.id,
        text=world.extra.name,
        amount_minor=0,
    )
    db.session.add(line)
    return made


def _scan(world: World, registration: Any, person: Person) -> Scan:
    return Scan(
        uid=new_public_id(),
        edition_id=world.edition.id,
        list_id=world.gate.id,
        registration_id=registration.id,
        on_date=factories.on_day(0),
        result=ScanResult.VALID,
        scanned_at=clock.now(),
        by_id=person.id,
    )


def _money(world: World, order: Order, number: int) -> list[Any]:
    """Movements of this order, and of the one whose page is looked at; its papers."""
    moved = {"amount_minor": 1, "currency": "EUR", "booked_on": factories.on_day(0)}
    paid = {"kind": EntryKind.PAYMENT, "method": Method.TRANSFER, **moved}
    copied = {
        column.key: getattr(world.invoice, column.key)
        for column in Invoice.__table__.columns
        if column.key not in {"id", "public_id", "number", "label", "kind", "year"}
    }
    paper = Invoice(
        **copied, kind=InvoiceKind.PROFORMA, year=2000, number=number + 1, label=f"X-{number}"
    )
    entries = [LedgerEntry(order_id=one.id, **paid) for one in (order, world.order)]
    return [*entries, paper]


def _invite(edition: Any, role: Role, number: int) -> None:
    db.session.add(
        RoleInvitation(
            email=f"{role}{number}@example.org",
            edition_id=edition.id if edition else None,
            role=role,
            ends_on=factories.on_day(90),
            invited_by_id=factories.make_person().id,
            expires_at=factories.in_days(3),
        )
    )


def _set_up(world: World, number: int) -> None:
    """One more of everything that organisers set up by hand."""
    edition = world.edition
    two = {"en": f"Thing {number}", "sr": f"Ствар {number}"}
    factories.make_ticket_type(edition, amount=100 * number, name=two)
    factories.make_extra(edition, name=two, asks_diet=True)
    factories.make_checkin_list(edition, name=two)
    factories.make_question(edition, kind="short_text")
    place = factories.make_place(edition, name=two)
    stored = files.keep(b"%PDF-1.7", "a.pdf", folder=world.folder, content_type="application/pdf")
    document = EditionDocument(edition_id=edition.id, title=two, file_id=stored.id)
    db.session.add_all([Room(place_id=place.id, name=two), document, Series(name=two)])
    factories.make_edition()
    factories.make_edition(starts_on=factories.on_day(-30), ends_on=factories.on_day(-29))


def _naive() -> str:
    """The control: a page that asks for every row alone."""
    ids = db.session.scalars(select(Registration.id)).all()
    return " ".join(str(db.session.get(Registration, one)) for one in ids)


class Counted(Doors):
    """Doors that count the statements behind each page."""

    def __init__(self) -> None:
        super().__init__()
        self.statements = 0
        _naive.access = Rule("public")  # type: ignore[attr-defined]
        self.app.add_url_rule("/naive", "naive", _naive)
        event.listen(self.connection, "before_cursor_execute", self._count)

    def _count(self, _c: Any, _cur: Any, statement: str, *_: Any) -> None:
        self.statements += not QUIET.match(statement)

    def grow(self, first: int, last: int) -> None:
        """Rows number `first` to `last` of everything."""
        world = World(self, self.folder / "files")
        for number in range(first, last):
            _one_more(world, number)
            if number < SET_UP:
                _set_up(world, number)
        db.session.commit()
        db.session.remove()

    def pages(self) -> dict[str, int]:
        """Statements of each page, as somebody who may see it."""
        counted = {}
        for rule in self.app.url_map.iter_rules():
            if "GET" not in rule.methods or rule.endpoint.startswith("health."):
                continue
            actor, path = self._reader(TABLE.get(rule.endpoint, "everybody")), self._path(rule)
            self._cold()
            self.ask(actor, "GET", path)
            self._cold()
            self.statements = 0
            if self.ask(actor, "GET", path).status_code == 200:
                counted[rule.endpoint] = self.statements
        return counted

    def _cold(self) -> None:
        cache = self.app.extensions["page_cache"]
        cache.pages.clear()
        cache.forget()

    def _path(self, rule: Any) -> str:
        values = {"edition_code": self.code, **access_paths.parameters(rule.endpoint, self.own)}
        known = {name: value for name, value in values.items() if name in rule.arguments}
        return str(self.app.url_map.bind("localhost").build(rule.endpoint, known))

    def _reader(self, row: str) -> Actor:
        names = {"everybody": "anonymous", "signed-in": "owner", "own": "owner", "key": "anonymous"}
        return self.actor(names.get(row) or ("administrator" if "A" in row else "finance"))


@proof("queries")
def queries() -> tuple[dict[str, Any], bool]:
    """All pages, small and large; the page that shows most is named."""
    doors = Counted()
    doors.grow(0, SMALL)
    few = doors.pages()
    doors.grow(SMALL, LARGE)
    many = doors.pages()
    grown = {page: (few.get(page), many[page]) for page in many if many[page] != few.get(page)}
    lost = set(few) - set(many)
    naive = grown.pop("naive", (0, 0))
    for page, (before, after) in sorted(grown.items()):
        print(f"  {page}: {before} statements for {SMALL} rows, {after} for {LARGE}")
    for page in sorted(lost):
        print(f"  {page}: cannot be read any more")
    del many["naive"]
    most = max(many, key=lambda page: many[page])
    figures = {
        "pages": len(many),
        "rows": f"{SMALL} and {LARGE}",
        "growing": len(grown) + len(lost),
        "most_statements": f"{many[most]} ({most})",
        "control": f"{naive[0]} and {naive[1]}",
    }
    doors.close()
    return figures, not grown and not lost and len(many) > 80 and naive[1] > LARGE
