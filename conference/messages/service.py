"""Mails of an edition for its organisers: finding one, having it sent again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from conference.accounts.models import Person
from conference.core import audit, outbox, tokens
from conference.core.errors import N_, DomainError, NotFound
from conference.core.outbox import MailState, OutboundMail
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.models import Order, Registration
from conference.registrations.queries import registrations_of
from conference.registrations.service import confirming, desk, offering

REPEATABLE = frozenset({MailState.FAILED, MailState.UNCERTAIN})


class NotRepeatable(DomainError):
    """Only what failed or is uncertain can go once more."""

    message = N_("This mail is on its way already, or was sent.")


class SecretGone(DomainError):
    """Its link served once and is no longer kept."""

    message = N_(
        "This mail held a personal link that is no longer kept, so it cannot be sent again. Repeat "
        "it from the registration's page: that makes a new link."
    )


LINKS = {"confirm-registration": confirming.CONFIRM, "place-offered": offering.ANSWER}
"""Mails of an edition whose link is used up or runs out, and what their tokens are for."""


def link_works(mail: OutboundMail) -> bool:
    """Whether the link that a mail holds would still let its recipient in."""
    purpose = LINKS.get(mail.name)
    link = (mail.secrets or {}).get("link", "")
    return purpose is None or tokens.is_live(purpose, link.rsplit("/", 1)[-1])


def with_new_link(mail: OutboundMail) -> Registration | None:
    """The registration from which the same mail can be had with a new link; None without one."""
    if mail.name not in LINKS:
        return None
    about = subject_of(mail)
    if isinstance(about, Order):
        about = next(iter(registrations_of(about)), None)
    return about if about is not None and desk.fitting_mail(about) == mail.name else None


def listed(edition: Edition) -> Any:
    """What the list of mails shows."""
    return select(
        OutboundMail.public_id,
        OutboundMail.name,
        OutboundMail.to,
        OutboundMail.subject,
        OutboundMail.state,
        OutboundMail.created_at,
        OutboundMail.sent_at,
        OutboundMail.attempts,
        OutboundMail.last_error,
    ).where(OutboundMail.edition_id == edition.id)


def by_state(edition: Edition) -> dict[MailState, int]:
    """How many mails of an edition are in each state."""
    # One pass over the index by edition; grouping would make SQLite take the index by state.
    columns = [func.count().filter(OutboundMail.state == state) for state in MailState]
    row = db.session.execute(select(*columns).where(OutboundMail.edition_id == edition.id)).one()
    return {state: int(number) for state, number in zip(MailState, row, strict=True) if number}


def one(edition: Edition, public_id: str) -> OutboundMail:
    """A mail of this edition, or NotFound."""
    found: OutboundMail | None = db.session.scalars(
        select(OutboundMail).where(
            OutboundMail.edition_id == edition.id, OutboundMail.public_id == public_id
        )
    ).first()
    if found is None:
        raise NotFound()
    return found


def subject_of(mail: OutboundMail) -> Registration | Order | None:
    """The registration or order that a mail is about."""
    if mail.about is None:
        return None
    found: Registration | Order | None
    for kind in (Registration, Order):
        found = db.session.scalars(select(kind).where(kind.public_id == mail.about)).first()
        if found is not None:
            return found
    return None


def send_again(mail: OutboundMail, *, complete: bool, by: Person) -> None:
    """Have a mail sent once more; `complete` says whether all that it needs is still kept."""
    db.session.refresh(mail, ["state"], with_for_update=True)
    if mail.state not in REPEATABLE:
        raise NotRepeatable()
    if not complete:
        raise SecretGone()
    outbox.send_again(mail)
    audit.record("mail.repeated", about=subject_of(mail) or mail, by=by, mail=mail.name)
    db.session.flush()
