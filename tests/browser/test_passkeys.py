"""Passkeys in a real browser with a virtual authenticator: made, used, as second factor."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from conference.accounts import vault
from conference.accounts.models import Passkey, Person, SignInSession
from conference.app import create_app
from conference.core.outbox import OutboundMail
from conference.core.permissions import Role
from conference.editions.models import SiteStamp
from conference.extensions import db
from tests import databases, factories
from tests.conftest import SETTINGS
from tests.serving import free_port

pytestmark = pytest.mark.browser
PASSWORD = "three quiet words"


@pytest.fixture(scope="module")
def site(tmp_path_factory: Any) -> Iterator[Any]:
    """The product at a name, not a number: browsers bind passkeys to names."""
    folder, port = tmp_path_factory.mktemp("passkeys"), free_port()
    app = create_app(
        **{**SETTINGS, "WTF_CSRF_ENABLED": True},
        SQLALCHEMY_DATABASE_URI=databases.fresh("sqlite", folder),
        DATA_DIR=folder,
        BASE_URL=f"http://localhost:{port}",
    )
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    with app.app_context():
        db.create_all()
        db.session.add(SiteStamp(id=1, version=1))
        db.session.commit()
    thread.start()
    yield app
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def chromium_browser(launch: Any) -> Any:
    """The Chromium of all journeys."""
    return launch()


def visitor(browser: Any, site: Any, **more: Any) -> Any:
    """A browser without our fonts: the simple server leaves files open that nobody waits for."""
    context = browser.new_context(base_url=site.config["BASE_URL"], **more)
    context.route("**/*.woff2", lambda route: route.abort())
    return context


@pytest.fixture
def page(site: Any, chromium_browser: Any) -> Iterator[Any]:
    """A page whose machine has an authenticator of its own, such as Touch ID or Windows Hello."""
    context = visitor(chromium_browser, site, locale="en-GB")
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.devtools = context.new_cdp_session(page)
    page.devtools.send("WebAuthn.enable")
    made = page.devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.authenticator = made["authenticatorId"]
    yield page
    assert page.faults == []
    context.close()


def make(site: Any, **overrides: Any) -> str:
    """A person with a password; answers the address."""
    with site.app_context():
        person = factories.make_person(password=vault.hash_password(PASSWORD), **overrides)
        db.session.commit()
        return str(person.email)


def type_password(page: Any, email: str, path: str = "/sign-in") -> None:
    page.goto(path)
    page.get_by_text("I have a password").click()
    form = page.locator("details form")
    form.get_by_label("E-mail address").fill(email)
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Sign in").click()


def set_up_passkey(page: Any, name: str) -> None:
    page.goto("/account/security")
    page.get_by_label("Name of the device").fill(name)
    page.get_by_role("button", name="Set up a passkey").click()
    page.get_by_text("The passkey is set up.").wait_for()


def here(page: Any, path: str) -> None:
    """Wait until the page is at a path of this site."""
    page.wait_for_url(lambda url: url.endswith(path) and "next=" not in url)


def sessions_of(site: Any, email: str) -> list[tuple[str, bool]]:
    """How somebody signed in, oldest first, and whether with a second factor."""
    with site.app_context():
        rows = db.session.scalars(
            select(SignInSession)
            .join(Person, Person.id == SignInSession.person_id)
            .where(Person.email == email)
            .order_by(SignInSession.id)
        )
        return [(row.method, row.second_factor_at is not None) for row in rows]


def test_person_makes_a_passkey_and_signs_in_with_it_which_is_a_second_factor_too(site, page):
    with site.app_context():
        person = factories.make_person(password=vault.hash_password(PASSWORD))
        edition = factories.make_edition()
        factories.give_role(person, edition, Role.ORGANISER)
        desk, email = f"/{edition.code}/desk/organisations", person.email
        db.session.commit()
    type_password(page, email)
    here(page, "/account")
    set_up_passkey(page, "My laptop")
    assert page.get_by_text("My laptop", exact=True).is_visible()
    page.context.clear_cookies()
    page.goto(f"/sign-in?next={desk}")
    page.get_by_role("button", name="Use a passkey").click()
    here(page, desk)
    assert sessions_of(site, email) == [("password", False), ("passkey", True)]
    with site.app_context():
        passkey = db.session.scalars(select(Passkey)).one()
        assert passkey.used_at is not None
        assert passkey.sign_count > 0


def test_passkey_is_the_second_step_after_a_password(site, page):
    with site.app_context():
        secret = vault.new_totp_secret()
    email = make(site, tf_totp_secret=secret)
    type_password(page, email)
    page.get_by_label("Code of six digits").fill(vault.totp_now(secret))
    page.get_by_role("button", name="Continue").click()
    here(page, "/account")
    set_up_passkey(page, "Telephone")
    page.context.clear_cookies()
    type_password(page, email, "/sign-in?next=/account/sessions")
    page.get_by_role("button", name="Use a passkey").click()
    here(page, "/account/sessions")
    assert sessions_of(site, email) == [("password", True), ("password", True)]


def test_device_that_does_not_know_its_owner_is_no_second_factor(site, page):
    email = make(site)
    type_password(page, email)
    here(page, "/account")
    set_up_passkey(page, "Key without PIN")
    page.devtools.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": page.authenticator, "isUserVerified": False},
    )
    page.context.clear_cookies()
    page.goto("/sign-in?next=/account/sessions")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_timeout(1500)
    assert not [one for one in sessions_of(site, email) if one[1]]


def test_removed_passkey_is_refused_in_words(site, page):
    type_password(page, make(site))
    here(page, "/account")
    set_up_passkey(page, "Old laptop")
    page.get_by_role("button", name="Remove", exact=True).click()
    page.locator("dialog[open]").get_by_role("button", name="Remove").click()
    page.get_by_text("The passkey is removed.").wait_for()
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    alert = page.locator("[data-passkey] [role=alert]")
    alert.wait_for()
    assert "could not be used here" in alert.inner_text()
    assert page.url.endswith("/sign-in")


def test_whole_way_by_link_works_without_javascript(site, chromium_browser):
    context = visitor(chromium_browser, site, java_script_enabled=False, locale="sr-RS")
    page = context.new_page()
    page.goto("/account/profile")
    page.locator("input[name=email]").fill("nova@example.org")
    page.locator("main form button").first.click()
    assert page.url.endswith("/sign-in/sent")
    with site.app_context():
        query = select(OutboundMail).where(OutboundMail.to == "nova@example.org")
        link = db.session.scalars(query).one().secrets["link"]
    other = visitor(chromium_browser, site, java_script_enabled=False).new_page()
    other.goto(link)
    other.locator("main form button").click()
    assert other.url.endswith("/account/profile")
    context.close()
    other.context.close()
