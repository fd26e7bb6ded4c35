"""Five hundred badges: from pressing the button to the whole PDF."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from tests import serving
from tests.bench import _crowd
from tests.measures import bench
from tests.serving import Site

BADGES = 500
ROUNDS = 3


@bench("badges-500")
def badges_500() -> tuple[dict[str, Any], None]:
    """The print run and its file, asked for like a browser does; the median of three."""
    with serving.site(prepare=_printer) as site:
        cookie = _signed_in(site)
        site.serve()
        spent = sorted(_print(site, *cookie) for _ in range(ROUNDS))
    seconds, megabytes = spent[ROUNDS // 2]
    return {"badges": BADGES, "print_seconds": round(seconds, 2), "mb": round(megabytes, 2)}, None


def _printer() -> None:
    from conference.core.permissions import Role
    from tests import factories

    edition = _crowd.open_edition()
    _crowd.fill(edition, BADGES)
    person = factories.make_person(email="printer@example.org")
    factories.give_role(person, edition, Role.ORGANISER)


def _signed_in(site: Site) -> tuple[str, str]:
    from conference.accounts import sessions
    from conference.accounts.models import Person
    from conference.extensions import db

    with site.app().app_context():
        person = db.session.scalars(select(Person).where(Person.email == "printer@example.org"))
        key = sessions.begin(
            person.one(), method="link", browser="bench", address="127.0.0.1", second_factor=True
        )
        db.session.commit()
        db.session.remove()
    return site.visitor(key)


def _print(site: Site, cookie: str, token: str) -> tuple[float, float]:
    began = time.perf_counter()
    fields = urlencode({"which": "all", "locale": "en", "csrf_token": token}).encode()
    page = _open(site, "/ohrid/desk/badges", cookie, fields).decode()
    found = re.search(r'"(/ohrid/desk/badges/runs/\w+\.pdf)"', page)
    if found is None:
        raise RuntimeError(f"no file on the page: {json.dumps(page[:200])}")
    paper = _open(site, found[1], cookie)
    if not paper.startswith(b"%PDF-"):
        raise RuntimeError("this is no PDF")
    return time.perf_counter() - began, len(paper) / 1e6


def _open(site: Site, path: str, cookie: str, fields: bytes | None = None) -> bytes:
    request = urllib.request.Request(site.url + path, data=fields, headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return bytes(answer.read())
