"""What runs by itself and how often. huey keeps the calendar; rows hold the truth."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from conference import backup, delivery
from conference.core import audit, heartbeat, outbox, tokens
from conference.extensions import db
from conference.web.database import empty_the_log

log = logging.getLogger(__name__)
Job = Callable[[], Any]
LOOK_SECONDS = 1.0

every_minute: list[Job] = []
every_hour: list[Job] = []
every_night: list[Job] = []


def _mail() -> None:
    outbox.find_uncertain()
    db.session.commit()
    while delivery.drain():
        pass


def _chain() -> None:
    while audit.chain():
        db.session.commit()
    db.session.commit()


def _note_head() -> None:
    """The log of the worker lies outside the database: `flask verify --head` compares."""
    log.info("audit head %s", audit.head())


def _forget() -> None:
    tokens.forget_old()
    outbox.forget_secrets()
    db.session.commit()


every_minute += [_mail, _chain]
every_hour += [empty_the_log]
every_night += [_note_head, _forget]


def run(app: Flask, jobs: list[Job]) -> None:
    """Run jobs one by one; one that fails is logged and does not stop the others."""
    with app.app_context():
        for job in [heartbeat.beat] if backup.is_held(app) else jobs:
            try:
                job()
                db.session.commit()
            except Exception:
                db.session.rollback()
                log.exception("job failed: %s", job.__name__)
            finally:
                db.session.remove()


def alarm_clock(app: Flask) -> Any:
    """huey's calendar: in Redis when there is one, else in a file beside the data.

    Workers side by side share it; a lock keeps two of them from running the same minute twice.
    """
    from huey import RedisHuey, SqliteHuey, crontab

    if app.config["REDIS_URL"]:
        huey: Any = RedisHuey("conference", url=app.config["REDIS_URL"])
    else:
        app.config["DATA_DIR"].mkdir(parents=True, exist_ok=True)
        huey = SqliteHuey("conference", filename=str(app.config["DATA_DIR"] / "calendar.sqlite3"))

    @huey.periodic_task(crontab(minute="*"))
    @huey.lock_task("minute")
    def minute() -> None:
        run(app, [heartbeat.beat, *every_minute])

    @huey.periodic_task(crontab(minute="7"))
    @huey.lock_task("hour")
    def hour() -> None:
        run(app, every_hour)

    @huey.periodic_task(crontab(hour="3", minute="21"))
    @huey.lock_task("night")
    def night() -> None:
        run(app, every_night)

    return huey


def _watch_mail(app: Flask, stopped: threading.Event) -> None:
    """Send what is due within a second; a claim per mail keeps workers out of each other's way."""
    while not stopped.wait(LOOK_SECONDS):
        run(app, [delivery.drain])


def work(app: Flask, threads: int = 2) -> None:
    """The worker process: until SIGTERM or SIGINT."""
    huey = alarm_clock(app)
    huey.flush_locks()
    run(app, [heartbeat.beat, *every_minute])
    stopped = threading.Event()
    watcher = threading.Thread(target=_watch_mail, args=(app, stopped), daemon=True)
    watcher.start()
    consumer = huey.create_consumer(workers=threads, worker_type="thread", max_delay=2.0)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    try:
        consumer.run()
    finally:
        stopped.set()
        watcher.join(30)
