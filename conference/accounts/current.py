"""Who asks: from the key in the cookie to the person, once per request."""

from __future__ import annotations

from flask import g, request, session

from conference.accounts import sessions
from conference.accounts.models import Person, SignInSession

KEY = "sign_in"


def load() -> tuple[Person | None, SignInSession | None]:
    """For the access check: the person and their session, or two Nones."""
    if request.headers.get("Cookie") is None or KEY not in session:
        return None, None
    return sessions.find(session[KEY]) or (None, None)


def sign_in(person: Person, *, method: str, second_factor: bool = False) -> None:
    """Begin a session in this browser; whatever the old cookie held is gone."""
    kept = {k: v for k, v in session.items() if k in {"_flashes"}}
    session.clear()
    session.update(kept)
    session[KEY] = sessions.begin(
        person,
        method=method,
        browser=request.user_agent.string,
        address=request.remote_addr or "",
        second_factor=second_factor,
    )
    session.permanent = True
    found = sessions.find(session[KEY])
    if found:
        g.person, g.sign_in = found


def sign_out() -> None:
    """End this browser's session."""
    if g.person is not None and g.sign_in is not None:
        sessions.end(g.person, g.sign_in.public_id)
    session.clear()
    g.person = g.sign_in = None


