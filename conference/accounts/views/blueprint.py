"""The blueprint of all pages of accounts, and what several of them use."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from conference.accounts import current, sessions
from conference.accounts.models import Person
from conference.core.errors import DomainError, TooMany
from conference.extensions import db
from conference.web.access import here, safe_next
from conference.web.database import reading
from conference.web.i18n import _

blueprint = Blueprint("accounts", __name__)

Page = Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]


def wanted() -> str:
    """Where to go on to after signing in: a path of this site, at first the person's own pages."""
    return safe_next(request.values.get("next"), url_for("accounts.home"))


def enter(
    person: Person, *, method: str, then: str | None, second_factor: bool = False
) -> Response:
    """Begin the session, and go on by way of the second factor where one is set up."""
    asks_for_more = person.has_second_factor and not second_factor
    current.sign_in(person, method=method, second_factor=second_factor)
    db.session.commit()
    target = safe_next(then, url_for("accounts.home"))
    if asks_for_more:
        return redirect(url_for("accounts.second_factor", next=target))
    return redirect(target)


def refused(template: str, error: DomainError, **values: Any) -> tuple[str, int, dict[str, str]]:
    """The page once more with the refusal on it; nothing is kept of the try."""
    db.session.rollback()
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
    return render_template(template, **values), error.status, headers


def fresh(view: Callable[..., Any]) -> Callable[..., Any]:
    """For grave steps: who signed in long ago shows once more who they are, and comes back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if sessions.is_fresh(g.sign_in):
            return view(*args, **kwargs)
        back = here() if reading() else url_for("accounts.security")
        flash(_("For this step, please sign in once more. You come back here."), "info")
        return redirect(url_for("accounts.sign_in", next=back, again=1))

    return guarded
