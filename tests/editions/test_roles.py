"""Staff roles: invited, accepted, ended; who may give which."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conference import delivery
from conference.accounts import people
from conference.core import clock, outbox
from conference.core.errors import Conflict, Invalid, NotAllowed, NotFound
from conference.core.permissions import Role
from conference.core.tokens import LinkUsedUp
from conference.editions import roles
from conference.editions.service import inviting
from conference.extensions import db
from tests import factories


def invite(edition, by, **overrides):
    values = {"email": "New@Example.org", "role": Role.CHECK_IN, "ends_on": factories.on_day(30)}
    made = inviting.invite(edition=edition, by=by, locale="sr", **{**values, **overrides})
    db.session.flush()
    return made


def token():
    mail = db.session.query(outbox.OutboundMail).order_by(outbox.OutboundMail.id.desc()).first()
    return mail.secrets["link"].rsplit("/", 1)[1]


@pytest.mark.sql
def test_an_invitation_is_mailed_and_accepting_it_gives_the_role(app, edition, organiser):
    invite(edition, organiser)
    mail = db.session.query(outbox.OutboundMail).one()
    assert (mail.name, mail.to, mail.locale) == ("role-invitation", "new@example.org", "sr")
    person, granted = inviting.accept(token())
    assert (person.email, granted.role) == ("new@example.org", Role.CHECK_IN)
    assert person.confirmed_at is not None
    assert roles.roles_of(person, edition) == {Role.CHECK_IN}
    assert roles.roles_of(person, factories.make_edition()) == frozenset()


def test_a_known_person_keeps_their_account(app, edition, organiser, stranger):
    invite(edition, organiser, email=stranger.email)
    assert inviting.accept(token())[0] is stranger


@pytest.mark.sql
def test_an_invitation_is_accepted_once(app, edition, organiser):
    invite(edition, organiser)
    raw = token()
    inviting.accept(raw)
    with pytest.raises(LinkUsedUp):
        inviting.accept(raw)
    with pytest.raises(LinkUsedUp):
        inviting.look_at(raw)


def test_an_invitation_ends_after_two_weeks(app, edition, organiser, at):
    invite(edition, organiser)
    raw, now = token(), clock.now()
    at(now + timedelta(days=14, seconds=-2))
    assert inviting.look_at(raw).email == "new@example.org"
    at(now + timedelta(days=14, seconds=1))
    with pytest.raises(LinkUsedUp):
        inviting.accept(raw)


def test_a_withdrawn_invitation_gives_nothing(app, edition, organiser):
    made = invite(edition, organiser)
    raw = token()
    inviting.withdraw(edition=edition, public_id=made.public_id, by=organiser)
    with pytest.raises(LinkUsedUp):
        inviting.accept(raw)
    assert people.by_email("new@example.org") is None


def test_a_role_ends_after_its_last_day(app, edition, organiser, at):
    invite(edition, organiser, ends_on=factories.on_day(1))
    person, _granted = inviting.accept(token())
    at(factories.in_days(1))
    assert roles.roles_of(person, edition) == {Role.CHECK_IN}
    at(factories.in_days(1))
    assert roles.roles_of(person, edition) == frozenset()


@pytest.mark.parametrize(
    ("overrides", "error", "field"),
    [
        ({"role": Role.ADMINISTRATOR}, NotAllowed, "role"),
        ({"ends_on": factories.on_day(-1)}, Invalid, "ends_on"),
        ({"ends_on": factories.on_day(2000)}, Invalid, "ends_on"),
    ],
)
def test_what_an_organiser_cannot_give_is_refused(app, edition, organiser, overrides, error, field):
    with pytest.raises(error) as refused:
        invite(edition, organiser, **overrides)
    assert refused.value.field == field
    assert db.session.query(outbox.OutboundMail).count() == 0


def test_nobody_gives_a_role_to_themselves(app, edition, organiser):
    with pytest.raises(NotAllowed) as refused:
        invite(edition, organiser, email=organiser.email.upper(), role=Role.FINANCE)
    assert refused.value.field == "email"


def test_staff_without_the_right_give_no_role(app, edition, finance, stranger):
    for person in (finance, stranger):
        with pytest.raises(NotAllowed):
            invite(edition, person)


def test_an_organiser_of_one_edition_gives_no_role_in_another(app, organiser):
    with pytest.raises(NotAllowed):
        invite(factories.make_edition(), organiser)


def test_the_same_invitation_is_not_sent_twice(app, edition, organiser, finance):
    invite(edition, organiser)
    with pytest.raises(Conflict):
        invite(edition, organiser)
    with pytest.raises(Conflict):
        invite(edition, organiser, email=finance.email, role=Role.FINANCE)


def test_an_ended_role_counts_no_more(app, edition, organiser, finance):
    (granted,) = [g for g in inviting.grants(edition) if g.person is finance]
    inviting.end(edition=edition, public_id=granted.public_id, by=organiser)
    assert roles.roles_of(finance, edition) == frozenset()
    with pytest.raises(NotFound):
        inviting.end(edition=edition, public_id=granted.public_id, by=organiser)


def test_an_organiser_does_not_end_the_role_of_an_administrator(app, edition, organiser, stranger):
    granted = factories.give_role(stranger, edition, Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        inviting.end(edition=edition, public_id=granted.public_id, by=organiser)


@pytest.mark.sql
def test_the_last_administrator_stays(app, administrator, stranger):
    (first,) = inviting.grants(None)
    with pytest.raises(Conflict):
        inviting.end(edition=None, public_id=first.public_id, by=administrator)
    invite(None, administrator, email=stranger.email, role=Role.ADMINISTRATOR)
    inviting.accept(token())
    inviting.end(edition=None, public_id=first.public_id, by=stranger)
    assert [g.person for g in inviting.grants(None)] == [stranger]


def test_an_inactive_administrator_does_not_count_as_the_one_who_stays(
    app, administrator, stranger
):
    factories.give_role(stranger, None, Role.ADMINISTRATOR)
    stranger.active = False
    (first,) = [g for g in inviting.grants(None) if g.person is administrator]
    with pytest.raises(Conflict):
        inviting.end(edition=None, public_id=first.public_id, by=administrator)


def test_only_administrators_are_invited_to_all_editions(app, administrator):
    with pytest.raises(Invalid):
        invite(None, administrator, role=Role.ORGANISER)


@pytest.mark.parametrize(
    ("locale", "subject", "role"),
    [
        ("en", "You are asked to help with Days", "Check-in"),
        ("sr", "Молимо вас за помоћ: Дани", "Пријем учесника"),
        ("sr_Latn", "Molimo vas za pomoć: Dani", "Prijem učesnika"),
    ],
)
def test_the_mail_speaks_the_language_it_was_asked_for(
    app, edition, organiser, locale, subject, role
):
    edition.name = {"en": "Days", "sr": "Дани"}
    inviting.invite(
        edition=edition,
        email="new@example.org",
        role=Role.CHECK_IN,
        ends_on=factories.on_day(9),
        locale=locale,
        by=organiser,
    )
    db.session.flush()
    row = db.session.query(outbox.OutboundMail).one()
    message = delivery.write(row)
    assert message.subject == subject
    for part in (message.body, message.html):
        assert row.secrets["link"] in part
        assert role in part
        assert organiser.display_name in part
