"""Who may register: everyone, members of the network, invited people; and tickets by invitation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, or_, select, update

from conference.accounts.models import Person
from conference.core.text import fold, search_terms
from conference.editions.kinds import Audience
from conference.editions.models import Edition
from conference.extensions import db
from conference.organisations.models import Organisation
from conference.registrations.models import Category, Invitation, Registration, TicketType
from conference.registrations.refusals import (
    ForMembers,
    InvitationNeeded,
    InvitationUsed,
    MemberUnnamed,
)
from conference.registrations.service import catalogue
from conference.registrations.service.quoting import Priced


def organisations_named(names: Iterable[str]) -> dict[str, Organisation]:
    """The organisations that people typed, by what they typed; one statement for all of them."""
    wanted = {name: search_terms(name) for name in names if name}
    conditions = [
        and_(*(Organisation.search_key.contains(term, autoescape=True) for term in terms))
        for terms in wanted.values()
        if terms
    ]
    if not conditions:
        return {}
    rows = db.session.scalars(
        select(Organisation).where(or_(*conditions), Organisation.merged_into_id.is_(None))
    )
    known: dict[str, Organisation] = {}
    for row in rows:
        for name in (row.short_name, row.latin_name, row.name):
            if name:
                known[fold(name)] = row
    return {name: known[fold(name)] for name in wanted if fold(name) in known}


def needs_invitation(edition: Edition, kinds: Iterable[TicketType]) -> bool:
    """Whether the edition or one of the ticket types is for invited people only."""
    return edition.audience is Audience.INVITED or any(kind.by_invitation for kind in kinds)


def find_invitation(
    edition: Edition, *, public_id: str | None, by: Person | None
) -> Invitation | None:
    """The invitation of a link, else the one sent to the signed-in person's own address."""
    query = select(Invitation).where(
        Invitation.edition_id == edition.id, Invitation.withdrawn_at.is_(None)
    )
    if public_id:
        query = query.where(Invitation.public_id == public_id)
    elif by is not None and by.confirmed_at is not None:
        query = query.where(Invitation.email == by.email)
    else:
        return None
    found: Invitation | None = db.session.scalars(query).first()
    return found


def check(
    edition: Edition,
    people: Sequence[Priced],
    organisations: dict[str, Organisation],
    *,
    invitation: str | None,
    by: Person | None,
) -> Invitation | None:
    """Refuse whoever may not register; answers the invitation that the order will use up."""
    for number, person in enumerate(people):
        members_only = (
            edition.audience is Audience.MEMBERS or person.ticket_type.category is Category.MEMBER
        )
        organisation = organisations.get(person.wish.organisation)
        if members_only and (organisation is None or not organisation.is_member):
            field, named = f"p{number}-organisation", person.wish.organisation
            if not named:
                raise MemberUnnamed(field=field)
            raise ForMembers(field=field, organisation=named)
    if not needs_invitation(edition, (person.ticket_type for person in people)):
        return None
    found = find_invitation(edition, public_id=invitation, by=by)
    if found is None or len(people) > 1:
        raise InvitationNeeded(field="p0-ticket")
    if found.registration_id is not None:
        raise InvitationUsed()
    return found


def use_up(invitation: Invitation, registration: Registration) -> None:
    """Of two orders with one invitation, one gets it."""
    used: Any = db.session.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.registration_id.is_(None))
        .values(registration_id=registration.id)
    )
    if used.rowcount != 1:
        raise InvitationUsed()


def release(registration: Registration) -> None:
    """A place given up leaves its invitation usable again."""
    if registration.ticket_type.by_invitation or registration.edition.audience is Audience.INVITED:
        db.session.execute(
            update(Invitation)
            .where(Invitation.registration_id == registration.id)
            .values(registration_id=None)
        )


def may_choose(
    edition: Edition, offers: Sequence[catalogue.Offer], invited: bool
) -> list[catalogue.Offer]:
    """The offers that this visitor can choose from."""
    return [offer for offer in offers if invited or not offer.ticket_type.by_invitation]
