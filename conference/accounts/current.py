"""Who asks: from the key in the cookie to the person, once per request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, request, session

from conference.accounts import sessions
from conference.accounts.models import Person
from conference.web.database import reading

KEY = "sign_in"
KEPT = {"_flashes"}
"""What of the cookie outlives a sign-in; a feature adds the name of what it keeps there."""


def load(find: Callable[[str], Any] = sessions.find) -> Any:
    """For the access check: what `find` answers for this browser's key, or None."""
    if request.headers.get("Cookie") is None or KEY not in session:
        return None
    found = find(str(session[KEY]))
    if found is not None and not reading():
        sessions.note_seen(found[1])
    return found


def sign_in(person: Person, *, method: str, second_factor: bool = False) -> None:
    """Begin a session in this browser; whatever the old cookie held is gone and ended."""
    _end_old()
    kept = {k: v for k, v in session.items() if k in KEPT}
    session.clear()
    session.update(kept)
    key = sessions.begin(
        person,
        method=method,
        browser=request.user_agent.string,
        address=request.remote_addr or "",
        second_factor=second_factor,
    )
    _remember(key)


def pass_second_factor() -> None:
    """The person at this browser has shown the second factor: the session gets another key."""
    _remember(sessions.pass_second_factor(g.sign_in))


def sign_out() -> None:
    """End this browser's session."""
    _end_old()
    session.clear()
    g.person = g.sign_in = None


def _end_old() -> None:
    found = sessions.find(str(session[KEY])) if KEY in session else None
    if found is not None:
        sessions.end(found[0], found[1].public_id)


def _remember(key: str) -> None:
    session[KEY] = key
    session.permanent = True
    found = sessions.find(key)
    if found:
        g.person, g.sign_in = found[:2]
