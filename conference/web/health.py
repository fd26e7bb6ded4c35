"""Alive and ready, for whoever watches the service."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from conference import schema
from conference.core import heartbeat, outbox
from conference.extensions import db
from conference.web.access import public

blueprint = Blueprint("health", __name__)
LATE_SECONDS = 300


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """The process answers."""
    return jsonify(alive=True)


@blueprint.get("/readyz")
@public
def ready() -> Any:
    """Database, migrations, worker and outbox are in order."""
    try:
        findings = _look()
    except SQLAlchemyError:
        return jsonify(ready=False, database=False), 503
    good = findings["migrations"] and findings["worker"] and findings["outbox"]
    return jsonify(ready=good, database=True, **findings), 200 if good else 503


def _look() -> dict[str, Any]:
    have = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    beat = heartbeat.age_seconds()
    waiting = outbox.oldest_waiting_seconds()
    return {
        "migrations": have == schema.newest(),
        "worker": beat is not None and beat < LATE_SECONDS,
        "outbox": waiting < LATE_SECONDS,
        "worker_seconds": beat,
        "outbox_seconds": waiting,
    }
