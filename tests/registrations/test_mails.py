"""The mails of a registration as they leave the house: every language, links, attachments."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from conference import delivery
from conference.core.outbox import OutboundMail
from conference.extensions import db
from conference.registrations import hooks
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling, confirming, selling, waiting
from conference.registrations.wishes import Buyer
from tests import factories
from tests.registrations.wishing import order, wish


@pytest.fixture
def written(edition, organiser, monkeypatch, at):
    """Goes through everything that sends a mail, in one language; answers the messages by name."""

    def write(locale):
        monkeypatch.setattr(hooks, "order_awaits_payment", [])
        monkeypatch.setattr(hooks, "registration_cancelled", [])
        free = factories.make_ticket_type(edition)
        costly = factories.make_ticket_type(edition, amount=12000)
        small = factories.make_ticket_type(edition, quota=0)
        order(edition, wish(free), locale=locale)
        person = factories.make_person(email="đorđe@example.org", locale=locale)
        mine = {"by": person, "buyer": Buyer(email=person.email), "locale": locale}
        confirmed = order(edition, wish(free, given_name="Ђорђе"), **mine)
        cancelling.cancel(
            registration=registrations_of(confirmed)[0], by=organiser, reason="Разлог"
        )
        order(edition, wish(small), **mine)
        small.quota = 1
        waiting.promote(edition)
        selling.invite(edition=edition, email="guest@example.org", locale=locale, by=organiser)
        unpaid = order(edition, wish(costly), **mine)
        unpaid.due_at = factories.in_days(1)
        db.session.flush()
        later = factories.in_days(6)
        at(later)
        waiting.expire_orders()
        waiting.expire_offers()
        db.session.flush()
        rows = db.session.scalars(select(OutboundMail).order_by(OutboundMail.id)).all()
        return {row.name: delivery.write(row) for row in rows}

    return write


NAMES = {
    "confirm-registration",
    "registration-confirmed",
    "registration-cancelled",
    "waiting-list",
    "place-offered",
    "offer-expired",
    "order-expired",
    "invitation",
}


@pytest.mark.parametrize("locale", ["en", "sr", "sr_Latn"])
def test_every_mail_is_written_in_every_language(written, edition, locale):
    messages = written(locale)
    assert set(messages) == NAMES
    for name, message in messages.items():
        edition_name = edition.name["en"] if locale == "en" else None
        assert message.subject, name
        assert "%(" not in message.body + message.html, name
        assert edition_name is None or edition_name in message.subject, name
        # A Serbian date ends in a full stop of its own.
        assert ".." not in message.body + message.html, name
        assert "\n\n\n" not in message.body, name


def test_paragraphs_of_a_plain_mail_stand_apart(written):
    messages = written("en")
    first, second = messages["confirm-registration"].body.split("\n\n")[1:3]
    assert first.endswith("please confirm that this address is yours.")
    assert second == "Open this address within 24 hours and press the button there:"
    cancelled = messages["registration-cancelled"].body.split("\n\n")
    assert "Reason: Разлог" in cancelled


def test_confirmation_carries_ticket_and_calendar_file_and_the_code(written):
    message = written("en")["registration-confirmed"]
    kinds = [file.content_type.split(";")[0] for file in message.attachments]
    assert kinds == ["application/pdf", "text/calendar"]
    assert message.attachments[0].data.startswith(b"%PDF")
    order_code = [word for word in message.body.split() if len(word) == 9 and "-" in word]
    assert order_code


def test_link_that_confirms_stands_in_text_and_html(written):
    message = written("en")["confirm-registration"]
    for part in (message.body, message.html):
        assert "http://localhost/" in part
        assert "/registrations/confirm/" in part


def test_links_that_sign_in_are_kept_apart_from_what_stays(written):
    written("en")
    rows = db.session.scalars(
        select(OutboundMail).where(OutboundMail.name.in_(["confirm-registration", "place-offered"]))
    )
    for row in rows:
        assert set(row.secrets) == {"link"}
        assert row.secrets["link"] not in str(row.values)


def test_settled_order_sends_each_person_their_own_mail_only(edition):
    buyer = factories.make_person(email="buyer@example.org")
    free = factories.make_ticket_type(edition)
    placed = order(
        edition,
        wish(free),
        wish(free, given_name="Ana", email="ana@example.org"),
        by=buyer,
        buyer=Buyer(email=buyer.email),
    )
    assert confirming.settle(order=placed, by=None)
    rows = db.session.scalars(
        select(OutboundMail).where(OutboundMail.name == "registration-confirmed")
    ).all()
    people = {row.to: [one["name"] for one in row.values["people"]] for row in rows}
    assert people == {"buyer@example.org": ["Milica Đorđević"], "ana@example.org": ["Ana Đorđević"]}
