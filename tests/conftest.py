"""Fixtures: the application on SQLite and PostgreSQL, a cast, browsing as somebody."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

os.environ.update(CONFERENCE_ENV="test", SECRET_KEY="t" * 40, BASE_URL="http://localhost")

from conference.accounts import current, sessions
from conference.accounts.models import Person
from conference.app import create_app
from conference.core import clock
from conference.core.permissions import Role
from conference.editions.models import SiteStamp
from conference.extensions import db
from conference.features import tell
from tests import databases, factories

TEST_ALL = os.environ.get("TEST_ALL") == "1"
SETTINGS: dict[str, Any] = {
    "TESTING": True,
    "WTF_CSRF_ENABLED": False,
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__rounds": 1,
        "argon2__memory_cost": 1024,
        "argon2__parallelism": 1,
    },
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that touch the database and are marked `sql` run on both; with TEST_ALL=1 all do."""
    if "database" in metafunc.fixturenames:
        marked = metafunc.definition.get_closest_marker("sql") is not None
        both = (marked or TEST_ALL) and databases.postgres_wanted()
        metafunc.parametrize(
            "database", ["sqlite", "postgres"] if both else ["sqlite"], scope="session"
        )


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """sqlite or postgres."""
    return str(request.param)


@pytest.fixture(scope="session")
def whole_app(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The application with an empty schema, shared by all tests of a database."""
    folder: Path = tmp_path_factory.mktemp(database)
    url = databases.fresh(database, folder)
    app = create_app(
        SQLALCHEMY_DATABASE_URI=url, DATA_DIR=folder, FILES_DIR=folder / "files", **SETTINGS
    )
    with app.app_context():
        db.create_all()
        db.session.add(SiteStamp(id=1, version=1))
        db.session.commit()
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(whole_app: Any) -> Iterator[Any]:
    """The application inside a transaction that is rolled back after the test."""
    tell(whole_app.config)
    with whole_app.app_context():
        engines = db._app_engines[whole_app]
        engine = engines[None]
        connection = engine.connect()
        outer = connection.begin()
        engines[None] = connection
        db.session.configure(join_transaction_mode="create_savepoint")
        whole_app.extensions["page_cache"].pages.clear()
        whole_app.extensions["page_cache"].forget()
        try:
            yield whole_app
        finally:
            db.session.remove()
            outer.rollback()
            connection.close()
            engines[None] = engine
            clock.set_source(None)


@pytest.fixture
def at() -> Iterator[Callable[[Any], None]]:
    """Stop the clock: `at(instant)`."""
    yield lambda instant: clock.set_source(lambda: instant)
    clock.set_source(None)


class Unsaved:
    """Notices rows that a request flushed but did not commit."""

    def __init__(self) -> None:
        self.flushed = False
        event.listen(db.session, "after_flush", self._flush)
        event.listen(db.session, "after_commit", self._clear)
        event.listen(db.session, "after_soft_rollback", self._rollback)

    def _flush(self, *_: Any) -> None:
        self.flushed = True

    def _clear(self, *_: Any) -> None:
        self.flushed = False

    def _rollback(self, *_: Any) -> None:
        self.flushed = False

    def close(self) -> None:
        event.remove(db.session, "after_flush", self._flush)
        event.remove(db.session, "after_commit", self._clear)
        event.remove(db.session, "after_soft_rollback", self._rollback)


@pytest.fixture
def browse(app: Any) -> Callable[..., Any]:
    """`browse(person)` is a client signed in as them; `browse()` a stranger's.

    A request that leaves flushed rows uncommitted fails the test.
    """

    def client_for(person: Person | None = None, *, second_factor: bool = True) -> Any:
        db.session.commit()
        client = app.test_client()
        plain = client.open

        def watched(*args: Any, **kwargs: Any) -> Any:
            unsaved = Unsaved()
            try:
                answer = plain(*args, **kwargs)
            finally:
                unsaved.close()
            assert not (unsaved.flushed and answer.status_code < 400), "the view did not commit"
            return answer

        client.open = watched
        if person is not None:
            key = sessions.begin(
                person,
                method="link",
                browser="tests",
                address="127.0.0.1",
                second_factor=second_factor,
            )
            db.session.commit()
            with client.session_transaction() as cookie:
                cookie[current.KEY] = key
        return client

    return client_for


@pytest.fixture
def queries(app: Any) -> Iterator[list[str]]:
    """The statements sent to the database while the test runs."""
    sent: list[str] = []
    engine = db._app_engines[app][None].engine

    def note(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        if not re.match(r"(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|PRAGMA)", statement):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def edition(app: Any) -> Any:
    """A published edition that is open for registration."""
    return factories.make_edition()


def _member(role: Role) -> Any:
    @pytest.fixture
    def member(edition: Any) -> Person:
        person = factories.make_person(family_name=role.value)
        factories.give_role(person, edition, role)
        return person

    return member


organiser = _member(Role.ORGANISER)
finance = _member(Role.FINANCE)
door = _member(Role.CHECK_IN)
chair = _member(Role.CHAIR)
reviewer = _member(Role.REVIEWER)
officer = _member(Role.FUNDING_OFFICER)
approver = _member(Role.FUNDING_APPROVER)


@pytest.fixture
def administrator(app: Any) -> Person:
    """Holds the administrator's role in all editions."""
    person = factories.make_person(family_name="administrator")
    factories.give_role(person, None, Role.ADMINISTRATOR)
    return person


@pytest.fixture
def stranger(app: Any) -> Person:
    """Signed in, with no role and nothing of their own."""
    return factories.make_person(family_name="stranger")


@pytest.fixture
def delegate(edition: Any) -> Person:
    """Holds a confirmed registration of the edition."""
    person = factories.make_person(family_name="delegate")
    factories.make_registration(edition, person=person, email=person.email)
    return person
