"""Organisations: proposing, checking, merging; where people belong."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from conference.core import files
from conference.core.errors import Conflict, Invalid, NotFound
from conference.editions.kinds import PartnerRole
from conference.editions.models import Partner
from conference.extensions import db
from conference.organisations import queries, service
from conference.organisations.models import Affiliation, Organisation, OrganisationKind
from conference.organisations.service import Details
from tests import factories


def details(**overrides):
    values = {"name": "Klaster Đorđević", "kind": OrganisationKind.CLUSTER, "country": "RS"}
    return Details(**{**values, **overrides})


def test_proposal_is_seen_by_its_proposer_and_not_by_others(app, stranger, delegate):
    made = service.propose(details=details(), by=stranger)
    assert queries.for_person(stranger, made.public_id) is made
    for other in (None, delegate):
        with pytest.raises(NotFound):
            queries.for_person(other, made.public_id)


def test_checked_organisation_is_seen_by_everybody(app, stranger, organiser):
    made = service.propose(details=details(), by=stranger)
    service.check(organisation=made, by=organiser)
    assert queries.for_person(None, made.public_id) is made


@pytest.mark.sql
@pytest.mark.parametrize("typed", ["djordjevic", "Đorđević", "Ђорђевић", "dordevic", "KLASTER đ"])
def test_a_name_is_found_in_any_script_and_spelling(app, typed):
    made = factories.make_organisation(name="Klaster Đorđević")
    factories.make_organisation(name="Klaster Petrović")
    assert queries.matching(typed) == [made]


def test_percent_sign_in_a_search_is_no_wild_card(app):
    factories.make_organisation(name="Klaster Petrović")
    assert queries.matching("%") == []
    assert queries.matching("_") == []
    assert queries.matching("Petro%ić xx") == []


def test_near_names_are_shown_before_adding(app):
    there = factories.make_organisation(name="Кластер Тoplički ратар", country="RS")
    same = factories.make_organisation(name="Topličko udruženje ratara Prokuplje", country="RS")
    factories.make_organisation(name="Automotive Cluster Bulgaria", country="BG")
    assert same in queries.near("Udruženje ratara Prokuplje", "RS")
    assert there not in queries.near("Automotive Cluster", "BG")


def test_a_common_word_alone_makes_no_likeness(app):
    factories.make_organisation(name="Automotive Cluster Bulgaria")
    assert queries.near("Cluster of Textile", "RS") == []


def test_region_of_another_country_is_refused_on_its_field(app):
    with pytest.raises(Invalid) as refused:
        service.propose(details=details(region="BG411"), by=None)
    assert refused.value.field == "region"
    assert service.propose(details=details(region="RS225"), by=None).region == "RS225"


@pytest.mark.parametrize(
    "typed",
    ["javascript:alert(1)", "ftp://x.org", "https://a b", "https://user:pw@x.org", 'https://x."org',
     "https://x.org:99999", "//", "data:text/html,x"],
)  # fmt: skip
def test_website_that_is_no_web_address_is_refused(app, typed):
    with pytest.raises(Invalid) as refused:
        service.propose(details=details(website=typed), by=None)
    assert refused.value.field == "website"


def test_bare_host_becomes_an_https_address(app):
    assert service.web_address("www.example.org/path") == "https://www.example.org/path"


def test_wrong_tax_number_is_refused_with_its_reason(app):
    with pytest.raises(Invalid) as refused:
        service.propose(details=details(tax_id="101134701"), by=None)
    assert refused.value.field == "tax_id"


def test_name_of_signs_alone_is_refused(app):
    with pytest.raises(Invalid) as refused:
        service.propose(details=details(name=" \u202e--- "), by=None)
    assert refused.value.field == "name"


@pytest.mark.sql
def test_merging_moves_people_partners_and_registrations_and_keeps_the_old_address(
    app, edition, organiser, stranger, delegate
):
    old = factories.make_organisation(name="Klaster Niš")
    new = factories.make_organisation(name="Niški klaster")
    service.affiliate(person=stranger, organisation=old)
    service.affiliate(person=delegate, organisation=old)
    service.affiliate(person=delegate, organisation=new)
    db.session.add(Partner(edition_id=edition.id, organisation_id=old.id, role=PartnerRole.HOST))
    held = factories.make_registration(edition, organisation_id=old.id)
    db.session.flush()

    service.merge(organisation=old, into=new, by=organiser)

    people = db.session.query(Affiliation.person_id).filter_by(organisation_id=new.id)
    assert sorted(row[0] for row in people) == sorted([stranger.id, delegate.id])
    assert db.session.query(Affiliation).filter_by(organisation_id=old.id).count() == 0
    assert db.session.query(Partner).one().organisation_id == new.id
    assert held.organisation_id == new.id
    assert queries.for_person(None, old.public_id) is new
    assert queries.matching("Klaster Niš") == [new]


def test_merging_into_itself_is_refused(app, organiser):
    one = factories.make_organisation()
    with pytest.raises(Conflict):
        service.merge(organisation=one, into=one, by=organiser)


def test_first_affiliation_is_the_main_one_and_the_next_takes_over(app, stranger):
    first, second = factories.make_organisation(), factories.make_organisation()
    service.affiliate(person=stranger, organisation=first, position="  manager ")
    service.affiliate(person=stranger, organisation=second)
    assert queries.main_organisation(stranger) is first
    assert [a.position for a in queries.affiliations_of(stranger)] == ["manager", ""]
    service.make_main(person=stranger, organisation=second)
    assert queries.main_organisation(stranger) is second
    service.leave(person=stranger, organisation=second)
    assert queries.main_organisation(stranger) is first


def test_belonging_twice_is_refused(app, stranger):
    one = factories.make_organisation()
    service.affiliate(person=stranger, organisation=one)
    with pytest.raises(Conflict):
        service.affiliate(person=stranger, organisation=one)


def picture(kind="JPEG", comment=b""):
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(out, kind)
    out.write(comment)
    out.seek(0)
    return out


def test_logo_is_drawn_anew_and_the_old_file_goes(app, organiser, tmp_path):
    one = factories.make_organisation()
    hidden = b"<script>alert(1)</script>"
    service.set_logo(
        organisation=one,
        upload=picture(comment=hidden),
        name="a.jpg",
        folder=tmp_path,
        by=organiser,
    )
    first = one.logo
    content = files.read(first, folder=tmp_path)
    assert content.startswith(b"\x89PNG")
    assert hidden not in content
    service.set_logo(
        organisation=one, upload=picture("PNG"), name="b.png", folder=tmp_path, by=organiser
    )
    db.session.commit()
    assert [p.name for p in tmp_path.iterdir()] == [one.logo.place]


def test_logo_that_is_no_picture_is_refused(app, organiser, tmp_path):
    with pytest.raises(Invalid) as refused:
        service.set_logo(
            organisation=factories.make_organisation(),
            upload=io.BytesIO(b"<svg onload=alert(1)>"),
            name="x.png",
            folder=tmp_path,
            by=organiser,
        )
    assert refused.value.field == "logo"
    assert db.session.query(Organisation).filter(Organisation.logo_id.is_not(None)).count() == 0
