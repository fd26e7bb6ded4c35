"""Which rows of organisations belong to a person."""

from __future__ import annotations

from sqlalchemy import select

from conference.accounts.my_data import Owner
from conference.core.errors import N_
from conference.organisations.models import Affiliation, Organisation

OWNERS = [
    Owner(
        what=N_("Organisations proposed"),
        model=Organisation,
        rows=lambda mine: select(Organisation).where(Organisation.proposed_by_id == mine.person.id),
        about_others=True,
    ),
    Owner(
        what=N_("Where you work"),
        model=Affiliation,
        rows=lambda mine: select(Affiliation).where(Affiliation.person_id == mine.person.id),
    ),
]
