"""Which rows of check-in belong to a person: scans of their badge, and what they did as staff."""

from __future__ import annotations

from sqlalchemy import select

from conference.accounts.my_data import Owner
from conference.checkin.models import BadgeRun, Scan
from conference.core.errors import N_
from conference.core.retention import Term
from conference.editions.personal import of_past_editions
from conference.registrations.models import EVENT, Registration
from conference.registrations.personal import is_mine

OWNERS = [
    Owner(
        what=N_("Scans at the door"),
        model=Scan,
        rows=lambda mine: select(Scan).where(
            Scan.registration_id.in_(select(Registration.id).where(is_mine(mine)))
        ),
    ),
    Owner(
        what=N_("Scans made as staff"),
        model=Scan,
        rows=lambda mine: select(Scan).where(Scan.by_id == mine.person.id),
        about_others=True,
    ),
    Owner(
        what=N_("Badges printed"),
        model=BadgeRun,
        rows=lambda mine: select(BadgeRun).where(BadgeRun.by_id == mine.person.id),
        about_others=True,
    ),
]

TERMS = [
    Term(model=Scan, keep=EVENT, over=lambda now: of_past_editions(Scan.edition_id, now)),
    Term(model=BadgeRun, keep=EVENT, over=lambda now: of_past_editions(BadgeRun.edition_id, now)),
]
