"""Sessions: listed in words, ended elsewhere, their end and what renews them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from conference.accounts import current, sessions, vault
from conference.accounts.browsers import browser_and_system
from conference.accounts.models import SignInSession
from conference.core import clock
from conference.extensions import db
from tests import factories


def only(person):
    return db.session.scalars(
        select(SignInSession).where(SignInSession.person_id == person.id).order_by(SignInSession.id)
    ).all()


def test_list_shows_browser_place_and_which_one_this_is(browse, stranger):
    sessions.begin(
        stranger,
        method="passkey",
        browser="Mozilla/5.0 (iPhone; CPU iPhone OS 18_1) AppleWebKit/605 Version/18.1 Safari/604",
        address="2001:db8::7",
        second_factor=True,
    )
    page = browse(stranger).get("/account/sessions").get_data(as_text=True)
    assert "Safari on iPhone" in page
    assert "2001:db8::7" in page
    assert "by passkey, with second step" in page
    assert page.count("This browser") == 1


def test_session_ended_elsewhere_opens_nothing_any_more(browse, stranger):
    here, there = browse(stranger), browse(stranger)
    first, second = only(stranger)
    assert there.get("/account").status_code == 200
    answer = here.post(f"/account/sessions/{second.public_id}/end")
    assert answer.location == "/account/sessions"
    assert there.get("/account").location == "/sign-in?next=/account"
    assert here.get("/account").status_code == 200
    assert first.ended_at is None


def test_session_of_somebody_else_cannot_be_ended(browse, stranger):
    other = factories.make_person()
    theirs = browse(other)
    (session,) = only(other)
    assert browse(stranger).post(f"/account/sessions/{session.public_id}/end").status_code == 404
    assert theirs.get("/account").status_code == 200


def test_signing_out_ends_the_session_on_the_server(browse, stranger):
    client, copy = browse(stranger), browse()
    with client.session_transaction() as cookie, copy.session_transaction() as copied:
        copied[current.KEY] = cookie[current.KEY]
    assert copy.get("/account").status_code == 200
    client.get("/sign-out")
    assert copy.get("/account").status_code == 200
    assert client.post("/sign-out").location == "/"
    assert copy.get("/account").status_code == 302


def test_all_others_are_signed_out_in_one_step(browse, stranger):
    clients = [browse(stranger) for _ in range(3)]
    clients[1].post("/account/sessions/end-others")
    assert [c.get("/account").status_code for c in clients] == [302, 200, 302]


@pytest.mark.parametrize("step", ["set", "remove"])
def test_changing_the_password_signs_the_others_out(browse, stranger, step):
    stranger.password = vault.hash_password("a long password")
    other, client = browse(stranger), browse(stranger)
    data = {"password": "three quiet words", "again": "three quiet words"}
    path = "/account/password" if step == "set" else "/account/password/remove"
    assert client.post(path, data=data).location == "/account/security"
    assert other.get("/account").status_code == 302
    assert client.get("/account").status_code == 200
    db.session.refresh(stranger)
    expected = step == "set"
    assert vault.password_fits("three quiet words", stranger.password)[0] is expected


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("short", "short", "at least 12 characters"),
        ("three quiet words", "three quiet word", "not the same"),
        ("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "too easy"),
        ("abcdefghijklmno", "abcdefghijklmno", "too easy"),
        ("jelena.petrovic@example.org", "jelena.petrovic@example.org", "your name or address"),
        ("Jelena Petrovic", "Jelena Petrovic", "your name or address"),
        ("", "", "Please fill this in."),
    ],
)
def test_weak_password_is_refused_beside_its_field(browse, password, again, words):
    person = factories.make_person(
        email="jelena.petrovic@example.org", given_name="Јелена", family_name="Петровић"
    )
    answer = browse(person).post("/account/password", data={"password": password, "again": again})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert person.password is None


def test_session_ends_by_itself_after_fourteen_days(browse, stranger, at):
    client, now = browse(stranger), clock.now()
    at(now + timedelta(days=14) - timedelta(seconds=2))
    assert client.get("/account").status_code == 200
    at(now + timedelta(days=14) + timedelta(seconds=2))
    assert client.get("/account").status_code == 302


def test_reading_pages_writes_nothing_and_acting_notes_the_time_every_ten_minutes(
    browse, stranger, at
):
    client, now = browse(stranger), clock.now()
    (session,) = only(stranger)
    began = session.seen_at
    for minutes, expected in ((5, 0), (11, 11), (15, 11), (22, 22)):
        at(now + timedelta(minutes=minutes))
        client.get("/account")
        client.post("/account/sessions/end-others")
        db.session.expire(session)
        passed = round((session.seen_at - began).total_seconds() / 60)
        assert passed == expected


def test_list_of_sessions_takes_the_same_statements_for_one_and_many(browse, stranger, queries):
    client = browse(stranger)
    client.get("/account/sessions")
    queries.clear()
    client.get("/account/sessions")
    one = len(queries)
    for _ in range(30):
        sessions.begin(stranger, method="link", browser="", address="")
    db.session.commit()
    queries.clear()
    client.get("/account/sessions")
    assert len(queries) == one


def test_ended_sessions_are_forgotten_after_their_time(app, stranger, at):
    sessions.begin(stranger, method="link", browser="b", address="a")
    now = clock.now()
    at(now + timedelta(days=89))
    sessions.forget_old()
    assert len(only(stranger)) == 1
    at(now + timedelta(days=91))
    sessions.forget_old()
    assert only(stranger) == []


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537.36 Edg/131.0", ("Edge", "Windows")),
        (
            "Mozilla/5.0 (Linux; Android 14) Chrome/131.0 Mobile Safari/537.36",
            ("Chrome", "Android"),
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko Firefox/133.0", ("Firefox", "Linux")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Version/18 Safari/605", ("Safari", "macOS")),
        ("<script>", ("", "")),
        ("", ("", "")),
    ],
)
def test_browser_is_named_as_its_owner_knows_it(user_agent, expected):
    assert browser_and_system(user_agent) == expected
