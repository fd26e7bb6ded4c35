"""Migrations and models describe the same database, up and down, on both engines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select

from conference import schema
from conference.app import create_app
from conference.extensions import db
from conference.payments.models import EntryKind, LedgerEntry
from tests import databases, factories
from tests.conftest import SETTINGS


def _kinds() -> list[str]:
    return ["sqlite", "postgres"] if databases.postgres_wanted() else ["sqlite"]


def _plain(sql: str) -> str:
    return re.sub(r'[\s()"]|::[a-z ]+(\[\])?', "", sql.lower())


def described(engine: Any) -> dict[str, Any]:
    """The schema of a database as plain data."""
    look = inspect(engine)
    return {
        table: {
            "columns": sorted(
                (c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(table)
            ),
            "checks": sorted(
                (c["name"], _plain(c["sqltext"])) for c in look.get_check_constraints(table)
            ),
            "uniques": sorted(
                (u["name"], tuple(u["column_names"])) for u in look.get_unique_constraints(table)
            ),
            "indexes": sorted(
                (i["name"], tuple(i["column_names"]), bool(i["unique"]))
                for i in look.get_indexes(table)
            ),
            "keys": sorted(
                (
                    tuple(k["constrained_columns"]),
                    k["referred_table"],
                    (k.get("options") or {}).get("ondelete"),
                )
                for k in look.get_foreign_keys(table)
            ),
        }
        for table in look.get_table_names()
        if table != "alembic_version"
    }


def _app(kind: str, folder: Path) -> Any:
    folder.mkdir(exist_ok=True)
    url = databases.fresh(kind, folder)
    app = create_app(SQLALCHEMY_DATABASE_URI=url, DATA_DIR=folder, **SETTINGS)
    schema.attach(app)
    return app


@pytest.mark.parametrize("kind", _kinds())
def test_upgrading_an_empty_database_gives_the_schema_of_the_models(kind, tmp_path):
    app = _app(kind, tmp_path / "a")
    with app.app_context():
        upgrade()
        upgraded = described(db.engine)
        db.engine.dispose()
    other = _app(kind, tmp_path / "b")
    with other.app_context():
        db.create_all()
        created = described(db.engine)
        db.engine.dispose()
    assert upgraded.keys() == created.keys()
    for table in created:
        assert upgraded[table] == created[table], table


@pytest.mark.parametrize("kind", _kinds())
def test_downgrading_to_the_start_leaves_nothing(kind, tmp_path):
    app = _app(kind, tmp_path)
    with app.app_context():
        upgrade()
        downgrade(revision="base")
        assert described(db.engine) == {}
        db.engine.dispose()


def test_migrations_stand_in_one_line():
    script = ScriptDirectory(str(Path(__file__).parent.parent / "migrations"))
    numbers = [revision.revision for revision in script.walk_revisions()][::-1]
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("kind", _kinds())
def test_books_keep_every_entry_when_disputes_come_in(kind, tmp_path):
    app = _app(kind, tmp_path)
    with app.app_context():
        upgrade(revision="0001")
        order = factories.make_order(factories.make_edition())
        for what in (EntryKind.CHARGE, EntryKind.CREDIT):
            money = {"amount_minor": 500, "currency": "EUR", "booked_on": factories.on_day(0)}
            db.session.add(LedgerEntry(order_id=order.id, kind=what, **money))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
        upgrade()
        kept = db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()
        assert [(one.kind, one.amount_minor) for one in kept] == [
            (EntryKind.CHARGE, 500),
            (EntryKind.CREDIT, 500),
        ]
        db.session.remove()
        db.engine.dispose()
