"""Registering on the pages: three screens, back and forth, and everything that can go wrong."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from conference.core.files import StoredFile
from conference.core.outbox import OutboundMail
from conference.editions.kinds import Audience
from conference.editions.states import EditionState
from conference.extensions import db
from conference.registrations.models import (
    Category,
    Order,
    Price,
    Registration,
    RegistrationDraft,
)
from conference.registrations.queries import registrations_of
from conference.registrations.service import ordering
from conference.registrations.states import OrderState, RegistrationState
from tests import factories


@pytest.fixture
def kind(edition):
    return factories.make_ticket_type(edition, amount=12000)


def who(kind, **overrides):
    """The first screen filled in."""
    return {
        "people": "1",
        "email": "milica@example.org",
        "p0-given_name": "Milica",
        "p0-family_name": "Đorđević",
        "p0-country": "RS",
        "p0-ticket": kind.public_id,
        **overrides,
    }


INVOICE = {
    "invoice_name": "Klaster",
    "invoice_address": "Trg 1, Leskovac",
    "invoice_country": "RS",
    "pays_by": "transfer",
}


class Visitor:
    """Goes through the screens as a browser without scripts does."""

    def __init__(self, client, edition):
        self.client, self.base = client, f"/{edition.code}/registrations/new"

    def start(self, **form):
        answer = self.client.post(self.base, data=form)
        self.at = answer.location and answer.location.split("#")[0]
        return answer

    @property
    def draft(self):
        return re.search(r"/new/([^/]+)/", self.at).group(1)

    def page(self, name):
        return f"{self.base}/{self.draft}/{name}"

    def post(self, name, **form):
        return self.client.post(self.page(name), data=form)

    def review(self):
        """The hidden figures of the last screen, as shown."""
        text = self.client.get(self.page("review")).text
        return dict(re.findall(r'name="(total|currency|waiting)" value="([^"]*)"', text))

    def send(self, **form):
        return self.post("review", **{**self.review(), **form})


@pytest.fixture
def visitor(browse, edition):
    return Visitor(browse(), edition)


def test_delegate_without_account_registers_in_three_screens(visitor, edition, kind):
    assert visitor.client.get(visitor.base).status_code == 200
    assert visitor.start(**who(kind)).location.endswith("/details")
    assert visitor.post("details", **{"p0-diet": "no nuts"}).location.endswith("/review")
    assert visitor.send(**INVOICE).location.endswith("/placed")
    order = db.session.scalars(select(Order)).one()
    (registration,) = registrations_of(order)
    assert (order.email, order.total_minor, order.state) == (
        "milica@example.org",
        12000,
        OrderState.PLACED,
    )
    assert (registration.name, registration.diet) == ("Milica Đorđević", "no nuts")
    assert "milica@example.org" in visitor.client.get(visitor.page("placed")).text


def test_link_of_the_mail_shows_a_button_that_confirms_and_signs_in(visitor, edition):
    free = factories.make_ticket_type(edition)
    visitor.start(**who(free))
    visitor.post("details")
    visitor.send()
    mail = db.session.scalars(select(OutboundMail)).one()
    path = mail.secrets["link"].removeprefix("http://localhost")
    # Programs that check mails ask for the head, or for the page: neither presses the button.
    assert visitor.client.head(path).status_code == 200
    assert visitor.client.get(path).status_code == 200
    assert db.session.scalars(select(Order)).one().confirmed_at is None
    answer = visitor.client.post(path)
    order = db.session.scalars(select(Order)).one()
    assert answer.location == f"/{edition.code}/orders/{order.public_id}"
    assert visitor.client.get(answer.location).status_code == 200
    assert visitor.client.post(path).status_code == 404


def test_wrong_input_stays_on_the_page_with_a_message_beside_it(visitor, kind):
    answer = visitor.start(**who(kind, email="nonsense", **{"p0-given_name": ""}))
    assert answer.status_code == 200
    assert "Please type an e-mail address" in answer.text
    assert 'value="nonsense"' in answer.text
    assert 'value="Đorđević"' in answer.text
    assert db.session.scalars(select(RegistrationDraft)).all() == []


def test_another_person_is_added_and_taken_out_without_losing_what_was_typed(visitor, kind):
    visitor.start(**who(kind, add="1", email="not yet"))
    text = visitor.client.get(visitor.page("people")).text
    assert 'value="not yet"' in text
    assert 'name="p1-given_name"' in text
    both = who(kind, people="2", **{"p1-given_name": "Ana", "p1-ticket": kind.public_id})
    visitor.post("people", **both, remove="1")
    text = visitor.client.get(visitor.page("people")).text
    assert 'name="p1-given_name"' not in text
    assert 'value="Milica"' in text


def test_several_people_are_one_order_and_some_are_named_later(visitor, edition, kind):
    visitor.start(**who(kind, people="2", **{"p1-ticket": kind.public_id}))
    visitor.post("details")
    visitor.send(**INVOICE)
    order = db.session.scalars(select(Order)).one()
    assert order.total_minor == 24000
    assert [one.name for one in registrations_of(order)] == ["Milica Đorđević", ""]


def test_second_press_and_second_tab_land_on_the_same_order(visitor, kind):
    visitor.start(**who(kind))
    visitor.post("details")
    shown = visitor.review()
    first = visitor.post("review", **shown, **INVOICE)
    second = visitor.post("review", **shown, **INVOICE)
    assert first.location == second.location == visitor.page("placed")
    assert visitor.client.get(visitor.page("people")).location == visitor.page("placed")
    assert len(db.session.scalars(select(Order)).all()) == 1


def test_price_that_changed_meanwhile_shows_both_and_asks_again(visitor, kind):
    visitor.start(**who(kind))
    visitor.post("details")
    shown = visitor.review()
    db.session.scalars(select(Price)).one().amount_minor = 15000
    db.session.commit()
    answer = visitor.post("review", **shown, **INVOICE)
    assert "It was €120.00, now it is €150.00" in answer.text
    assert 'value="Klaster"' in answer.text
    assert 'name="total" value="15000"' in answer.text
    assert db.session.scalars(select(Order)).all() == []
    assert visitor.send(**INVOICE).location == visitor.page("placed")


def test_ticket_that_became_full_meanwhile_offers_the_waiting_list(visitor, kind):
    kind.quota = 1
    visitor.start(**who(kind))
    visitor.post("details")
    shown = visitor.review()
    kind.quota = 0
    db.session.commit()
    answer = visitor.post("review", **shown, **INVOICE)
    assert "press the button again to join the waiting list" in answer.text
    assert "Join the waiting list</button>" in answer.text
    visitor.send(**INVOICE)
    registration = db.session.scalars(select(Registration)).one()
    assert registration.state is RegistrationState.WAITING


def test_extra_that_is_gone_is_named_and_can_be_changed(visitor, edition, kind):
    visit = factories.make_extra(edition, name={"en": "Company visit"}, quota=1)
    visitor.start(**who(kind))
    visitor.post("details", **{f"p0-extra-{visit.public_id}": "y"})
    shown = visitor.review()
    visit.quota = 0
    db.session.commit()
    answer = visitor.post("review", **shown, **INVOICE)
    assert "There are not enough places left for “Company visit”" in answer.text
    visitor.post("details")
    assert visitor.send(**INVOICE).location == visitor.page("placed")


def test_ticket_that_was_taken_off_sale_sends_back_to_the_choice(visitor, edition, kind):
    factories.make_ticket_type(edition, name={"en": "Other"})
    visitor.start(**who(kind))
    kind.hidden_at = factories.in_days(-1)
    db.session.commit()
    answer = visitor.client.get(visitor.page("review"), follow_redirects=True)
    assert "This ticket is not on sale now" in answer.text
    assert 'value="Milica"' in answer.text


def test_invoice_party_is_asked_only_where_something_costs(visitor, edition, kind):
    free = factories.make_ticket_type(edition)
    visitor.start(**who(free))
    visitor.post("details")
    assert "invoice_name" not in visitor.client.get(visitor.page("review")).text
    assert visitor.send().location == visitor.page("placed")


def test_wrong_tax_number_is_refused_with_the_reason(visitor, kind):
    visitor.start(**who(kind))
    visitor.post("details")
    answer = visitor.send(**{**INVOICE, "invoice_tax_id": "100000000"})
    assert "The check digits do not match" in answer.text
    assert 'value="100000000"' in answer.text
    assert db.session.scalars(select(Order)).all() == []


def test_question_is_asked_and_its_answer_kept(visitor, edition, kind):
    factories.make_question(edition, key="sector", required="always")
    factories.make_extra(edition, asks_diet=True)
    visitor.start(**who(kind))
    answer = visitor.post("details", **{"p0-diet": "vegan"})
    assert "Please answer this question." in answer.text
    assert 'value="vegan"' in answer.text
    visitor.post("details", **{"p0-q-sector": "Wood"})
    visitor.send(**INVOICE)
    assert db.session.scalars(select(Registration)).one().answers == {"sector": "Wood"}


def test_uploaded_file_survives_a_mistake_elsewhere_and_a_wrong_one_is_refused(
    visitor, edition, kind
):
    factories.make_question(edition, key="profile", kind="file", limits={"types": ["pdf"]})
    factories.make_question(edition, key="sector", required="always")
    visitor.start(**who(kind))
    wrong = {"p0-q-profile": (io.BytesIO(b"MZ program"), "profile.pdf"), "p0-q-sector": "Wood"}
    answer = visitor.client.post(
        visitor.page("details"), data=wrong, content_type="multipart/form-data"
    )
    assert "This file is not of an accepted kind" in answer.text
    right = {"p0-q-profile": (io.BytesIO(b"%PDF-1.4 x"), "profile.pdf")}
    answer = visitor.client.post(
        visitor.page("details"), data=right, content_type="multipart/form-data"
    )
    assert "Chosen: profile.pdf" in answer.text
    visitor.post("details", **{"p0-q-sector": "Wood"})
    visitor.send(**INVOICE)
    kept = db.session.scalars(select(StoredFile)).one()
    answers = db.session.scalars(select(Registration)).one().answers
    assert answers["profile"]["file"] == kept.public_id


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"registration_opens_at": 3}, "Registration is not open yet"),
        ({"registration_closes_at": -1}, "Registration is closed"),
        ({"state": EditionState.ARCHIVED}, "This edition is over"),
        ({"registration_opens_at": None}, "There is no registration here"),
    ],
)
def test_edition_that_is_not_open_says_so_and_what_else(browse, changes, words):
    values = {n: factories.in_days(v) if isinstance(v, int) else v for n, v in changes.items()}
    edition = factories.make_edition(**values)
    kind = factories.make_ticket_type(edition)
    client = browse()
    for answer in (
        client.get(f"/{edition.code}/registrations/new"),
        client.post(f"/{edition.code}/registrations/new", data=who(kind)),
    ):
        assert answer.status_code == 409
        assert f"<h1>{words}" in answer.text


def test_registration_that_closes_in_the_middle_keeps_the_draft(visitor, edition, kind, at):
    visitor.start(**who(kind))
    at(edition.registration_closes_at)
    assert visitor.post("details").status_code == 409
    at(edition.registration_closes_at - timedelta(seconds=1))
    assert visitor.client.get(visitor.page("review")).status_code == 200


def test_draft_of_another_edition_is_not_found(visitor, kind):
    visitor.start(**who(kind))
    other = factories.make_edition()
    factories.make_ticket_type(other)
    path = f"/{other.code}/registrations/new/{visitor.draft}/people"
    assert visitor.client.get(path).status_code == 404


def test_person_signed_in_starts_with_what_is_known_and_needs_no_mail(browse, edition):
    person = factories.make_person(given_name="Лена", family_name="Стојковић")
    free = factories.make_ticket_type(edition)
    visitor = Visitor(browse(person), edition)
    text = visitor.client.get(visitor.base).text
    assert f'value="{person.email}"' in text
    assert 'value="Стојковић"' in text
    visitor.start(**who(free, email=person.email))
    visitor.post("details")
    answer = visitor.send()
    order = db.session.scalars(select(Order)).one()
    assert (order.state, order.person) == (OrderState.PAID, person)
    assert answer.location.endswith(f"/orders/{order.public_id}")


def test_known_and_unknown_addresses_get_the_same_answer(browse, edition):
    free = factories.make_ticket_type(edition)
    factories.make_person(email="known@example.org")
    pages = []
    for email in ("known@example.org", "other@example.org"):
        visitor = Visitor(browse(), edition)
        visitor.start(**who(free, email=email))
        visitor.post("details")
        visitor.send()
        text = visitor.client.get(visitor.page("placed")).text
        code = db.session.scalars(select(Order.code).where(Order.email == email)).one()
        for own in (email, f"{code[:4]}-{code[4:]}", visitor.draft):
            text = text.replace(own, "…")
        pages.append(re.sub(r"\d\d:\d\d|value=\"[^\"]*\"", "…", text))
    assert pages[0] == pages[1]


def test_mistyped_address_is_corrected_on_the_page(visitor, edition):
    free = factories.make_ticket_type(edition)
    visitor.start(**who(free))
    visitor.post("details")
    visitor.send()
    assert visitor.post("address", email="nonsense").status_code == 422
    visitor.post("address", email="mila@example.org")
    assert "mila@example.org" in visitor.client.get(visitor.page("placed")).text
    mails = db.session.scalars(select(OutboundMail).order_by(OutboundMail.id)).all()
    assert [mail.to for mail in mails] == ["milica@example.org", "mila@example.org"]


def test_message_is_sent_again_a_few_times_and_then_refused(visitor, edition):
    free = factories.make_ticket_type(edition)
    visitor.start(**who(free))
    visitor.post("details")
    visitor.send()
    answers = [visitor.post("mail-again").status_code for _ in range(ordering.MOST_AN_HOUR)]
    assert answers == [302] * (ordering.MOST_AN_HOUR - 1) + [429]


def test_edition_for_invited_people_opens_with_the_link_of_the_invitation(browse, organiser):
    from conference.registrations.service import selling

    edition = factories.make_edition(audience=Audience.INVITED)
    free = factories.make_ticket_type(edition)
    invitation = selling.invite(
        edition=edition, email="guest@example.org", locale="en", by=organiser
    )
    visitor = Visitor(browse(), edition)
    assert "for invited people" in visitor.client.get(visitor.base).text
    link = f"{visitor.base}?invitation={invitation.public_id}"
    visitor.at = visitor.client.post(link, data=who(free)).location
    visitor.post("details")
    visitor.send()
    db.session.refresh(invitation)
    assert invitation.registration_id is not None


def test_member_ticket_shows_the_refusal_beside_the_organisation(visitor, edition):
    member = factories.make_ticket_type(edition, category=Category.MEMBER)
    answer = visitor.start(**who(member, **{"p0-organisation": "Nobody d.o.o."}))
    assert "We do not find “Nobody d.o.o.” among them" in answer.text
    assert 'id="p0-organisation-error"' in answer.text


def test_name_in_markup_is_shown_as_text(visitor, kind):
    visitor.start(**who(kind, **{"p0-given_name": "<script>alert(1)</script>"}))
    visitor.post("details")
    text = visitor.client.get(visitor.page("review")).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_invoice_party_is_kept_while_the_rest_is_put_right(visitor, kind):
    visitor.start(**who(kind))
    visitor.post("details")
    visitor.send(**{**INVOICE, "invoice_name": "Klaster Leskovac", "invoice_address": ""})
    assert 'value="Klaster Leskovac"' in visitor.client.get(visitor.page("review")).text


@pytest.mark.parametrize("total", ["", "-5", "abc", "99999999999999999999", "²"])
def test_tampered_total_is_taken_as_another_price(visitor, kind, total):
    visitor.start(**who(kind))
    visitor.post("details")
    answer = visitor.send(**INVOICE, total=total)
    assert "The price has changed meanwhile" in answer.text
    assert db.session.scalars(select(Order)).all() == []


@pytest.mark.parametrize(
    "form",
    [
        {"people": "9" * 30},
        {"people": "²", "p0-country": "??", "p0-ticket": "'; drop"},
        {"people": "2", "remove": "77", "p1-country": "RS" * 50},
        {"add": "1", "p0-given_name": "a\x00b" * 400},
    ],
)
def test_rubbish_on_the_first_screen_is_no_error_of_ours(visitor, kind, form):
    assert visitor.client.post(visitor.base, data=form).status_code < 500


def test_correcting_the_address_again_and_again_does_not_flood_anybody(visitor, kind):
    visitor.start(**who(kind))
    visitor.post("details")
    visitor.send(**INVOICE)
    answers = [visitor.post("address", email="victim@example.org") for _ in range(12)]
    query = select(OutboundMail.id).where(OutboundMail.to == "victim@example.org")
    assert len(db.session.scalars(query).all()) == ordering.MOST_AN_HOUR - 1
    assert [a.status_code for a in answers] == [302] * 4 + [422] * 8
    order = db.session.scalars(select(Order)).one()
    assert order.email == "victim@example.org"


def test_correcting_the_address_to_ever_new_ones_ends_soon(visitor, kind):
    visitor.start(**who(kind))
    visitor.post("details")
    visitor.send(**INVOICE)
    for number in range(12):
        visitor.post("address", email=f"somebody{number}@example.org")
    sent = db.session.scalars(select(OutboundMail.to)).all()
    assert len(sent) == ordering.MOST_AN_HOUR


def test_same_figure_in_another_currency_is_another_price(visitor, edition, kind):
    edition.payee.currency = "RSD"
    db.session.commit()
    visitor.start(**who(kind))
    visitor.post("details")
    shown = visitor.review()
    edition.payee.currency = "EUR"
    db.session.commit()
    answer = visitor.post("review", **shown, **INVOICE)
    assert "The price has changed meanwhile" in answer.text
    assert db.session.scalars(select(Order)).all() == []
    assert visitor.send(**INVOICE).location.endswith("/placed")
