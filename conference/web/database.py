"""The engine's habits: SQLite in WAL with immediate transactions, read-only ones for GET."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import Flask, has_request_context, request
from sqlalchemy import event

from conference.extensions import db

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "busy_timeout=15000",
    "foreign_keys=ON",
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
    """Set up the engine of this application."""
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        with app.app_context():
            _sqlite(db.engine)
    if not getattr(db.session, "refuses_writes_in_get", False):
        event.listen(db.session, "before_flush", _refuse)
        db.session.refuses_writes_in_get = True


def _refuse(session: Any, _context: Any, _instances: Any) -> None:
    if reading() and (session.new or session.deleted or session.dirty):
        raise WroteWhileReading(f"{request.endpoint} writes in a GET request")


def _sqlite(engine: Any) -> None:
    @event.listens_for(engine, "connect")
    def connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # the driver must not begin by itself
        for pragma in PRAGMAS:
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A transaction that reads first and writes later cannot be upgraded: take the lock at once.
        connection.exec_driver_sql("BEGIN" if reading() else "BEGIN IMMEDIATE")
