"""Who may reach a page: every route names one rule, or the application does not start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from conference.core.errors import Invalid
from conference.core.permissions import Permission, Role, allows

View = TypeVar("View", bound=Callable[..., Any])


class UnguardedRoute(RuntimeError):
    """A route does not say who may reach it."""


@dataclass(frozen=True)
class Rule:
    """`kind` is public, signed-in, halfway or staff; staff names the permission."""

    kind: str
    permission: Permission | None = None

    def __str__(self) -> str:
        return self.permission.value if self.permission else self.kind


def public(view: View) -> View:
    """Anybody."""
    view.access = Rule("public")  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Anybody who is signed in; what they see starts from what is theirs."""
    view.access = Rule("signed-in")  # type: ignore[attr-defined]
    return view


def signed_in_halfway(view: View) -> View:
    """Signed in, perhaps still without the second factor that the person has set up."""
    view.access = Rule("halfway")  # type: ignore[attr-defined]
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    """Staff of the edition in the URL (else administrators), with a second factor."""

    def mark(view: View) -> View:
        view.access = Rule("staff", permission)  # type: ignore[attr-defined]
        return view

    return mark


Asking = tuple[Any, Any, frozenset[Role]]


def init_app(app: Flask, who_asks: Callable[[Any], Asking | None]) -> None:
    """Check each request before its view runs.

    `who_asks` answers the person, their session and the roles that they hold in an edition, or
    without one in all of them; None for a stranger.
    """

    @app.before_request
    def check() -> Any:
        g.setdefault("edition", None)
        g.person, g.sign_in, held = who_asks(g.edition) or (None, None, frozenset[Role]())
        g.roles = frozenset[Role]()
        rule = _rule() if request.endpoint is not None else None
        g.halfway = _is_halfway() and not (rule is not None and rule.kind == "halfway")
        if g.halfway:
            # Who set up a second factor is nobody until it was shown.
            g.person = g.sign_in = None
        if rule is None:
            return None
        if g.person is not None and (g.edition is not None or rule.kind == "staff"):
            g.roles = held
        if g.edition is not None and g.edition.state == "draft" and not g.roles:
            abort(404)
        return _answer(rule)

    def _rule() -> Rule:
        view: Any = app.view_functions[request.endpoint or ""]
        rule: Rule = view.access
        return rule


def _is_halfway() -> bool:
    return (
        g.person is not None and g.person.has_second_factor and g.sign_in.second_factor_at is None
    )


def _answer(rule: Rule) -> Response | str | None | tuple[str, int]:
    if rule.kind == "public":
        return None
    if g.person is None:
        return _ask_to_sign_in()
    if rule.permission is None:
        return None
    if not g.roles:
        abort(404)
    if not allows(g.roles, rule.permission):
        abort(403)
    if g.sign_in.second_factor_at is None:
        return redirect(url_for("accounts.second_factor", next=here()))
    return None


def _ask_to_sign_in() -> Response | tuple[str, int]:
    if request.method in {"GET", "HEAD"}:
        page = "accounts.second_factor" if g.halfway else "accounts.sign_in"
        return redirect(url_for(page, next=here()))
    if wants_json():
        abort(401)
    return render_template("errors/send_again.html", signed_out=True, fields=typed()), 401


def typed() -> list[tuple[str, str]]:
    """What a form sent, so that nothing typed is lost; the stale token and passwords stay out."""
    pairs = list(request.form.items(multi=True))
    secrets = {name for name, _value in pairs if name.endswith("password")}
    kept_out = {"csrf_token", *secrets, *(("again",) if secrets else ())}
    return [(name, value) for name, value in pairs if name not in kept_out]


def sent_object() -> dict[str, Any]:
    """The JSON object that a script sent; Invalid when it sent none."""
    try:
        found = request.get_json(silent=True)
    except RecursionError:  # thousands of brackets within each other
        found = None
    if not isinstance(found, dict):
        raise Invalid()
    return found


def wants_json() -> bool:
    """Whether a script asks, not a page."""
    return request.is_json or request.accept_mimetypes.best == "application/json"


def here() -> str:
    """The path and query of this request."""
    return request.full_path.rstrip("?")


def safe_next(target: str | None, otherwise: str) -> str:
    """A path on this site to go on to; anything else is replaced."""
    if not target or "\\" in target or any(ord(c) < 33 for c in target):
        return otherwise
    if not target.startswith("/") or target.startswith("//"):
        return otherwise  # before it is taken apart: what cannot be would fail there
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        return otherwise
    if parts.path.startswith("//"):
        return otherwise
    return parts.path + (f"?{parts.query}" if parts.query else "")


def check_routes(app: Flask) -> None:
    """Raise UnguardedRoute when a route names no rule."""
    silent = sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not hasattr(app.view_functions[rule.endpoint], "access")
    )
    if silent:
        raise UnguardedRoute("no access rule: " + ", ".join(silent))
