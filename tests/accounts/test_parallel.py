"""Twenty at once: a link, a code and the number of tries hold when requests run side by side."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from conference.accounts import people, vault
from conference.accounts.models import Person, SignInSession, SignInTry
from conference.app import create_app
from conference.core import outbox
from conference.editions.models import SiteStamp
from conference.extensions import db
from tests import databases, factories
from tests.conftest import SETTINGS

AT_ONCE = 20


@pytest.fixture(scope="module")
def served(database: str, tmp_path_factory: Any) -> Iterator[Any]:
    """An application of its own whose transactions are real ones."""
    folder = tmp_path_factory.mktemp("parallel")
    url = databases.fresh(database, folder)
    app = create_app(SQLALCHEMY_DATABASE_URI=url, DATA_DIR=folder, **SETTINGS)
    with app.app_context():
        db.create_all()
        db.session.add(SiteStamp(id=1, version=1))
        db.session.commit()
        yield app
        db.session.remove()
        db.engine.dispose()


def at_once(app, act):
    """What `act(client)` answers to twenty browsers that start at the same moment."""
    db.session.rollback()
    answers: list[Any] = []
    start = threading.Barrier(AT_ONCE)

    def browse():
        client = app.test_client()
        start.wait()
        answers.append(act(client))

    threads = [threading.Thread(target=browse) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == AT_ONCE
    return answers


@pytest.mark.sql
def test_link_lets_one_of_twenty_in(served):
    served.test_client().post("/sign-in", data={"email": "ana@example.org"})
    mail = db.session.scalars(select(outbox.OutboundMail)).one()
    link = mail.secrets["link"].removeprefix("http://localhost")
    db.session.commit()
    answers = at_once(served, lambda client: client.post(link).status_code)
    assert Counter(answers) == {302: 1, 410: AT_ONCE - 1}
    (person,) = db.session.scalars(select(Person).where(Person.email == "ana@example.org"))
    begun = select(func.count()).where(SignInSession.person_id == person.id)
    assert db.session.scalar(begun) == 1


@pytest.mark.sql
def test_code_of_the_authenticator_lets_one_of_twenty_in(served):
    person = factories.make_person(email="code@example.org", tf_totp_secret=vault.new_totp_secret())
    person.password = vault.hash_password("a long password")
    db.session.commit()
    data = {"password-email": "code@example.org", "password-password": "a long password"}
    code = {"code": vault.totp_now(person.tf_totp_secret)}
    db.session.commit()
    clients = [served.test_client() for _ in range(AT_ONCE)]
    for client in clients[:4]:
        assert client.post("/sign-in/password", data=data).status_code == 302
    waiting = iter(clients[:4] * 5)
    take = threading.Lock()

    def show(_client):
        with take:
            mine = next(waiting)
        cookie = mine.get_cookie("session")
        other = served.test_client()
        other.set_cookie("session", cookie.value)
        return other.post("/account/second-factor", data=code).status_code

    answers = Counter(at_once(served, show))
    assert answers[302] >= 1
    passed = select(func.count()).where(SignInSession.second_factor_at.is_not(None))
    assert db.session.scalar(passed) == 1


@pytest.mark.sql
def test_no_more_than_allowed_are_evaluated_of_twenty_wrong_passwords(served):
    factories.make_person(email="word@example.org", password=vault.hash_password("a long password"))
    db.session.commit()
    data = {"password-email": "word@example.org", "password-password": "wrong"}
    before = db.session.scalar(select(func.count(SignInTry.id)))
    answers = at_once(served, lambda c: c.post("/sign-in/password", data=data).status_code)
    evaluated = Counter(answers)[422]
    assert 1 <= evaluated <= 10
    assert Counter(answers)[429] == AT_ONCE - evaluated
    assert db.session.scalar(select(func.count(SignInTry.id))) == before + 3 * evaluated


@pytest.mark.sql
def test_twenty_who_make_the_same_person_make_one(served):
    def make(_client):
        with served.app_context():
            person = people.find_or_make("New@example.org", locale="en")
            db.session.commit()
            return person.id

    assert len(set(at_once(served, make))) == 1
