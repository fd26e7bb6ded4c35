"""Every page that can be read issues the same number of statements for 3 and for 300 rows."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from conference.checkin.models import Admission, Scan, ScanResult
from conference.core import clock, outbox
from conference.core.model import new_public_id
from conference.core.permissions import Role
from conference.editions.models import KeyDate, News, Partner, PartnerRole
from conference.extensions import db
from conference.payments.models import EntryKind, LedgerEntry, Method
from conference.registrations.models import OrderLine
from tests import access_world, factories
from tests.access_table import TABLE
from tests.access_world import Actor
from tests.measures import proof
from tests.proofs._doors import Doors

SMALL, LARGE = 3, 300
QUIET = re.compile(r"\s*(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|PRAGMA|COMMIT)", re.IGNORECASE)
COUNTRIES = ("RS", "BG", "MK", "RO", "TR", "GR", "KR", "FR")


def _everything(doors: Doors, number: int) -> None:
    """One more row of everything that some page lists."""
    edition = db.session.merge(doors.own.edition)
    two = {"en": f"Thing {number}", "sr": f"Ствар {number}"}
    organisation = factories.make_organisation(country=COUNTRIES[number % 8])
    person = factories.make_person(country=COUNTRIES[number % 8])
    order = factories.make_order(edition, person=person, reference=f"RF{number:08d}")
    registration = factories.make_registration(
        edition,
        order=order,
        ticket_type=doors.kind,
        person=person,
        organisation=organisation,
        is_listed=True,
        country=COUNTRIES[number % 8],
    )
    extra = OrderLine(
        order_id=order.id,
        registration_id=registration.id,
        extra_id=doors.extra.id,
        text=two,
        amount_minor=0,
    )
    scan = Scan(
        uid=new_public_id(),
        edition_id=edition.id,
        list_id=doors.list_id,
        registration_id=registration.id,
        on_date=factories.on_day(0),
        result=ScanResult.VALID,
        scanned_at=clock.now(),
        by_id=person.id,
    )
    rows: list[Any] = [
        extra,
        scan,
        Admission(
            list_id=doors.list_id,
            on_date=factories.on_day(0),
            registration_id=registration.id,
            scan_uid=scan.uid,
            admitted_at=clock.now(),
        ),
        KeyDate(edition_id=edition.id, label=two, at=clock.now() + timedelta(days=number)),
        News(edition_id=edition.id, title=two, text=two, html=two, published_at=clock.now()),
        Partner(edition_id=edition.id, organisation_id=organisation.id, role=PartnerRole.HOST),
        LedgerEntry(
            order_id=order.id,
            kind=EntryKind.PAYMENT,
            method=Method.TRANSFER,
            amount_minor=100,
            currency="EUR",
            booked_on=factories.on_day(0),
        ),
    ]
    db.session.add_all(rows)
    factories.give_role(person, edition, Role.REVIEWER)
    outbox.queue(
        "registration-confirmed",
        to=person.email,
        locale="en",
        edition_id=edition.id,
        about=registration.public_id,
    )


class Counted(Doors):
    """Doors that count the statements behind each page."""

    def __init__(self) -> None:
        super().__init__()
        self.statements = 0
        event.listen(self.connection, "before_cursor_execute", self._count)
        edition = db.session.merge(self.own.edition)
        self.kind = factories.make_ticket_type(edition, amount=100)
        self.extra = factories.make_extra(edition)
        self.list_id = factories.make_checkin_list(edition).id
        db.session.commit()

    def _count(self, _c: Any, _cur: Any, statement: str, *_: Any) -> None:
        self.statements += not QUIET.match(statement)

    def grow(self, first: int, last: int) -> None:
        """Rows number `first` to `last` of everything."""
        for number in range(first, last):
            _everything(self, number)
        db.session.commit()
        db.session.remove()

    def pages(self) -> dict[str, int]:
        """Statements of each page, as somebody who may see it."""
        counted = {}
        for rule in self.app.url_map.iter_rules():
            if "GET" not in rule.methods or rule.endpoint.startswith("health."):
                continue
            path = self._path(rule)
            if path is None:
                continue
            self.app.extensions["page_cache"].pages.clear()
            actor = self._reader(TABLE[rule.endpoint])
            self.ask(actor, "GET", path)
            self.app.extensions["page_cache"].pages.clear()
            self.statements = 0
            if self.ask(actor, "GET", path).status_code == 200:
                counted[f"{rule.endpoint} {path.split('/')[-1][:12]}"] = self.statements
        return counted

    def _path(self, rule: Any) -> str | None:
        from flask import url_for

        values = {"edition_code": self.code, **access_world.parameters(rule.endpoint, self.own)}
        with self.app.test_request_context("/"):
            try:
                known = {k: v for k, v in values.items() if k in rule.arguments}
                return str(url_for(rule.endpoint, **known))
            except Exception:
                return None

    def _reader(self, row: str) -> Actor:
        names = {"everybody": "anonymous", "signed-in": "owner", "own": "owner", "key": "anonymous"}
        name = names.get(row) or ("administrator" if "A" in row else "finance")
        return next(actor for actor in self.actors if actor.name == name)


@proof("queries")
def queries() -> tuple[dict[str, Any], bool]:
    """All pages, small and large; the page that shows most is named."""
    doors = Counted()
    doors.grow(0, SMALL)
    few = doors.pages()
    doors.grow(SMALL, LARGE)
    many = doors.pages()
    grown = {page: (few[page], many[page]) for page in few if many.get(page) != few[page]}
    for page, (before, after) in sorted(grown.items()):
        print(f"  {page}: {before} statements for {SMALL} rows, {after} for {LARGE}")
    most = max(many, key=lambda page: many[page])
    figures = {
        "pages": len(many),
        "rows": f"{SMALL} and {LARGE}",
        "growing": len(grown),
        "most_statements": f"{many[most]} ({most.split()[0]})",
    }
    return figures, not grown and len(many) > 60
