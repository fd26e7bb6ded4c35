"""One registration for staff: its facts, what happened to it, corrections, mails once more."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from conference import emails
from conference.accounts.models import Person
from conference.accounts.people import normal_email
from conference.core import audit, text
from conference.core.errors import N_, Conflict, DomainError, NotFound
from conference.editions import stamps
from conference.editions.models import Edition
from conference.extensions import db
from conference.questions.kinds import Answer
from conference.registrations import acts, hooks, naming, places
from conference.registrations.models import Order, OrderLine, Registration
from conference.registrations.queries import registrations_of
from conference.registrations.service import admission, changing, offering, ordering
from conference.registrations.states import OrderState, RegistrationState

FIELDS = (
    "given_name",
    "family_name",
    "latin_name",
    "email",
    "organisation_name",
    "position",
    "country",
    "diet",
    "accessibility",
    "wants_visa_letter",
    "is_listed",
)
_PRINTED = frozenset({"given_name", "family_name", "latin_name", "organisation_name", "country"})


class ChangedMeanwhile(Conflict):
    """Somebody else saved first; `now` is what stands there, by field, answers under "answers"."""

    message = N_(
        "Somebody else has changed this registration while you were typing. Nothing was "
        "overwritten: please compare, then save again."
    )

    def __init__(self, now: dict[str, Any]):
        super().__init__()
        self.now = now


class NothingToRepeat(DomainError):
    """There is no mail that fits the state."""

    message = N_("There is no mail to repeat for a registration in this state.")


def one(edition: Edition, public_id: str) -> Registration:
    """A registration of this edition with all that its page shows, or NotFound."""
    found: Registration | None = db.session.scalars(
        select(Registration)
        .where(Registration.edition_id == edition.id, Registration.public_id == public_id)
        .options(
            joinedload(Registration.order),
            joinedload(Registration.ticket_type),
            joinedload(Registration.organisation),
            joinedload(Registration.person),
            joinedload(Registration.edition),
        )
    ).first()
    if found is None:
        raise NotFound()
    return found


def lines(registration: Registration) -> list[OrderLine]:
    """What was ordered for this person, dropped lines included."""
    return list(
        db.session.scalars(
            select(OrderLine)
            .where(OrderLine.registration_id == registration.id)
            .order_by(OrderLine.id)
        )
    )


def companions(registration: Registration) -> list[Registration]:
    """The other registrations of the same order."""
    return list(
        db.session.scalars(
            select(Registration)
            .where(
                Registration.order_id == registration.order_id, Registration.id != registration.id
            )
            .order_by(Registration.id)
        )
    )


def happenings(registration: Registration) -> list[acts.Happening]:
    """What the audit log says about the registration and its order, oldest first."""
    entries = audit.about(registration, registration.order)
    names = _names({entry.actor for entry in entries if entry.actor})
    found = []
    for entry in entries:
        if entry.act in acts.TOLD_BY_OTHERS:
            continue
        words, facts = acts.words_of(entry.act, entry.data)
        fields = tuple(entry.data.get("fields", ()))
        who = names.get(entry.actor or "", "")
        found.append(acts.Happening(entry.at, words.text, words.tone, who, facts, fields))
    if not any(entry.act == "order.placed" for entry in entries):
        words = acts.WORDS["order.placed"]
        found.insert(0, acts.Happening(registration.created_at, words.text, words.tone))
    return found


def _names(public_ids: set[str]) -> dict[str, str]:
    if not public_ids:
        return {}
    rows = db.session.scalars(select(Person).where(Person.public_id.in_(public_ids)))
    return {person.public_id: person.display_name for person in rows}


def values_of(registration: Registration) -> dict[str, Any]:
    """What can be corrected, as it stands now."""
    values = {name: getattr(registration, name) for name in FIELDS}
    return {**values, "answers": dict(registration.answers or {})}


def stamp(registration: Registration) -> str:
    """Changes with every value that can be corrected; a form carries that of what it shows."""
    plain = json.dumps(values_of(registration), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()[:32]


def correct(
    *,
    registration: Registration,
    values: Mapping[str, Any],
    answers: Mapping[str, Answer],
    seen: str,
    by: Person,
) -> list[str]:
    """Write corrections; answers the names of what changed. Refused when `seen` is no longer there.

    A new address gets what the old one had: the ticket, or the link while the order waits for it.
    """
    places.lock(registration.edition)
    db.session.refresh(registration, [*FIELDS, "answers"], with_for_update=True)
    if stamp(registration) != seen:
        raise ChangedMeanwhile(values_of(registration))
    before, was_public = values_of(registration), changing.is_public(registration)
    wanted = _cleaned(values)
    fields = [name for name in FIELDS if name in wanted and wanted[name] != before[name]]
    asked = sorted(
        key
        for key in {*before["answers"], *answers}
        if before["answers"].get(key) != answers.get(key)
    )
    if not fields and not asked:
        return []
    _write(registration, wanted, fields, by)
    registration.answers = dict(answers)
    changed = [*fields, *(f"answers.{key}" for key in asked)]
    audit.record("registration.corrected", about=registration, by=by, fields=changed)
    if "email" in fields and registration.state is RegistrationState.CONFIRMED:
        emails.registration_confirmed(registration.order, registration.email, [registration])
    if "email" in fields and registration.state is RegistrationState.OFFERED:
        offering.send_again(registration=registration, before=before["email"])
    db.session.flush()
    if was_public or changing.is_public(registration):
        stamps.bump(registration.edition)
    return changed


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    several = {"diet", "accessibility"}
    cleaned = {
        name: value
        if not isinstance(value, str)
        else text.plain_text(value)
        if name in several
        else text.plain_line(value)
        for name, value in values.items()
        if name in FIELDS
    }
    if "email" in cleaned:
        cleaned["email"] = normal_email(cleaned["email"])
    return cleaned


def _write(
    registration: Registration, wanted: Mapping[str, Any], fields: list[str], by: Person
) -> None:
    order = registration.order
    if "email" in fields and order.state is OrderState.PLACED and registration.email == order.email:
        ordering.correct_address(order=order, email=wanted["email"], by=by)
    for name in fields:
        setattr(registration, name, wanted[name])
    if "email" in fields:
        owner = registration.person
        if owner is not None and owner.email != registration.email:
            registration.person = None  # whoever proves the new address sees it from now on
    if "organisation_name" in fields:
        typed = registration.organisation_name
        registration.organisation = admission.organisations_named({typed}).get(typed)
    if _PRINTED.union({"email"}).intersection(fields):
        made = naming.columns(
            given_name=registration.given_name,
            family_name=registration.family_name,
            latin_name=registration.latin_name,
            organisation=registration.organisation_name,
            email=registration.email,
        )
        for name, value in made.items():
            setattr(registration, name, value)


def fitting_mail(registration: Registration) -> str | None:
    """Which mail says where a registration stands, and may go once more; None for none."""
    if registration.order.state is OrderState.PLACED:
        return "confirm-registration"
    if registration.state is RegistrationState.PENDING:
        awaits = registration.order.state is OrderState.AWAITING_PAYMENT
        return "payment-due" if awaits else None
    return {
        RegistrationState.CONFIRMED: "registration-confirmed",
        RegistrationState.WAITING: "waiting-list",
        RegistrationState.OFFERED: "place-offered",
    }.get(registration.state)


def repeat_mail(*, registration: Registration, by: Person) -> str:
    """Send the mail that fits the state once more; answers to which address it goes.

    A link in it is a new one: the old one dies.
    """
    order: Order = registration.order
    mail, to = fitting_mail(registration), registration.email
    if mail == "confirm-registration":
        ordering.send_again(order=order)
        to = order.email
    elif mail == "payment-due":
        for hook in hooks.payment_mail_wanted:
            hook(order)
        to = order.email
    elif mail == "registration-confirmed":
        theirs = [
            each
            for each in registrations_of(order)
            if each.email == registration.email and each.state is RegistrationState.CONFIRMED
        ]
        emails.registration_confirmed(order, registration.email, theirs)
    elif mail == "waiting-list":
        emails.waiting_list(registration)
    elif mail == "place-offered":
        offering.send_again(registration=registration)
    else:
        raise NothingToRepeat()
    audit.record("registration.mail_repeated", about=registration, by=by)
    db.session.flush()
    return to


def may_repeat_mail(registration: Registration) -> bool:
    """Whether `repeat_mail` has something to send."""
    return fitting_mail(registration) is not None
