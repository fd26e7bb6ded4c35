"""Pages of the buyer, and what money says on others' pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from conference.core import clock
from conference.extensions import db
from conference.payments import references, transfers
from conference.payments.models import CheckoutAttempt, InvoiceKind
from conference.payments.service import invoices, ledger
from conference.payments.states import AttemptState
from conference.registrations.queries import registrations_of
from conference.registrations.states import OrderState
from tests import factories
from tests.payments.pages import WAYS, book_at_once, path, plain

pytestmark = pytest.mark.sql

# -- the buyer


def test_pay_page_shows_amount_due_date_and_both_ways(unpaid, stripe, buyer, browse):
    order = unpaid(12000)
    page = plain(browse(buyer).get(path(order)))
    assert "€120.00 by" in page
    assert "By bank transfer" in page
    assert "Pay €120.00 by card" in page


def test_card_is_not_shown_where_the_payee_takes_none(unpaid, edition, stripe, buyer, browse):
    order = unpaid(12000)
    edition.payee.takes_cards = False
    assert "by card" not in plain(browse(buyer).get(path(order)))


@pytest.mark.parametrize("page", ["pay", "pay/transfer", "pay/return", "documents", "documents/x"])
def test_strangers_find_nothing(unpaid, stranger, finance, browse, page):
    order = unpaid()
    assert browse(stranger).get(path(order, page)).status_code == 404
    assert browse(finance).get(path(order, page)).status_code == 404
    assert browse().get(path(order, page)).status_code == 302


def test_order_of_another_edition_is_not_found_here(unpaid, buyer, browse):
    order, other = unpaid(), factories.make_edition()
    assert browse(buyer).get(f"/{other.code}/orders/{order.public_id}/pay").status_code == 404


def test_card_button_leads_to_the_pay_page_and_two_tabs_to_the_same(unpaid, stripe, buyer, browse):
    order = unpaid()
    client = browse(buyer)
    first, second = (client.post(path(order, "pay/card")) for _ in range(2))
    assert first.status_code == 303
    assert first.location.startswith(stripe.url + "/c/pay/")
    assert first.location == second.location
    attempts = db.session.scalars(select(CheckoutAttempt)).all()
    assert [a.state for a in attempts] == [AttemptState.OPEN]


def test_card_button_while_stripe_is_down_says_so_and_tries_the_same_later(
    unpaid, stripe, impatient, buyer, browse
):
    order = unpaid()
    client = browse(buyer)
    stripe.faults(drop_answer_after_effect=1)
    answer = client.post(path(order, "pay/card"))
    assert answer.location == path(order)
    assert "cannot be reached just now" in plain(client.get(path(order)))
    assert client.post(path(order, "pay/card")).location.startswith(stripe.url)
    keys = db.session.scalars(select(CheckoutAttempt.idempotency_key)).all()
    assert len(keys) == 1


def test_amount_that_stripe_refuses_is_sent_to_the_bank(unpaid, stripe, buyer, browse):
    order = unpaid(20)
    client = browse(buyer)
    assert client.post(path(order, "pay/card")).location == path(order)
    assert "cannot be paid by card" in plain(client.get(path(order)))


def test_return_page_promises_nothing_and_asks_stripe_itself(unpaid, stripe, buyer, browse, at):
    order = unpaid()
    client = browse(buyer)
    session_id = client.post(path(order, "pay/card")).location.rsplit("/", 1)[-1]
    assert "We are checking your payment" in plain(client.get(path(order, "pay/return")))
    client.post(path(order, "pay/check"), data={"asked": "0"})
    assert order.state is OrderState.AWAITING_PAYMENT
    stripe.pay(session_id)
    client.post(path(order, "pay/check"), data={"asked": "1"})
    assert order.state is OrderState.AWAITING_PAYMENT  # asked a moment ago
    at(clock.now() + timedelta(seconds=2))
    answer = client.post(path(order, "pay/check"), data={"asked": "1"}, follow_redirects=True)
    assert plain(answer).count("Thank you") == 1
    assert "This order is paid" in plain(answer)
    assert order.state is OrderState.PAID


@pytest.mark.parametrize("chosen", ["card", "transfer"])
def test_way_to_pay_that_was_chosen_stands_first(unpaid, stripe, buyer, browse, chosen):
    order = unpaid()
    order.pays_by = chosen
    db.session.flush()
    words = plain(browse(buyer).get(path(order)))
    ways = sorted(("card", "transfer"), key=lambda way: words.index(WAYS[way]))
    assert ways[0] == chosen


def test_return_page_stops_asking_by_itself(unpaid, stripe, buyer, browse):
    client, order = browse(buyer), unpaid()
    assert "data-press-after" in client.get(path(order, "pay/return?asked=5")).text
    for asked in ("6", "999999999", "-3", "x'"):
        page = client.get(path(order, f"pay/return?asked={asked}"))
        assert page.status_code == 200
        assert ("data-press-after" in page.text) is (asked == "x'")


def test_paid_order_cannot_be_paid_again(unpaid, stripe, buyer, browse):
    order = unpaid()
    book_at_once(order)
    client = browse(buyer)
    assert client.post(path(order, "pay/card")).status_code == 409
    assert client.get(path(order, "pay/transfer")).location == path(order)
    assert "This order is paid" in plain(client.get(path(order)))


def test_transfer_page_states_account_and_reference(unpaid, buyer, browse):
    order = unpaid()
    page = browse(buyer).get(path(order, "pay/transfer"))
    assert "RS35 1050 0812 3123 1231 73" in page.text
    assert references.show_rf(order.reference) in page.text
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page.text


def test_dinars_are_paid_within_serbia_with_a_model_97_reference(unpaid, edition, buyer, browse):
    edition.payee.currency = "RSD"
    order = unpaid(1755050, currency="RSD")
    slip = transfers.slip(order, edition.payee, ledger.balance(order))
    assert slip.code.startswith("K:PR|V:01|C:1|R:105008123123123173|")
    assert "I:RSD17550,50" in slip.code
    assert references.is_97(slip.plain_reference)
    page = browse(buyer).get(path(order, "pay/transfer"))
    assert slip.reference in page.text
    assert "IBAN" not in plain(page)


def test_currency_without_a_code_still_shows_how_to_pay(unpaid, edition, buyer, browse):
    edition.payee.currency = "MKD"
    order = unpaid(600000, currency="MKD")
    page = browse(buyer).get(path(order, "pay/transfer"))
    assert page.status_code == 200
    assert "pay-code" not in page.text


def test_partly_paid_order_asks_for_the_rest(unpaid, buyer, browse):
    order = unpaid(12000)
    book_at_once(order, 5000)
    assert "€70.00 by" in plain(browse(buyer).get(path(order)))


def test_papers_are_listed_and_downloaded_by_their_owner(unpaid, buyer, stranger, browse):
    order = unpaid()
    book_at_once(order)
    paper = invoices.last(order, InvoiceKind.INVOICE)
    client = browse(buyer)
    assert paper.label in client.get(path(order, "documents")).text
    answer = client.get(path(order, f"documents/{paper.public_id}"))
    assert answer.data.startswith(b"%PDF-")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert client.get(path(order, f"documents/{paper.public_id}")).data == answer.data
    assert browse(stranger).get(path(order, f"documents/{paper.public_id}")).status_code == 404


def test_paper_of_another_order_is_not_found_under_this_one(unpaid, buyer, browse):
    order, other = unpaid(), unpaid()
    foreign = invoices.last(other, InvoiceKind.PROFORMA)
    assert browse(buyer).get(path(order, f"documents/{foreign.public_id}")).status_code == 404


def test_card_form_may_lead_to_the_provider_by_the_content_policy(unpaid, buyer, browse):
    policy = browse(buyer).get(path(unpaid())).headers["Content-Security-Policy"]
    assert "form-action 'self' https://checkout.stripe.com" in policy


# -- pieces of other pages


def test_order_page_says_what_is_missing_and_leads_to_paying(unpaid, buyer, browse):
    order = unpaid(12000)
    page = browse(buyer).get(path(order, "")[:-1])
    assert "Still to be paid" in plain(page)
    assert f'href="{path(order)}"' in page.text
    assert invoices.last(order, InvoiceKind.PROFORMA).label in page.text


def test_story_of_a_registration_tells_about_its_money(unpaid, finance, door, browse):
    order = unpaid(12000)
    book_at_once(order, 5000)
    (registration,) = registrations_of(order)
    url = f"/{order.edition.code}/desk/registrations/{registration.public_id}"
    page = plain(browse(finance).get(url))
    assert "Paid: €50.00" in page
    assert "Account of the order" in page
    assert browse(door).get(url).status_code == 403


def test_desk_shows_money_to_those_who_may_see_it(unpaid, organiser, door, browse):
    order = unpaid(12000)
    url = f"/{order.edition.code}/desk"
    assert "All payments" in plain(browse(organiser).get(url))
    assert "All payments" not in plain(browse(door).get(url))
