"""The profile: names in two scripts, ORCID iD, what is public, another address."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from conference.accounts import people
from conference.core import orcid, outbox, text
from conference.extensions import db
from conference.organisations import service
from tests import factories

WHOLE = {
    "given_name": "Ђорђе",
    "family_name": "Ђорђевић",
    "latin_name": "",
    "country": "RS",
    "languages": ["sr", "ko"],
    "orcid": "https://orcid.org/0000-0002-1825-0097",
    "biography_en": "Works on clusters.\r\n\r\nLikes rivers.",
    "biography_sr": "Ради са кластерима.",
    "locale": "sr_Latn",
    "is_public": "y",
    "public_fields": ["country"],
}


def test_profile_is_kept_and_found_in_every_script(browse, stranger):
    client = browse(stranger)
    assert client.post("/account/profile", data=WHOLE).location == "/account/profile"
    db.session.refresh(stranger)
    assert stranger.name == "Ђорђе Ђорђевић"
    assert stranger.latin_name == "Đorđe Đorđević"
    assert stranger.orcid == "0000-0002-1825-0097"
    assert stranger.biography["en"] == "Works on clusters.\n\nLikes rivers."
    assert (stranger.languages, stranger.locale) == (["sr", "ko"], "sr_Latn")
    for typed in ("djordjevic", "Đorđević", "Ђорђевић", "dorde"):
        assert text.matches(stranger.search_key, text.search_terms(typed)), typed
    page = client.get("/account/profile").get_data(as_text=True)
    assert 'value="Đorđe Đorđević"' in page


def test_own_spelling_in_latin_letters_wins_over_ours(browse, stranger):
    browse(stranger).post("/account/profile", data={**WHOLE, "latin_name": "George Djordjevic"})
    db.session.refresh(stranger)
    assert stranger.latin_name == "George Djordjevic"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"given_name": ""}, "Please fill this in."),
        ({"orcid": "0000-0002-1825-0098"}, "This is not an ORCID iD"),
        ({"country": "XX"}, "Please choose one of the answers"),
        ({"languages": ["klingon"]}, "Please choose one of the answers"),
        ({"family_name": "x" * 101}, "100"),
        ({"public_fields": ["email"]}, "Please choose one of the answers"),
        ({"public_fields": ["password"]}, "Please choose one of the answers"),
    ],
)
def test_wrong_answer_changes_nothing_and_keeps_what_was_typed(browse, stranger, change, words):
    before = stranger.family_name
    answer = browse(stranger).post("/account/profile", data={**WHOLE, **change})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert "Likes rivers." in page
    db.session.refresh(stranger)
    assert stranger.family_name == before


def test_public_page_shows_what_was_chosen_and_nothing_else(browse):
    person = factories.make_person(
        email="hidden@example.org",
        given_name="Ana",
        family_name="Ilić",
        latin_name="Ana Ilic",
        country="RS",
        languages=["ko"],
        orcid="0000-0002-1825-0097",
        biography={"en": "Works on clusters."},
        public_fields=["name", "country"],
    )
    client = browse()
    page = client.get(f"/people/{person.public_id}").get_data(as_text=True)
    assert "Ana Ilić" in page
    assert "Serbia" in page
    for hidden in ("hidden@example.org", "Korean", "0000-0002", "Works on"):
        assert hidden not in page
    person.public_fields = ["name", "languages", "orcid", "biography"]
    db.session.commit()
    page = client.get(f"/people/{person.public_id}").get_data(as_text=True)
    assert "Serbia" not in page.split("<main")[1].split("</main")[0]
    assert "Korean" in page
    assert "https://orcid.org/0000-0002-1825-0097" in page


def test_public_page_shows_the_affiliation_only_of_who_shows_it(browse):
    person = factories.make_person(public_fields=["name"])
    checked = factories.make_organisation(name="Balkan Timber Cluster")
    service.affiliate(person=person, organisation=checked, position="Secretary of timber")
    service.affiliate(
        person=person,
        organisation=factories.make_organisation(name="Proposed Only", checked_at=None),
    )
    client = browse()
    page = client.get(f"/people/{person.public_id}").get_data(as_text=True)
    assert [w for w in ("Timber Cluster", "Secretary", "Proposed Only") if w in page] == []
    person.public_fields = ["name", "affiliation"]
    db.session.commit()
    page = client.get(f"/people/{person.public_id}").get_data(as_text=True)
    assert f'<a href="/organisations/{checked.public_id}">Balkan Timber Cluster</a>' in page
    assert "Secretary of timber" in page
    assert "<strong>Proposed Only</strong>" in page


def test_affiliation_can_be_chosen_as_public_on_the_profile(browse, stranger):
    browse(stranger).post("/account/profile", data={**WHOLE, "public_fields": ["affiliation"]})
    db.session.refresh(stranger)
    assert stranger.public_fields == ["name", "affiliation"]


@pytest.mark.parametrize("fields", [[], ["country"], ["country", "orcid"]])
def test_person_who_shows_no_name_has_no_page(browse, fields):
    person = factories.make_person(public_fields=fields)
    assert browse().get(f"/people/{person.public_id}").status_code == 404
    assert browse(person).get(f"/people/{person.public_id}").status_code == 404


def test_missing_and_inactive_people_have_no_page(browse):
    person = factories.make_person(public_fields=["name"], active=False)
    client = browse()
    assert client.get(f"/people/{person.public_id}").status_code == 404
    assert client.get("/people/nobody").status_code == 404
    assert client.get(f"/people/{person.id}").status_code == 404


def link_to(email):
    mail = db.session.scalars(
        select(outbox.OutboundMail).where(
            outbox.OutboundMail.to == email, outbox.OutboundMail.name == "confirm-new-address"
        )
    ).one()
    return mail.secrets["link"].removeprefix("http://localhost")


def test_address_changes_when_the_link_to_the_new_one_is_used_and_the_old_one_is_told(
    browse, stranger
):
    client, old = browse(stranger), stranger.email
    client.post("/account/email", data={"email": "New@Example.org"})
    db.session.refresh(stranger)
    assert stranger.email == old
    link = link_to("new@example.org")
    other_browser = browse()
    page = other_browser.get(link)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert other_browser.post(link).location == "/account/profile"
    db.session.refresh(stranger)
    assert (stranger.email, stranger.former_emails) == ("new@example.org", [old])
    told = db.session.scalars(
        select(outbox.OutboundMail).where(outbox.OutboundMail.name == "address-changed")
    ).one()
    assert told.to == old
    assert other_browser.post(link).status_code == 410


def test_address_of_somebody_else_is_refused_only_to_who_reads_its_mail(browse, stranger):
    factories.make_person(email="taken@example.org")
    client = browse(stranger)
    assert client.post("/account/email", data={"email": "taken@example.org"}).status_code == 302
    refused = client.post(link_to("taken@example.org"))
    assert refused.status_code == 409
    assert "another account with this address" in refused.get_data(as_text=True)
    assert people.by_email("taken@example.org").public_id != stranger.public_id


def test_link_to_sign_in_at_the_old_address_is_void_after_the_change(browse, stranger):
    old = stranger.email
    browse().post("/sign-in", data={"email": old})
    sign_in = db.session.scalars(
        select(outbox.OutboundMail).where(outbox.OutboundMail.name == "sign-in-link")
    ).one()
    client = browse(stranger)
    client.post("/account/email", data={"email": "new@example.org"})
    client.post(link_to("new@example.org"))
    link = sign_in.secrets["link"].removeprefix("http://localhost")
    assert browse().post(link).status_code == 410


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("0000000218250097", "0000-0002-1825-0097"),
        ("https://orcid.org/0000-0001-5109-3700", "0000-0001-5109-3700"),
        ("orcid.org/0000-0002-1694-233x/", "0000-0002-1694-233X"),
        ("0000-0002-1825-0079", None),
        ("0000-0002-1825-009", None),
        ("https://evil.example/0000-0002-1825-0097", None),
        ("٠٠٠٠-0002-1825-0097", None),
        ("", None),
    ],
)
def test_orcid_is_brought_into_form_and_its_check_character_compared(typed, expected):
    assert orcid.normal(typed) == expected


def test_every_single_wrong_digit_of_an_orcid_is_noticed():
    right = "0000000218250097"
    for place in range(16):
        for digit in "0123456789X":
            wrong = right[:place] + digit + right[place + 1 :]
            assert (orcid.normal(wrong) is None) == (wrong != right)


def test_stranger_is_offered_the_way_in_and_comes_back_to_the_page(browse, stranger):
    page = browse().get("/organisations").get_data(as_text=True)
    assert 'href="/sign-in?next=/organisations"' in page
    signed_in = browse(stranger).get("/account").get_data(as_text=True)
    assert 'href="/sign-in' not in signed_in
    assert 'action="/sign-out"' in signed_in


def test_new_address_in_other_letters_counts_as_the_same_address(browse, stranger):
    client = browse(stranger)
    spellings = ["victim@example.org", "Victim@example.org", "VICTIM@example.org"]
    answers = [client.post("/account/email", data={"email": one}) for one in spellings * 3]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429] * 4
