"""A backup comes back whole, is checked by hash, and stays quiet until told to act."""

from __future__ import annotations

import tarfile
from typing import Any

import pytest

from conference import backup
from conference.app import create_app
from conference.core import files
from conference.extensions import db
from tests import factories
from tests.conftest import SETTINGS


def _installation(folder: Any) -> Any:
    folder.mkdir()
    url = f"sqlite:///{folder / 'conference.sqlite3'}"
    return create_app(
        SQLALCHEMY_DATABASE_URI=url, DATA_DIR=folder, FILES_DIR=folder / "files", **SETTINGS
    )


@pytest.fixture
def copied(tmp_path):
    """A backup of an installation with one edition and one file."""
    app = _installation(tmp_path / "old")
    with app.app_context():
        db.create_all()
        factories.make_edition(code="ohrid")
        files.keep(b"%PDF-1.7 programme", "a.pdf", folder=app.config["FILES_DIR"], content_type="x")
        db.session.commit()
        backup.backup(app, tmp_path / "copy.tar")
        db.session.remove()
        db.engine.dispose()
    return tmp_path / "copy.tar"


def test_restored_copy_holds_the_same_rows_and_files(copied, tmp_path):
    app = _installation(tmp_path / "new")
    with app.app_context():
        backup.restore(app, copied)
        row = db.session.query(files.StoredFile).one()
        assert files.read(row, folder=app.config["FILES_DIR"]) == b"%PDF-1.7 programme"
        db.session.remove()
        db.engine.dispose()


def test_restored_copy_is_held_until_it_is_resumed(copied, tmp_path):
    app = _installation(tmp_path / "new")
    backup.restore(app, copied)
    assert backup.is_held(app)
    assert backup.resume(app)
    assert not backup.is_held(app)


def test_changed_backup_is_refused_and_changes_nothing(copied, tmp_path):
    broken = tmp_path / "broken.tar"
    with tarfile.open(copied) as old, tarfile.open(broken, "w") as new:
        for member in old.getmembers():
            content = old.extractfile(member)
            if member.name.startswith("files/"):
                (tmp_path / "f").write_bytes(b"%PDF-1.7 something else")
                new.add(tmp_path / "f", member.name)
            else:
                new.addfile(member, content)
    app = _installation(tmp_path / "new")
    with pytest.raises(backup.BackupError, match="nothing was changed"):
        backup.restore(app, broken)
    assert not backup.is_held(app)


def test_restore_into_a_used_installation_is_refused(copied, tmp_path):
    app = _installation(tmp_path / "used")
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    with pytest.raises(backup.BackupError, match="in use"):
        backup.restore(app, copied)
    assert not backup.is_held(app)
