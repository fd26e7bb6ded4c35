"""Refusals and errors as pages that look like the product and say what to do next."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException

from conference.core.errors import DomainError, TooMany
from conference.extensions import db
from conference.web import i18n
from conference.web.access import typed, wants_json

log = logging.getLogger(__name__)
PAGES = frozenset({400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503})


def _page(status: int, message: str | None = None) -> Any:
    if wants_json():
        return jsonify(error=message or str(status)), status
    shown = status if status in PAGES else 500 if status >= 500 else 400
    return render_template("errors/error.html", status=shown, message=message), status


def _same_site() -> bool:
    return request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}


def init_app(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> Any:
        db.session.rollback()
        answer = app.make_response(_page(error.status, i18n.words(error)))
        if isinstance(error, TooMany):
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer

    @app.errorhandler(CSRFError)
    def stale(error: CSRFError) -> Any:
        if wants_json() or not _same_site() or not request.form:
            return _page(400)
        return render_template("errors/send_again.html", signed_out=False, fields=typed()), 400

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:
            return error
        answer = app.make_response(_page(error.code))
        for name, value in error.get_headers():
            if name in {"Retry-After", "Allow"}:
                answer.headers[name] = value
        return answer

    @app.errorhandler(OperationalError)
    @app.errorhandler(DBAPIError)
    def database(error: DBAPIError) -> Any:
        db.session.rollback()
        if not isinstance(error, OperationalError) and not error.connection_invalidated:
            return broken(error)
        log.error("database unavailable", extra={"kind": type(error.orig).__name__})
        answer = app.make_response(_page(503))
        answer.headers["Retry-After"] = "10"
        return answer

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Any:
        if app.config["PROPAGATE_EXCEPTIONS"]:
            raise error
        db.session.rollback()
        log.error("unexpected error", exc_info=error)
        return _page(500)
