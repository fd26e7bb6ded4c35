"""The lives that the crash proof ends: a desk that serves buyers, a worker that sends mail.

Each is forked from a parent that has imported the product already, opens its own database
connections, and repeats what every client and every worker would do after an accident: the same
request again with the same keys. What was answered to a client is noted in a journal outside the
database, as the client would remember it.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
import urllib.error
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from tests.proofs._shared import post_json

PHASES = (
    "idle", "place", "attempt", "call", "note", "card", "return", "scan", "reserve", "refund",
    "refunded", "mail", "chain", "reconcile",
)  # fmt: skip
GROUPS = {
    "payment": "place attempt call note card return reserve refund refunded".split(),
    "scan": ["scan"],
    "mail": ["mail"],
    "other": ["idle", "chain", "reconcile"],
}
PRICE, BACK = 10_000, 3_000
REFUND_EACH = 3
DOORS = 5
BACKLOG = 400  # mails that wait for the worker from the start
CARD = {"card": "4242424242424242"}


@dataclass(frozen=True)
class World:
    """What both lives know from the start."""

    app: Any
    edition: str
    ticket: str
    doors: tuple[str, ...]
    finance: str
    stripe: str
    journal: Path


class Board:
    """Memory that parent and children share: in which phase each lane is, the next free number."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 64)

    def enter(self, lane: int, phase: str) -> None:
        self._memory[lane] = PHASES.index(phase)

    def phase(self, lane: int) -> str:
        return PHASES[self._memory[lane]]

    def next_task(self) -> int:
        (number,) = struct.unpack_from("<I", self._memory, 16)
        struct.pack_into("<I", self._memory, 16, number + 1)
        return int(number)

    @property
    def tasks(self) -> int:
        return int(struct.unpack_from("<I", self._memory, 16)[0])


