"""Forms on kept pages: the page is rendered once, its CSRF token and cookie are each visitor's own.

A form's token must differ from browser to browser. It is the only thing on a sign-in page that
does, so the kept page has a gap there; a stranger is answered with a token and a session cookie
made as Flask and Flask-WTF make them, which they check later without knowing the difference.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, g, session
from itsdangerous import URLSafeTimedSerializer

FIELD = "csrf_token"


def token_on_page() -> str | None:
    """The token that this answer carries; None when it, or its session, holds more than that."""
    token: str | None = g.get(FIELD)
    return token if token is not None and set(session) == {FIELD} else None


class FreshTokens:
    """Makes what two libraries would make for a browser without a session."""

    def __init__(self, app: Flask):
        interface: Any = app.session_interface
        self.cookies = interface.get_signing_serializer(app)
        secret: Any = app.config.get("WTF_CSRF_SECRET_KEY", app.secret_key)
        self.tokens = URLSafeTimedSerializer(secret, salt="wtf-csrf-token")

    def make(self) -> tuple[str, str]:
        """A token for the form, and the value of the session cookie that it belongs to."""
        raw = secrets.token_hex(20)
        token, cookie = self.tokens.dumps(raw), self.cookies.dumps({FIELD: raw})
        return _text(token), _text(cookie)


def _text(signed: str | bytes) -> str:
    return signed if isinstance(signed, str) else signed.decode()
