"""Making, editing, publishing editions; what stands on their pages; the payee."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pytest

from conference.core import audit
from conference.core.errors import (
    Conflict,
    DomainError,
    Invalid,
    InvalidTransition,
    NotAllowed,
    NotFound,
)
from conference.core.permissions import Role
from conference.editions import hooks, queries
from conference.editions.kinds import Audience, EditionKind, PartnerRole
from conference.editions.models import News, Place
from conference.editions.service import content, making, payees, publishing, site
from conference.editions.service.content import Venue
from conference.editions.service.making import Basics, Rules
from conference.editions.states import EditionState
from conference.extensions import db
from tests import factories


def typed(text):
    """A time as somebody types it: the clock on the wall, without a zone."""
    return datetime.fromisoformat(text)


def basics(**overrides):
    values = {
        "kind": EditionKind.CONFERENCE,
        "name": {"en": "Days of Clusters Niš", "sr": ""},
        "city": {"en": "Niš", "sr": "Ниш"},
        "country": "RS",
        "zone": "Europe/Belgrade",
        "starts_on": date(2027, 9, 22),
        "ends_on": date(2027, 9, 24),
    }
    return Basics(**{**values, **overrides})


def rules(**overrides):
    values = {
        "audience": Audience.EVERYONE,
        "opens": typed("2027-03-01T09:00"),
        "closes": typed("2027-09-01T23:59"),
        "cancel_until": None,
        "places": 100,
        "has_waiting_list": True,
        "offer_hours": 48,
        "max_per_order": 10,
        "shows_participants": False,
    }
    return Rules(**{**values, **overrides})


def venue(**overrides):
    values = {
        "name": {"en": "Town hall", "sr": ""},
        "address": "Main street 1",
        "city": {"en": "Niš"},
        "country": "RS",
        "map_url": "",
        "starts": typed("2027-09-22T09:00"),
        "ends": typed("2027-09-24T17:00"),
    }
    return Venue(**{**values, **overrides})


@pytest.mark.sql
def test_a_new_edition_is_a_draft_with_a_proposed_code(app, administrator):
    made = making.make(basics=basics(), by=administrator)
    assert (made.state, made.code, made.name) == (
        EditionState.DRAFT,
        "nis-2027",
        {"en": "Days of Clusters Niš"},
    )
    assert [e.act for e in audit.about(made)] == ["edition.made"]


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"name": {"sr": "Ниш"}}, "name_en"),
        ({"city": {"sr": "Ниш"}}, "city_en"),
        ({"country": "XX"}, "country"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"ends_on": date(2027, 9, 21)}, "ends_on"),
        ({"starts_on": date(1, 1, 1)}, "starts_on"),
        ({"code": "organisations"}, "code"),
        ({"code": "Two words"}, "code"),
        ({"code": "taken"}, "code"),
    ],
)
def test_wrong_basics_are_refused_on_their_field(app, overrides, field):
    factories.make_edition(code="taken")
    with pytest.raises(DomainError) as refused:
        making.make(basics=basics(**overrides), by=None)
    assert refused.value.field == field


def test_code_and_zone_of_a_published_edition_stay(app, edition, organiser):
    same = {"code": edition.code, "zone": edition.zone, "country": "MK"}
    making.edit_basics(edition=edition, basics=basics(**same), by=organiser)
    for change in ({**same, "code": "other"}, {**same, "zone": "Asia/Seoul"}):
        with pytest.raises(Conflict):
            making.edit_basics(edition=edition, basics=basics(**change), by=organiser)


def test_when_a_draft_gets_another_zone_its_clock_times_keep_their_hands(app, organiser):
    edition = making.make(basics=basics(), by=None)
    making.edit_rules(edition=edition, rules=rules(), by=organiser)
    content.write_place(edition=edition, place=None, venue=venue(), by=organiser)
    assert edition.registration_opens_at == datetime(2027, 3, 1, 8, tzinfo=UTC)
    making.edit_basics(edition=edition, basics=basics(zone="Asia/Seoul"), by=organiser)
    assert edition.registration_opens_at == datetime(2027, 3, 1, 0, tzinfo=UTC)
    assert queries.places(edition)[0].starts_at == datetime(2027, 9, 22, 0, tzinfo=UTC)


@pytest.mark.sql
def test_there_cannot_be_fewer_places_than_are_taken(app, edition, organiser):
    factories.make_registration(edition)
    factories.make_registration(edition)
    with pytest.raises(Conflict) as refused:
        making.edit_rules(edition=edition, rules=rules(places=1), by=organiser)
    assert (refused.value.field, refused.value.params) == ("places", {"taken": 2})
    making.edit_rules(edition=edition, rules=rules(places=2), by=organiser)


def test_more_places_are_told_to_the_waiting_list_and_fewer_are_not(
    app, edition, organiser, monkeypatch
):
    told = []
    monkeypatch.setattr(hooks, "places_changed", [lambda one: told.append(one.places)])
    for places in (10, 8, 12, None, 5):
        making.edit_rules(edition=edition, rules=rules(places=places), by=organiser)
    assert told == [12, None]


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"closes": typed("2027-03-01T09:00")}, "closes"),
        ({"cancel_until": typed("2099-01-01T00:00")}, "cancel_until"),
        ({"opens": typed("2027-03-28T02:30")}, "opens"),
    ],
)
def test_wrong_rules_are_refused_on_their_field(app, edition, organiser, overrides, field):
    with pytest.raises(Invalid) as refused:
        making.edit_rules(edition=edition, rules=rules(**overrides), by=organiser)
    assert refused.value.field == field


def test_texts_are_cleaned_once_when_they_are_written(app, edition, organiser):
    texts = dict.fromkeys(("summary", "for_whom", "how_to_take_part", "outcome"), {"en": ""})
    about = {"en": "**Bold** <script>alert(1)</script>", "sr": "*Нагиб*"}
    making.edit_texts(edition=edition, texts={**texts, "about": about}, by=organiser)
    assert edition.about_html == {
        "en": "<p><strong>Bold</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>",
        "sr": "<p><em>Нагиб</em></p>",
    }
    assert edition.summary == {}


def full_draft(by):
    edition = making.make(basics=basics(), by=by)
    content.write_place(edition=edition, place=None, venue=venue(), by=by)
    names = ("for_whom", "how_to_take_part", "about", "outcome")
    texts = {**dict.fromkeys(names, {}), "summary": {"en": "Three days in Niš."}}
    making.edit_texts(edition=edition, texts=texts, by=by)
    making.edit_contact(edition=edition, name="J", email="j@example.org", phone="", by=by)
    return edition


def test_an_empty_draft_is_not_published_and_says_what_is_missing(app, administrator):
    edition = making.make(basics=basics(), by=administrator)
    with pytest.raises(publishing.NotReady):
        publishing.publish(edition=edition, by=administrator)
    missing = publishing.stops_publishing(publishing.check_list(edition))
    assert [step.name for step in missing] == ["Venue", "What visitors read", "Contact person"]


@pytest.mark.sql
def test_an_edition_goes_from_draft_to_archive_and_back(app, administrator):
    edition = full_draft(administrator)
    publishing.publish(edition=edition, by=administrator)
    assert edition.state is EditionState.PUBLISHED
    publishing.archive(edition=edition, by=administrator)
    assert (edition.state, edition.contact_email) == (EditionState.ARCHIVED, "")
    with pytest.raises(InvalidTransition):
        publishing.withdraw(edition=edition, by=administrator)
    publishing.reopen(edition=edition, by=administrator)
    publishing.withdraw(edition=edition, by=administrator)
    assert edition.state is EditionState.DRAFT


def test_a_feature_can_mind_that_an_edition_is_withdrawn(app, edition, organiser, monkeypatch):
    def mind(_edition):
        raise Conflict("People are registered.")

    monkeypatch.setattr(hooks, "before_withdrawing", [mind])
    with pytest.raises(Conflict, match="People are registered"):
        publishing.withdraw(edition=edition, by=organiser)
    assert edition.state is EditionState.PUBLISHED


def test_every_visible_change_makes_kept_pages_old(app, edition, organiser):
    def version():
        db.session.refresh(edition)
        return edition.version

    before = version()
    content.write_place(edition=edition, place=None, venue=venue(), by=organiser)
    making.edit_contact(edition=edition, name="J", email="j@example.org", phone="", by=organiser)
    assert version() == before + 2


def test_a_row_of_another_edition_is_not_found(app, edition, organiser):
    other = factories.make_edition()
    place = factories.make_place(other)
    with pytest.raises(NotFound):
        queries.in_edition(Place, edition, place.public_id)


def test_venue_must_end_after_it_begins(app, edition, organiser):
    with pytest.raises(Invalid) as refused:
        content.write_place(
            edition=edition, place=None, venue=venue(ends=typed("2027-09-22T09:00")), by=organiser
        )
    assert refused.value.field == "ends"


def test_partner_has_each_role_once_and_can_move_up(app, edition, organiser):
    one, two = factories.make_organisation(), factories.make_organisation()
    for organisation in (one, two):
        content.add_partner(
            edition=edition, organisation=organisation, role=PartnerRole.HOST, by=organiser
        )
    with pytest.raises(Conflict):
        content.add_partner(edition=edition, organisation=one, role=PartnerRole.HOST, by=organiser)
    content.move_up(edition=edition, row=queries.partners(edition)[1], by=organiser)
    assert [p.organisation for p in queries.partners(edition)] == [two, one]


def test_news_is_seen_when_it_is_published(app, edition, organiser):
    piece = content.write_news(
        edition=edition, piece=None, title={"en": "Hello"}, text={"en": "*x*"}, by=organiser
    )
    assert (piece.html, queries.news(edition)) == ({"en": "<p><em>x</em></p>"}, [])
    content.publish_news(edition=edition, piece=piece, by=organiser)
    assert queries.news(edition) == [piece]
    content.withdraw_news(edition=edition, piece=piece, by=organiser)
    assert (queries.news(edition), queries.news(edition, drafts=True)) == ([], [piece])


def test_document_of_another_kind_is_refused(app, edition, organiser, tmp_path):
    with pytest.raises(Invalid) as refused:
        content.add_document(
            edition=edition,
            upload=io.BytesIO(b"<html>"),
            name="x.pdf",
            title={"en": "X"},
            folder=tmp_path,
            by=organiser,
        )
    assert refused.value.field == "file"
    assert list(tmp_path.iterdir()) == []


def test_joint_edition_stands_in_several_series(app, edition, organiser):
    for number, name in ((7, "Balkan and Black Sea"), (6, "Romanian")):
        site.put_in_series(
            edition=edition, series=None, name={"en": name}, number=number, by=organiser
        )
    found = [(one.series.name["en"], one.number) for one in queries.series_of(edition)]
    assert found == [("Balkan and Black Sea", 7), ("Romanian", 6)]
    with pytest.raises(Conflict):
        site.put_in_series(
            edition=edition, series=queries.all_series()[0], name={}, number=1, by=organiser
        )


def payee(**overrides):
    values = {"name": "Cluster House", "address": "Niš", "country": "RS", "currency": "EUR",
              "iban": "RS35 1050 0812 3123 1231 73"}  # fmt: skip
    return payees.Details(**{**values, **overrides})


def test_payee_keeps_checked_numbers_in_one_form(app, finance):
    edition = factories.make_edition(payee=None)
    made = payees.write(edition=edition, details=payee(vat="8,5"), by=finance)
    assert (edition.payee, made.iban, made.domestic_account, made.vat_permille) == (
        made,
        "RS35105008123123123173",
        "105008123123123173",
        85,
    )


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"iban": "RS35105008123123123174"}, "iban"),
        ({"iban": ""}, "iban"),
        ({"iban": "", "currency": "RSD"}, "iban"),
        ({"domestic_account": "105-1-18"}, "domestic_account"),
        ({"currency": "XXX"}, "currency"),
        ({"vat": "51"}, "vat"),
        ({"vat": "nan"}, "vat"),
        ({"vat": "1.25"}, "vat"),
        ({"bic": "TOO-SHORT"}, "bic"),
        ({"invoice_prefix": "a/b"}, "invoice_prefix"),
        ({"name": "--"}, "name"),
        ({"tax_id": "123"}, "tax_id"),
    ],
)
def test_wrong_payee_is_refused_on_its_field(app, finance, overrides, field):
    edition = factories.make_edition(payee=None)
    with pytest.raises(Invalid) as refused:
        payees.write(edition=edition, details=payee(**overrides), by=finance)
    assert (refused.value.field, edition.payee) == (field, None)


def test_currency_stays_once_money_was_asked(app, edition, finance, monkeypatch):
    monkeypatch.setattr(hooks, "payee_is_fixed", [lambda one: one is edition])
    with pytest.raises(Conflict) as refused:
        payees.write(edition=edition, details=payee(currency="RSD"), by=finance)
    assert refused.value.field == "currency"
    other = factories.make_payee(currency="RSD")
    with pytest.raises(Conflict):
        payees.choose(edition=edition, payee=other, by=finance)
    payees.write(edition=edition, details=payee(name="New name"), by=finance)
    fresh = factories.make_edition(payee=edition.payee)
    payees.choose(edition=fresh, payee=other, by=finance)
    assert fresh.payee is other


def test_calendar_file_names_days_or_hours(app):
    from conference.editions.calendar import calendar_file

    edition = factories.make_edition(starts_on=date(2027, 9, 22), ends_on=date(2027, 9, 24))
    days = calendar_file(edition, [], locale="en", url="http://localhost/x/").decode()
    assert "DTSTART;VALUE=DATE:20270922" in days
    assert "DTEND;VALUE=DATE:20270925" in days
    start = datetime(2027, 9, 22, 9, tzinfo=UTC)
    place = factories.make_place(edition, starts_at=start, ends_at=start + timedelta(hours=3))
    hours = calendar_file(edition, [place], locale="sr", url="http://localhost/x/").decode()
    assert "DTSTART;TZID=Europe/Skopje:20270922T110000" in hours
    assert "BEGIN:VTIMEZONE" in hours
    assert "Хотел Метропол" in hours.replace("\r\n ", "")


def test_news_in_another_edition_cannot_be_reached(app, edition, organiser):
    other = factories.make_edition()
    piece = content.write_news(
        edition=other, piece=None, title={"en": "Hello"}, text={}, by=organiser
    )
    with pytest.raises(NotFound):
        queries.in_edition(News, edition, piece.public_id)


def test_finance_of_one_edition_does_not_change_the_account_of_another(app, finance, administrator):
    shared = factories.make_payee()
    factories.make_edition(payee=shared)
    small = factories.make_edition(payee=shared)
    factories.give_role(finance, small, Role.FINANCE)
    with pytest.raises(NotAllowed):
        payees.write(edition=small, details=payee(name="Somebody else"), by=finance)
    assert shared.name == "Cluster House"
    payees.write(edition=small, details=payee(name="Corrected"), by=administrator)
    assert shared.name == "Corrected"


def test_account_of_editions_that_are_archived_can_be_changed(app, finance):
    shared = factories.make_payee()
    factories.make_edition(payee=shared, state=EditionState.ARCHIVED)
    now = factories.make_edition(payee=shared)
    factories.give_role(finance, now, Role.FINANCE)
    payees.write(edition=now, details=payee(name="Corrected"), by=finance)
    assert shared.name == "Corrected"
