"""What an organiser corrects in a registration: names, addresses, mails, cancelling."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conference.core import audit, tokens
from conference.core.outbox import OutboundMail
from conference.extensions import db
from conference.registrations.refusals import OfferLapsed
from conference.registrations.service import desk, offering
from conference.registrations.states import OrderState, RegistrationState
from tests import factories
from tests.registrations.desk import register, url


def corrected(made: Any, by: Any, seen: str | None = None, **values: Any) -> list[str]:
    answers = values.pop("answers", made.answers)
    return desk.correct(
        registration=made, values=values, answers=answers, seen=seen or desk.stamp(made), by=by
    )


@pytest.mark.sql
def test_a_correction_is_found_at_once_and_the_log_names_fields_not_values(edition, organiser):
    made = register(edition, "Djordje", "Ilic", answers={"shirt": "s"})
    fields = corrected(
        made, organiser, given_name="Ђорђе", family_name="Илић", answers={"shirt": "l"}
    )
    assert fields == ["given_name", "family_name", "answers.shirt"]
    assert (made.latin_name, made.sort_key) == ("Đorđe Ilić", "ilic djordje")
    entry = audit.about(made)[-1]
    assert (entry.act, entry.actor) == ("registration.corrected", organiser.public_id)
    assert entry.data == {"fields": fields}


def test_saving_without_a_change_writes_nothing(edition, organiser):
    made = register(edition, "Ana", "Ilić")
    assert corrected(made, organiser, given_name="Ana ", country=made.country) == []
    assert audit.about(made) == []


@pytest.mark.sql
def test_the_second_of_two_organisers_is_refused_and_sees_what_the_first_wrote(edition, organiser):
    made = register(edition, "Ana", "Ilić")
    seen = desk.stamp(made)
    corrected(made, organiser, seen=seen, position="Director")
    with pytest.raises(desk.ChangedMeanwhile) as refused:
        corrected(made, organiser, seen=seen, position="Manager")
    assert refused.value.now["position"] == "Director"
    assert made.position == "Director"


def test_a_new_address_gets_the_ticket_and_the_old_owner_loses_sight(edition, delegate, organiser):
    made = db.session.scalars(desk.select(desk.Registration)).one()
    corrected(made, organiser, email=" New@Example.org")
    assert made.email == "new@example.org"
    assert made.person_id is None
    mails = db.session.scalars(desk.select(OutboundMail)).all()
    assert [(mail.name, mail.to) for mail in mails] == [
        ("registration-confirmed", "new@example.org")
    ]


def test_an_address_nobody_confirmed_yet_is_the_buyers_too(edition, organiser):
    order = factories.make_order(
        edition, state=OrderState.PLACED, confirmed_at=None, email="mistyped@example.org"
    )
    state = RegistrationState.PENDING
    made = register(edition, "Ana", "Ilić", order=order, email="mistyped@example.org", state=state)
    corrected(made, organiser, email="right@example.org")
    assert (made.email, order.email) == ("right@example.org", "right@example.org")
    mails = db.session.scalars(desk.select(OutboundMail)).all()
    assert [(mail.name, mail.to) for mail in mails] == [
        ("confirm-registration", "right@example.org")
    ]


def test_repeating_the_mail_sends_what_fits_the_state(edition, organiser):
    confirmed = register(edition, "Ana", "Ilić")
    waiting = register(edition, "Petar", "Savić", state=RegistrationState.WAITING)
    cancelled = register(edition, "Mira", "Tasić", state=RegistrationState.CANCELLED)
    for made in (confirmed, waiting):
        assert desk.may_repeat_mail(made)
        desk.repeat_mail(registration=made, by=organiser)
    mails = db.session.scalars(desk.select(OutboundMail).order_by(OutboundMail.id)).all()
    assert [mail.name for mail in mails] == ["registration-confirmed", "waiting-list"]
    assert not desk.may_repeat_mail(cancelled)
    with pytest.raises(desk.NothingToRepeat):
        desk.repeat_mail(registration=cancelled, by=organiser)


def offered(edition: Any, **overrides: Any) -> Any:
    """A place that was offered, and the link of its mail."""
    made = register(
        edition,
        "Nada",
        "Kostić",
        state=RegistrationState.OFFERED,
        offered_until_at=factories.in_days(2),
        **overrides,
    )
    offering.send_again(registration=made)
    db.session.commit()
    return made, offer_links()[-1]


def offer_links() -> list[str]:
    mails = db.session.scalars(
        desk.select(OutboundMail)
        .where(OutboundMail.name == "place-offered")
        .order_by(OutboundMail.id)
    )
    return [(mail.secrets or {}).get("link", "").rsplit("/", 1)[-1] for mail in mails]


@pytest.mark.sql
def test_an_offer_is_repeated_with_a_fresh_link_and_the_old_one_dies(edition, organiser, browse):
    made, old = offered(edition)
    other, others = offered(edition, email=made.email)
    deadline = made.offered_until_at
    browse(organiser).post(url(edition, made.public_id, "repeat-mail"))
    db.session.refresh(made)
    fresh = offer_links()[-1]
    assert fresh not in {"", old}
    assert [tokens.is_live(offering.ANSWER, one) for one in (old, fresh, others)] == [
        False,
        True,
        True,
    ]
    assert (made.offered_until_at, made.state) == (deadline, RegistrationState.OFFERED)
    assert browse().get(f"/{edition.code}/registrations/offers/{old}").status_code == 404
    assert browse().get(f"/{edition.code}/registrations/offers/{fresh}").status_code == 200


def test_a_lapsed_offer_gets_no_new_link(edition, organiser, at):
    made, _old = offered(edition)
    at(made.offered_until_at)
    with pytest.raises(OfferLapsed):
        desk.repeat_mail(registration=made, by=organiser)
    assert len(offer_links()) == 1


def test_a_corrected_address_gets_the_offer_and_the_old_ones_link_is_dead(edition, organiser):
    made, old = offered(edition, email="mistyped@example.org")
    corrected(made, organiser, email="right@example.org")
    last = db.session.scalars(desk.select(OutboundMail).order_by(OutboundMail.id.desc())).first()
    assert (last.name, last.to) == ("place-offered", "right@example.org")
    assert not tokens.is_live(offering.ANSWER, old)


def form_of(client: Any, address: str) -> dict[str, str]:
    """The fields of the correction form as a browser would send them unchanged."""
    text = client.get(address).get_data(as_text=True)
    found = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', text))
    return {**found, "country": re.findall(r'<option selected value="(\w\w)"', text)[0]}


def test_the_page_keeps_both_texts_when_two_organisers_save(edition, organiser, browse):
    made = register(edition, "Ana", "Ilić")
    client, address = browse(organiser), url(edition, made.public_id, "change")
    first, second = form_of(client, address), form_of(client, address)
    assert client.post(address, data={**first, "position": "Director"}).status_code == 302
    refused = client.post(address, data={**second, "position": "Manager"})
    text = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert "Somebody else has changed this registration" in text
    assert '<td data-label="Saved meanwhile">Director</td>' in text
    assert '<td data-label="Typed by you">Manager</td>' in text
    stamp = re.search(r'name="seen"[^>]*value="(\w+)"', text)[1]
    again = client.post(address, data={**second, "position": "Manager", "seen": stamp})
    assert again.status_code == 302
    db.session.refresh(made)
    assert made.position == "Manager"


def test_a_wrong_address_is_refused_beside_its_field_and_nothing_is_lost(
    edition, organiser, browse
):
    made = register(edition, "Ana", "Ilić", email="ana@example.org")
    client, address = browse(organiser), url(edition, made.public_id, "change")
    typed = {**form_of(client, address), "email": "ana at example", "position": "Director"}
    page = client.post(address, data=typed)
    assert page.status_code == 422
    text = page.get_data(as_text=True)
    assert "Please type an e-mail address such as name@example.org." in text
    assert 'value="ana at example"' in text
    assert 'value="Director"' in text
    db.session.refresh(made)
    assert (made.email, made.position) == ("ana@example.org", "")


def test_cancelling_tells_the_reason_and_keeps_paid_money_when_so_decided(
    edition, organiser, browse
):
    kind = factories.make_ticket_type(edition, amount=5_000)
    made = register(edition, "Ana", "Ilić", ticket_type=kind)
    client, address = browse(organiser), url(edition, made.public_id, "cancel")
    assert "€50.00 is paid and goes back unless you decide otherwise" in client.get(
        address
    ).get_data(as_text=True)
    assert client.post(address, data={"reason": "Asked by phone"}).status_code == 302
    db.session.refresh(made)
    assert made.state is RegistrationState.CANCELLED
    assert made.order.total_minor == 5_000
    mail = db.session.scalars(desk.select(OutboundMail)).first()
    assert (mail.name, mail.values["reason"]) == ("registration-cancelled", "Asked by phone")
    assert "cancelled already" in client.get(address).get_data(as_text=True)


def test_a_scan_at_the_door_stands_in_the_timeline_with_who_scanned(
    edition, organiser, door, browse
):
    from conference.checkin.models import Scan, ScanResult

    made = register(edition, "Ana", "Ilić")
    entrance = factories.make_checkin_list(edition, name={"en": "Main entrance"})
    scan = Scan(
        uid=made.public_id,
        edition_id=edition.id,
        list_id=entrance.id,
        registration_id=made.id,
        on_date=factories.on_day(0),
        result=ScanResult.VALID,
        scanned_at=factories.in_days(0),
        by_id=door.id,
    )
    db.session.add(scan)
    text = browse(organiser).get(url(edition, made.public_id)).get_data(as_text=True)
    timeline = text[text.index("What happened") :]
    assert "Main entrance" in timeline
    assert f"· {door.name}" in timeline
