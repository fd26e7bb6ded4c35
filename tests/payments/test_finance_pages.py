"""Pages of finance: what they say, whom they refuse, what they write."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from conference.core.money import Money
from conference.extensions import db
from conference.payments import jobs, references
from conference.payments.models import EntryKind, InvoiceKind
from conference.payments.service import invoices, ledger, refunds
from conference.payments.states import AttemptState
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling
from conference.registrations.states import OrderState
from tests import factories
from tests.payments.conftest import pay
from tests.payments.pages import book_at_once, desk, plain

pytestmark = pytest.mark.sql


@pytest.mark.parametrize("page", ["", "/movements", "/book"])
def test_desk_pages_are_closed_to_others(unpaid, buyer, door, finance, browse, page):
    order = unpaid()
    assert browse(finance).get(desk(order, page)).status_code == 200
    assert browse(door).get(desk(order, page)).status_code == 403
    assert browse(buyer).get(desk(order, page)).status_code == 404


def test_organiser_sees_money_but_books_none(unpaid, organiser, browse):
    order = unpaid()
    client = browse(organiser)
    assert client.get(desk(order)).status_code == 200
    assert "Book a payment" not in plain(client.get(desk(order)))
    account = desk(order, f"/orders/{order.public_id}")
    assert client.get(account).status_code == 200
    for page in ("/book", f"/orders/{order.public_id}/credit"):
        assert client.post(desk(order, page)).status_code == 403


def test_order_is_found_by_everything_a_statement_may_say(unpaid, finance, browse):
    order, other = unpaid(12345), unpaid(500, email="other@example.org")
    order.invoice_name = "Šumadijski metalski klaster"
    db.session.commit()
    client, body = browse(finance), order.reference[4:]
    shown = references.show_rf(order.reference)
    asked = [
        shown,
        shown.lower(),
        f"rf{order.reference[2:4]} 000{body}",
        references.show_97(references.make_97(body)),
        f"Uplata {shown} kotizacija",
        order.email.upper(),
        "metalski",
        "123.45",
        invoices.last(order, InvoiceKind.PROFORMA).label.lower(),
    ]
    for text in asked:
        page = client.get(desk(order), query_string={"q": text}).text
        assert (order.public_id in page, other.public_id in page) == (True, False), text


def test_search_by_a_participants_name_in_any_script(unpaid, finance, browse):
    order = unpaid()
    (registration,) = registrations_of(order)
    registration.search_key = "djordje ilic"
    db.session.commit()
    page = browse(finance).get(desk(order), query_string={"q": "Ђорђе"}).text
    assert order.public_id in page


def fields(client, url):
    page = client.get(url).text
    found = re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', page)
    return {name: value for name, value in found if name not in {"q"}}


def booking(client, order, **changes):
    values = fields(client, desk(order, f"/book?order={order.public_id}"))
    values["method"] = "transfer"
    return {**values, **changes}


def test_booking_form_is_filled_with_what_is_expected(unpaid, finance, browse):
    order = unpaid(12000)
    values = booking(browse(finance), order)
    assert (values["reference"], values["amount"]) == (order.reference, "120.00")
    assert values["booked_on"] == factories.on_day(0).isoformat()


def test_double_click_books_once(unpaid, finance, browse):
    order = unpaid(12000)
    client = browse(finance)
    values = booking(client, order)
    for _ in range(2):
        answer = client.post(desk(order, "/book"), data=values)
        assert answer.location == desk(order, f"/orders/{order.public_id}")
    assert [e.kind for e in ledger.entries(order)] == [EntryKind.CHARGE, EntryKind.PAYMENT]
    assert order.state is OrderState.PAID


def test_back_button_and_another_amount_is_refused(unpaid, finance, browse):
    order = unpaid(12000)
    client = browse(finance)
    values = booking(client, order)
    client.post(desk(order, "/book"), data=values)
    answer = client.post(desk(order, "/book"), data={**values, "amount": "100.00"})
    assert answer.status_code == 422
    assert "has been booked already" in plain(answer)
    assert len(ledger.entries(order)) == 2


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("reference", "RF18 5390 0754 7034", "No order of this edition has this reference"),
        ("reference", "", "Please fill this in"),
        ("amount", "120 RSD", "another currency"),
        ("amount", "many", "Please type an amount"),
        ("amount", "0", "above zero"),
        ("booked_on", "2999-01-01", "lies in the future"),
        ("booked_on", "yesterday", "Please choose a date"),
    ],
)
def test_wrong_booking_is_refused_beside_its_field_and_keeps_what_was_typed(
    unpaid, finance, browse, field, typed, words
):
    order = unpaid(12000)
    client = browse(finance)
    values = booking(client, order, note="Statement 42", **{field: typed})
    answer = client.post(desk(order, "/book"), data=values)
    assert answer.status_code == 422
    errors = re.findall(rf'id="{field}-error">(.*?)</p>', answer.text, re.S)
    assert len(errors) == 1
    assert words in errors[0]
    assert "Statement 42" in answer.text
    assert len(ledger.entries(order)) == 1


def test_amounts_are_read_as_serbian_readers_write_them(unpaid, finance, browse):
    order = unpaid(123450)
    client = browse(finance)
    client.set_cookie("locale", "sr")
    values = booking(client, order)
    assert values["amount"] == "1234,50"
    client.post(desk(order, "/book"), data={**values, "amount": "1.234,50"})
    assert order.state is OrderState.PAID


def test_money_to_give_back_has_its_own_tab_and_goes_back_by_transfer(unpaid, finance, browse):
    order, fine = unpaid(12000), unpaid(100)
    book_at_once(order, 15000)
    client = browse(finance)
    page = client.get(desk(order, "?show=back")).text
    assert (order.public_id in page, fine.public_id in page) == (True, False)
    url = desk(order, f"/orders/{order.public_id}/give-back")
    values = {**fields(client, url), "way": "transfer"}
    assert values["amount"] == "30.00"
    refused = client.post(url, data={**values, "amount": "30.01"})
    assert refused.status_code == 422
    assert "At most" in plain(refused)
    for _ in range(2):
        assert client.post(url, data=values).status_code == 302
    assert ledger.to_give_back(order) == Money(0, "EUR")
    assert [e.kind for e in ledger.entries(order)].count(EntryKind.REFUND) == 1


def test_money_goes_back_to_the_card(unpaid, stripe, finance, browse):
    order = unpaid(12000)
    pay(stripe, order)
    jobs.reconcile_all()
    cancelling.cancel(registration=registrations_of(order)[0], by=None, reason="")
    client = browse(finance)
    url = desk(order, f"/orders/{order.public_id}/give-back")
    values = {**fields(client, url), "way": "card", "reason": "Cancelled"}
    answer = client.post(url, data=values, follow_redirects=True)
    assert "on its way back to the card" in plain(answer)
    assert [r.state for r in refunds.of_order(order)] == [AttemptState.SUCCEEDED]
    again = client.post(url, data=values)
    assert again.status_code == 422


def test_price_is_lowered_with_a_credit_note(unpaid, finance, browse):
    order = unpaid(12000)
    book_at_once(order)
    client = browse(finance)
    url = desk(order, f"/orders/{order.public_id}/credit")
    values = {**fields(client, url), "amount": "20", "reason": "Speaker after all"}
    assert client.post(url, data={**values, "amount": "121"}).status_code == 422
    assert client.post(url, data=values).status_code == 302
    assert ledger.to_give_back(order) == Money(2000, "EUR")
    account = client.get(desk(order, f"/orders/{order.public_id}"))
    assert "Credit note" in plain(account)


def test_lists_need_the_same_statements_for_one_and_for_many(unpaid, finance, browse, queries):
    first = unpaid(12000)
    book_at_once(first, 100)
    client = browse(finance)

    def count(page):
        queries.clear()
        assert client.get(desk(first, page)).status_code == 200
        return len(queries)

    few = [count(page) for page in ("", "/movements")]
    for _ in range(6):
        book_at_once(unpaid(12000), 100)
    assert [count(page) for page in ("", "/movements")] == few


def test_vat_inside_the_price_is_shown_on_the_invoice(unpaid, edition):
    from conference.payments import papers

    edition.payee.vat_permille = 200
    order = unpaid(12000)
    paper = papers.paper(invoices.last(order, InvoiceKind.PROFORMA))
    (row,) = paper.vat
    assert (row.rate, row.base.minor, row.vat.minor) == (Decimal(20), 10000, 2000)


def test_issued_paper_does_not_change_with_its_order(unpaid, edition):
    from conference.payments import papers

    order = unpaid(12000, invoice_name="Gülşen İğdır 계명대학교 Σύνδεσμος Ђорђе")
    paper = invoices.last(order, InvoiceKind.PROFORMA)
    before = papers.pdf(paper)
    order.invoice_name, edition.payee.name = "Somebody else", "Another payee"
    db.session.flush()
    assert papers.pdf(paper) == before
    assert papers.paper(paper).buyer.name == "Gülşen İğdır 계명대학교 Σύνδεσμος Ђорђе"


def test_movement_is_found_by_its_amount_once_however_many_orders_owe_as_much(
    unpaid, finance, browse
):
    orders = [unpaid(12000) for _ in range(3)]
    book_at_once(orders[0], 12000)
    book_at_once(orders[1], 5000)
    path = desk(orders[0], "/movements")
    for asked, found in (("120,00", ["120.00"]), ("50.00", ["50.00"]), ("70.00", [])):
        lines = browse(finance).get(f"{path}.csv?q={asked}").get_data(as_text=True).splitlines()
        assert [line.split(",")[6] for line in lines[1:]] == found


def test_bookkeeper_takes_the_movements_away_with_the_money_that_went_back(
    unpaid, finance, organiser, door, browse
):
    order = unpaid(12000)
    book_at_once(order, 15000)
    path = f"/{order.edition.code}/desk/payments/movements"
    back = desk(order, f"/orders/{order.public_id}/give-back")
    client = browse(finance)
    client.post(back, data={**fields(client, back), "way": "transfer"})
    lines = browse(finance).get(f"{path}.csv").get_data(as_text=True).splitlines()
    amounts = sorted(line.split(",")[6] for line in lines[1:])
    assert amounts == ["-30.00", "150.00"]
    assert [browse(who).get(f"{path}.xlsx").status_code for who in (organiser, door)] == [200, 403]
    assert f'href="{path}.xlsx"' in browse(finance).get(path).text
