"""Pages of the desk: who reaches them, filling a fresh edition, publishing, roles."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from conference.core import outbox
from conference.core.permissions import Role
from conference.editions import queries as looking
from conference.editions import roles
from conference.editions.models import InSeries, PartnerEvent, RoleGrant, Series
from conference.editions.service import inviting
from conference.editions.states import EditionState
from conference.extensions import db
from tests import factories

SETTINGS = ["", "/places", "/places/new", "/texts", "/registration", "/key-dates",
            "/key-dates/new", "/partners", "/partners?q=klaster", "/news", "/news/new",
            "/documents", "/contact"]  # fmt: skip

BASICS = {
    "kind": "conference", "name_en": "Days of Clusters Niš", "name_sr": "", "motto_en": "",
    "motto_sr": "", "city_en": "Niš", "city_sr": "Ниш", "country": "RS",
    "starts_on": "2027-09-22", "ends_on": "2027-09-24", "zone": "Europe/Belgrade", "code": "",
}  # fmt: skip


@pytest.mark.parametrize("page", SETTINGS)
def test_settings_are_for_organisers_of_this_edition(
    browse, edition, organiser, finance, stranger, page
):
    factories.make_organisation(name="Klaster Niš")
    url = f"/{edition.code}/desk/edition{page}"
    other = factories.make_person()
    factories.give_role(other, factories.make_edition(), Role.ORGANISER)
    assert browse(organiser).get(url).status_code == 200
    assert browse(finance).get(url).status_code == 403
    assert browse(stranger).get(url).status_code == 404
    assert browse(other).get(url).status_code == 404
    assert browse().get(url).status_code == 302
    assert browse(organiser, second_factor=False).get(url).status_code == 302


def test_desk_is_for_all_staff_and_shows_each_what_they_may_do(
    browse, edition, organiser, finance, door, stranger
):
    url = f"/{edition.code}/desk"
    for person in (organiser, finance, door):
        assert browse(person).get(url).status_code == 200
    assert browse(stranger).get(url).status_code == 404
    assert "Next steps" in browse(organiser).get(url).get_data(as_text=True)
    assert "Next steps" not in browse(door).get(url).get_data(as_text=True)


def test_payee_is_for_finance_and_not_for_organisers(browse, edition, organiser, finance):
    url = f"/{edition.code}/desk/edition/payee"
    assert browse(finance).get(url).status_code == 200
    assert browse(organiser).get(url).status_code == 403
    assert browse(organiser).post(f"{url}/choose").status_code == 403


def test_organiser_goes_on_to_the_next_edition_of_the_series(browse, edition, organiser, stranger):
    series = Series(name={"en": "Days of Clusters"})
    db.session.add(InSeries(edition=edition, series=series, number=10))
    url = f"/{edition.code}/desk/next-edition"
    assert url in browse(organiser).get(f"/{edition.code}/desk").get_data(as_text=True)
    answer = browse(organiser).post(url, data=BASICS)
    assert (answer.status_code, answer.location) == (302, "/nis-2027/desk")
    made = looking.by_code("nis-2027")
    assert [(one.series, one.number) for one in looking.series_of(made)] == [(series, 11)]
    assert browse(organiser).get("/nis-2027/desk/edition").status_code == 200
    assert browse(stranger).get("/nis-2027/desk").status_code == 404


def test_refused_next_edition_leaves_nothing_behind(browse, edition, organiser):
    data = {**BASICS, "ends_on": "2027-01-01"}
    answer = browse(organiser).post(f"/{edition.code}/desk/next-edition", data=data)
    assert answer.status_code == 422
    assert looking.by_code("nis-2027") is None
    assert db.session.scalars(db.select(RoleGrant)).one().edition == edition


def test_from_nothing_only_administrators_make_editions(browse, organiser, administrator, edition):
    assert browse(organiser).get("/editions/new").status_code == 404
    answer = browse(administrator).post("/editions/new", data=BASICS)
    assert (answer.status_code, answer.location) == (302, "/nis-2027/desk")
    assert looking.by_code("nis-2027").state is EditionState.DRAFT


def test_wrong_basics_keep_what_was_typed_and_change_nothing(browse, edition, organiser):
    url, before = f"/{edition.code}/desk/edition", dict(edition.name)
    data = {**BASICS, "zone": edition.zone, "code": edition.code, "ends_on": "2027-09-01"}
    answer = browse(organiser).post(url, data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "The last day cannot be before the first." in page
    assert 'value="Days of Clusters Niš"' in page
    db.session.refresh(edition)
    assert edition.name == before


@pytest.mark.parametrize(
    "data",
    [
        {"starts_on": "32.13.2027"}, {"kind": "party"}, {"country": "XX"}, {"name_en": "x" * 300},
        {"zone": "Mars/Base"}, {"name_en": "\u202e\u200b"}, {"code": "desk"},
    ],
)  # fmt: skip
def test_nonsense_in_the_form_is_refused_in_words(browse, administrator, data):
    answer = browse(administrator).post("/editions/new", data={**BASICS, **data})
    assert answer.status_code == 422
    assert 'class="field-error"' in answer.get_data(as_text=True)
    assert "Not a valid" not in answer.get_data(as_text=True)


def test_a_fresh_edition_is_filled_and_published(browse, administrator):
    client = browse(administrator)
    client.post("/editions/new", data=BASICS)
    desk = "/nis-2027/desk"
    client.post(f"{desk}/publish")
    assert looking.by_code("nis-2027").state is EditionState.DRAFT
    client.post(f"{desk}/edition/places/new", data={
        "name_en": "Town hall", "country": "RS", "map_url": "www.example.org",
        "starts": "2027-09-22T09:00", "ends": "2027-09-24T17:00"})  # fmt: skip
    client.post(f"{desk}/edition/texts", data={"summary_en": "Three days."})
    client.post(f"{desk}/edition/contact", data={"email": "office@example.org"})
    client.post(f"{desk}/edition/registration", data={
        "audience": "everyone", "opens": "2027-01-01T00:00", "closes": "2027-09-01T23:59",
        "places": "100", "offer_hours": "48", "max_per_order": "5"})  # fmt: skip
    client.post(f"{desk}/edition/key-dates/new", data={
        "label_en": "Programme", "at": "2027-08-01T12:00"})  # fmt: skip
    client.post(f"{desk}/edition/news/new", data={"title_en": "Hello", "publish": "1"})
    assert client.get(f"{desk}").status_code == 200
    client.post(f"{desk}/publish")
    page = browse().get("/nis-2027/").get_data(as_text=True)
    for word in ("Three days.", "Town hall", "Programme", "Hello", "office@example.org"):
        assert word in page


def test_rooms_partners_and_documents_come_and_go(browse, app, edition, organiser):
    client, desk = browse(organiser), f"/{edition.code}/desk/edition"
    place = factories.make_place(edition)
    client.post(
        f"{desk}/places/{place.public_id}/rooms/new", data={"name_en": "R", "capacity": "9"}
    )
    (room,) = looking.rooms(edition)
    assert (room.name, room.capacity) == ({"en": "R"}, 9)
    client.post(f"{desk}/rooms/{room.public_id}/remove")
    one = factories.make_organisation(name="Klaster Niš")
    client.post(f"{desk}/partners", data={
        "q": "niš", "organisation": one.public_id, "role": "host"})  # fmt: skip
    (partner,) = looking.partners(edition)
    client.post(f"{desk}/partners/{partner.public_id}/remove")
    client.post(f"{desk}/documents", data={
        "title_en": "Programme", "file": (io.BytesIO(b"%PDF-1.4"), "p.pdf")})  # fmt: skip
    (document,) = looking.documents(edition)
    client.post(f"{desk}/documents/{document.public_id}/remove")
    client.post(f"{desk}/places/{place.public_id}/remove")
    assert (looking.rooms(edition), looking.partners(edition), looking.documents(edition)) == (
        [], [], [],
    )  # fmt: skip
    assert looking.places(edition) == []


def test_rows_of_another_edition_cannot_be_touched(browse, edition, organiser):
    place = factories.make_place(factories.make_edition())
    desk = f"/{edition.code}/desk/edition"
    client = browse(organiser)
    assert client.get(f"{desk}/places/{place.public_id}").status_code == 404
    assert client.post(f"{desk}/places/{place.public_id}/remove").status_code == 404
    assert client.post(f"{desk}/places/{place.public_id}/rooms/new").status_code == 404


def test_wrong_file_is_refused_beside_its_field(browse, edition, organiser):
    answer = browse(organiser).post(
        f"/{edition.code}/desk/edition/documents",
        data={"title_en": "Kept title", "file": (io.BytesIO(b"<html>"), "p.pdf")},
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "This file is not of an accepted kind." in page
    assert 'value="Kept title"' in page


def test_edition_has_a_logo_and_stands_in_a_series(browse, edition, organiser):
    client, desk = browse(organiser), f"/{edition.code}/desk/edition"
    out = io.BytesIO()
    Image.new("RGB", (10, 10)).save(out, "PNG")
    out.seek(0)
    client.post(f"{desk}/logo", data={"logo": (out, "logo.png")})
    assert browse().get(f"/pictures/{edition.logo.public_id}").status_code == 200
    new = {"series-series": "", "series-name_en": "Balkan Days", "series-number": "7"}
    client.post(f"{desk}/series", data=new)
    (one,) = looking.series_of(edition)
    assert (one.series.name["en"], one.number) == ("Balkan Days", 7)
    again = client.post(f"{desk}/series", data={"series-series": one.series.public_id})
    assert again.status_code == 422
    client.post(f"{desk}/series/{one.series.public_id}/remove")
    client.post(f"{desk}/logo", data={"remove": "1"})
    assert (looking.series_of(edition), edition.logo) == ([], None)


def test_payee_is_written_and_chosen(browse, finance):
    edition = factories.make_edition(payee=None)
    factories.give_role(finance, edition, Role.FINANCE)
    client, url = browse(finance), f"/{edition.code}/desk/edition/payee"
    data = {"name": "House", "country": "RS", "currency": "EUR", "iban": "RS3510500812312312317",
            "payment_days": "14", "vat": "20"}  # fmt: skip
    wrong = client.post(url, data=data)
    assert (wrong.status_code, edition.payee) == (422, None)
    assert client.post(url, data={**data, "iban": "RS35105008123123123173"}).status_code == 302
    assert (edition.payee.name, edition.payee.vat_permille) == ("House", 200)
    other = factories.make_payee(name="Other")
    client.post(f"{url}/choose", data={"payee": other.public_id})
    assert edition.payee is other


def token():
    mail = db.session.query(outbox.OutboundMail).order_by(outbox.OutboundMail.id.desc()).first()
    return re.search(r"/role-invitations/.+$", mail.secrets["link"])[0]


def test_role_is_invited_accepted_by_a_button_and_asks_for_the_second_factor(
    browse, edition, organiser
):
    url = f"/{edition.code}/desk/roles"
    data = {"email": "new@example.org", "role": "check_in", "ends_on": str(factories.on_day(30)),
            "locale": "sr"}  # fmt: skip
    assert browse(organiser).post(url, data=data).status_code == 302
    link, client = token(), browse()
    assert client.get(link).status_code == 200
    assert client.get(link).status_code == 200
    answer = client.post(link)
    assert (answer.status_code, answer.location) == (302, f"/{edition.code}/desk")
    assert client.get(answer.location).location.startswith("/account/second-factor")
    assert client.post(link).status_code == 410
    assert browse().get("/role-invitations/nonsense").status_code == 410


def test_accepting_as_somebody_else_signs_the_invited_person_in(
    browse, edition, organiser, stranger
):
    inviting.invite(
        edition=edition, email="new@example.org", role=Role.FINANCE, locale="en",
        ends_on=factories.on_day(9), by=organiser,
    )  # fmt: skip
    db.session.commit()
    link, client = token(), browse(stranger)
    page = client.get(link).get_data(as_text=True)
    assert f"You are signed in as {stranger.email}." in page
    client.post(link)
    assert roles.roles_of(stranger, edition) == frozenset()
    assert "new@example.org" in client.get("/").get_data(as_text=True)


def test_roles_are_given_only_by_those_who_may(browse, edition, organiser, finance, stranger):
    url = f"/{edition.code}/desk/roles"
    assert browse(organiser).get(url).status_code == 200
    assert browse(finance).get(url).status_code == 403
    assert browse(stranger).get(url).status_code == 404
    data = {"email": "x@example.org", "role": "administrator", "locale": "en",
            "ends_on": str(factories.on_day(30))}  # fmt: skip
    answer = browse(organiser).post(url, data=data)
    assert answer.status_code == 422
    assert db.session.query(outbox.OutboundMail).count() == 0


def test_role_of_another_edition_cannot_be_ended(browse, edition, organiser, stranger):
    other = factories.give_role(stranger, factories.make_edition(), Role.FINANCE)
    url = f"/{edition.code}/desk/roles/{other.public_id}/end"
    assert browse(organiser).post(url).status_code == 404
    assert other.ended_at is None


def test_administration_is_for_administrators(browse, administrator, organiser, stranger, edition):
    for url in ("/administration", "/administration/roles", "/administration/partner-events",
                "/administration/partner-events/new"):  # fmt: skip
        assert browse(administrator).get(url).status_code == 200
        assert browse(organiser).get(url).status_code == 404
        assert browse(stranger).get(url).status_code == 404


def test_last_administrator_is_told_so_in_words(browse, administrator):
    (own,) = inviting.grants(None)
    client = browse(administrator)
    answer = client.post(f"/administration/roles/{own.public_id}/end", follow_redirects=True)
    assert "This is the last administrator." in answer.get_data(as_text=True)
    assert own.ended_at is None


def test_event_of_a_partner_is_written_and_taken_away(browse, administrator):
    client = browse(administrator)
    data = {"name_en": "TCI", "starts_on": "2027-03-20", "ends_on": "2027-03-22",
            "url": "javascript:alert(1)"}  # fmt: skip
    assert client.post("/administration/partner-events/new", data=data).status_code == 422
    client.post("/administration/partner-events/new", data={**data, "url": "tci.example.org"})
    (event,) = db.session.query(PartnerEvent)
    assert event.url == "https://tci.example.org"
    client.post(f"/administration/partner-events/{event.public_id}/remove")
    assert db.session.query(PartnerEvent).count() == 0


def test_my_editions_lists_where_i_help(browse, edition, organiser, stranger):
    assert edition.name["en"] in browse(organiser).get("/account/editions").get_data(as_text=True)
    assert edition.name["en"] not in browse(stranger).get("/account/editions").get_data(
        as_text=True
    )


def test_series_without_a_name_is_refused_and_leaves_the_basics_alone(browse, edition, organiser):
    page = f"/{edition.code}/desk/edition"
    data = {"series-series": "", "series-name_en": "", "series-name_sr": "Серија"}
    answer = browse(organiser).post(f"{page}/series", data=data)
    assert answer.status_code == 422
    assert '<a href="#series-name_en">Name of a new series in English</a>' in answer.text
    assert f'value="{edition.name["en"]}"' in answer.text


def test_logo_without_a_file_is_refused_beside_its_field(browse, edition, organiser):
    answer = browse(organiser).post(f"/{edition.code}/desk/edition/logo", data={})
    assert answer.status_code == 422
    assert '<a href="#logo">Logo</a>' in answer.text
    assert 'id="logo-error"' in answer.text


def test_who_helps_finds_the_way_to_the_desk_on_their_own_front_page(browse, edition, organiser):
    over = factories.make_edition(state="archived")
    factories.give_role(organiser, over, Role.ORGANISER)
    page = browse(organiser).get("/account").text
    assert f'href="/{edition.code}/desk"' in page
    assert f'href="/{over.code}/desk"' not in page
    assert "/desk" not in browse(factories.make_person()).get("/account").text


def test_draft_shows_what_is_to_be_done_and_no_figures(browse, organiser):
    edition = factories.make_edition(state="draft", published_at=None, contact_email="")
    factories.give_role(organiser, edition, Role.ORGANISER)
    page = browse(organiser).get(f"/{edition.code}/desk").text
    assert "You can publish as soon as everything marked “Needed” is done." in page
    assert "Here today" not in page
