"""Switching the language in one click, remembered in a cookie."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, current_app, redirect, request
from werkzeug.wrappers import Response

from conference.web import i18n
from conference.web.access import public, safe_next

blueprint = Blueprint("languages", __name__)


@blueprint.get("/languages/<code>")
@public
def switch(code: str) -> Response:
    """Remember a language for a year and go back to the page."""
    if code not in dict(i18n.LANGUAGES):
        abort(404)
    answer = redirect(safe_next(request.args.get("next"), "/"))
    answer.set_cookie(
        i18n.COOKIE,
        code,
        max_age=timedelta(days=365),
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
    )
    return answer
