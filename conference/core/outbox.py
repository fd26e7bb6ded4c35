"""Mail is first a row in the same transaction, then sent by a worker that claims it.

A worker that dies between handing a mail to the relay and noting it leaves the row `sending`
with a lapsed lease: that row becomes *uncertain*, is shown to the organiser, and never sent twice
in silence. One that dies while it still writes the text leaves nothing doubtful: queued again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import JSON, CursorResult, Index, String, Text, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from conference.core import clock
from conference.core.errors import N_, Invalid
from conference.core.model import (
    Erase,
    Model,
    UtcDateTime,
    created_at,
    instant,
    new_public_id,
    not_personal,
    personal,
    pk,
    public_id,
    states,
)
from conference.extensions import db

TOO_OLD = N_("This mail is more than a week old: its links no longer work. It cannot be repeated.")
REPEATABLE = timedelta(days=7)
LEASE = timedelta(minutes=5)
BACK_OFF = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720)]


class MailState(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


class Attachment(NamedTuple):
    """A file that goes with a mail."""

    name: str
    content_type: str
    content: bytes


class OutboundMail(Model):
    """One mail to one address. `values` are plain; `secrets` go once the mail is sent."""

    __tablename__ = "outbound_mail"
    __table_args__ = (
        Index("ix_outbound_mail_state_due_at", "state", "due_at"),
        Index("ix_outbound_mail_about", "about"),
        Index("ix_outbound_mail_edition_id_created_at", "edition_id", "created_at", "state"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    name: Mapped[str] = mapped_column(String(60), info=not_personal("which mail it is"))
    to: Mapped[str] = mapped_column(
        String(254), index=True, info=personal("whom the mail went to", "2 years", Erase.REPLACE)
    )
    locale: Mapped[str] = mapped_column(String(10), info=not_personal("language of the text"))
    subject: Mapped[str | None] = mapped_column(
        Text, info=personal("what the mail was about", "2 years", Erase.CLEAR)
    )
    values: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, info=personal("what the mail said", "2 years", Erase.CLEAR)
    )
    secrets: Mapped[dict[str, Any] | None] = mapped_column(
        JSON,
        info=personal("links that sign in, until sent", "until sent", Erase.CLEAR, secret=True),
    )
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    about: Mapped[str | None] = mapped_column(String(22))
    edition_id: Mapped[int | None]
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[MailState] = mapped_column(states(MailState), default=MailState.QUEUED)
    due_at: Mapped[instant]
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime())
    handed_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


makers: dict[str, Callable[..., Attachment]] = {}
"""What makes attachments at sending time: kind → function; features register theirs in app.py."""


def queue(
    name: str,
    *,
    to: str,
    locale: str,
    values: dict[str, Any] | None = None,
    secrets: dict[str, Any] | None = None,
    attachments: list[dict[str, Any]] | None = None,
    about: str | None = None,
    edition_id: int | None = None,
    once: str | None = None,
    due_at: datetime | None = None,
) -> None:
    """Write a mail down. With `once`, a second call with the same word queues nothing."""
    message_id = f"<{once or new_public_id()}@days-of-clusters>"
    if once and db.session.scalar(
        select(OutboundMail.id).where(OutboundMail.message_id == message_id)
    ):
        return
    db.session.add(
        OutboundMail(
            name=name,
            to=to,
            locale=locale,
            values=values or {},
            secrets=secrets,
            attachments=attachments or [],
            about=about,
            edition_id=edition_id,
            message_id=message_id,
            due_at=due_at or clock.now(),
        )
    )


def claim(mail_id: int) -> OutboundMail | None:
    """Take a due mail for sending; None when another worker has it. Commit before sending."""
    now = clock.now()
    taken: CursorResult[Any] = db.session.execute(
        update(OutboundMail)
        .where(
            OutboundMail.id == mail_id,
            OutboundMail.state == MailState.QUEUED,
            OutboundMail.due_at <= now,
        )
        .values(
            state=MailState.SENDING,
            lease_until=now + LEASE,
            handed_over_at=None,
            attempts=OutboundMail.attempts + 1,
        )
    )
    if taken.rowcount != 1:
        return None
    mail: OutboundMail | None = db.session.get(OutboundMail, mail_id, populate_existing=True)
    return mail


def hand_over(mail: OutboundMail, attempt: int) -> bool:
    """Note that the text goes to the relay now; False when the claim has lapsed. Commit first."""
    now = clock.now()
    ours: CursorResult[Any] = db.session.execute(
        update(OutboundMail)
        .where(
            OutboundMail.id == mail.id,
            OutboundMail.state == MailState.SENDING,
            OutboundMail.attempts == attempt,
        )
        .values(handed_over_at=now, lease_until=now + LEASE)
    )
    return bool(ours.rowcount == 1)


def due(limit: int = 100) -> list[int]:
    """Ids of the mails to send now, oldest first."""
    return list(
        db.session.scalars(
            select(OutboundMail.id)
            .where(OutboundMail.state == MailState.QUEUED, OutboundMail.due_at <= clock.now())
            .order_by(OutboundMail.due_at, OutboundMail.id)
            .limit(limit)
        )
    )


def _settle(mail: OutboundMail, state: MailState, **values: Any) -> None:
    db.session.execute(
        update(OutboundMail)
        .where(OutboundMail.id == mail.id, OutboundMail.state == MailState.SENDING)
        .values(state=state, lease_until=None, **values)
    )


def note_sent(mail: OutboundMail, subject: str) -> None:
    """The relay has taken it: the secrets go."""
    _settle(
        mail,
        MailState.SENT,
        sent_at=clock.now(),
        subject=subject,
        secrets=None,
        last_error=None,
    )


def note_refused(mail: OutboundMail, error: str, *, for_good: bool) -> None:
    """The relay said no before taking it: try again later, or give up."""
    if for_good or mail.attempts > len(BACK_OFF):
        _settle(mail, MailState.FAILED, last_error=error[:500])
    else:
        later = clock.now() + BACK_OFF[mail.attempts - 1]
        _settle(mail, MailState.QUEUED, last_error=error[:500], due_at=later)


def note_uncertain(mail: OutboundMail, error: str) -> None:
    """The line broke after the text was handed over: nobody knows; a person decides."""
    _settle(mail, MailState.UNCERTAIN, last_error=error[:500])


def find_uncertain() -> int:
    """Mails whose worker died: uncertain if it was handing over, else queued again. How many are.

    One at whose writing workers die again and again is shown to the organiser as well.
    """
    lapsed = (OutboundMail.state == MailState.SENDING, OutboundMail.lease_until < clock.now())
    doubtful = or_(OutboundMail.handed_over_at.is_not(None), OutboundMail.attempts > len(BACK_OFF))
    lost: CursorResult[Any] = db.session.execute(
        update(OutboundMail)
        .where(*lapsed, doubtful)
        .values(state=MailState.UNCERTAIN, lease_until=None, last_error="worker died")
    )
    db.session.execute(
        update(OutboundMail).where(*lapsed).values(state=MailState.QUEUED, lease_until=None)
    )
    return int(lost.rowcount)


def send_again(mail: OutboundMail) -> None:
    """A person decided: the same mail with the same message id goes once more.

    After REPEATABLE its links are gone, and would no longer work: Invalid.
    """
    if mail.created_at < clock.now() - REPEATABLE:
        raise Invalid(TOO_OLD)
    db.session.execute(
        update(OutboundMail)
        .where(
            OutboundMail.id == mail.id,
            OutboundMail.state.in_([MailState.UNCERTAIN, MailState.FAILED]),
        )
        .values(state=MailState.QUEUED, due_at=clock.now(), attempts=0)
    )


def forget_secrets() -> None:
    """Take the links out of mails that never went and may not be repeated any more."""
    db.session.execute(
        update(OutboundMail)
        .where(
            OutboundMail.state.in_([MailState.UNCERTAIN, MailState.FAILED]),
            OutboundMail.created_at < clock.now() - REPEATABLE,
        )
        .values(secrets=None)
    )


def supersede(name: str, *, about: str) -> None:
    """A newer mail with a newer link takes the place of these: they do not go any more."""
    unsent = (OutboundMail.name == name, OutboundMail.about == about)
    db.session.execute(
        update(OutboundMail)
        .where(*unsent, OutboundMail.state == MailState.QUEUED)
        .values(state=MailState.FAILED, last_error="superseded")
    )
    db.session.execute(
        update(OutboundMail)
        .where(*unsent, OutboundMail.state.in_([MailState.FAILED, MailState.UNCERTAIN]))
        .values(secrets=None)
    )


def withdraw(addresses: Collection[str]) -> None:
    """Give up what still waits for addresses whose owner wants to be forgotten."""
    db.session.execute(
        update(OutboundMail)
        .where(OutboundMail.to.in_(addresses), OutboundMail.state == MailState.QUEUED)
        .values(state=MailState.FAILED, last_error="withdrawn", secrets=None)
    )


def oldest_waiting_seconds() -> float:
    """How long the oldest due mail has waited; 0 when none waits."""
    oldest = db.session.scalar(
        select(func.min(OutboundMail.due_at)).where(
            OutboundMail.state == MailState.QUEUED, OutboundMail.attempts == 0
        )
    )
    return max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0


def about(*public_ids: str) -> list[OutboundMail]:
    """The mails that concern some objects, oldest first."""
    return list(
        db.session.scalars(
            select(OutboundMail).where(OutboundMail.about.in_(public_ids)).order_by(OutboundMail.id)
        )
    )
