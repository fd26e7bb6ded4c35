"""The mails of the sample's history: they went out then, and nothing is sent now."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any

from flask import render_template
from flask_babel import force_locale
from sqlalchemy import delete, select, update

from conference.core.outbox import MailState, OutboundMail
from conference.core.text import plain_line
from conference.core.tokens import OneTimeToken
from conference.extensions import db

UNDER_WAY = timedelta(seconds=14)


def note_all_sent() -> None:
    """Write down that every mail went out soon after it was queued, and void the links in them."""
    db.session.flush()
    queued = db.session.scalars(select(OutboundMail).order_by(OutboundMail.locale)).all()
    written = []
    for locale, rows in groupby(queued, key=lambda row: row.locale):
        with force_locale(locale):
            written += [_as_sent(row) for row in rows]
    if written:
        db.session.execute(update(OutboundMail), written)
    db.session.execute(delete(OneTimeToken))


def _as_sent(row: OutboundMail) -> dict[str, Any]:
    values = {**row.values, **(row.secrets or {})}
    first_line = render_template(f"emails/{row.name}.txt", **values).partition("\n")[0]
    return {
        "id": row.id,
        "state": MailState.SENT,
        "sent_at": row.created_at + UNDER_WAY,
        "attempts": 1,
        "subject": plain_line(first_line.removeprefix("Subject:")),
        "secrets": None,
    }
