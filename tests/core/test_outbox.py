"""A worker that dies, or is slow, neither loses a mail nor sends it twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conference.core import clock, outbox
from conference.core.errors import Invalid
from conference.core.outbox import MailState
from conference.extensions import db

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


def _claimed():
    clock.set_source(lambda: NOW)
    outbox.queue("sign-in-link", to="a@example.org", locale="en")
    db.session.flush()
    return outbox.claim(outbox.due()[0])


def _later():
    clock.set_source(lambda: NOW + outbox.LEASE + timedelta(seconds=1))


@pytest.mark.sql
def test_mail_whose_worker_died_while_writing_is_queued_again(app):
    mail = _claimed()
    _later()
    assert outbox.find_uncertain() == 0
    db.session.expire_all()
    assert (mail.state, mail.attempts) == (MailState.QUEUED, 1)
    assert outbox.due() == [mail.id]


@pytest.mark.sql
def test_mail_whose_worker_died_while_handing_over_is_uncertain(app):
    mail = _claimed()
    assert outbox.hand_over(mail, 1)
    _later()
    assert outbox.find_uncertain() == 1
    db.session.expire_all()
    assert mail.state is MailState.UNCERTAIN
    assert outbox.due() == []


@pytest.mark.sql
def test_slow_worker_does_not_hand_over_what_another_one_has_claimed(app):
    mail = _claimed()
    _later()
    outbox.find_uncertain()
    assert outbox.claim(mail.id) is not None
    assert not outbox.hand_over(mail, 1)
    assert outbox.hand_over(mail, 2)


def test_mail_that_kills_every_worker_is_shown_to_the_organiser(app):
    mail = _claimed()
    found = []
    for hour in range(1, len(outbox.BACK_OFF) + 2):
        clock.set_source(lambda hour=hour: NOW + timedelta(hours=hour))
        found.append(outbox.find_uncertain())
        outbox.claim(mail.id)
    assert found == [0] * len(outbox.BACK_OFF) + [1]
    assert outbox.due() == []


def test_failed_mail_keeps_its_link_for_a_week_so_that_it_can_be_repeated(app, at):
    start = clock.now()
    outbox.queue("sign-in-link", to="a@example.org", locale="en", secrets={"link": "x"})
    db.session.flush()
    mail = outbox.claim(outbox.due()[0])
    outbox.note_refused(mail, "no such address", for_good=True)
    outbox.forget_secrets()
    db.session.refresh(mail)
    assert mail.secrets == {"link": "x"}
    at(start + timedelta(days=8))
    outbox.forget_secrets()
    db.session.refresh(mail)
    assert mail.secrets is None
    with pytest.raises(Invalid):
        outbox.send_again(mail)
