"""The mails of accounts, as they arrive: subject, text and HTML in every language."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from conference import delivery, emails
from conference.core import outbox
from conference.extensions import db
from tests import factories

LOCALES = ("en", "sr", "sr_Latn")
ACTS = (
    "second_factor.set_up",
    "second_factor.removed",
    "second_factor.recovery_code_used",
    "second_factor.codes_renewed",
    "passkey.added",
    "passkey.removed",
    "password.set",
    "password.removed",
)
LINK = "http://localhost/sign-in/link/secret"


def written():
    """The messages that wait."""
    db.session.flush()
    return [delivery.write(row) for row in db.session.scalars(select(outbox.OutboundMail))]


@pytest.mark.parametrize("locale", LOCALES)
def test_link_stands_in_text_and_html_and_nowhere_else(app, locale):
    emails.sign_in_link("ana@example.org", locale=locale, link=LINK)
    (message,) = written()
    assert LINK in message.body
    assert f'href="{LINK}"' in message.html
    assert LINK not in message.subject
    row = db.session.scalars(select(outbox.OutboundMail)).one()
    assert "secret" not in str(row.values)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("act", ACTS)
def test_every_change_of_the_ways_in_is_told_in_words(app, locale, act):
    person = factories.make_person(locale=locale)
    emails.security_changed(person, what=act)
    (message,) = written()
    lines = [line for line in message.body.splitlines() if line.strip()]
    assert lines[1].endswith(".")
    assert lines[1] in message.html.replace("&#39;", "'")
    assert "/account/security" in message.body


def test_texts_of_the_three_languages_differ(app):
    for locale in LOCALES:
        emails.confirm_new_address("ana@example.org", locale=locale, link=LINK)
        emails.address_changed("old@example.org", factories.make_person(locale=locale))
    messages = written()
    assert len({m.subject for m in messages}) == 6
    assert len({m.body for m in messages}) == 6
