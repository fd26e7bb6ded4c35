"""Which rows of registrations belong to a person, and what keeps a person from leaving."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, or_, select, update

from conference.accounts.models import Person
from conference.accounts.my_data import Obstacle, Owner, Whose, whose
from conference.core import clock, files
from conference.core.errors import N_
from conference.core.files import StoredFile
from conference.core.outbox import MailState, OutboundMail
from conference.core.retention import Elsewhere, Term
from conference.editions.models import Edition
from conference.editions.personal import of_past_editions
from conference.extensions import db
from conference.registrations.models import (
    BOOKS,
    EVENT,
    Invitation,
    Order,
    Registration,
    RegistrationDraft,
)
from conference.registrations.service import cancelling, drafts
from conference.registrations.states import HOLDS_PLACE, RegistrationState


def is_mine(mine: Whose) -> ColumnElement[bool]:
    """A registration that is this person's place."""
    named = and_(Registration.person_id.is_(None), Registration.email.in_(mine.addresses))
    return or_(Registration.person_id == mine.person.id, named)


def orders(mine: Whose) -> Select[Any]:
    """The orders that this person placed."""
    named = and_(Order.person_id.is_(None), Order.email.in_(mine.addresses))
    return select(Order).where(or_(Order.person_id == mine.person.id, named))


def order_ids(mine: Whose) -> Select[Any]:
    """Their keys."""
    return orders(mine).with_only_columns(Order.id)


def addresses(person: Person) -> set[str]:
    """What the person typed as address when registering."""
    own = select(Registration.email).where(Registration.person_id == person.id)
    placed = select(Order.email).where(Order.person_id == person.id)
    return set(db.session.scalars(own.union(placed)))


def _drafts(mine: Whose) -> Select[Any]:
    text = cast(RegistrationDraft.data, String)
    return select(RegistrationDraft).where(
        or_(
            RegistrationDraft.order_id.in_(order_ids(mine)),
            *(text.contains(json.dumps(one), autoescape=True) for one in sorted(mine.addresses)),
        )
    )


def _sent_with(answers: dict[str, Any] | None) -> list[str]:
    return [
        answer["file"]
        for answer in (answers or {}).values()
        if isinstance(answer, dict) and "file" in answer
    ]


def _files(mine: Whose) -> Select[Any]:
    answers = db.session.scalars(select(Registration.answers).where(is_mine(mine)))
    sent = [public_id for given in answers for public_id in _sent_with(given)]
    return select(StoredFile).where(StoredFile.public_id.in_(sent))


OWNERS = [
    Owner(
        what=N_("Orders"),
        model=Order,
        rows=orders,
        seals=lambda order: order.total_minor > 0,
    ),
    Owner(
        what=N_("Registrations"),
        model=Registration,
        rows=lambda mine: select(Registration).where(is_mine(mine)),
    ),
    Owner(what=N_("Files sent with a registration"), model=StoredFile, rows=_files),
    Owner(what=N_("Half-filled registrations"), model=RegistrationDraft, rows=_drafts),
    Owner(
        what=N_("Invitations to register"),
        model=Invitation,
        rows=lambda mine: select(Invitation).where(Invitation.email.in_(mine.addresses)),
    ),
]


def forget_in_mails(person: Person) -> None:
    """Mails to whoever registered this person name them: what was sent keeps no text of it."""
    mine = whose(person)
    theirs = select(Registration.public_id).where(is_mine(mine))
    on_its_way = (MailState.QUEUED, MailState.SENDING)
    db.session.execute(
        update(OutboundMail)
        .where(
            OutboundMail.about.in_(theirs),
            OutboundMail.to.not_in(mine.addresses),
            OutboundMail.state.not_in(on_its_way),
        )
        .values({OutboundMail.values: {}, OutboundMail.subject: None})
        .execution_options(synchronize_session=False)
    )


def running_places(mine: Whose) -> list[Obstacle]:
    """A place at an event to come must be given up first: somebody may be waiting for it."""
    found = db.session.execute(
        select(Edition.id, Edition.name)
        .join(Registration, Registration.edition_id == Edition.id)
        .where(
            or_(is_mine(mine), Registration.order_id.in_(order_ids(mine))),
            Registration.state.in_([*HOLDS_PLACE, RegistrationState.WAITING]),
            Edition.ends_on >= clock.now().date(),
        )
        .order_by(Edition.starts_on)
    ).all()
    words = N_("There is a place at %(edition)s in your name. Please cancel it first.")
    names = {row.id: row.name for row in found}
    return [Obstacle(words, {"edition": name}) for name in names.values()]


def give_places_up(mine: Whose) -> None:
    """What `running_places` asks of a person, done for one who has left already."""
    held = db.session.scalars(
        select(Registration)
        .join(Registration.edition)
        .where(
            or_(is_mine(mine), Registration.order_id.in_(order_ids(mine))),
            Registration.state.in_([*HOLDS_PLACE, RegistrationState.WAITING]),
            Edition.ends_on >= clock.now().date(),
        )
        .order_by(Registration.id)
    ).all()
    for registration in held:
        cancelling.cancel(
            registration=registration,
            by=None,
            reason="",
            refunds=cancelling.refunds_now(registration),
        )


# -- when the time is over


def book_year_over(column: Any, now: datetime) -> ColumnElement[bool]:
    """Ten years from the end of the year in which it was written, as books are kept."""
    over: ColumnElement[bool] = column < datetime(now.year - 10, 1, 1, tzinfo=UTC)
    return over


def _meals_are_over(now: datetime) -> ColumnElement[bool]:
    """A day later than the last one: it ends later in the west."""
    day = now.date() - timedelta(days=1)
    over: ColumnElement[bool] = Registration.edition_id.in_(
        select(Edition.id).where(Edition.ends_on < day)
    )
    return over


def _remove_files(keys: list[int], folder: Path) -> None:
    given = db.session.scalars(select(Registration.answers).where(Registration.id.in_(keys)))
    for public_id in [one for answers in given for one in _sent_with(answers)]:
        row = db.session.scalar(select(StoredFile).where(StoredFile.public_id == public_id))
        if row is not None:
            files.remove(row, folder=folder)


TERMS = [
    Term(model=Registration, keep="until the edition ends", over=_meals_are_over),
    Term(
        model=Registration,
        keep=EVENT,
        over=lambda now: of_past_editions(Registration.edition_id, now),
        before=_remove_files,
    ),
    Term(
        model=Invitation,
        keep=EVENT,
        over=lambda now: of_past_editions(Invitation.edition_id, now),
    ),
    Term(
        model=Order,
        keep=EVENT,
        over=lambda now: of_past_editions(Order.edition_id, now),
        neutral={"locale": "en"},
    ),
    Term(model=Order, keep=BOOKS, over=lambda now: book_year_over(Order.created_at, now)),
]


ELSEWHERE = [Elsewhere("registration_draft", "7 days", drafts.forget_old)]
