"""What was erased is gone from SQLite's files, too, not only from the tables."""

from __future__ import annotations

from sqlalchemy import text

from conference import jobs
from conference.app import create_app
from conference.extensions import db
from conference.web.database import empty_the_log
from tests import factories
from tests.conftest import SETTINGS


def test_erased_name_is_gone_from_the_disk_after_the_hourly_job(tmp_path):
    path = tmp_path / "conference.sqlite3"
    app = create_app(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{path}",
        DATA_DIR=tmp_path,
        FILES_DIR=tmp_path / "files",
        **SETTINGS,
    )

    def on_disk() -> bool:
        return any(b"Anonymova" in file.read_bytes() for file in tmp_path.glob("*.sqlite3*"))

    with app.app_context():
        db.create_all()
        person = factories.make_person(family_name="Anonymova")
        db.session.commit()
        assert on_disk()
        person.family_name = person.search_key = ""
        db.session.commit()
        assert db.session.execute(text("PRAGMA secure_delete")).scalar() == 1
        db.session.remove()
    assert on_disk(), "the log still has it"
    assert empty_the_log in jobs.every_hour
    jobs.run(app, [empty_the_log])
    assert not on_disk()
    with app.app_context():
        db.engine.dispose()
