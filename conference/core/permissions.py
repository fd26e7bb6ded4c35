"""The whole policy on one page: which role may do what in an edition."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from conference.core.errors import N_


class Role(StrEnum):
    """Staff roles. They are held per edition; an administrator may hold one for all."""

    ADMINISTRATOR = "administrator"
    ORGANISER = "organiser"
    CHAIR = "chair"
    REVIEWER = "reviewer"
    FINANCE = "finance"
    CHECK_IN = "check_in"
    FUNDING_OFFICER = "funding_officer"
    FUNDING_APPROVER = "funding_approver"


ROLE_NAMES = {
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.ORGANISER: N_("Organiser"),
    Role.CHAIR: N_("Chair"),
    Role.REVIEWER: N_("Reviewer"),
    Role.FINANCE: N_("Finance"),
    Role.CHECK_IN: N_("Check-in"),
    Role.FUNDING_OFFICER: N_("Funding officer"),
    Role.FUNDING_APPROVER: N_("Funding approver"),
}


class Permission(StrEnum):
    """What staff may do. A page names one of these."""

    ENTER_DESK = "enter_desk"  # see the organiser's desk of an edition at all
    MAKE_EDITIONS = "make_editions"
    EDIT_EDITION = "edit_edition"
    PUBLISH_EDITION = "publish_edition"
    GRANT_ROLES = "grant_roles"
    EDIT_ORGANISATIONS = "edit_organisations"
    SEE_REGISTRATIONS = "see_registrations"
    EDIT_REGISTRATIONS = "edit_registrations"
    EXPORT_REGISTRATIONS = "export_registrations"
    SEE_MONEY = "see_money"
    BOOK_MONEY = "book_money"
    EDIT_PAYEE = "edit_payee"
    CHECK_PEOPLE_IN = "check_people_in"
    PRINT_BADGES = "print_badges"
    SEE_AUDIT = "see_audit"
    SEE_OUTBOX = "see_outbox"


_A, _O = Role.ADMINISTRATOR, Role.ORGANISER

POLICY: dict[Permission, frozenset[Role]] = {
    Permission.ENTER_DESK: frozenset(Role),
    Permission.MAKE_EDITIONS: frozenset({_A, _O}),
    Permission.EDIT_EDITION: frozenset({_A, _O}),
    Permission.PUBLISH_EDITION: frozenset({_A, _O}),
    Permission.GRANT_ROLES: frozenset({_A, _O}),
    Permission.EDIT_ORGANISATIONS: frozenset({_A, _O}),
    Permission.SEE_REGISTRATIONS: frozenset({_A, _O, Role.FINANCE}),
    Permission.EDIT_REGISTRATIONS: frozenset({_A, _O}),
    Permission.EXPORT_REGISTRATIONS: frozenset({_A, _O}),
    Permission.SEE_MONEY: frozenset({_A, _O, Role.FINANCE}),
    Permission.BOOK_MONEY: frozenset({Role.FINANCE}),
    Permission.EDIT_PAYEE: frozenset({_A, Role.FINANCE}),
    Permission.CHECK_PEOPLE_IN: frozenset({_A, _O, Role.CHECK_IN}),
    Permission.PRINT_BADGES: frozenset({_A, _O, Role.CHECK_IN}),
    Permission.SEE_AUDIT: frozenset({_A, _O}),
    Permission.SEE_OUTBOX: frozenset({_A, _O}),
}


def allows(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether any of the roles carries the permission."""
    return not POLICY[permission].isdisjoint(roles)
