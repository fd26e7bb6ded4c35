"""The engine's habits: SQLite in WAL with immediate transactions, read-only ones for GET."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import Flask, abort, has_request_context, request
from sqlalchemy import event

from conference.extensions import db

BUSY_TIMEOUT, PATIENT_WITH_READERS = 15_000, 500  # milliseconds
# How long a writer waits for its turn, and how often it asks: each 10 ms, after 9 s each 1 ms.
PATIENCE, LONGEST, SHORTEST, AGING = 60.0, 0.010, 0.001, 0.001

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    f"busy_timeout={BUSY_TIMEOUT}",
    "foreign_keys=ON",
    "secure_delete=ON",  # what a person had erased is overwritten, not only forgotten
    "cache_size=-20000",
    "temp_store=MEMORY",
)
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class WroteWhileReading(RuntimeError):
    """A GET request tried to write."""


_only_reading: ContextVar[bool] = ContextVar("only_reading", default=False)


@contextmanager
def only_reading() -> Iterator[None]:
    """Outside a request: what runs in here reads, and takes no write lock."""
    token = _only_reading.set(True)
    try:
        yield
    finally:
        _only_reading.reset(token)


def reading() -> bool:
    """Whether this is a request, or a block, that must change nothing."""
    return _only_reading.get() or (has_request_context() and request.method in READING)


def init_app(app: Flask) -> None:
    """Set up the engine of this application, and the folder its files lie in."""
    app.config["DATA_DIR"].mkdir(parents=True, exist_ok=True)
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        with app.app_context():
            _sqlite(db.engine)
    app.url_value_preprocessor(_refuse_zero_bytes)
    if not getattr(db.session, "refuses_writes_in_get", False):
        event.listen(db.session, "before_flush", _refuse)
        db.session.refuses_writes_in_get = True


def _refuse_zero_bytes(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """PostgreSQL keeps none in a text, and fails when asked for one; nobody types it."""
    if "\0" in request.path:
        abort(404)


def _refuse(session: Any, _context: Any, _instances: Any) -> None:
    if reading() and (session.new or session.deleted or session.dirty):
        raise WroteWhileReading(f"{request.endpoint} writes in a GET request")


def empty_the_log() -> None:
    """Take over SQLite's write-ahead log and cut it: it still holds what was erased since."""
    if db.engine.dialect.name != "sqlite":
        return
    connection = db.engine.raw_connection()
    try:
        # Writers have to wait meanwhile: who reads for long is rather waited for an hour later.
        connection.execute(f"PRAGMA busy_timeout={PATIENT_WITH_READERS}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
    finally:
        connection.close()


def _sqlite(engine: Any) -> None:
    # Writers of this process queue here and are woken at once; the first of them asks the file.
    turn = threading.Lock()

    @event.listens_for(engine, "connect")
    def connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # the driver must not begin by itself
        for pragma in PRAGMAS:
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A transaction that reads first and writes later cannot be upgraded: take the lock at once.
        if reading():
            connection.exec_driver_sql("BEGIN")
            return
        kept = connection.connection.record_info
        if not kept.get("turn"):
            kept["turn"] = turn.acquire(timeout=PATIENCE)
        if not _takes_turn(connection.connection.dbapi_connection):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def checkin(_dbapi: Any, record: Any) -> None:
        # The event of a commit comes before it; a connection that is given back has committed.
        if record.record_info.pop("turn", False):
            turn.release()


def _takes_turn(dbapi: Any) -> bool:
    """Begin to write as soon as nobody else does; False when that takes too long.

    SQLite's own waiting asks ever less often, so that whoever came first may wait longest: of a
    thousand who registered at once, some were turned away. Here who waits longer asks more often.
    """
    began = time.monotonic()
    dbapi.execute("PRAGMA busy_timeout=0")
    try:
        while (waited := time.monotonic() - began) < PATIENCE:
            try:
                dbapi.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(max(SHORTEST, LONGEST - waited * AGING))
            else:
                return True
        return False
    finally:
        dbapi.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
