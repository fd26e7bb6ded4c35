"""The schema's migrations: loaded only by those who migrate, for they are slow to import."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Flask

import config
from conference.extensions import db

FOLDER = config.ROOT / "migrations"


def attach(app: Flask) -> None:
    """Give the application the `flask db` commands and `flask_migrate.upgrade()`."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(FOLDER), render_as_batch=True)


@cache
def newest(folder: Path = FOLDER) -> str:
    """The number of the newest migration; they stand in one line, numbered in their names."""
    names = sorted(path.name for path in (folder / "versions").glob("[0-9]*.py"))
    return names[-1].split("_", 1)[0] if names else ""
