"""Public pages rendered once per version: kept in the process, answered before Flask is asked.

One stamp counts every change that a visitor could see (editions bump it in their services). A
process reads it at most once a second, so a stranger may see a page that is one second old; a
browser with a session cookie is never answered from here, so staff always see what they just did.
"""

from __future__ import annotations

import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeVar

from flask import Flask, Response, g, request
from sqlalchemy import text
from werkzeug.datastructures import Headers

from conference.core import clock
from conference.extensions import db
from conference.web import i18n, kept_forms
from conference.web.database import only_reading

View = TypeVar("View", bound=Callable[..., Any])
STAMP_SECONDS = 1.0
MOST_PAGES = 2000
SMALL = 800
_MARK, _TOKEN = "X-Kept-Until", "X-Kept-Token"


@dataclass(frozen=True)
class Page:
    """One rendered answer."""

    stamp: int
    until: float
    status: str
    headers: list[tuple[str, str]]
    body: bytes
    packed: bytes
    etag: str
    token: bytes = b""
    """The CSRF token of whoever saw the page first: others get their own in its place."""
    cookie: str = ""
    """What stands behind the value of the session cookie: path and flags."""


def cached(view: View) -> View:
    """Mark a public view whose page is the same for everybody who is not signed in."""
    view.cached = True  # type: ignore[attr-defined]
    return view


def until(*instants: datetime | None) -> None:
    """Say, inside a view, at which instants its page changes by itself: a deadline, a new price."""
    now = clock.now()
    coming = [i for i in instants if i is not None and i > now]
    if coming:
        earliest = min(coming)
        known: datetime | None = g.get("kept_until")
        g.kept_until = min(known, earliest) if known else earliest


class PageCache:
    """WSGI middleware in front of the application."""

    def __init__(self, app: Flask, inner: Any):
        self.app, self.inner = app, inner
        self.pages: OrderedDict[tuple[str, ...], Page] = OrderedDict()
        self.stamp, self.read_at = 0, 0.0
        self.cookie_name = str(app.config["SESSION_COOKIE_NAME"])
        self.fresh = kept_forms.FreshTokens(app)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING"):
            return self._pass(environ, start)
        cookies = environ.get("HTTP_COOKIE", "")
        if f"{self.cookie_name}=" in cookies:
            return self._pass(environ, start)
        accept = environ.get("HTTP_ACCEPT_LANGUAGE", "")
        locale = i18n.choose(_cookie(cookies), accept)
        key = (environ.get("HTTP_HOST", ""), environ.get("PATH_INFO", ""), locale)
        page = self.pages.get(key)
        if page and page.stamp == self._current() and page.until > clock.now().timestamp():
            return self._answer(page, environ, start)
        return self._render(key, environ, start)

    def _pass(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        inner: Iterable[bytes] = self.inner(environ, start)
        return inner

    def _current(self) -> int:
        now = time.monotonic()
        if now - self.read_at > STAMP_SECONDS:
            self.stamp = self._read()
            self.read_at = now
        return self.stamp

    def _read(self) -> int:
        with self.app.app_context(), only_reading():
            found = db.session.execute(text("SELECT version FROM site_stamp")).scalar()
        return int(found or 0)

    def forget(self) -> None:
        """Read the stamp anew with the next request."""
        self.read_at = 0.0

    def _render(self, key: tuple[str, ...], environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        stamp = self._read()  # before rendering: a change in between makes this page old, not wrong
        kept: list[Any] = []

        def keep(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            kept[:] = [status, headers]
            plain = [(name, value) for name, value in headers if name not in {_MARK, _TOKEN}]
            return start(status, plain, exc_info)

        result = self.inner(environ, keep)
        said = Headers(kept[1] if kept else [])
        cookies, token = said.getlist("Set-Cookie"), said.get(_TOKEN, "")
        own_cookie = f"{self.cookie_name}="
        if _MARK not in said or not (
            [c[: len(own_cookie)] for c in cookies] == [own_cookie] if token else not cookies
        ):
            return result  # type: ignore[no-any-return]
        try:
            body = b"".join(result)
        finally:
            if hasattr(result, "close"):
                result.close()
        until = float(said[_MARK])
        for name in (_MARK, _TOKEN, "Content-Length", "ETag", "Set-Cookie"):
            said.remove(name)
        headers = list(said)
        if token:
            flags = cookies[0].partition(";")[2]
            page = Page(stamp, until, kept[0], headers, body, b"", "", token.encode(), flags)
        else:
            etag = '"' + hashlib.sha256(body).hexdigest()[:24] + '"'
            packed = gzip.compress(body, 6) if len(body) > SMALL else b""
            headers.append(("ETag", etag))
            page = Page(stamp, until, kept[0], headers, body, packed, etag)
        self._store(key, page)
        return [body]

    def _store(self, key: tuple[str, ...], page: Page) -> None:
        self.pages[key] = page
        self.pages.move_to_end(key)
        while len(self.pages) > MOST_PAGES:
            self.pages.popitem(last=False)

    def _answer(self, page: Page, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if page.token:
            return self._answer_with_token(page, environ, start)
        if page.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            kept = {"ETag", "Cache-Control", "Vary"}
            start("304 Not Modified", [(n, v) for n, v in page.headers if n in kept])
            return [b""]
        body, extra = page.body, []
        if page.packed and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            body, extra = page.packed, [("Content-Encoding", "gzip")]
        start(page.status, [*page.headers, *extra, ("Content-Length", str(len(body)))])
        return [body]

    def _answer_with_token(self, page: Page, environ: dict[str, Any], start: Any) -> list[bytes]:
        token, cookie = self.fresh.make()
        body = page.body.replace(page.token, token.encode())
        headers = [("Set-Cookie", f"{self.cookie_name}={cookie};{page.cookie}")]
        if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            body = gzip.compress(body, 1)
            headers.append(("Content-Encoding", "gzip"))
        headers.append(("Content-Length", str(len(body))))
        start(page.status, [*page.headers, *headers])
        return [body]


def _cookie(header: str) -> str | None:
    if i18n.COOKIE not in header:
        return None
    try:
        morsel = SimpleCookie(header).get(i18n.COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


def init_app(app: Flask) -> None:
    """Put the cache in front and mark what may be kept."""
    cache = PageCache(app, app.wsgi_app)
    app.wsgi_app = cache  # type: ignore[method-assign,assignment]
    app.extensions["page_cache"] = cache

    @app.after_request
    def mark(response: Response) -> Response:
        view = app.view_functions.get(request.endpoint or "")
        plain = request.method == "GET" and response.status_code == 200
        if plain and getattr(view, "cached", False) and g.get("person") is None:
            ends: datetime | None = g.get("kept_until")
            response.headers[_MARK] = str(ends.timestamp() if ends else float("inf"))
            token = kept_forms.token_on_page()
            if token:  # ours alone may keep it: it stays no-store for every other cache
                response.headers[_TOKEN] = token
            else:
                g.may_be_cached = True
                response.headers["Cache-Control"] = "no-cache"
        return response
