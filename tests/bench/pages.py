"""Pages that everybody sees, and registering from the first screen to the order."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import event

from tests import serving
from tests.bench import _crowd
from tests.measures import bench
from tests.serving import Load, Site, raw

SECONDS = 3.0
ROUNDS = 3
CLIENTS = 8
QUIET = re.compile(r"\s*(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|PRAGMA|COMMIT)", re.IGNORECASE)


def _fire(site: Site, path: str) -> Load:
    requests = (("GET", path, {}, b"") for _ in itertools.count())
    serving.load(site.port, requests, clients=2, seconds=0.5)
    made = serving.load(site.port, requests, clients=CLIENTS, seconds=SECONDS)
    if set(made.statuses) != {200}:
        raise RuntimeError(f"{path}: {made.statuses}")
    return made


def _beside_bare(prepare: Callable[[], Any], path: str) -> tuple[dict[str, Any], None]:
    """The page and a bare Flask page in turns under the same server; the best round of each."""
    rounds: dict[str, list[Load]] = {"wsgi:app": [], "tests.bench.bare:app": []}
    with serving.site(prepare=prepare) as site:
        statements = Counting(site).get(path)
        for _ in range(ROUNDS):
            for target, made in rounds.items():
                site.serve(target=target)
                made.append(_fire(site, path if target == "wsgi:app" else "/"))
                site.stop()
    ours, bare = (max(made, key=lambda load: load.rate) for made in rounds.values())
    return {
        **ours.figures(),
        "ratio": round(ours.rate / bare.rate, 2),
        "bare_requests_per_s": bare.rate,
        "statements": statements,
    }, None


class Counting:
    """The product inside this process, with the statements behind each request."""

    def __init__(self, site: Site) -> None:
        from conference.extensions import db

        self.app = site.app()
        self.client, self.base, self.sent = self.app.test_client(use_cookies=False), site.url, 0
        with self.app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cur: Any, statement: str, *_: Any) -> None:
        self.sent += not QUIET.match(statement)

    def get(self, path: str) -> int:
        """Statements of the page when it is asked for the second time."""
        self.client.get(path, base_url=self.base)
        self.sent = 0
        answer = self.client.get(path, base_url=self.base)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        return self.sent

    def post(self, request: serving.Request) -> tuple[int, str]:
        """Statements of a form, and where it sends on to."""
        _method, path, headers, body = request
        self.sent = 0
        answer = self.client.post(
            path,
            data=body,
            base_url=self.base,
            content_type=headers["Content-Type"],
            environ_overrides={"HTTP_COOKIE": headers["Cookie"]},
        )
        if answer.status_code != 302:
            raise RuntimeError(f"{path}: {answer.status_code}")
        return self.sent, answer.headers["Location"]


@bench("edition-page")
def edition_page() -> tuple[dict[str, Any], None]:
    """The front page of an edition, as a stranger sees it."""
    return _beside_bare(lambda: _crowd.fill(_crowd.open_edition(), 200), "/ohrid/")


@bench("participants-page")
def participants_page() -> tuple[dict[str, Any], None]:
    """The public list with 1,000 people on it."""
    return _beside_bare(lambda: _crowd.fill(_crowd.open_edition(), 2000), "/ohrid/participants")


@bench("sign-in-page")
def sign_in_page() -> tuple[dict[str, Any], None]:
    """The page where one signs in, with a token and a cookie of each visitor's own."""
    return _beside_bare(_crowd.open_edition, "/sign-in")


class Journey:
    """One person's way through the three screens, as forms; `number` makes the person."""

    def __init__(self, cookie: str, token: str, ticket: str, number: int):
        self.headers = {
            "Cookie": cookie,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.token, self.ticket, self.number = token, ticket, number

    def form(self, path: str, **fields: str) -> serving.Request:
        return (
            "POST",
            path,
            self.headers,
            urlencode({**fields, "csrf_token": self.token}).encode(),
        )

    def steps(self) -> Iterator[serving.Request]:
        """Each step is sent the address that the one before was answered with."""
        at = yield self.form(
            "/ohrid/registrations/new",
            **{
                "people": "1",
                "email": f"b{self.number}@example.org",
                "p0-given_name": "Милица",
                "p0-family_name": f"Đorđević {self.number}",
                "p0-country": "RS",
                "p0-organisation": "Klaster mašinske industrije",
                "p0-ticket": self.ticket,
            },
        )
        at = yield self.form(at, **{"p0-diet": "No nuts", "p0-is_listed": "y"})
        yield self.form(
            at,
            total="12000",
            waiting="",
            pays_by="transfer",
            invoice_name="Klaster",
            invoice_address="Trg 1, Leskovac",
            invoice_country="RS",
        )


def _sent_on(site: Site, location: str) -> str:
    """The path of a redirect."""
    return location.removeprefix(site.url).split("#")[0]


async def _register(site: Site, journeys: Iterator[Journey], until: float, load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    for journey in journeys:
        steps, at = journey.steps(), None
        request = next(steps)
        while time.monotonic() < until:
            began = time.perf_counter()
            writer.write(raw(site.port, request))
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
            await reader.readexactly(int(length[1]) if length else 0)
            load.spent.append(time.perf_counter() - began)
            status = int(head[9:12])
            load.statuses[status] = load.statuses.get(status, 0) + 1
            found = re.search(r"location: (\S+)", head, re.IGNORECASE)
            at = _sent_on(site, found[1]) if found else None
            try:
                request = steps.send(at)
            except StopIteration:
                break
        if time.monotonic() > until:
            break
    writer.close()


@bench("register")
def register() -> tuple[dict[str, Any], bool | None]:
    """Eight people at once register, three forms each, from nothing to an order."""
    figures: dict[str, Any] = {"clients": CLIENTS}
    for kind in ("sqlite", "postgres"):
        figures |= {f"{kind}_{name}": value for name, value in _measured(kind).items()}
    return figures, None


def _measured(kind: str) -> dict[str, Any]:
    with serving.site(kind, prepare=_crowd.open_edition) as site:
        cookie, token = site.visitor()
        ticket = _ticket(site)
        numbers = itertools.count(1)
        journeys = (Journey(cookie, token, ticket, number) for number in numbers)
        statements = _statements(site, next(journeys))
        site.serve(threads=4)
        made = Load(0, {}, [])

        async def everybody(seconds: float) -> None:
            until = time.monotonic() + seconds
            await asyncio.gather(*(_register(site, journeys, until, made) for _ in range(CLIENTS)))

        asyncio.run(everybody(1))
        made = Load(0, {}, [])
        began = time.monotonic()
        asyncio.run(everybody(8))
        made.seconds = time.monotonic() - began
        if set(made.statuses) != {302}:
            raise RuntimeError(f"registering: {made.statuses}")
        return {
            **made.figures(),
            "orders_per_s": round(made.rate / 3, 1),
            "statements": statements,
        }


def _ticket(site: Site) -> str:
    from conference.extensions import db
    from conference.registrations.models import TicketType

    app = site.app()
    with app.app_context():
        found = db.session.scalars(db.select(TicketType).order_by(TicketType.id)).first()
        return str(found.public_id)


def _statements(site: Site, journey: Journey) -> str:
    """Statements of the three forms, one after the other."""
    counting, counts, at = Counting(site), [], None
    steps = journey.steps()
    request = next(steps)
    while True:
        count, at = counting.post(request)
        counts.append(str(count))
        try:
            request = steps.send(_sent_on(site, at))
        except StopIteration:
            return "+".join(counts)
