"""Pages of administrators: what belongs to no single edition."""

from __future__ import annotations

from flask import flash, g, redirect, request, url_for

from conference.core.permissions import Permission
from conference.editions import queries
from conference.editions.forms.content import PartnerEventForm
from conference.editions.manage.blueprint import EDIT, Page, blueprint, shown
from conference.editions.models import PartnerEvent
from conference.editions.service import site
from conference.editions.states import STATE_NAMES
from conference.extensions import db
from conference.web.access import requires
from conference.web.forms import saved
from conference.web.i18n import _

BOTH = ["GET", "POST"]


@blueprint.get("/administration")
@requires(Permission.MAKE_EDITIONS)
def administration() -> Page:
    """All editions, and the ways to everything that administrators do."""
    return shown("administration", editions=queries.of_staff(g.person), state_names=STATE_NAMES)


@blueprint.get("/administration/partner-events")
@requires(EDIT)
def partner_events() -> Page:
    """Events of partners on the front page."""
    return shown("partner_events", rows=queries.all_partner_events())


@blueprint.route("/administration/partner-events/new", methods=BOTH)
@blueprint.route("/administration/partner-events/<public_id>", methods=BOTH)
@requires(EDIT)
def partner_event(public_id: str | None = None) -> Page:
    """One event of a partner."""
    row = queries.anywhere(PartnerEvent, public_id) if public_id else None
    form = PartnerEventForm()
    if row and request.method == "GET":
        form = PartnerEventForm.from_event(row)
    if saved(form, lambda: site.write_partner_event(event=row, by=g.person, **form.values())):
        return redirect(url_for(".partner_events"))
    return shown("partner_event", form=form, row=row)


@blueprint.post("/administration/partner-events/<public_id>/remove")
@requires(EDIT)
def remove_partner_event(public_id: str) -> Page:
    """Take it off the front page."""
    site.remove_partner_event(event=queries.anywhere(PartnerEvent, public_id), by=g.person)
    db.session.commit()
    flash(_("Removed."), "success")
    return redirect(url_for(".partner_events"))
