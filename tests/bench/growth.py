"""What grows with an edition: each page with 100, 10,000 and 100,000 registrations."""

from __future__ import annotations

import re
import statistics
import time
from typing import Any

from tests import factories, serving
from tests.bench import _crowd
from tests.bench.pages import Counting
from tests.measures import bench

SIZES = (100, 10_000, 100_000)
TRIES = 5
GROWS = 2.0  # a page that takes this many times as long, and more than 20 ms longer, grows
PUBLIC = {
    "edition": "/ohrid/",
    "participants": "/ohrid/participants",
    "register": "/ohrid/registrations/new",
    "sign-in": "/sign-in",
}
STAFF = {
    "desk": "/ohrid/desk",
    "desk-list": "/ohrid/desk/registrations",
    "desk-search": "/ohrid/desk/registrations?q=djordjevic+n77",
    "desk-by-date": "/ohrid/desk/registrations?sort=-date",
    "desk-filter": "/ohrid/desk/registrations?country=KR&payment=paid",
    "desk-figures": "/ohrid/desk/figures",
    "desk-mails": "/ohrid/desk/mails",
    "desk-payments": "/ohrid/desk/payments",
    "desk-check-in": "/ohrid/desk/check-in",
}


class Looking(Counting):
    """Somebody who opens pages again and again, without the cache in front."""

    def measure(self, path: str, cookie: str | None) -> tuple[float, int]:
        """Milliseconds (median) and statements of a page."""
        headers = {"HTTP_COOKIE": cookie} if cookie else {}
        spent, status = [], 0
        for _ in range(TRIES):
            self.app.extensions["page_cache"].pages.clear()
            self.sent, began = 0, time.perf_counter()
            answer = self.client.get(path, base_url=self.base, environ_overrides=headers)
            spent.append(time.perf_counter() - began)
            status = answer.status_code
            self.body = answer.get_data(as_text=True)
        if status != 200:
            raise RuntimeError(f"{path}: {status}")
        return round(statistics.median(spent) * 1000, 1), self.sent


@bench("growth")
def growth() -> tuple[dict[str, Any], None]:
    """On SQLite."""
    return _grown("sqlite"), None


@bench("growth-postgres")
def growth_postgres() -> tuple[dict[str, Any], None]:
    """On PostgreSQL."""
    return _grown("postgres"), None


def _grown(kind: str) -> dict[str, Any]:
    found: dict[str, list[tuple[float, int]]] = {}
    with serving.site(kind, prepare=_prepare) as site:
        cookie = _organiser(site)
        looking = Looking(site)
        there = 0
        for size in SIZES:
            with looking.app.app_context():
                _more(size - there)
            there = size
            for name, path in PUBLIC.items():
                found.setdefault(name, []).append(looking.measure(path, None))
            for name, path in STAFF.items():
                found.setdefault(name, []).append(looking.measure(path, cookie))
                if name == "desk-list":
                    deep = _deep(looking, cookie)
                    found.setdefault("desk-page-20", []).append(looking.measure(deep, cookie))
            story = f"/ohrid/desk/registrations/{_somebody(looking)}"
            found.setdefault("desk-story", []).append(looking.measure(story, cookie))
    figures: dict[str, Any] = {"registrations": "/".join(map(str, SIZES))}
    for name, measured in found.items():
        counts = sorted({statements for _ms, statements in measured})
        times = "/".join(f"{ms:g}" for ms, _statements in measured)
        figures[name] = f"{times} ms, {'/'.join(map(str, counts))} statements"
    figures["grow"] = " ".join(
        name
        for name, measured in found.items()
        if measured[-1][0] > measured[0][0] * GROWS and measured[-1][0] - measured[0][0] > 20
    )
    return figures


def _prepare() -> None:
    from conference.core.permissions import Role

    edition = _crowd.open_edition()
    organiser = factories.make_person(email="organiser@example.org")
    factories.give_role(organiser, edition, Role.ORGANISER)


def _organiser(site: serving.Site) -> str:
    from conference.accounts import people, sessions
    from conference.extensions import db

    with site.app().app_context():
        person = people.by_email("organiser@example.org")
        key = sessions.begin(
            person, method="link", browser="bench", address="127.0.0.1", second_factor=True
        )
        db.session.commit()
    return site.visitor(key)[0]


def _more(count: int) -> None:
    from conference.editions.queries import by_code
    from conference.extensions import db

    _crowd.fill(by_code("ohrid"), count)
    _crowd.settle_sequences()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    db.session.remove()


def _deep(looking: Looking, cookie: str) -> str:
    """The address of the 20th page of the list, or of the last."""
    path = STAFF["desk-list"]
    for _ in range(19):
        looking.measure(path, cookie)
        following = re.search(r'rel="next" href="([^"]+)"', looking.body)
        if following is None:
            break
        path = following[1].replace("&amp;", "&")
    return path


def _somebody(looking: Looking) -> str:
    from conference.extensions import db
    from conference.registrations.models import Registration

    with looking.app.app_context():
        found = db.session.scalar(db.select(Registration.public_id).limit(1))
        return str(found)
