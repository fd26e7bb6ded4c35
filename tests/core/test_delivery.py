"""Mail goes to a real relay that is slow: nobody else has to wait for it."""

from __future__ import annotations

import sqlite3
import threading
import time

import pytest
from sqlalchemy.exc import OperationalError

from conference import delivery
from conference.app import create_app
from conference.core import clock, outbox
from conference.core.outbox import MailState, OutboundMail
from conference.extensions import db
from tests.conftest import SETTINGS
from tests.sandbox.mailbox import serve


@pytest.fixture
def mailbox():
    made = serve()
    yield made
    made.stop()


@pytest.fixture
def sending_app(mailbox, tmp_path):
    """An application on a file, whose relay is the mailbox."""
    app = create_app(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'mail.sqlite3'}",
        DATA_DIR=tmp_path,
        MAIL_SERVER="127.0.0.1",
        MAIL_PORT=mailbox.smtp_port,
        **SETTINGS,
    )
    with app.app_context():
        db.create_all()
        outbox.queue("sign-in-link", to="a@example.org", locale="en", secrets={"link": "x"})
        db.session.commit()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _write(path) -> None:
    """Somebody else writes; an error when the database is not free within two seconds."""
    other = sqlite3.connect(path, timeout=2, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("COMMIT")
    other.close()


def test_slow_relay_holds_up_nobody_who_writes(sending_app, mailbox, tmp_path):
    mailbox.faults(hang=1, hang_seconds=4)

    def send():
        with sending_app.app_context():
            delivery.drain()
            db.session.remove()

    worker = threading.Thread(target=send)
    worker.start()
    while mailbox.post.faults.hang:
        time.sleep(0.01)
    _write(tmp_path / "mail.sqlite3")
    assert worker.is_alive()  # the relay still hangs, and the writing is done
    worker.join()


def test_mail_is_sent_once_and_its_secrets_are_gone(sending_app, mailbox):
    with sending_app.app_context():
        assert (delivery.drain(), delivery.drain()) == (1, 0)
        mail = db.session.scalars(db.select(OutboundMail)).one()
        assert (mail.state, mail.secrets) == (MailState.SENT, None)
        db.session.remove()
    assert [one["Message-ID"] for one in mailbox.messages] == [mail.message_id]


def test_refused_address_is_not_tried_again(sending_app, mailbox):
    mailbox.faults(refuse=1)
    with sending_app.app_context():
        assert delivery.drain() == 0
        mail = db.session.scalars(db.select(OutboundMail)).one()
        assert (mail.state, mail.last_error) == (MailState.FAILED, "address refused: 550")
        db.session.remove()


def test_line_cut_after_the_text_leaves_the_mail_uncertain(sending_app, mailbox):
    mailbox.faults(cut_after_data=1)
    with sending_app.app_context():
        assert delivery.drain() == 0
        assert db.session.scalars(db.select(OutboundMail.state)).one() is MailState.UNCERTAIN
        db.session.remove()
    assert len(mailbox.messages) == 1


def _queued(sending_app, to):
    with sending_app.app_context():
        db.session.query(OutboundMail).delete()
        outbox.queue("sign-in-link", to=to, locale="en", secrets={"link": "x"})
        outbox.queue("sign-in-link", to="next@example.org", locale="en", secrets={"link": "x"})
        db.session.commit()
        delivery.drain()
        query = db.session.query(OutboundMail).order_by(OutboundMail.id)
        return [(row.state, row.last_error) for row in query]


def test_domain_in_cyrillic_is_reached_under_its_ascii_name(sending_app, mailbox):
    found = _queued(sending_app, "ana@пример.срб")
    assert found == [(MailState.SENT, None)] * 2
    assert ["ana@xn--e1afmkfd.xn--90a3ac"] in [one.to for one in mailbox.letters]


def test_address_that_no_relay_takes_is_refused_and_keeps_nobody_waiting(sending_app):
    found = _queued(sending_app, "ана@example.org")
    assert found == [
        (MailState.FAILED, "address refused: 553"),
        (MailState.SENT, None),
    ]


def test_paper_that_the_database_could_not_be_asked_for_is_tried_again(sending_app, monkeypatch):
    """The database is restarted at the moment when the ticket of a mail is being made."""

    def gone(**_values):
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    monkeypatch.setitem(outbox.makers, "ticket", gone)
    with sending_app.app_context():
        db.session.query(OutboundMail).delete()
        outbox.queue(
            "sign-in-link",
            to="a@example.org",
            locale="en",
            secrets={"link": "x"},
            attachments=[{"kind": "ticket", "with": {}}],
        )
        db.session.commit()
        delivery.drain()
        row = db.session.query(OutboundMail).one()
        assert (row.state, row.attempts) == (MailState.QUEUED, 1)
        assert row.due_at > clock.now()
