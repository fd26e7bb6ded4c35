"""Pages that belong to the site and to no feature: pictures, accessibility, privacy."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, current_app, g, render_template, url_for

from conference.core import files
from conference.core.files import StoredFile
from conference.web import slots
from conference.web.access import public
from conference.web.i18n import _
from conference.web.page_cache import cached
from conference.web.privacy import kept_about_people

blueprint = Blueprint("site", __name__)

Source = Callable[[str], StoredFile | None]
pictures: list[Source] = []
"""What finds a picture that everybody may see by its public id; features add theirs."""


def picture(source: Source) -> Source:
    """Register such a source; usable as a decorator."""
    if source not in pictures:
        pictures.append(source)
    return source


@blueprint.get("/pictures/<public_id>")
@public
def show_picture(public_id: str) -> Response:
    """A logo. Only pictures that we drew ourselves, so that nothing of an upload is served."""
    found = next((row for source in pictures if (row := source(public_id)) is not None), None)
    if found is None or found.content_type != files.KINDS["png"]:
        abort(404)
    answer = Response(
        files.read(found, folder=current_app.config["FILES_DIR"]), content_type=found.content_type
    )
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    g.may_be_cached = True
    return answer


@blueprint.get("/accessibility")
@public
@cached
def accessibility() -> str:
    """What we do so that everybody can use these pages, and whom to tell when they cannot."""
    return render_template("site/accessibility.html")


@blueprint.get("/privacy")
@public
@cached
def privacy() -> str:
    """What is kept about people, generated from the labels of the tables themselves."""
    return render_template("site/privacy.html", rows=kept_about_people())


@slots.footer_links
def accessibility_link() -> slots.Entry:
    return slots.Entry(_("Accessibility"), url_for("site.accessibility"), 80)


@slots.footer_links
def privacy_link() -> slots.Entry:
    return slots.Entry(_("Privacy"), url_for("site.privacy"), 81)
