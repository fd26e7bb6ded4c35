"""What everybody sees: the organiser's front page, an edition's page, its news and files."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, render_template, url_for

from conference.core import clock, files, links
from conference.core.text import in_language, slug
from conference.editions import hooks, moments, queries
from conference.editions.calendar import calendar_file
from conference.editions.kinds import AUDIENCE_NAMES, KIND_NAMES, PARTNER_ROLE_NAMES, PartnerRole
from conference.editions.local_times import next_midnight
from conference.editions.models import Edition, EditionDocument, News
from conference.editions.moments import Moment, Registering
from conference.editions.states import EditionState
from conference.web import i18n, slots
from conference.web.access import public
from conference.web.filters import DEFAULT_ZONE, clock_time, day, tr
from conference.web.headers import send_download
from conference.web.i18n import _, ngettext
from conference.web.page_cache import cached, until
from conference.web.site import picture

blueprint = Blueprint("editions", __name__)
picture(queries.logo)


@blueprint.get("/")
@public
@cached
def home() -> str:
    """The next edition, all open ones, the past ones, events of partners, who we are."""
    now = clock.now()
    editions = queries.shown()
    coming = [e for e in editions[::-1] if not is_past(e, now)]
    past = [e for e in editions if is_past(e, now)]
    for edition in coming:
        until(*moments.changes_at(edition, [], now))
    until(next_midnight(now, DEFAULT_ZONE))
    return render_template(
        "editions/home.html",
        following=coming[0] if coming else None,
        coming=coming[1:],
        past=past,
        standing=standing,
        action=action,
        partner_events=queries.partner_events(),
        kind_names=KIND_NAMES,
    )


def is_past(edition: Edition, now: Any) -> bool:
    """Whether it stands among the past ones."""
    return edition.state is EditionState.ARCHIVED or moments.is_over(edition, now)


def standing(edition: Edition) -> tuple[str, str]:
    """Tone and words of the badge: where registration stands now."""
    state = moments.registering(edition, clock.now())
    if state is Registering.OPEN:
        closes = edition.registration_closes_at
        words = _("Registration is open")
        if closes is not None:
            words = _("Registration is open until %(day)s", day=day(closes, edition.zone))
        return "good", words
    if state is Registering.NOT_YET:
        opens = day(edition.registration_opens_at, edition.zone)
        return "open", _("Registration opens on %(day)s", day=opens)
    if moments.is_over(edition, clock.now()) or edition.state is EditionState.ARCHIVED:
        return "quiet", _("Over")
    if state is Registering.CLOSED:
        return "quiet", _("Registration is closed")
    return "quiet", _("Registration is not open yet")


def action(edition: Edition) -> tuple[str, str]:
    """Words and address of the one thing to do about an edition now."""
    if moments.registering(edition, clock.now()) is Registering.OPEN:
        way_in = hooks.how_to_register(edition)
        if way_in is not None:
            return way_in
    return _("About this edition"), url_for("editions.front", edition_code=edition.code)


@blueprint.get("/editions")
@public
@cached
def index() -> str:
    """All editions by year."""
    editions = queries.shown()
    years = [(y, list(found)) for y, found in groupby(editions, lambda e: e.starts_on.year)]
    now = clock.now()
    for edition in editions:
        until(*moments.changes_at(edition, [], now))
    return render_template(
        "editions/index.html", years=years, standing=standing, kind_names=KIND_NAMES
    )


@blueprint.get("/contact")
@public
@cached
def contact() -> str:
    """Who is behind this site, and whom to ask about an edition."""
    now = clock.now()
    asked = [e for e in queries.shown()[::-1] if e.contact_email and not is_past(e, now)]
    until(next_midnight(now, DEFAULT_ZONE))
    return render_template("editions/contact.html", editions=asked)


@blueprint.get("/<edition_code>/")
@public
@cached
def front() -> str:
    """Everything that a visitor wants to know about one edition."""
    edition, now = g.edition, clock.now()
    found = moments.key_moments(edition, queries.key_dates(edition), now)
    until(*moments.changes_at(edition, found, now), queries.next_news_at(edition))
    rooms = queries.rooms(edition)
    places = queries.places(edition)
    return render_template(
        "editions/front.html",
        cards_of_features=list(slots.edition_cards),
        standing=standing(edition),
        action=action(edition),
        archived=is_past(edition, now),
        dates=[in_words(moment, edition.zone) for moment in found],
        places=[(place, [r for r in rooms if r.place_id == place.id]) for place in places],
        partners=by_role(queries.partners(edition)),
        news=queries.news(edition, most=3),
        documents=[as_download(row) for row in queries.documents(edition)],
        in_series=queries.series_of(edition),
        kind_name=KIND_NAMES[edition.kind],
        audience_name=AUDIENCE_NAMES[edition.audience],
    )


def by_role(partners: list[Any]) -> list[tuple[str, list[Any]]]:
    """Partners under the words of their role, in the order of the roles."""
    groups = [(role, [p for p in partners if p.role is role]) for role in PartnerRole]
    return [(PARTNER_ROLE_NAMES[role], found) for role, found in groups if found]


def as_download(row: EditionDocument) -> tuple[str, str, str]:
    """Title, address and what it is, as components/links.html shows it."""
    kind = next((k for k, t in files.KINDS.items() if t == row.file.content_type), "").upper()
    size = row.file.size
    shown = (
        f"{size / files.MEGABYTE:.1f} MB" if size >= files.MEGABYTE else f"{size // 1024 + 1} KB"
    )
    url = url_for("editions.document", public_id=row.public_id)
    return tr(row.title) or row.file.name, url, f"{kind}, {shown}"


def in_words(moment: Moment, zone: str) -> dict[str, Any]:
    """A key date as components/cards.html shows it: what it means today, in words."""
    hour = clock_time(moment.at, zone)
    if moment.state == "past":
        words = _("over")
    elif moment.days == 0:
        words = _("today at %(hour)s", hour=hour)
    elif moment.days == 1:
        words = _("tomorrow at %(hour)s", hour=hour)
    else:
        words = ngettext("in %(num)s day", "in %(num)s days", moment.days)
    label = tr(dict(moment.label)) if moment.label else _(moment.msgid)
    return {"at": moment.at, "label": label, "state": moment.state, "words": words}


@blueprint.get("/<edition_code>/news")
@public
@cached
def all_news() -> str:
    """Every piece of news of the edition."""
    until(queries.next_news_at(g.edition))
    return render_template("editions/all_news.html", news=queries.news(g.edition))


@blueprint.get("/<edition_code>/news/<public_id>")
@public
@cached
def one_news(public_id: str) -> str:
    """One piece of news."""
    piece: News = queries.in_edition(News, g.edition, public_id)
    if piece.published_at is None or piece.published_at > clock.now():
        abort(404)
    return render_template("editions/news.html", piece=piece)


@blueprint.get("/<edition_code>/documents/<public_id>")
@public
def document(public_id: str) -> Response:
    """A file to take away."""
    row: EditionDocument = queries.in_edition(EditionDocument, g.edition, public_id)
    content = files.read(row.file, folder=current_app.config["FILES_DIR"])
    return send_download(content, name=row.file.name, content_type=row.file.content_type)


@blueprint.get("/<edition_code>/calendar.ics")
@public
def calendar() -> Response:
    """The edition for the visitor's own calendar."""
    content = calendar_file(
        g.edition,
        queries.places(g.edition),
        locale=i18n.current(),
        url=links.to(g.edition.code) + "/",
    )
    name = f"{slug(in_language(g.edition.name, 'en')) or g.edition.code}.ics"
    return send_download(content, name=name, content_type="text/calendar; charset=utf-8")


@slots.site_menu
def editions_entry() -> slots.Entry:
    return slots.Entry(_("Editions"), url_for("editions.index"), 10)


@slots.footer_links
def contact_entry() -> slots.Entry:
    return slots.Entry(_("Contact and imprint"), url_for("editions.contact"), 70)


@slots.edition_menu
def front_entry() -> slots.Entry:
    return slots.Entry(_("About this edition"), url_for("editions.front"), 10, exact=True)


@slots.organisation_cards
def editions_of_organisation() -> slots.Card | None:
    """The editions that an organisation hosted or funded."""
    found = queries.hosted_by(g.organisation.id)
    if not found:
        return None
    return slots.Card(
        "editions/of_organisation.html", {"rows": found, "role_names": PARTNER_ROLE_NAMES}, 20
    )
