"""Staff roles: invited by mail, accepted by a button, withdrawn, ended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from conference import emails
from conference.accounts import people
from conference.accounts.models import Person
from conference.core import audit, clock, links, tokens
from conference.core.errors import N_, Conflict, Invalid, NotAllowed, NotFound
from conference.core.permissions import Permission, Role, allows
from conference.editions import roles
from conference.editions.models import Edition, RoleGrant, RoleInvitation
from conference.extensions import db

PURPOSE = "role-invitation"
LASTS = timedelta(days=14)
LONGEST = timedelta(days=5 * 366)

IN_THE_PAST = N_("The last day must be today or later.")
TOO_LONG = N_("A role can be given for five years at most.")
NOT_TO_ONESELF = N_("Nobody gives a role to themselves. Please ask an administrator.")
ONLY_ADMINISTRATORS = N_("Only an administrator can give or end this role.")
HAS_IT = N_("This person holds that role already.")
IS_INVITED = N_("There is an open invitation for this address and role already.")
LAST_ONE = N_("This is the last administrator. Give the role to somebody else first.")
ONLY_SITE_WIDE = N_("Only the administrator's role can be held in all editions.")


def may_give(by: Person, edition: Edition | None, role: Role) -> bool:
    """Whether this person may give or end a role here."""
    held = roles.roles_of(by, edition)
    if role is Role.ADMINISTRATOR or edition is None:
        return Role.ADMINISTRATOR in held
    return allows(held, Permission.GRANT_ROLES)


def grants(edition: Edition | None) -> list[RoleGrant]:
    """Roles held today in an edition, or in all of them."""
    return list(db.session.scalars(_in_force(edition)))


def _in_force(edition: Edition | None) -> Any:
    return (
        select(RoleGrant)
        .where(
            RoleGrant.edition_id == (edition.id if edition else None),
            RoleGrant.ended_at.is_(None),
            RoleGrant.ends_on >= clock.now().date(),
        )
        .options(joinedload(RoleGrant.person))
        .order_by(RoleGrant.role, RoleGrant.id)
    )


def open_invitations(edition: Edition | None) -> list[RoleInvitation]:
    """Invitations that can still be accepted, the newest first."""
    return list(db.session.scalars(_open(edition)))


def _open(edition: Edition | None) -> Any:
    return (
        select(RoleInvitation)
        .where(
            RoleInvitation.edition_id == (edition.id if edition else None),
            RoleInvitation.accepted_at.is_(None),
            RoleInvitation.withdrawn_at.is_(None),
            RoleInvitation.expires_at > clock.now(),
        )
        .order_by(RoleInvitation.id.desc())
    )


def invite(
    *, edition: Edition | None, email: str, role: Role, ends_on: date, locale: str, by: Person
) -> RoleInvitation:
    """Mail an invitation to a role in an edition (in all of them for administrators)."""
    address = people.normal_email(email)
    _check(edition, address, role, ends_on, by)
    invitation = RoleInvitation(
        email=address,
        edition_id=edition.id if edition else None,
        role=role,
        ends_on=ends_on,
        invited_by_id=by.id,
        expires_at=clock.now() + LASTS,
    )
    db.session.add(invitation)
    db.session.flush()
    raw = tokens.issue(
        PURPOSE,
        lasts=LASTS,
        email=address,
        data={"invitation": invitation.public_id, "locale": locale},
    )
    emails.role_invitation(
        address,
        locale=locale,
        edition=edition,
        role=role,
        ends_on=ends_on,
        by=by,
        link=links.to("role-invitations", raw),
    )
    audit.record("role.invited", about=edition or invitation, by=by, role=role.value)
    return invitation


def _check(edition: Edition | None, address: str, role: Role, ends_on: date, by: Person) -> None:
    if not may_give(by, edition, role):
        raise NotAllowed(ONLY_ADMINISTRATORS, field="role")
    if edition is None and role is not Role.ADMINISTRATOR:
        raise Invalid(ONLY_SITE_WIDE, field="role")
    if address == by.email:
        raise NotAllowed(NOT_TO_ONESELF, field="email")
    today = clock.now().date()
    if ends_on < today:
        raise Invalid(IN_THE_PAST, field="ends_on")
    if ends_on > today + LONGEST:
        raise Invalid(TOO_LONG, field="ends_on")
    if any(g.role is role and g.person.email == address for g in grants(edition)):
        raise Conflict(HAS_IT, field="email")
    if any(i.role is role and i.email == address for i in open_invitations(edition)):
        raise Conflict(IS_INVITED, field="email")


def look_at(raw: str) -> RoleInvitation:
    """The invitation of a link; uses nothing up. Raises LinkUsedUp."""
    return _of(tokens.peek(PURPOSE, raw))


def _of(token: tokens.OneTimeToken) -> RoleInvitation:
    found: RoleInvitation | None = db.session.scalars(
        select(RoleInvitation)
        .where(
            RoleInvitation.public_id == token.data["invitation"],
            RoleInvitation.accepted_at.is_(None),
            RoleInvitation.withdrawn_at.is_(None),
        )
        .options(joinedload(RoleInvitation.edition))
    ).first()
    if found is None:
        raise tokens.LinkUsedUp()
    return found


def accept(raw: str) -> tuple[Person, RoleGrant]:
    """Use the link up: the person, made now if they are new, holds the role from now on."""
    token = tokens.consume(PURPOSE, raw)
    invitation = _of(token)
    person = people.find_or_make(invitation.email, locale=token.data.get("locale"))
    if not person.active:
        raise tokens.LinkUsedUp()
    if person.confirmed_at is None:
        person.confirmed_at = clock.now()
    invitation.accepted_at = clock.now()
    granted = roles.grant(
        person=person,
        edition=invitation.edition,
        role=invitation.role,
        ends_on=invitation.ends_on,
        by=person,
    )
    return person, granted


def withdraw(*, edition: Edition | None, public_id: str, by: Person) -> None:
    """The link in the mail no longer works."""
    query = _open(edition).where(RoleInvitation.public_id == public_id)
    invitation = db.session.scalars(query).first()
    if invitation is None:
        raise NotFound()
    if not may_give(by, edition, invitation.role):
        raise NotAllowed(ONLY_ADMINISTRATORS)
    invitation.withdrawn_at = clock.now()
    db.session.flush()
    audit.record(
        "role.invitation_withdrawn", about=edition or invitation, by=by, role=invitation.role.value
    )


def end(*, edition: Edition | None, public_id: str, by: Person) -> RoleGrant:
    """The person no longer holds the role; somebody must stay who can give roles everywhere."""
    # All of them are locked, so that two administrators cannot end each other at the same moment.
    held: list[RoleGrant] = list(
        db.session.scalars(_in_force(edition).with_for_update(of=RoleGrant))
    )
    granted = next((grant for grant in held if grant.public_id == public_id), None)
    if granted is None:
        raise NotFound()
    if not may_give(by, edition, granted.role):
        raise NotAllowed(ONLY_ADMINISTRATORS)
    if edition is None:
        left = {g.person_id for g in held if g is not granted and g.person.active}
        if not left:
            raise Conflict(LAST_ONE)
    granted.ended_at = clock.now()
    db.session.flush()
    audit.record(
        "role.ended",
        about=edition if edition is not None else granted.person,
        by=by,
        role=granted.role.value,
        of=granted.person.public_id,
    )
    return granted
