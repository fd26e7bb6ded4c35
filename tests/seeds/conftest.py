"""The sample, loaded once for all its tests into a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conference.app import create_app
from conference.extensions import db
from conference.features import tell
from seeds import loader
from tests import databases
from tests.conftest import SETTINGS


@pytest.fixture(scope="session")
def seeded_app(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An application whose database holds the sample; tests only read it."""
    folder: Path = tmp_path_factory.mktemp(f"sample-{database}")
    app = create_app(
        SQLALCHEMY_DATABASE_URI=databases.fresh(database, folder),
        DATA_DIR=folder,
        FILES_DIR=folder / "files",
        **SETTINGS,
    )
    with app.app_context():
        db.create_all()
        loader.load(files=folder / "files", demo=True)
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def sample(seeded_app: Any) -> Iterator[Any]:
    """The application with the sample, in a context."""
    tell(seeded_app.config)
    with seeded_app.app_context():
        yield seeded_app
        db.session.rollback()
        db.session.remove()
