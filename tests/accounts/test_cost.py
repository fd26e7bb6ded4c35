"""What signing in costs those who do not: statements on the page, libraries in memory."""

from __future__ import annotations

import subprocess
import sys


def test_page_for_signing_in_asks_the_database_nothing_for_a_stranger(browse, queries):
    client = browse()
    client.get("/sign-in")
    queries.clear()
    assert client.get("/sign-in").status_code == 200
    assert queries == []


def test_sign_in_library_is_not_loaded_before_somebody_needs_it(app):
    script = (
        "import os, sys; os.environ.update(CONFERENCE_ENV='test', SECRET_KEY='t' * 40)\n"
        "from conference.app import create_app\n"
        "create_app(SQLALCHEMY_DATABASE_URI='sqlite://')\n"
        "print(sorted({'flask_security', 'webauthn', 'passlib'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr
