"""A request that names another host gets nothing that is made for ours."""

from __future__ import annotations

import config


def test_another_host_is_a_bad_request_and_nothing_else(browse):
    answer = browse().get("/", base_url="http://evil.example.org")
    assert (answer.status_code, answer.get_data(as_text=True)) == (400, "Bad Request")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_our_own_host_gets_the_page(browse):
    assert browse().get("/sign-in").status_code == 200


def test_further_hosts_are_allowed_beside_our_own(monkeypatch):
    monkeypatch.setenv("BASE_URL", "https://conference.example.org")
    assert config.from_environment()["TRUSTED_HOSTS"] == ["conference.example.org"]
    monkeypatch.setenv("ALLOWED_HOSTS", "127.0.0.1, inside.example.org")
    assert config.from_environment()["TRUSTED_HOSTS"] == [
        "conference.example.org",
        "127.0.0.1",
        "inside.example.org",
    ]
