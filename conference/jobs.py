"""What runs by itself and how often. huey rings the bell; rows in the database are the truth."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab
from sqlalchemy import event

from conference import backup, delivery
from conference.core import audit, heartbeat, outbox, tokens
from conference.extensions import db

log = logging.getLogger(__name__)
Job = Callable[[], Any]

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


def _forget() -> None:
    tokens.forget_old()
    db.session.commit()


every_minute += [_mail, _chain]
every_night += [_forget]


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


def alarm_clock(app: Flask) -> Huey:
    """The queue that wakes the worker: Redis when there is one, else a file beside the data."""
    if app.config["REDIS_URL"]:
        huey: Huey = RedisHuey("conference", url=app.config["REDIS_URL"])
    else:
        app.config["DATA_DIR"].mkdir(parents=True, exist_ok=True)
        huey = SqliteHuey("conference", filename=str(app.config["DATA_DIR"] / "bell.sqlite3"))

    @huey.task()
    def ring() -> None:
        run(app, [_mail])

    @huey.periodic_task(crontab(minute="*"))
    def minute() -> None:
        run(app, [heartbeat.beat, *every_minute])

    @huey.periodic_task(crontab(minute="7"))
    def hour() -> None:
        run(app, every_hour)

    @huey.periodic_task(crontab(hour="3", minute="21"))
    def night() -> None:
        run(app, every_night)

    app.extensions["bell"] = ring
    return huey


def init_app(app: Flask) -> None:
    """Ring the bell after each commit that queued a mail; a bell that fails is no harm."""

    def after_commit(session: Any) -> None:
        if not session.info.pop("rang", False) or app.config["ENVIRONMENT"] == "test":
            return
        try:
            if "bell" not in app.extensions:
                alarm_clock(app)
            app.extensions["bell"]()
        except Exception:
            log.warning("the bell did not ring; the next sweep will find the mail")

    event.listen(db.session, "after_commit", after_commit)


def work(app: Flask, threads: int = 2) -> None:
    """The worker process: until SIGTERM or SIGINT."""
    huey = alarm_clock(app)
    run(app, [heartbeat.beat, *every_minute])
    consumer = huey.create_consumer(
        workers=threads, worker_type="thread", initial_delay=0.05, max_delay=1.0, backoff=1.3
    )
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    consumer.run()
