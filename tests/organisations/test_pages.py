"""Pages of organisations: list, search, one page, proposing, affiliation, staff."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from conference.core import files
from conference.extensions import db
from conference.organisations import queries as looking
from conference.organisations import service
from conference.organisations.models import Organisation
from tests import factories

FORM = {"name": "Novi klaster Vranje", "kind": "cluster", "country": "RS", "seat": "Vranje"}


def names(answer):
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', answer.get_data(as_text=True))


def test_list_shows_checked_ones_in_the_order_of_their_names(browse):
    for name in ("Šabac", "Čačak", "Aleksinac"):
        factories.make_organisation(name=name)
    factories.make_organisation(name="Draft", checked_at=None)
    assert names(browse().get("/organisations")) == ["Aleksinac", "Čačak", "Šabac"]
    assert names(browse().get("/organisations?sort=-name")) == ["Šabac", "Čačak", "Aleksinac"]


def test_list_is_searched_and_filtered_together(browse):
    factories.make_organisation(name="Klaster Đorđević", country="RS", sector="textile")
    factories.make_organisation(name="Cluster Djordjevic", country="BG", sector="textile")
    factories.make_organisation(name="Klaster Petrović", country="RS")
    found = names(browse().get("/organisations?q=Ђорђевић&country=RS&sector=textile"))
    assert found == ["Klaster Đorđević"]


@pytest.mark.sql
def test_pages_of_the_list_go_forward_and_back_without_losing_a_row(browse, monkeypatch):
    from conference.organisations import views

    monkeypatch.setattr(views.PUBLIC, "size", 3)
    for number in range(8):
        factories.make_organisation(name="Same name" if 2 <= number <= 5 else f"Klaster {number}")
    client, url, seen = browse(), "/organisations?country=RS", []
    while url:
        page = client.get(url).get_data(as_text=True)
        seen.append(re.findall(r'href="(/organisations/[^"?]{22})"', page))
        match = re.search(r'rel="next" href="([^"]+)"', page)
        url = match and match[1].replace("&amp;", "&")
        back = re.search(r'rel="prev" href="([^"]+)"', page)
    assert [len(one) for one in seen] == [3, 3, 2]
    assert len({link for one in seen for link in one}) == 8
    page = client.get(back[1].replace("&amp;", "&")).get_data(as_text=True)
    assert re.findall(r'href="(/organisations/[^"?]{22})"', page) == seen[1]


@pytest.mark.sql
@pytest.mark.parametrize(
    "query",
    ["?after=x", "?after=%00", "?before=W10", "?after=WyJhIiwxXQ", "?sort=-nothing", "?country=%27",
     "?q=%00%27%22", "?after=WzEsImEiXQ", "?kind=" + "x" * 500, "?q=" + "đ" * 3000],
)  # fmt: skip
def test_nonsense_in_the_address_is_ignored(browse, query):
    factories.make_organisation(name="Aleksinac")
    assert browse().get(f"/organisations{query}").status_code == 200


@pytest.mark.parametrize("number", [1, 3, 60])
def test_list_asks_the_database_as_often_for_any_number_of_rows(browse, queries, number):
    for _ in range(number):
        factories.make_organisation()
    client = browse()
    queries.clear()
    assert client.get("/organisations?sort=name").status_code == 200
    assert len(queries) == 2


def test_page_of_an_organisation_names_its_region_and_links_safely(browse, edition):
    one = factories.make_organisation(
        name="Klaster Niš", region="RS225", website="https://klaster.example.org"
    )
    page = browse().get(f"/organisations/{one.public_id}").get_data(as_text=True)
    assert "Nišav" in page
    assert 'href="https://klaster.example.org" rel="noopener nofollow"' in page


def test_address_of_a_merged_organisation_leads_to_its_successor(browse, organiser):
    old, new = factories.make_organisation(), factories.make_organisation()
    service.merge(organisation=old, into=new, by=organiser)
    answer = browse().get(f"/organisations/{old.public_id}")
    assert (answer.status_code, answer.location) == (301, f"/organisations/{new.public_id}")


def test_unknown_organisation_is_not_found(browse):
    assert browse().get("/organisations/" + "a" * 22).status_code == 404


def test_proposing_needs_somebody_signed_in(browse):
    assert browse().get("/organisations/new").status_code == 302


def test_proposal_belongs_to_the_person_who_made_it(browse, stranger):
    answer = browse(stranger).post("/organisations/new", data={**FORM, "mine": "y"})
    assert answer.status_code == 302
    assert looking.main_organisation(stranger).name == "Novi klaster Vranje"
    assert names(browse().get("/organisations")) == []


def test_proposal_shows_a_near_name_first_and_is_added_when_it_is_another(browse, stranger):
    factories.make_organisation(name="Klaster Vranje novi")
    client = browse(stranger)
    shown = client.post("/organisations/new", data=FORM)
    assert shown.status_code == 422
    assert "Klaster Vranje novi" in shown.get_data(as_text=True)
    assert db.session.query(Organisation).count() == 1
    client.post("/organisations/new", data={**FORM, "sure": "y"})
    assert db.session.query(Organisation).count() == 2


def test_wrong_proposal_keeps_what_was_typed_and_says_what_is_wrong(browse, stranger):
    answer = browse(stranger).post("/organisations/new", data={**FORM, "region": "BG411"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "This region is not in the chosen country." in page
    assert 'value="Novi klaster Vranje"' in page


def test_affiliation_is_chosen_by_search(browse, stranger):
    one = factories.make_organisation(name="Klaster Đorđević")
    client = browse(stranger)
    assert one.public_id in client.get("/account/affiliation?q=djordjevic").get_data(as_text=True)
    client.post(
        "/account/affiliation",
        data={"q": "djordjevic", "organisation": one.public_id, "position": "director"},
    )
    (own,) = looking.affiliations_of(stranger)
    assert (own.organisation, own.position, own.is_main) == (one, "director", True)


def test_affiliation_of_another_person_cannot_be_touched(browse, stranger, delegate):
    one = factories.make_organisation()
    service.affiliate(person=delegate, organisation=one)
    client = browse(stranger)
    for act in ("leave", "main", "position"):
        assert client.post(f"/account/affiliation/{one.public_id}/{act}").status_code == 404
    assert looking.main_organisation(delegate) is one


def test_only_staff_who_may_edit_organisations_reach_their_desk(
    browse, edition, organiser, finance, stranger
):
    url = f"/{edition.code}/desk/organisations"
    assert browse(organiser).get(url).status_code == 200
    assert browse(finance).get(url).status_code == 403
    assert browse(stranger).get(url).status_code == 404


def test_staff_check_a_proposal_and_everybody_sees_it_at_once(browse, edition, organiser, stranger):
    client = browse()
    assert names(client.get("/organisations")) == []
    made = service.propose(
        details=service.Details(name="Klaster Pirot", kind="cluster", country="RS"), by=stranger
    )
    url = f"/{edition.code}/desk/organisations/{made.public_id}"
    assert browse(organiser).post(f"{url}/check").status_code == 302
    browse(organiser).application.extensions["page_cache"].forget()
    assert names(client.get("/organisations")) == ["Klaster Pirot"]


def test_staff_correct_and_merge(browse, edition, organiser):
    old = factories.make_organisation(name="Klaster Nis")
    new = factories.make_organisation(name="Klaster Niš")
    client = browse(organiser)
    url = f"/{edition.code}/desk/organisations"
    data = {"name": "Klaster Niš", "kind": "cluster", "country": "RS", "is_member": "y"}
    assert client.post(f"{url}/{new.public_id}", data=data).status_code == 302
    assert new.is_member
    assert client.get(f"{url}/{old.public_id}/merge").status_code == 200
    client.post(f"{url}/{old.public_id}/merge", data={"into": new.public_id})
    assert old.merged_into_id == new.id
    assert client.get(f"{url}/{old.public_id}").status_code == 404


def test_logo_is_served_as_a_picture_for_long_and_other_files_are_not(
    browse, app, edition, organiser
):
    one = factories.make_organisation()
    out = io.BytesIO()
    Image.new("RGB", (10, 10)).save(out, "PNG")
    content = out.getvalue()
    out.seek(0)
    url = f"/{edition.code}/desk/organisations/{one.public_id}/logo"
    browse(organiser).post(url, data={"logo": (out, "logo.png")})
    answer = browse().get(f"/pictures/{one.logo.public_id}")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    other = files.keep(
        content, "secret.png", folder=app.config["FILES_DIR"], content_type="image/png"
    )
    db.session.commit()
    assert browse().get(f"/pictures/{other.public_id}").status_code == 404
