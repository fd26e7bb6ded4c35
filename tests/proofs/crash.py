"""kill -9 at 200 random instants over payment, scan and mail: nothing lost, nothing doubled.

A SQLite file, a real SMTP sink and the card provider's sandbox as processes of their own. Two
lanes, a desk that serves buyers and a worker that sends mail, are forked, killed at a random
instant, and forked again; a new desk first serves whom the dead one left. Afterwards everybody
repeats once what they were not told to be done, the worker runs after the leases have lapsed, and
database, provider, mailbox and the clients' memory are compared row by row. Tickets and invoices
are a line of text here: setting a PDF is no effect that could happen twice. The negative control
sends mail first and notes it afterwards; the same kills make it send twice.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.measures import proof
from tests.proofs import _lives
from tests.proofs._crash_books import judge, mails_of
from tests.proofs._lives import (
    BACKLOG,
    DOORS,
    GROUPS,
    PRICE,
    Board,
    Desk,
    Journal,
    World,
)
from tests.proofs._shared import configure_stripe, mailbox_process, stripe_process
from tests.serving import Site, site

KILLS, CONTROL_KILLS = 200, 40
DESK, WORKER = 0, 1
SPANS = {DESK: (0.02, 0.5), WORKER: (0.02, 0.4)}  # seconds that a life may last


# -- before


def _prepare(found: dict[str, Any]) -> None:
    from conference.core import outbox
    from tests.factories import (
        make_checkin_list,
        make_edition,
        make_payee,
        make_person,
        make_ticket_type,
    )

    edition = make_edition(code="mortal", payee=make_payee(takes_cards=True))
    found["edition"] = edition.code
    found["ticket"] = make_ticket_type(edition, amount=PRICE).public_id
    found["doors"] = tuple(make_checkin_list(edition).public_id for _ in range(DOORS))
    found["finance"] = make_person().public_id
    for number in range(BACKLOG):
        link = {"link": "https://example.org/"}
        outbox.queue("sign-in-link", to=f"old{number}@example.org", locale="en", secrets=link)


@contextlib.contextmanager
def _world() -> Iterator[tuple[World, Path]]:
    found: dict[str, Any] = {}
    with stripe_process() as stripe, mailbox_process() as (port, letters):
        settings = {
            **configure_stripe(stripe),
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(port),
            "MAIL_SENDER": "conference@example.org",
        }
        with site("sqlite", prepare=lambda: _prepare(found), **settings) as made:
            app = made.app()
            _import_everything()
            yield World(app=app, stripe=stripe, journal=_journal(made), **found), letters


def _journal(made: Site) -> Path:
    path = made.folder / "clients.txt"
    path.touch()
    return path


def _import_everything() -> None:
    """In the parent, so that a life of a tenth of a second is spent on work, not on imports."""
    import icalendar  # noqa: F401
    import stripe  # noqa: F401

    from conference.core import outbox
    from conference.core.outbox import Attachment
    from conference.payments.service import checkout  # noqa: F401
    from conference.registrations import tickets  # noqa: F401

    line = Attachment("paper.txt", "text/plain", b"a paper\n")
    outbox.makers.update(ticket=lambda **_: line, invoice=lambda **_: line)


# -- the kills


@dataclass
class Lane:
    """A life that begins again whenever it was ended."""

    number: int
    live: Callable[[], None]
    pid: int = 0

    def fork(self) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.live()
            except BaseException:
                import traceback

                traceback.print_exc()
                os._exit(3)

    def kill(self) -> int:
        """End it; answers how it ended: minus 9 when it was us."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        _pid, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


