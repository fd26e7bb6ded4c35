"""The door at its worst minute: eight scanners at once, badges read twice, answers sent again."""

from __future__ import annotations

import itertools
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from tests import serving
from tests.bench import _crowd
from tests.bench.pages import CLIENTS, Counting
from tests.measures import bench
from tests.serving import Request, Site

PEOPLE = 6000
SECONDS = 5.0
ROUNDS = 2
TWICE = 0.1  # of the badges are shown again, at another door
AGAIN = 0.05  # of the scans are sent a second time, as after a dropped answer
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


@bench("check-in")
def check_in() -> tuple[dict[str, Any], None]:
    """Scans a second with 8 clients, beside a bare Flask page under the same server.

    PostgreSQL also with two web workers, as the README runs it.
    """
    figures: dict[str, Any] = {"clients": CLIENTS}
    for kind, workers in (("sqlite", 1), ("postgres", 1), ("postgres", 2)):
        name = kind if workers == 1 else f"{kind}_{workers}_workers"
        figures |= {f"{name}_{key}": value for key, value in _measured(kind, workers).items()}
    return figures, None


def _measured(kind: str, workers: int) -> dict[str, Any]:
    with serving.site(kind, prepare=_hall) as site:
        scans = _Scans(site)
        statements = scans.statements()
        rounds, bare, cpu = [], [], []
        for _ in range(ROUNDS):
            site.serve(workers=workers)
            serving.load(site.port, iter(scans), clients=2, seconds=0.5)
            before = _cpu_seconds(site)
            made = serving.load(site.port, iter(scans), clients=CLIENTS, seconds=SECONDS)
            cpu.append((_cpu_seconds(site) - before) / len(made.spent) * 1000)
            rounds.append(made)
            site.stop()
            site.serve(workers=workers, target="tests.bench.bare:app")
            pages: Iterator[Request] = itertools.repeat(("GET", "/", {}, b""))
            bare.append(serving.load(site.port, pages, clients=CLIENTS, seconds=2).rate)
            site.stop()
        wrong = {status for made in rounds for status in made.statuses} - {200}
        twice = scans.valid_twice()
        if wrong or twice:
            raise RuntimeError(f"{kind}: answers {wrong}, valid twice {twice}")
        best = max(rounds, key=lambda made: made.rate)
        return {
            **best.figures(),
            "ratio": round(best.rate / max(bare), 2),
            "bare_requests_per_s": max(bare),
            "server_cpu_ms": round(min(cpu), 2),
            "statements": statements,
            "valid_twice": twice,
        }


def _cpu_seconds(site: Site) -> float:
    """What the server has computed so far; says the same on a busy machine."""
    main = site.processes[0].pid
    children = Path(f"/proc/{main}/task/{main}/children")
    pids = [main, *map(int, children.read_text().split())] if children.exists() else []
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def _hall() -> None:
    from conference.checkin.service import lists
    from conference.core.permissions import Role
    from tests import factories

    edition = _crowd.open_edition()
    _crowd.fill(edition, PEOPLE)
    person = factories.make_person(email="door@example.org")
    factories.give_role(person, edition, Role.CHECK_IN)
    lists.ensure_lists(edition)


class _Scans:
    """Requests of the scanners, and a look at what they left behind."""

    def __init__(self, site: Site) -> None:
        from conference.accounts import sessions
        from conference.accounts.models import Person
        from conference.checkin import keys
        from conference.checkin.models import CheckinList
        from conference.extensions import db
        from conference.registrations.models import Registration

        self.site, self.app = site, site.app()
        with self.app.app_context():
            person = db.session.scalars(
                select(Person).where(Person.email == "door@example.org")
            ).one()
            key = sessions.begin(
                person, method="link", browser="bench", address="127.0.0.1", second_factor=True
            )
            arrival = db.session.scalars(select(CheckinList)).one()
            self.list, edition = arrival.public_id, arrival.edition.public_id
            badges = db.session.execute(select(Registration.badge_id, Registration.badge_version))
            self.texts = [keys.code_of(edition, *badge) for badge in badges]
            db.session.commit()
            db.session.remove()
        cookie, token = site.visitor(key)
        self.headers = {**HEADERS, "Cookie": cookie, "X-CSRFToken": token}
        self.chance = random.Random(8)
        self.numbers = itertools.count()
        self.unread = iter(self.texts)
        self.shown: list[str] = []

    def __iter__(self) -> Iterator[Request]:
        while True:
            request = self.one(self._badge())
            yield request
            if self.chance.random() < AGAIN:
                yield request

    def _badge(self) -> str:
        if self.shown and self.chance.random() < TWICE:
            return self.chance.choice(self.shown)
        text = next(self.unread, None) or self.chance.choice(self.texts)
        self.shown.append(text)
        return text

    def one(self, text: str) -> Request:
        body = {
            "list": self.list,
            "uid": f"bench-{next(self.numbers):016d}",
            "text": text,
            "means": "camera",
            "device": "Main entrance",
            "age": 0.1,
        }
        return "POST", "/ohrid/check-in/scans", self.headers, json.dumps(body).encode()

    def statements(self) -> str:
        """Statements of a valid scan and of one of somebody who is in already."""
        counting, counts = Counting(self.site), []
        text = self._badge()
        for _ in range(3):  # the first one warms up
            _method, path, headers, body = self.one(text if counts else self._badge())
            counting.sent = 0
            answer = counting.client.post(
                path,
                data=body,
                base_url=self.site.url,
                headers={name: value for name, value in headers.items() if name != "Cookie"},
                environ_overrides={"HTTP_COOKIE": headers["Cookie"]},
            )
            if answer.status_code != 200:
                raise RuntimeError(f"scan: {answer.status_code}")
            counts.append(str(counting.sent))
        return " or ".join(counts[1:])

    def valid_twice(self) -> int:
        """Registrations with more than one valid scan on a day: there must be none."""
        from conference.checkin.models import Scan, ScanResult
        from conference.extensions import db

        with self.app.app_context():
            doubled = (
                select(Scan.registration_id)
                .where(Scan.result == ScanResult.VALID)
                .group_by(Scan.registration_id, Scan.list_id, Scan.on_date)
                .having(func.count() > 1)
            )
            found = db.session.scalar(select(func.count()).select_from(doubled.subquery()))
            db.session.remove()
        return int(found or 0)
