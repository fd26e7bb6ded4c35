"""The page of signing in is rendered once, and every stranger gets a token of their own."""

from __future__ import annotations

import gzip
import re

import pytest


@pytest.fixture
def stranger_at(app, browse, monkeypatch):
    """A browser without a cookie, where forms are guarded as they are for everybody."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    return browse


def _token(answer):
    (token,) = set(re.findall(r'name="[a-z-]*csrf_token"[^>]* value="([^"]+)"', answer.text))
    return token


def _ask_for_a_link(client, token):
    return client.post("/sign-in", data={"email": "ana@example.org", "csrf_token": token})


def test_second_stranger_is_answered_without_a_statement(stranger_at, queries):
    for _ in range(2):  # the second looks whether anything changed, as one does each second
        stranger_at().get("/sign-in")
    queries.clear()
    answer = stranger_at().get("/sign-in")
    assert (answer.status_code, queries) == (200, [])
    assert "Set-Cookie" in answer.headers


def test_each_stranger_holds_a_token_that_opens_the_form_to_them_alone(stranger_at):
    first, second = stranger_at(), stranger_at()
    theirs, ours = _token(first.get("/sign-in")), _token(second.get("/sign-in"))
    assert theirs != ours
    assert _ask_for_a_link(second, theirs).status_code == 400
    assert _ask_for_a_link(second, ours).status_code == 302
    assert _ask_for_a_link(first, theirs).status_code == 302


def test_kept_form_is_never_kept_by_others(stranger_at):
    for _ in range(2):
        answer = stranger_at().get("/sign-in")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
        assert not [name for name, _value in answer.headers if name.startswith("X-Kept")]
        cookie = answer.headers["Set-Cookie"]
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= {f.strip() for f in cookie.split(";")}


def test_kept_form_comes_packed_for_who_can_unpack_it(stranger_at):
    stranger_at().get("/sign-in")
    client = stranger_at()
    answer = client.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    page = gzip.decompress(answer.data).decode()
    (token,) = set(re.findall(r'name="[a-z-]*csrf_token"[^>]* value="([^"]+)"', page))
    assert _ask_for_a_link(client, token).status_code == 302


def test_browser_with_a_session_is_not_answered_from_the_kept_page(stranger_at, queries):
    client = stranger_at()
    token = _token(client.get("/sign-in"))
    assert _token(client.get("/sign-in")) == token
