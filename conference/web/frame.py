"""What every page is given: person, language, menus, language switch."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request, url_for

from conference.core.permissions import Permission, allows
from conference.web import i18n, slots


def init_app(app: Flask) -> None:
    """Register the context of templates."""

    @app.context_processor
    def context() -> dict[str, Any]:
        return {
            "person": g.get("person"),
            "edition": g.get("edition"),
            "locale": i18n.current(),
            "html_language": i18n.html_language(i18n.current()),
            "languages": i18n.LANGUAGES,
            "switch_language_url": switch_language_url,
            "menu": menu,
            "account_menu": lambda: list(slots.account_menu),
            "desk_menu": desk_menu,
            "footer_links": lambda: list(slots.footer_links),
            "may": may,
            "environment": app.config["ENVIRONMENT"],
            "demo_mailbox": demo_mailbox(app),
        }


def demo_mailbox(app: Flask) -> str | None:
    """Where a demonstration's mails can be read; None where they go to people."""
    return app.config["MAILBOX_URL"] if app.config["ENVIRONMENT"] == "demo" else None


def menu() -> list[slots.Entry]:
    """The menu of the edition whose page this is, else of the site."""
    return list(slots.edition_menu if g.get("edition") is not None else slots.site_menu)


def may(permission: str) -> bool:
    """Whether the person's roles here carry a permission, by its value: may('see_money')."""
    return allows(g.get("roles") or (), Permission(permission))


def desk_menu() -> list[slots.Entry]:
    """The menu of the edition's staff; empty for everybody else."""
    if g.get("edition") is None or not g.get("roles"):
        return []
    return list(slots.desk_menu)


def switch_language_url(code: str) -> str:
    """Where one click changes the language and comes back here."""
    here = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return url_for("languages.switch", code=code, next=here)
