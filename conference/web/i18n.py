"""Which language a visitor reads, and the translation of refusals at the edge."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from flask_babel import ngettext
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from conference.core.errors import DomainError

__all__ = ["_", "choose", "current", "html_language", "lazy", "ngettext", "words"]

COOKIE = "locale"
LANGUAGES = (("en", "English"), ("sr", "Српски"), ("sr_Latn", "Srpski"))
_CODES = tuple(code for code, _name in LANGUAGES)
_HTML = {"en": "en", "sr": "sr-Cyrl", "sr_Latn": "sr-Latn"}
_WANTED = {"en": "en", "sr-Cyrl": "sr", "sr-Latn": "sr_Latn"}
_NEAR = {"sr": "sr-Latn", "sh": "sr-Latn", "bs": "sr-Latn", "hr": "sr-Latn", "me": "sr-Latn"}


def choose(cookie: str | None, accept: str) -> str:
    """The locale for a visitor nobody knows: the remembered choice, else what the browser asks."""
    if cookie in _CODES:
        return cookie
    wanted = parse_accept_header(accept, LanguageAccept)
    for tag, _quality in wanted:
        base = tag.split("-")[0].lower()
        near = _NEAR.get(base, base)
        if tag.lower().startswith("sr-cyrl"):
            near = "sr-Cyrl"
        if near in _WANTED:
            return _WANTED[near]
    return "en"


def select_locale() -> str:
    """For Flask-Babel: the cookie, then the person's own choice, then the browser."""
    cookie = request.cookies.get(COOKIE)
    person = g.get("person")
    if cookie not in _CODES and person is not None and person.locale in _CODES:
        return str(person.locale)
    return choose(cookie, request.headers.get("Accept-Language", ""))


def current() -> str:
    """The locale of the running request or of the mail being written: en, sr or sr_Latn."""
    from flask_babel import get_locale

    locale = get_locale()
    if locale is None:
        return str(current_app.config["BABEL_DEFAULT_LOCALE"])
    return "sr_Latn" if locale.script == "Latn" else str(locale.language)


def html_language(code: str) -> str:
    """The value of the lang attribute."""
    return _HTML[code]


def words(error: DomainError) -> str:
    """A refusal in the reader's language. Parameters that are names of ours are translated too."""
    params: dict[str, Any] = {
        key: _(value) if value and isinstance(value, str) else value
        for key, value in error.params.items()
    }
    return str(_(error.message, **params) if params else _(error.message))
