"""Signing in by mailed link and by password: one use, no telling who is known, limits, fixation."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from conference.accounts import current, people, vault
from conference.accounts.models import Person, SignInSession, SignInTry
from conference.accounts.service import signing_in
from conference.core import clock, outbox
from conference.core.tokens import LinkUsedUp
from conference.extensions import db
from tests import factories
from tests.accounts import forged


def ask(client, email, **query):
    return client.post("/sign-in", query_string=query, data={"email": email})


def last_link():
    mail = db.session.scalars(
        select(outbox.OutboundMail)
        .where(outbox.OutboundMail.name == "sign-in-link")
        .order_by(outbox.OutboundMail.id.desc())
    ).first()
    return mail.secrets["link"].removeprefix("http://localhost")


def test_link_signs_in_and_goes_on_to_the_page_that_was_wanted(browse):
    person = factories.make_person(email="ana@example.org")
    client = browse()
    assert client.get("/account/profile").location == "/sign-in?next=/account/profile"
    assert ask(client, "Ana@Example.org ", next="/account/profile").location == "/sign-in/sent"
    other_browser = browse()
    answer = other_browser.post(last_link())
    assert (answer.status_code, answer.location) == (302, "/account/profile")
    assert other_browser.get("/account/profile").status_code == 200
    assert client.get("/account/profile").status_code == 302
    (session,) = db.session.scalars(select(SignInSession)).all()
    assert (session.person_id, session.method, session.second_factor_at) == (
        person.id,
        "link",
        None,
    )


def test_link_makes_the_account_of_a_new_address_when_it_is_used_and_not_before(browse):
    client = browse()
    ask(client, "new@example.org")
    assert people.by_email("new@example.org") is None
    client.post(last_link())
    person = people.by_email("new@example.org")
    assert person.confirmed_at is not None
    assert person.locale == "en"


def test_link_survives_twenty_looks_of_a_mail_scanner_and_then_works_once(browse):
    client = browse()
    ask(client, "ana@example.org")
    link = last_link()
    scanner = browse()
    assert {scanner.get(link).status_code for _ in range(20)} == {200}
    assert scanner.head(link).status_code == 200
    assert client.post(link).status_code == 302
    again = browse().post(link)
    assert again.status_code == 410
    assert browse().get(link).status_code == 410


def test_page_of_the_link_tells_no_other_site_its_address(browse):
    client = browse()
    ask(client, "ana@example.org")
    assert client.get(last_link()).headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/sign-in").headers["Referrer-Policy"] == "same-origin"


def test_link_is_no_longer_good_after_ten_minutes(browse, at):
    now = clock.now()
    at(now)
    signing_in.send_link(email="ana@example.org", locale="en", then=None)
    db.session.flush()
    raw = last_link().rpartition("/")[2]
    at(now + timedelta(minutes=10) - timedelta(seconds=1))
    assert signing_in.look_at_link(raw) == "ana@example.org"
    at(now + timedelta(minutes=10))
    with pytest.raises(LinkUsedUp):
        signing_in.look_at_link(raw)
    with pytest.raises(LinkUsedUp):
        signing_in.use_link(raw)


def test_using_one_link_makes_the_others_useless(browse):
    client = browse()
    ask(client, "ana@example.org")
    first = last_link()
    ask(client, "ana@example.org")
    assert client.post(last_link()).status_code == 302
    assert browse().post(first).status_code == 410


def test_known_and_unknown_addresses_get_the_same_answer(browse):
    factories.make_person(email="known@example.org")
    answers, mails = [], []
    for email in ("known@example.org", "nobody@example.org"):
        client = browse()
        asked = ask(client, email)
        page = client.get("/sign-in/sent").get_data(as_text=True).replace(email, "…")
        answers.append((asked.status_code, asked.location, asked.get_data(), page))
        mail = db.session.scalars(
            select(outbox.OutboundMail).where(outbox.OutboundMail.to == email)
        ).one()
        mails.append((mail.name, mail.locale, mail.values, list(mail.secrets)))
    assert answers[0] == answers[1]
    assert mails[0] == mails[1]


def test_password_signs_in_and_wrong_missing_and_unknown_look_the_same(browse):
    factories.make_person(email="ana@example.org", password=vault.hash_password("a long password"))
    factories.make_person(email="none@example.org")
    pages = []
    for email in ("ana@example.org", "none@example.org", "nobody@example.org"):
        client = browse()
        data = {"password-email": email, "password-password": "not the password"}
        answer = client.post("/sign-in/password", data=data)
        assert answer.status_code == 422
        pages.append(re.sub(r'value="[^"]+"', "", answer.get_data(as_text=True)))
    assert pages[0] == pages[1] == pages[2]
    assert "The address or the password is not right." in pages[0]
    client = browse()
    data = {"password-email": "ANA@example.org", "password-password": "a long password"}
    answer = client.post("/sign-in/password?next=/account/sessions", data=data)
    assert answer.location == "/account/sessions"
    assert client.get("/account/sessions").status_code == 200


def test_weak_hash_is_replaced_when_its_password_is_typed(browse):
    import argon2

    weak = argon2.PasswordHasher(time_cost=1, memory_cost=512, parallelism=1).hash(
        "a long password"
    )
    person = factories.make_person(email="ana@example.org", password=weak)
    data = {"password-email": "ana@example.org", "password-password": "a long password"}
    assert browse().post("/sign-in/password", data=data).status_code == 302
    db.session.refresh(person)
    assert "m=1024," in person.password


def test_person_who_is_not_active_cannot_sign_in_at_all(browse):
    factories.make_person(
        email="ana@example.org", active=False, password=vault.hash_password("a long password")
    )
    client = browse()
    data = {"password-email": "ana@example.org", "password-password": "a long password"}
    assert client.post("/sign-in/password", data=data).status_code == 422
    ask(client, "ana@example.org")
    assert client.post(last_link()).status_code == 410


def test_sign_in_gives_the_browser_another_key_and_ends_the_old_session(browse):
    person = factories.make_person(email="ana@example.org")
    client = browse(person)
    with client.session_transaction() as cookie:
        old = cookie[current.KEY]
        cookie["planted"] = "by somebody else"
    ask(client, "ana@example.org", again=1)
    client.post(last_link())
    with client.session_transaction() as cookie:
        assert cookie[current.KEY] != old
        assert "planted" not in cookie
    thief = browse()
    with thief.session_transaction() as cookie:
        cookie[current.KEY] = old
    assert thief.get("/account").status_code == 302
    assert client.get("/account").status_code == 200


def test_key_that_a_stranger_made_up_signs_nobody_in(browse):
    client = browse()
    with client.session_transaction() as cookie:
        cookie[current.KEY] = "A" * 44
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize("target", forged.TARGETS)
def test_forged_next_is_refused(browse, target):
    client = browse()
    ask(client, "ana@example.org", next=target)
    answer = client.post(last_link())
    # One slash, then neither slash nor backslash, nothing that a browser strips: it stays here.
    assert re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", answer.location)


@pytest.mark.parametrize(
    "address",
    [
        "ana",
        "ana@",
        "@example.org",
        "ana@example",
        "a b@example.org",
        "ana@example.org, b@example.org",
        "ana@exa_mple..org",
        "ana@example.org\nBcc: all@example.org",
        "<ana@example.org>",
        "a" * 250 + "@example.org",
    ],
)
def test_what_is_no_address_is_refused_and_kept_in_the_form(browse, address):
    answer = ask(browse(), address)
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count(outbox.OutboundMail.id))) == 0


@pytest.mark.parametrize(
    "address", ["ana@example.org", "o'neil+tag@sub.example.org", "ана@пример.срб"]
)
def test_addresses_of_all_scripts_are_taken(browse, address):
    assert ask(browse(), address).status_code == 302


def test_sixth_link_within_a_quarter_of_an_hour_is_refused_with_the_time_to_wait(browse, at):
    now = clock.now()
    at(now)
    client = browse()
    for _ in range(5):
        assert ask(client, "ana@example.org").status_code == 302
    at(now + timedelta(minutes=5))
    refused = ask(client, "ana@example.org")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "600"
    assert "Please wait 10 minutes" in refused.get_data(as_text=True)
    assert 'value="ana@example.org"' in refused.get_data(as_text=True)
    assert ask(client, "other@example.org").status_code == 302
    at(now + timedelta(minutes=15))
    assert ask(client, "ana@example.org").status_code == 302
    assert db.session.scalar(select(func.count(outbox.OutboundMail.id))) == 7


def test_eleventh_wrong_password_is_not_evaluated_and_the_link_opens_the_way_again(browse):
    factories.make_person(email="ana@example.org", password=vault.hash_password("a long password"))
    client = browse()
    data = {"password-email": "ana@example.org", "password-password": "wrong"}
    right = {**data, "password-password": "a long password"}
    assert [client.post("/sign-in/password", data=data).status_code for _ in range(10)] == [
        422
    ] * 10
    assert client.post("/sign-in/password", data=right).status_code == 429
    ask(client, "ana@example.org")
    client.post(last_link())
    assert browse().post("/sign-in/password", data=right).status_code == 302


def test_hundred_wrong_passwords_in_a_row_close_the_way_until_a_link_is_used(browse, at):
    factories.make_person(email="ana@example.org", password=vault.hash_password("a long password"))
    client, now = browse(), clock.now()
    data = {"password-email": "ana@example.org", "password-password": "wrong"}
    evaluated = 0
    for hour in range(14):
        at(now + timedelta(hours=hour))
        for _ in range(10):
            evaluated += client.post("/sign-in/password", data=data).status_code == 422
    assert evaluated == 100
    data["password-password"] = "a long password"
    answer = client.post("/sign-in/password", data=data)
    assert answer.status_code == 429
    assert "by the link" in answer.get_data(as_text=True)


def test_tries_from_one_address_are_counted_over_all_accounts(browse):
    client = browse()
    codes = [
        client.post(
            "/sign-in/password",
            data={"password-email": f"p{n}@example.org", "password-password": "wrong"},
        ).status_code
        for n in range(62)
    ]
    assert codes == [422] * 60 + [429] * 2


def test_made_up_forwarding_header_changes_nothing(browse):
    client = browse()
    for n in range(60):
        client.post(
            "/sign-in/password",
            data={"password-email": f"p{n}@example.org", "password-password": "wrong"},
            headers={"X-Forwarded-For": f"203.0.113.{n}"},
        )
    answer = client.post(
        "/sign-in/password",
        data={"password-email": "q@example.org", "password-password": "wrong"},
        headers={"X-Forwarded-For": "198.51.100.9"},
    )
    assert answer.status_code == 429


def test_tries_are_kept_without_address_or_account_in_clear(browse):
    ask(browse(), "ana@example.org")
    subjects = db.session.scalars(select(SignInTry.subject)).all()
    assert len(subjects) == 3
    assert not [s for s in subjects if "ana" in s or "127" in s]


def test_two_spellings_of_an_address_are_one_person(app):
    made = people.find_or_make("Ana@Example.ORG", locale="sr")
    assert people.find_or_make(" ana@example.org", locale="en") is made
    assert (made.email, made.locale, made.confirmed_at) == ("ana@example.org", "sr", None)
    assert db.session.scalar(select(func.count(Person.id))) == 1


def test_link_works_over_an_encrypted_line_although_its_page_sends_no_referer(app, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    signing_in.send_link(email="ana@example.org", locale="en", then=None)
    db.session.commit()
    client, secure = app.test_client(), {"base_url": "https://localhost"}
    page = client.get(last_link(), **secure).get_data(as_text=True)
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page).group(1)
    assert client.post(last_link(), **secure).status_code == 400
    assert client.post(last_link(), data={"csrf_token": token}, **secure).status_code == 302
