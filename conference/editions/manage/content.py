"""Settings with rows of their own: venues, rooms, key dates, partners, news, documents."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import current_app, flash, g, redirect, request, url_for

from conference.editions import queries
from conference.editions.forms.content import (
    DocumentForm,
    KeyDateForm,
    NewsForm,
    PartnerForm,
    PlaceForm,
    RoomForm,
)
from conference.editions.kinds import PARTNER_ROLE_NAMES
from conference.editions.manage.blueprint import EDIT, Page, blueprint, shown
from conference.editions.models import EditionDocument, KeyDate, News, Partner, Place, Room
from conference.editions.service import content
from conference.extensions import db
from conference.organisations import queries as organisations
from conference.web.access import requires
from conference.web.forms import saved
from conference.web.i18n import _

BOTH = ["GET", "POST"]
ROWS = {
    "places": Place,
    "rooms": Room,
    "key-dates": KeyDate,
    "partners": Partner,
    "news": News,
}


@blueprint.get("/<edition_code>/desk/edition/places")
@requires(EDIT)
def places() -> Page:
    """Venues with their rooms."""
    rooms = queries.rooms(g.edition)
    found = [
        (place, [r for r in rooms if r.place_id == place.id]) for place in queries.places(g.edition)
    ]
    return shown("places", places=found)


@blueprint.route("/<edition_code>/desk/edition/places/new", methods=BOTH)
@blueprint.route("/<edition_code>/desk/edition/places/<public_id>", methods=BOTH)
@requires(EDIT)
def place(public_id: str | None = None) -> Page:
    """One venue."""
    row = queries.in_edition(Place, g.edition, public_id) if public_id else None
    form = PlaceForm()
    if request.method == "GET":
        form = PlaceForm.from_place(row, g.edition.zone) if row else PlaceForm.fresh(g.edition)
    if saved(
        form,
        lambda: content.write_place(edition=g.edition, place=row, venue=form.values(), by=g.person),
    ):
        return redirect(url_for(".places"))
    return shown("place", form=form, row=row)


@blueprint.route("/<edition_code>/desk/edition/places/<place_id>/rooms/new", methods=BOTH)
@blueprint.route("/<edition_code>/desk/edition/places/<place_id>/rooms/<public_id>", methods=BOTH)
@requires(EDIT)
def room(place_id: str, public_id: str | None = None) -> Page:
    """One room of a venue."""
    place = queries.in_edition(Place, g.edition, place_id)
    row = queries.in_edition(Room, g.edition, public_id) if public_id else None
    form = RoomForm.from_room(row) if row and request.method == "GET" else RoomForm()
    if saved(
        form,
        lambda: content.write_room(
            edition=g.edition, place=place, room=row, by=g.person, **form.values()
        ),
    ):
        return redirect(url_for(".places"))
    return shown("room", form=form, row=row, place=place)


@blueprint.get("/<edition_code>/desk/edition/key-dates")
@requires(EDIT)
def key_dates() -> Page:
    """Dates that participants must know."""
    return shown("key_dates", rows=queries.key_dates(g.edition))


@blueprint.route("/<edition_code>/desk/edition/key-dates/new", methods=BOTH)
@blueprint.route("/<edition_code>/desk/edition/key-dates/<public_id>", methods=BOTH)
@requires(EDIT)
def key_date(public_id: str | None = None) -> Page:
    """One date."""
    row = queries.in_edition(KeyDate, g.edition, public_id) if public_id else None
    form = KeyDateForm()
    if row and request.method == "GET":
        form = KeyDateForm.from_key_date(row, g.edition.zone)
    if saved(
        form,
        lambda: content.write_key_date(
            edition=g.edition, key_date=row, by=g.person, **form.values()
        ),
    ):
        return redirect(url_for(".key_dates"))
    return shown("key_date", form=form, row=row)


@blueprint.route("/<edition_code>/desk/edition/partners", methods=BOTH)
@requires(EDIT)
def partners() -> Page:
    """Who hosts, funds and supports the edition; adding one by search."""
    query = request.values.get("q", "").strip()[:200]
    form = PartnerForm(found=organisations.matching(query))
    if saved(
        form,
        lambda: content.add_partner(
            edition=g.edition,
            organisation=organisations.for_staff(form.organisation.data),
            role=form.chosen_role(),
            by=g.person,
        ),
    ):
        return redirect(url_for(".partners"))
    return shown(
        "partners",
        rows=queries.partners(g.edition),
        form=form,
        query=query,
        role_names=PARTNER_ROLE_NAMES,
    )


@blueprint.get("/<edition_code>/desk/edition/news")
@requires(EDIT)
def news() -> Page:
    """All pieces of news, the unpublished ones too."""
    return shown("news", rows=queries.news(g.edition, drafts=True))


@blueprint.route("/<edition_code>/desk/edition/news/new", methods=BOTH)
@blueprint.route("/<edition_code>/desk/edition/news/<public_id>", methods=BOTH)
@requires(EDIT)
def piece(public_id: str | None = None) -> Page:
    """One piece of news."""
    row = queries.in_edition(News, g.edition, public_id) if public_id else None
    form = NewsForm.from_news(row) if row and request.method == "GET" else NewsForm()

    def write() -> None:
        made = content.write_news(edition=g.edition, piece=row, by=g.person, **form.values())
        if "publish" in request.form:
            content.publish_news(edition=g.edition, piece=made, by=g.person)

    if saved(form, write):
        return redirect(url_for(".news"))
    return shown("piece", form=form, row=row)


@blueprint.post("/<edition_code>/desk/edition/news/<public_id>/withdraw")
@requires(EDIT)
def withdraw_news(public_id: str) -> Page:
    """Only the staff see it again."""
    row = queries.in_edition(News, g.edition, public_id)
    content.withdraw_news(edition=g.edition, piece=row, by=g.person)
    db.session.commit()
    return redirect(url_for(".news"))


@blueprint.route("/<edition_code>/desk/edition/documents", methods=BOTH)
@requires(EDIT)
def documents() -> Page:
    """Files to download; adding one."""
    form = DocumentForm()

    def add() -> None:
        content.add_document(
            edition=g.edition,
            upload=cast(BinaryIO, form.file.data.stream),
            name=form.file.data.filename,
            title=form.title(),
            folder=current_app.config["FILES_DIR"],
            by=g.person,
        )

    if saved(form, add):
        return redirect(url_for(".documents"))
    return shown("documents", rows=queries.documents(g.edition), form=form)


@blueprint.post("/<edition_code>/desk/edition/documents/<public_id>/remove")
@requires(EDIT)
def remove_document(public_id: str) -> Page:
    """The file goes."""
    content.remove_document(
        edition=g.edition,
        document=queries.in_edition(EditionDocument, g.edition, public_id),
        folder=current_app.config["FILES_DIR"],
        by=g.person,
    )
    db.session.commit()
    flash(_("Removed."), "success")
    return redirect(url_for(".documents"))


@blueprint.post("/<edition_code>/desk/edition/<any(partners, documents):kind>/<public_id>/up")
@requires(EDIT)
def move_up(kind: str, public_id: str) -> Page:
    """Put it before the one above it."""
    model: Any = Partner if kind == "partners" else EditionDocument
    row = queries.in_edition(model, g.edition, public_id)
    content.move_up(edition=g.edition, row=row, by=g.person)
    db.session.commit()
    return redirect(url_for(f".{kind}"))


@blueprint.post(
    "/<edition_code>/desk/edition/<any(places, rooms, 'key-dates', partners, news):kind>"
    "/<public_id>/remove"
)
@requires(EDIT)
def remove(kind: str, public_id: str) -> Page:
    """Take it away."""
    row = queries.in_edition(ROWS[kind], g.edition, public_id)
    content.remove(edition=g.edition, row=row, by=g.person)
    db.session.commit()
    flash(_("Removed."), "success")
    back = "places" if kind == "rooms" else kind.replace("-", "_")
    return redirect(url_for(f".{back}"))