def _kill(lanes: list[Lane], board: Board, kills: int) -> tuple[Counter[str], int]:
    """So many kills at random instants; answers how many hit which phase, and own deaths."""
    dice = random.Random(9)
    hit: Counter[str] = Counter()
    died = 0
    agenda: list[tuple[float, int]] = []
    for lane in lanes:
        lane.fork()
        heapq.heappush(agenda, (time.monotonic() + dice.uniform(*SPANS[lane.number]), lane.number))
    by_number = {lane.number: lane for lane in lanes}
    for _ in range(kills):
        at, number = heapq.heappop(agenda)
        time.sleep(max(0.0, at - time.monotonic()))
        lane = by_number[number]
        died += lane.kill() != -signal.SIGKILL
        hit[board.phase(number)] += 1
        board.enter(number, "idle")
        lane.fork()
        heapq.heappush(agenda, (time.monotonic() + dice.uniform(*SPANS[number]), number))
    for lane in lanes:
        lane.kill()
    return hit, died


def _unfinished(world: World, board: Board) -> list[int]:
    told = Journal(world.journal).told()
    return [task for task in range(board.tasks) if (task, "done") not in told]


# -- afterwards


def _finish(world: World, board: Board) -> None:
    """Clients try again what they were not told; the worker runs, now and after the leases."""
    from conference import delivery, jobs
    from conference.core import clock, outbox
    from conference.extensions import db
    from conference.payments import jobs as payment_jobs

    desk = Desk(world, board, DESK)
    for task in _unfinished(world, board):
        desk.serve(task)
    db.session.remove()
    clock.set_source(lambda: datetime.now(UTC) + timedelta(minutes=6))
    try:
        for _round in range(2):
            payment_jobs.reconcile_all()
            outbox.find_uncertain()
            db.session.commit()
            while delivery.drain():
                pass
            jobs._chain()
    finally:
        clock.set_source(None)


# -- the runs


def _run(kills: int) -> dict[str, Any]:
    with _world() as (world, letters):
        board = Board()
        _lives.warm_up(world, board)
        lanes = [
            Lane(DESK, lambda: _lives.desk(world, board, DESK, _unfinished(world, board))),
            Lane(WORKER, lambda: _lives.worker(world, board, WORKER)),
        ]
        hit, died = _kill(lanes, board, kills)
        told = Journal(world.journal).told()
        with _ending(world):
            _finish(world, board)
            done = judge(world, board, letters)
        return {**done, "hit": hit, "died": died, "told": len(told)}


def _naive(kills: int) -> dict[str, int]:
    """Mail only, by a worker that sends first and notes afterwards."""
    with _world() as (world, letters):
        board = Board()
        _lives.warm_up(world, board)
        lane = Lane(WORKER, lambda: _lives.naive_worker(world, board, WORKER))
        _kill([lane], board, kills)
        with _ending(world):
            return mails_of(letters)


@contextlib.contextmanager
def _ending(world: World) -> Iterator[None]:
    from conference.extensions import db

    with world.app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


@proof("crash")
def crash() -> tuple[dict[str, Any], bool]:
    """The kills, and the control."""
    done = _run(KILLS)
    control = _naive(CONTROL_KILLS)
    hit = {name: sum(done["hit"][phase] for phase in phases) for name, phases in GROUPS.items()}
    figures = {
        "kills": sum(done["hit"].values()),
        **{f"in_{name}": count for name, count in hit.items()},
        "buyers": done["buyers"],
        "effects_told": done["told"],
        "lost_or_doubled": len(done["wrong"]),
        "mails": done["mails"],
        "mails_lost": done["lost"],
        "mails_doubled": done["doubled"],
        "mails_uncertain": done["uncertain"],
        "of_them_arrived": done["uncertain_arrived"],
        "audit_entries_chained": done["audit"][1],
        "doubled_by_naive_worker": control["doubled"],
    }
    passed = (
        figures["kills"] == KILLS
        and done["died"] == 0
        and all(hit[name] > 0 for name in ("payment", "scan", "mail"))
        and done["buyers"] > 0
        and not done["wrong"]
        and done["mails"] > BACKLOG
        and done["lost"] == done["doubled"] == done["unknown"] == 0
        and done["uncertain"] <= KILLS
        and done["audit"][0] is None
        and control["doubled"] > 0
    )
    if not passed:
        print({**done, "wrong": done["wrong"][:10]}, control)
    return figures, bool(passed)
