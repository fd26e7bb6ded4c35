"""Takes queued mails, writes their text in the reader's language and hands them to the relay."""

from __future__ import annotations

import logging
import re
import smtplib
from email.utils import parseaddr
from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale
from flask_mail import Connection, Message
from sqlalchemy.exc import OperationalError

from conference.core import outbox
from conference.core.text import plain_line
from conference.extensions import db
from conference.web.database import only_reading

log = logging.getLogger(__name__)

BLANK_LINES = re.compile(r"\n{3,}")  # templates leave them where a condition was false


class TimedConnection(Connection):
    """Flask-Mail opens its line without a time-out; a hung relay would hang the worker."""

    def configure_host(self) -> smtplib.SMTP:
        """Open the line, giving up after MAIL_TIMEOUT seconds."""
        seconds = current_app.config["MAIL_TIMEOUT"]
        host = smtplib.SMTP(self.mail.server, self.mail.port, timeout=seconds)
        if self.mail.use_tls:
            host.starttls()
        if self.mail.username and self.mail.password:
            host.login(self.mail.username, self.mail.password)
        return host


def in_ascii(address: str) -> str | None:
    """The address with its domain's ASCII name; None when letters before the @ need SMTPUTF8."""
    local, _at, domain = address.rpartition("@")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None


def write(row: outbox.OutboundMail) -> Message:
    """The message of a row: subject, text and HTML in its language, attachments made now."""
    values: dict[str, Any] = {**row.values, **(row.secrets or {})}
    with force_locale(row.locale):
        text = render_template(f"emails/{row.name}.txt", **values)
        subject, _rule, body = text.partition("\n")
        html = render_template(f"emails/{row.name}.html", subject=subject.strip(), **values)
        files = [outbox.makers[a["kind"]](**a["with"]) for a in row.attachments]
    message = Message(
        subject=plain_line(subject.removeprefix("Subject:")).strip(),
        recipients=[in_ascii(row.to) or row.to],
        body=BLANK_LINES.sub("\n\n", body).strip("\n") + "\n",
        html=html,
    )
    message.msgId = row.message_id
    for made in files:
        message.attach(made.name, made.content_type, made.content)
    return message


def deliver(mail_id: int) -> bool:
    """Send one mail if it is still due; answers whether it went. Commits on its own."""
    row = outbox.claim(mail_id)
    db.session.commit()
    if row is None:
        return False
    if in_ascii(row.to) is None:
        outbox.note_refused(row, "address refused: 553", for_good=True)
        db.session.commit()
        return False
    try:
        with only_reading():  # setting papers takes long: nobody may have to wait for it
            attempt = row.attempts
            message = write(row)
    except Exception as error:  # a broken template or attachment must not stop the others
        db.session.rollback()
        log.exception("mail could not be written", extra={"mail": row.public_id})
        passing = isinstance(error, OperationalError)  # the database was away
        outbox.note_refused(row, f"not written: {type(error).__name__}", for_good=not passing)
        db.session.commit()
        return False
    db.session.commit()
    sent = _hand_over(row, message, attempt)
    db.session.commit()
    return sent


def _hand_over(row: outbox.OutboundMail, message: Message, attempt: int) -> bool:
    """No transaction is open while the relay is spoken to: a slow one would hold up everybody."""
    sender = parseaddr(current_app.config["MAIL_DEFAULT_SENDER"])[1]
    content = message.as_bytes()
    try:
        connection = TimedConnection(current_app.extensions["mail"])
        host = connection.configure_host()
    except (OSError, smtplib.SMTPException) as error:
        outbox.note_refused(row, f"no line: {type(error).__name__}", for_good=False)
        return False
    ours = outbox.hand_over(row, attempt)
    db.session.commit()
    try:
        if not ours:
            return False
        host.sendmail(sender, [str(one) for one in message.recipients], content)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        outbox.note_refused(row, f"address refused: {code}", for_good=500 <= code < 600)
        return False
    except smtplib.SMTPResponseException as error:
        outbox.note_refused(row, f"refused: {error.smtp_code}", for_good=error.smtp_code >= 500)
        return False
    except (OSError, smtplib.SMTPException) as error:
        outbox.note_uncertain(row, f"line lost: {type(error).__name__}")
        return False
    finally:
        host.close()
    outbox.note_sent(row, message.subject or "")
    return True


def drain(limit: int = 100) -> int:
    """Send what is due; answers how many went."""
    ids = outbox.due(limit)
    db.session.commit()
    return sum(deliver(mail_id) for mail_id in ids)
