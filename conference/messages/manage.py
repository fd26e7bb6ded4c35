"""Pages of organisers: which mails went out, which did not, what they say, sending one again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import force_locale
from jinja2 import ChainableUndefined, StrictUndefined, TemplateNotFound, UndefinedError
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from conference.core import outbox
from conference.core.errors import DomainError
from conference.core.outbox import MailState, OutboundMail
from conference.core.permissions import Permission, allows
from conference.core.text import plain_line
from conference.extensions import db
from conference.messages import service
from conference.messages.names import (
    ATTACHMENT_NAMES,
    MAIL_NAMES,
    STATE_NAMES,
    TONES,
    name_of,
    why,
)
from conference.registrations.models import Order
from conference.web import slots
from conference.web.access import requires, safe_next
from conference.web.i18n import _, lazy, words
from conference.web.tables import Choice, Options, Page, Search, Table

blueprint = Blueprint("messages_desk", __name__)
SEE = Permission.SEE_OUTBOX


@dataclass(frozen=True)
class Address(Search):
    """Finds mails by a part of the address they went to."""

    def where(self, value: str) -> ColumnElement[bool] | None:
        typed = plain_line(value).casefold()
        return self.column.contains(typed, autoescape=True) if typed else None


def _states() -> Options:
    return [(state.value, _(name)) for state, name in STATE_NAMES.items()]


def _names() -> Options:
    named = ((name, _(msgid)) for name, msgid in MAIL_NAMES.items())
    return sorted(named, key=lambda pair: pair[1])


MAILS = Table(
    lambda: service.listed(g.edition),
    key=OutboundMail.public_id,
    sorts={"date": OutboundMail.created_at, "to": OutboundMail.to},
    sort="-date",
    filters=[
        Address(OutboundMail.to),
        Choice("state", lazy("State"), OutboundMail.state, _states, every=lazy("All")),
        Choice("mail", lazy("Mail"), OutboundMail.name, _names, every=lazy("All")),
    ],
)


@blueprint.get("/<edition_code>/desk/mails")
@requires(SEE)
def index() -> str:
    """All mails of the edition, newest first."""
    page, counts = MAILS.page(), service.by_state(g.edition)
    return render_template(
        "messages/index.html",
        page=page,
        tabs=_tabs(page, counts),
        any=bool(counts),
        uncertain=counts.get(MailState.UNCERTAIN, 0),
        failed=counts.get(MailState.FAILED, 0),
        name_of=name_of,
        why=why,
        tones=TONES,
        state_names={state: _(name) for state, name in STATE_NAMES.items()},
    )


def _tabs(page: Page, counts: dict[MailState, int]) -> list[tuple[str, str, bool, int]]:
    others: dict[str, Any] = {
        name: value for name, value in page.arguments.items() if name != "state"
    }
    chosen = page.arguments.get("state", "")
    tabs = [(_("All"), url_for(".index", **others), not chosen, sum(counts.values()))]
    for state, name in STATE_NAMES.items():
        if counts.get(state) or chosen == state.value:
            url = url_for(".index", **{**others, "state": state.value})
            tabs.append((_(name), url, chosen == state.value, counts.get(state, 0)))
    return tabs


@blueprint.get("/<edition_code>/desk/mails/<public_id>")
@requires(SEE)
def show(public_id: str) -> str:
    """One mail: its text, where it stands, why."""
    mail = service.one(g.edition, public_id)
    subject, text = preview(mail)
    about = service.subject_of(mail)
    return render_template(
        "messages/show.html",
        mail=mail,
        subject=mail.subject or subject or _(name_of(mail.name)),
        text=text,
        about=about,
        is_order=isinstance(about, Order),
        attached=[_(ATTACHMENT_NAMES.get(a["kind"], a["kind"])) for a in mail.attachments],
        name=_(name_of(mail.name)),
        why=_(reason) if (reason := why(mail.last_error)) else None,
        state=_(STATE_NAMES[mail.state]),
        tone=TONES[mail.state],
        may_repeat=mail.state in service.REPEATABLE,
        complete=is_complete(mail),
        anew=service.with_new_link(mail),
    )


@blueprint.post("/<edition_code>/desk/mails/<public_id>/send-again")
@requires(SEE)
def send_again(public_id: str) -> Response:
    """A person decided that it goes once more."""
    mail = service.one(g.edition, public_id)
    try:
        service.send_again(mail, complete=is_complete(mail), by=g.person)
        db.session.commit()
        flash(_("The mail is on its way to %(address)s.", address=mail.to), "success")
    except DomainError as error:
        db.session.rollback()
        flash(words(error), "error")
    here = url_for(".show", public_id=public_id)
    return redirect(safe_next(request.form.get("next"), here))


class Hidden(ChainableUndefined):
    """Stands for a personal link in a preview: whoever has it could act as the recipient."""

    def __str__(self) -> str:
        return str(_("[personal link, only in the recipient's mail]"))

    __html__ = __str__


def preview(mail: OutboundMail) -> tuple[str, str | None]:
    """Subject and text as they were or will be; no text where its values are no longer kept."""
    if not mail.values and mail.state is MailState.SENT:
        return "", None
    try:
        made = _rendered(mail, mail.values, undefined=Hidden)
    except (TemplateNotFound, UndefinedError, TypeError, ValueError):
        return "", None
    subject, _line, body = made.partition("\n")
    return plain_line(subject.removeprefix("Subject:")).strip(), body.strip("\n")


def is_complete(mail: OutboundMail) -> bool:
    """Whether all that the text needs is still kept, and its personal link still works."""
    if not service.link_works(mail):
        return False
    try:
        _rendered(mail, {**mail.values, **(mail.secrets or {})}, undefined=StrictUndefined)
    except (TemplateNotFound, UndefinedError):
        return False
    return True


def _rendered(
    mail: OutboundMail, values: dict[str, Any], *, undefined: type[StrictUndefined | Hidden]
) -> str:
    """The text part as the worker writes it, without anything of the page that shows it."""
    environment = current_app.jinja_env.overlay(undefined=undefined)
    with force_locale(mail.locale):
        context: dict[str, Any] = {}
        current_app.update_template_context(context)
        for of_this_page in ("person", "edition", "request", "session", "g"):
            context.pop(of_this_page, None)
        return environment.get_template(f"emails/{mail.name}.txt").render({**context, **values})


@slots.desk_menu
def menu_entry() -> slots.Entry | None:
    if not allows(g.roles, SEE):
        return None
    return slots.Entry(_("Mails"), url_for("messages_desk.index"), 60)


@slots.story
def of_registration() -> slots.Card:
    """The mails about a registration and its order, on its page and in its timeline."""
    registration = g.registration
    mails = outbox.about(registration.public_id, registration.order.public_id)
    return slots.Card(
        "messages/_story.html",
        {
            "mails": [(mail, _title(mail), _why(mail)) for mail in mails],
            "state_names": {state: _(name) for state, name in STATE_NAMES.items()},
            "tones": TONES,
            "repeatable": {
                mail.public_id
                for mail in mails
                if mail.state in service.REPEATABLE and is_complete(mail)
            },
            "back": url_for("registrations_desk.show", public_id=registration.public_id),
            "events": [_event(mail) for mail in mails],
        },
        order=70,
    )


def _title(mail: OutboundMail) -> str:
    return str(mail.subject or _(name_of(mail.name)))


def _why(mail: OutboundMail) -> str:
    reason = why(mail.last_error)
    return _(reason) if reason and mail.state is not MailState.SENT else ""


def _event(mail: OutboundMail) -> dict[str, Any]:
    title = {
        MailState.SENT: _("Mail sent: %(subject)s", subject=_title(mail)),
        MailState.FAILED: _("Mail could not be sent: %(subject)s", subject=_title(mail)),
        MailState.UNCERTAIN: _("Mail perhaps sent: %(subject)s", subject=_title(mail)),
    }.get(mail.state, _("Mail waits to be sent: %(subject)s", subject=_title(mail)))
    tone = "bad" if mail.state is MailState.FAILED else "quiet"
    return {
        "at": mail.sent_at or mail.created_at,
        "title": title,
        "text": mail.to,
        "who": "",
        "tone": tone,
    }
