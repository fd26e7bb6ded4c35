"""Refusals and errors as pages that look like the product and say what to do next."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, current_app, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from conference.core.errors import DomainError, TooMany
from conference.extensions import db
from conference.web import i18n
from conference.web.access import typed, wants_json

log = logging.getLogger(__name__)
PAGES = frozenset({400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503})


def _page(status: int, message: str | None = None) -> Any:
    if wants_json():
        return jsonify(error=message or str(status)), status
    if not _is_ours():
        return "Bad Request", 400, {"Content-Type": "text/plain"}
    shown = status if status in PAGES else 500 if status >= 500 else 400
    if shown < 500:  # the others name no edition, and may have no database to ask
        _keep_drafts_secret()
    return render_template("errors/error.html", status=shown, message=message), status


def _keep_drafts_secret() -> None:
    """A refusal must not tell in its frame which draft it refuses to show."""
    edition = g.get("edition")
    if edition is not None and edition.state == "draft" and not g.get("roles"):
        g.edition = None


def _is_ours() -> bool:
    """Whether the request names a host of ours; for another one no address can be built."""
    try:
        return bool(request.host)
    except SecurityError:
        return False


def _same_site() -> bool:
    return request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}


def _refused(error: DomainError) -> Any:
    db.session.rollback()
    answer = make_response(_page(error.status, i18n.words(error)))
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _stale(error: CSRFError) -> Any:
    if wants_json() or not _same_site() or not request.form:
        return _page(400)
    _keep_drafts_secret()
    return render_template("errors/send_again.html", signed_out=False, fields=typed()), 400


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    answer = make_response(_page(error.code))
    for name, value in error.get_headers():
        if name in {"Retry-After", "Allow"}:
            answer.headers[name] = value
    return answer


def _database(error: DBAPIError) -> Any:
    db.session.rollback()
    if not isinstance(error, OperationalError) and not error.connection_invalidated:
        return _broken(error)
    log.error("database unavailable", extra={"kind": type(error.orig).__name__})
    answer = make_response(_page(503))
    answer.headers["Retry-After"] = "10"
    return answer


def _broken(error: Exception) -> Any:
    if current_app.config["PROPAGATE_EXCEPTIONS"]:
        raise error
    db.session.rollback()
    log.error("unexpected error", exc_info=error)
    return _page(500)


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _broken)
