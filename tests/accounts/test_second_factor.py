"""The second factor: set up, asked for, each code once, recovery codes, who passes without."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from conference.accounts import current, vault
from conference.accounts.models import SignInSession
from conference.accounts.service import second_factor
from conference.core import clock, outbox
from conference.core.permissions import Role
from conference.extensions import db
from tests import factories

PAGE = "/account/second-factor"


@pytest.fixture
def guarded(app):
    """A person with an authenticator and two recovery codes."""
    person = factories.make_person(email="ana@example.org", tf_totp_secret=vault.new_totp_secret())
    person.plain_codes = second_factor.renew_recovery_codes(person=person)
    return person


def key_of(client):
    with client.session_transaction() as cookie:
        return cookie[current.KEY]


def secret_of(client):
    with client.session_transaction() as cookie:
        return cookie["new_totp"]


def test_staff_without_a_second_factor_are_led_to_setting_one_up(browse, edition):
    person = factories.make_person()
    factories.give_role(person, edition, Role.ORGANISER)
    client = browse(person, second_factor=False)
    desk = f"/{edition.code}/desk/organisations"
    assert client.get(desk).location == f"{PAGE}?next={desk}"
    assert client.get(f"{PAGE}?next={desk}").location == f"{PAGE}/set-up?next={desk}"
    page = client.get(f"{PAGE}/set-up?next={desk}").get_data(as_text=True)
    secret = secret_of(client)
    assert vault.totp_key(secret) in page
    before = key_of(client)
    answer = client.post(f"{PAGE}/set-up?next={desk}", data={"code": vault.totp_now(secret)})
    codes = re.findall(
        r"<li>([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})</li>", answer.get_data(as_text=True)
    )
    assert len(set(codes)) == 10
    assert f'href="{desk}"' in answer.get_data(as_text=True)
    assert key_of(client) != before
    assert client.get(desk).status_code == 200
    assert not set(codes) & set(person.recovery_hashes)


def test_wrong_code_sets_nothing_up_and_keeps_the_same_picture(browse, stranger):
    client = browse(stranger)
    client.get(f"{PAGE}/set-up")
    secret = secret_of(client)
    answer = client.post(f"{PAGE}/set-up", data={"code": "000000"})
    assert answer.status_code == 422
    assert secret_of(client) == secret
    db.session.refresh(stranger)
    assert stranger.tf_totp_secret is None


def test_setting_up_ends_the_other_sessions_and_tells_the_person(browse, stranger):
    other, client = browse(stranger), browse(stranger)
    client.get(f"{PAGE}/set-up")
    client.post(f"{PAGE}/set-up", data={"code": vault.totp_now(secret_of(client))})
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    mail = db.session.scalars(select(outbox.OutboundMail)).one()
    assert (mail.name, mail.values["what"]) == ("security-changed", "second_factor.set_up")


def test_who_set_up_a_second_factor_is_nobody_before_it_was_shown(browse, guarded):
    client = browse(guarded, second_factor=False)
    assert client.get("/account").location == f"{PAGE}?next=/account"
    assert client.get("/account/security").location == f"{PAGE}?next=/account/security"
    assert client.post("/account/password", data={"password": "x"}).status_code == 401
    assert guarded.display_name not in client.get("/sign-in").get_data(as_text=True)
    before = key_of(client)
    code = vault.totp_now(guarded.tf_totp_secret)
    answer = client.post(f"{PAGE}?next=/account/security", data={"code": f"{code[:3]} {code[3:]}"})
    assert answer.location == "/account/security"
    assert client.get("/account/security").status_code == 200
    assert key_of(client) != before


def test_old_key_of_the_session_opens_nothing_after_the_second_factor(browse, guarded):
    client, thief = browse(guarded, second_factor=False), browse()
    with thief.session_transaction() as cookie:
        cookie[current.KEY] = key_of(client)
    client.post(PAGE, data={"code": vault.totp_now(guarded.tf_totp_secret)})
    assert client.get("/account").status_code == 200
    assert thief.get("/account").location == "/sign-in?next=/account"


def test_code_is_taken_once_over_all_sessions(browse, guarded):
    code = vault.totp_now(guarded.tf_totp_secret)
    assert browse(guarded, second_factor=False).post(PAGE, data={"code": code}).status_code == 302
    again = browse(guarded, second_factor=False).post(PAGE, data={"code": code})
    assert again.status_code == 422
    assert "used already" in again.get_data(as_text=True)


@pytest.mark.parametrize(
    ("seconds", "taken"), [(0, True), (30, True), (-30, True), (95, False), (-95, False)]
)
def test_code_is_good_for_the_step_before_and_after(guarded, at, seconds, taken):
    now = clock.now().replace(second=10, microsecond=0)
    at(now + timedelta(seconds=seconds))
    code = vault.totp_now(guarded.tf_totp_secret)
    at(now)
    if taken:
        second_factor.use_code(person=guarded, code=code)
        assert guarded.tf_last_counter is not None
    else:
        with pytest.raises(second_factor.WrongCode):
            second_factor.use_code(person=guarded, code=code)


@pytest.mark.parametrize(
    "code",
    ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "12 34", "0x1234", "\x00" * 6],
)
def test_what_is_no_code_is_refused_in_words(guarded, code):
    with pytest.raises(second_factor.WrongCode):
        second_factor.use_code(person=guarded, code=code)


def test_sixth_wrong_code_is_not_evaluated(browse, guarded, at):
    client, now = browse(guarded, second_factor=False), clock.now()
    at(now)
    codes = [client.post(PAGE, data={"code": "000000"}).status_code for _ in range(6)]
    assert codes == [422] * 5 + [429]
    right = {"code": vault.totp_now(guarded.tf_totp_secret)}
    refused = client.post(PAGE, data=right)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")
    at(now + timedelta(minutes=15, seconds=1))
    right = {"code": vault.totp_now(guarded.tf_totp_secret)}
    assert client.post(PAGE, data=right).status_code == 302


def test_recovery_code_lets_in_once(browse, guarded):
    code = guarded.plain_codes[0]
    client = browse(guarded, second_factor=False)
    answer = client.post(
        f"{PAGE}/recovery?next=/account/security", data={"recovery_code": code.upper()}
    )
    assert answer.location == "/account/security"
    assert len(guarded.recovery_hashes) == 9
    again = browse(guarded, second_factor=False)
    assert again.post(f"{PAGE}/recovery", data={"recovery_code": code}).status_code == 422
    assert again.get("/account").status_code == 302


def test_switching_it_off_ends_the_other_sessions_and_opens_the_account_by_link_alone(
    browse, guarded
):
    other, client = browse(guarded), browse(guarded)
    client.post(f"{PAGE}/remove")
    assert (guarded.tf_totp_secret, guarded.recovery_hashes) == (None, [])
    assert other.get("/account").status_code == 302
    assert client.get("/account").status_code == 200
    assert client.get("/account/security").status_code == 200


def test_new_recovery_codes_make_the_old_ones_useless(guarded):
    second_factor.renew_recovery_codes(person=guarded)
    with pytest.raises(second_factor.WrongCode):
        second_factor.use_recovery_code(person=guarded, code=guarded.plain_codes[0])


def test_sign_in_by_password_goes_on_by_way_of_the_second_factor(browse, guarded):
    guarded.password = vault.hash_password("a long password")
    client = browse()
    data = {"password-email": guarded.email, "password-password": "a long password"}
    answer = client.post("/sign-in/password?next=/account/sessions", data=data)
    assert answer.location == f"{PAGE}?next=/account/sessions"
    assert client.get("/account/sessions").status_code == 302
    (session,) = db.session.scalars(select(SignInSession)).all()
    assert session.second_factor_at is None


def test_command_prints_the_code_that_is_taken(app, guarded):
    db.session.commit()
    printed = app.test_cli_runner().invoke(args=["code", "ANA@example.org"]).output
    code, address = printed.split()[:2]
    assert address == "ana@example.org"
    second_factor.use_code(person=guarded, code=code)


def test_command_prints_nothing_in_production(app, guarded, monkeypatch):
    monkeypatch.setitem(app.config, "ENVIRONMENT", "production")
    result = app.test_cli_runner().invoke(args=["code"])
    assert result.exit_code == 1
    assert not re.search(r"\d{6}", result.output)
