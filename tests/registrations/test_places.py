"""Places under real concurrency: as many as there are, nobody lost, and the CHECK behind it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from conference.app import create_app
from conference.editions.models import Edition, SiteStamp
from conference.extensions import db
from conference.registrations import places
from conference.registrations.models import Registration, TicketType
from conference.registrations.wishes import Buyer
from tests import databases, factories
from tests.conftest import SETTINGS
from tests.registrations.wishing import order, wish


@pytest.fixture
def own_app(database, tmp_path):
    """An application with a database of its own, where commits are real."""
    url = databases.fresh(database, tmp_path)
    app = create_app(SQLALCHEMY_DATABASE_URI=url, DATA_DIR=tmp_path, **SETTINGS)
    with app.app_context():
        db.create_all()
        db.session.add(SiteStamp(id=1, version=1))
        db.session.commit()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.sql
def test_forty_people_at_once_for_seven_places(own_app):
    with own_app.app_context():
        edition = factories.make_edition(places=9)
        kind = factories.make_ticket_type(edition, quota=7)
        code, edition_id, kind_id = edition.code, edition.id, kind.id
        db.session.commit()

    def register(number):
        with own_app.app_context():
            edition = db.session.scalars(select(Edition).where(Edition.code == code)).one()
            kind = db.session.get(TicketType, kind_id)
            order(edition, wish(kind), buyer=Buyer(email=f"p{number}@example.org"))
            db.session.commit()
            db.session.remove()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(register, range(40)))

    with own_app.app_context():
        rows = db.session.execute(select(Registration.state, Registration.queue_number)).all()
        assert Counter(state.value for state, _ in rows) == {"pending": 7, "waiting": 33}
        assert sorted(number for _, number in rows if number) == list(range(1, 34))
        taken = db.session.get(TicketType, kind_id).taken
        assert (taken, db.session.get(Edition, edition_id).places_taken) == (7, 7)


@pytest.mark.sql
def test_database_itself_refuses_one_place_too_many(app, edition):
    kind = factories.make_ticket_type(edition, quota=1)
    with pytest.raises(IntegrityError):
        db.session.execute(update(TicketType).where(TicketType.id == kind.id).values(taken=2))


def test_taking_answers_no_and_takes_nothing_when_there_are_not_as_many(edition):
    kind = factories.make_ticket_type(edition, quota=3)
    assert places.take(kind, 2) is True
    assert places.take(kind, 2) is False
    assert kind.taken == 2
    places.give_back(kind, 2)
    assert kind.taken == 0


def test_more_cannot_be_given_back_than_was_taken(edition):
    kind = factories.make_ticket_type(edition)
    with pytest.raises(IntegrityError):
        places.give_back(kind)


def test_unlimited_things_count_what_is_taken(edition):
    extra = factories.make_extra(edition)
    assert places.take(extra, 5) is True
    assert db.session.scalar(text("SELECT taken FROM extra")) == 5


@pytest.mark.parametrize(
    ("left", "words"), [(None, "free"), (11, "free"), (10, "few"), (1, "few"), (0, "full")]
)
def test_visitors_are_told_when_places_get_few(left, words):
    assert places.shown(left) == words
