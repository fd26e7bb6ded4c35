"""Input that only a program sends: it is refused like any other, on both databases."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from conference.web.access import typed
from tests import factories

NUMBER = "9" * 5000  # more digits than Python reads without being asked


@pytest.mark.sql
@pytest.mark.parametrize(
    "path",
    [
        "/people/%00",
        "/organisations/%00",
        "/organisations?q=%00&country=%00&after=%00",
        "/pictures/%00",
        "/%00/",
        "/languages/en?next=%00",
        "/sign-in/link/%00",
        "/role-invitations/%00",
    ],
)
def test_zero_byte_in_an_address_finds_nothing(browse: Any, path: str) -> None:
    assert browse().get(path).status_code < 500


@pytest.mark.sql
@pytest.mark.parametrize(
    "path",
    [
        "registrations/new?ticket=%00&invitation=%00",
        "registrations/new/%00/people",
        "news/%00",
        "documents/%00",
        "registrations/%00",
        "orders/%00/pay",
        "check-in?scan=%00",
        "check-in?list=%00&q=%00",
        "check-in/count?list=%00",
        "desk/registrations/%00",
        "desk/registrations?q=%00&after=%00",
        "desk/payments?q=%00",
        "desk/mails?q=%00&mail=%00",
        "desk/badges?q=%00",
        "desk/tickets/%00",
        "desk/check-in/%00",
        "desk/edition/places/%00",
        "desk/questions/%00",
        "desk/edition/partners?q=%00",
    ],
)
def test_zero_byte_in_an_address_of_an_edition_finds_nothing(
    browse: Any, edition: Any, administrator: Any, path: str
) -> None:
    factories.make_checkin_list(edition)
    assert browse(administrator).get(f"/{edition.code}/{path}").status_code < 500


@pytest.mark.sql
def test_zero_byte_in_a_form_is_refused(browse: Any, edition: Any, administrator: Any) -> None:
    client, base = browse(administrator), f"/{edition.code}"
    first = factories.make_checkin_list(edition)
    for path, form in (
        ("check-in", {"list": "\0", "uid": "\0" * 20, "text": "\0"}),
        ("check-in", {"list": first.public_id, "uid": "u" * 20, "registration": "\0"}),
        ("check-in/undo", {"scan": "\0" * 20, "uid": "\0" * 20}),
        ("registrations/new", {"people": "1", "email": "\0", "p0-country": "\0"}),
        ("registrations/new", {"people": "1", "email": "a@example.org", "p0-ticket": "\0"}),
        ("desk/edition/payee/choose", {"payee": "\0"}),
        ("desk/edition/partners", {"q": "\0", "organisation": "\0", "role": "\0"}),
    ):
        assert client.post(f"{base}/{path}", data=form).status_code < 500, (path, form)
    assert client.post("/sign-in", data={"email": "a\0@example.org"}).status_code < 500
    assert (
        client.post("/account/affiliation", data={"q": "\0", "organisation": "\0"}).status_code
        < 500
    )


def test_number_of_five_thousand_digits_is_refused(browse: Any, edition: Any) -> None:
    kind = factories.make_ticket_type(edition)
    client, base = browse(), f"/{edition.code}/registrations/new"
    who = {
        "people": "1",
        "email": "milica@example.org",
        "p0-given_name": "Milica",
        "p0-family_name": "Đorđević",
        "p0-country": "RS",
        "p0-ticket": kind.public_id,
    }
    assert client.post(base, data={**who, "people": NUMBER}).status_code < 500
    assert client.post(base, data={**who, "remove": NUMBER}).status_code < 500
    draft = client.post(base, data=who).location.rsplit("/", 1)[0]
    client.post(f"{draft}/details")
    for form in ({"total": NUMBER, "waiting": ""}, {"total": "0", "waiting": NUMBER}):
        assert client.post(f"{draft}/review", data=form).status_code < 500


def test_json_nested_a_hundred_thousand_times_is_refused(
    browse: Any, edition: Any, administrator: Any
) -> None:
    deep = "[" * 100_000
    inner = base64.urlsafe_b64encode(deep.encode()).decode()
    client = browse(administrator)
    for path, body in (
        ("/sign-in/passkey", deep),
        ("/sign-in/passkey", json.dumps({"rawId": "AA", "response": {"clientDataJSON": inner}})),
        ("/account/passkeys", deep),
        (f"/{edition.code}/check-in/scans", deep),
        (f"/{edition.code}/check-in/undone-scans", '{"scan":' * 50_000),
    ):
        answer = client.post(path, data=body, content_type="application/json")
        assert answer.status_code == 422, path


def test_password_of_a_form_that_came_too_late_is_not_sent_back(app: Any) -> None:
    late = {"password-email": "a@example.org", "password-password": "secret", "csrf_token": "old"}
    with app.test_request_context("/sign-in/password", method="POST", data=late):
        assert typed() == [("password-email", "a@example.org")]
    new = {"password": "secret", "again": "secret", "next": "/"}
    with app.test_request_context("/account/password", method="POST", data=new):
        assert typed() == [("next", "/")]
    with app.test_request_context("/sign-in", method="POST", data={"email": "a", "again": "1"}):
        assert typed() == [("email", "a"), ("again", "1")]


@pytest.mark.parametrize("path", ["/languages/en", "/sign-in"])
def test_next_page_that_is_no_address_at_all_leads_to_our_own(browse: Any, path: str) -> None:
    for odd in ("http://[", "//[", "https://[::1", "/ok"):
        answer = browse().get(path, query_string={"next": odd})
        assert answer.status_code < 500
        assert "[" not in (answer.location or "")
