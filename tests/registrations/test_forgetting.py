"""What stays of somebody whom others have registered, once they are erased."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from conference.accounts import my_data
from conference.core.outbox import MailState, OutboundMail
from conference.extensions import db
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling
from conference.registrations.wishes import Buyer
from tests import factories
from tests.registrations.wishing import order, wish


@pytest.mark.sql
def test_mails_to_the_buyer_no_longer_name_who_was_erased(app: Any, edition: Any) -> None:
    kind = factories.make_ticket_type(edition)
    buyer = factories.make_person(email="buyer@example.org")
    ana = factories.make_person(email="ana@example.org")
    placed = order(
        edition,
        wish(kind, given_name="Petar", family_name="Ilić"),
        wish(kind, given_name="Canary", family_name="Ilić", email="ana@example.org"),
        by=buyer,
        buyer=Buyer(email=buyer.email),
    )
    one = registrations_of(placed)[1]
    cancelling.cancel(registration=one, by=buyer, reason="Canary is ill")
    db.session.flush()
    for mail in db.session.scalars(select(OutboundMail)):
        mail.state, mail.subject = MailState.SENT, "Cancelled: Canary"
    db.session.commit()
    my_data.erase(ana, by=ana, folder=app.config["FILES_DIR"])
    db.session.flush()
    db.session.expire_all()
    kept = db.session.scalars(select(OutboundMail)).all()
    assert [mail.to for mail in kept if mail.about == one.public_id].count(buyer.email) == 1
    assert [mail for mail in kept if "Canary" in f"{mail.values}{mail.subject}"] == [
        mail for mail in kept if mail.about == registrations_of(placed)[0].public_id
    ]
