"""What the pages of the desk share: blueprint, menu of settings, showing a form again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.wrappers import Response

from conference.core.permissions import Permission, allows
from conference.web import slots
from conference.web.i18n import _

blueprint = Blueprint("editions_desk", __name__)

Page = str | Response | tuple[str, int]
EDIT = Permission.EDIT_EDITION


@blueprint.context_processor
def settings_menu() -> dict[str, Any]:
    """The pages of an edition's settings, for templates/editions/manage/settings.html."""
    return {"settings_pages": settings_pages}


def settings_pages() -> list[slots.Entry]:
    """In the order in which a fresh edition is filled."""
    pages = [
        (_("Basics"), "basics"),
        (_("Venues and rooms"), "places"),
        (_("Texts"), "texts"),
        (_("Registration"), "registration"),
        (_("Key dates"), "key_dates"),
        (_("Partners"), "partners"),
        (_("News"), "news"),
        (_("Documents"), "documents"),
        (_("Contact person"), "contact"),
    ]
    made = [] if not allows(g.roles, EDIT) else pages
    if allows(g.roles, Permission.EDIT_PAYEE):
        made = [*made, (_("Payee"), "payee")]
    return [
        slots.Entry(label, url_for(f"editions_desk.{name}"), number, exact=name == "basics")
        for number, (label, name) in enumerate(made)
    ]


def shown(template: str, **values: Any) -> Page:
    """A page; after a refused form it says so with its status."""
    status = 422 if request.method == "POST" else 200
    return render_template(f"editions/manage/{template}.html", **values), status