class Journal:
    """What clients were told, one line each; written after the commit that made it true."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def note(self, task: int, what: str) -> None:
        os.write(self._file, f"{task} {what}\n".encode())

    def told(self) -> set[tuple[int, str]]:
        found = set()
        for line in self._path.read_text().splitlines():
            task, _, what = line.partition(" ")
            found.add((int(task), what))
        return found


# -- the desk: buyers who register, pay, come to the door, and of whom some get money back


class Desk:
    """One process that serves buyers, one after the other."""

    def __init__(self, world: World, board: Board, lane: int) -> None:
        self.world = world
        self.journal = Journal(world.journal)
        self._enter: Callable[[str], None] = lambda phase: board.enter(lane, phase)

    def serve(self, task: int) -> None:
        """Everything a buyer does, from the start; what is done already is found done."""
        order = self._place(task)
        order = self._pay(order, task)
        self._come(order, task)
        if task % REFUND_EACH == 0:
            self._give_back(order, task)
        self.journal.note(task, "done")

    def _place(self, task: int) -> str:
        from conference.accounts import people
        from conference.core import clock
        from conference.core.money import Money
        from conference.extensions import db
        from conference.registrations.models import RegistrationDraft
        from conference.registrations.service import ordering
        from conference.registrations.wishes import Buyer, Wish

        self._enter("place")
        email, key = f"buyer{task}@example.org", f"draft{task:017d}"
        edition = _edition(self.world)
        person = people.find_or_make(email, locale="en")
        person.confirmed_at = person.confirmed_at or clock.now()
        drafts = db.select(RegistrationDraft).where(RegistrationDraft.public_id == key)
        draft = db.session.scalars(drafts).first()
        if draft is None:
            draft = RegistrationDraft(public_id=key, edition_id=edition.id, data={})
            db.session.add(draft)
        db.session.commit()
        wish = Wish(
            ticket=self.world.ticket,
            given_name="Ana",
            family_name=f"Kovač {task}",
            country="RS",
        )
        order = ordering.place(
            edition=_edition(self.world),
            wishes=[wish],
            buyer=Buyer(email=email, pays_by="card", invoice_name="Ana", invoice_country="RS"),
            by=person,
            locale="en",
            expected_total=Money(PRICE, "EUR"),
            draft=draft,
        )
        public_id = str(order.public_id)
        db.session.commit()
        self.journal.note(task, "placed")
        return public_id

    def _pay(self, public_id: str, task: int) -> str:
        from conference.extensions import db
        from conference.payments import provider
        from conference.payments.service import checkout, events
        from conference.registrations.states import OrderState

        if _order(public_id).state is OrderState.PAID:
            return public_id
        self._enter("attempt")
        opening = checkout.prepare(order=_order(public_id), by=None)
        db.session.commit()
        self._enter("call")
        opened = provider.open_session(opening)
        self._enter("note")
        checkout.note_opened(opened)
        db.session.commit()
        sessions = [attempt.session_id or "" for attempt in checkout._live(_order(public_id))]
        db.session.commit()
        self._enter("card")
        for one in sessions:
            self._press_pay(one)
        self._enter("return")
        for one in sessions:
            seen = provider.find_session(one)
            if seen is not None:
                events.apply(seen)
            db.session.commit()
        self.journal.note(task, "paid")
        return public_id

    def _press_pay(self, session: str) -> None:
        try:
            post_json(f"{self.world.stripe}/_sandbox/pay/{session}", CARD)
        except urllib.error.HTTPError as error:
            if error.code != 400:  # "This session is complete": the press before got through
                raise

    def _come(self, public_id: str, task: int) -> None:
        from conference.checkin.service import scans
        from conference.extensions import db
        from conference.registrations.queries import registrations_of

        self._enter("scan")
        badge = registrations_of(_order(public_id))[0].public_id
        for number, door in enumerate(self.world.doors):
            scans.check_in(
                edition=_edition(self.world),
                checkin_list=door,
                uid=f"scan-{task:020d}-{number}",
                scanned_at=datetime.now(UTC),
                means="camera",
                by=_finance(self.world),
                registration=badge,
            )
            db.session.commit()
            self.journal.note(task, f"scanned {number}")

    def _give_back(self, public_id: str, task: int) -> None:
        from conference.core.money import Money
        from conference.extensions import db
        from conference.payments import provider
        from conference.payments.service import charging, refunds

        self._enter("reserve")
        by, order = _finance(self.world), _order(public_id)
        token = f"credit-{task}"
        amount = Money(BACK, "EUR")
        if not refunds.of_order(order):  # the page shows no button once a refund stands there
            charging.credit(order=order, amount=amount, reason="", token=token, by=by)
            made = refunds.prepare(order=order, amount=None, reason="", by=by)
            db.session.commit()
            self._enter("refund")
            for refunding in made:
                done = provider.refund(refunding)
                self._enter("refunded")
                refunds.note(done)
                db.session.commit()
        db.session.commit()
        self.journal.note(task, "given back")


def _edition(world: World) -> Any:
    from conference.editions.models import Edition
    from conference.extensions import db

    return db.session.scalars(db.select(Edition).where(Edition.code == world.edition)).one()


def _finance(world: World) -> Any:
    from conference.accounts.models import Person
    from conference.extensions import db

    return db.session.scalars(db.select(Person).where(Person.public_id == world.finance)).one()


def _order(public_id: str) -> Any:
    from conference.extensions import db
    from conference.registrations.models import Order

    return db.session.scalars(db.select(Order).where(Order.public_id == public_id)).one()


# -- the two lives


def desk(world: World, board: Board, lane: int, unfinished: list[int]) -> NoReturn:
    """Serve whom the last one left, then new buyers, until killed."""
    with world.app.app_context():
        _forget_parent()
        served = Desk(world, board, lane)
        for task in _tasks(unfinished, board):
            served.serve(task)
    os._exit(0)


def _tasks(unfinished: list[int], board: Board) -> Iterator[int]:
    yield from unfinished
    while True:
        yield board.next_task()


def worker(world: World, board: Board, lane: int) -> NoReturn:
    """Mail, the audit chain and the reconciliation, until killed."""
    from conference import delivery, jobs
    from conference.payments import jobs as payment_jobs

    with world.app.app_context():
        _forget_parent()
    while True:
        board.enter(lane, "mail")
        jobs.run(world.app, [delivery.drain])
        board.enter(lane, "chain")
        jobs.run(world.app, [jobs._chain])
        board.enter(lane, "reconcile")
        jobs.run(world.app, [payment_jobs.reconcile])
        board.enter(lane, "idle")
        time.sleep(0.003)


def naive_worker(world: World, board: Board, lane: int) -> NoReturn:
    """The control: sends what is due, and notes it when all of it has gone."""
    import smtplib

    from conference import delivery
    from conference.core import outbox
    from conference.core.outbox import MailState, OutboundMail
    from conference.extensions import db

    config = world.app.config
    with world.app.app_context():
        _forget_parent()
        while True:
            board.enter(lane, "mail")
            due = outbox.due(20)
            letters = [delivery.write(db.session.get(OutboundMail, one)) for one in due]
            db.session.commit()
            for letter in letters:
                with smtplib.SMTP(config["MAIL_SERVER"], config["MAIL_PORT"]) as line:
                    line.sendmail("conference@example.org", letter.recipients, letter.as_bytes())
            noted = {"state": MailState.SENT, "attempts": 1}
            db.session.execute(
                db.update(OutboundMail).where(OutboundMail.id.in_(due)).values(**noted)
            )
            db.session.commit()
            board.enter(lane, "idle")
            time.sleep(0.003)


def warm_up(world: World, board: Board) -> None:
    """Serve the first buyer in the parent: what is compiled then, every life inherits."""
    from conference import delivery, jobs
    from conference.extensions import db
    from conference.payments import jobs as payment_jobs

    with world.app.app_context():
        Desk(world, board, 0).serve(board.next_task())
    jobs.run(world.app, [delivery.drain, jobs._chain, payment_jobs.reconcile])
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()


def _forget_parent() -> None:
    """Connections are not shared across a fork."""
    from conference.extensions import db
    from conference.payments import provider

    db.session.remove()
    db.engine.dispose(close=False)
    provider._client.cache_clear()
