"""Papers and mails about money: in the buyer's language, with what the buyer needs to pay."""

from __future__ import annotations

import io
from email import message_from_bytes, policy

import pytest
import zxingcpp
from PIL import Image

from conference import delivery
from conference.core import outbox
from conference.core.money import Money
from conference.documents import invoices as paper_content
from conference.documents import typesetting
from conference.extensions import db
from conference.payments import papers, references
from conference.payments.models import InvoiceKind, Method
from conference.payments.service import charging, invoices, ledger
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling
from tests import factories


def book(order, minor):
    ledger.book_payment(
        order=order,
        amount=Money(minor, order.currency),
        method=Method.TRANSFER,
        source=f"line-{minor}",
        booked_on=factories.on_day(0),
        by=None,
    )


def written(order, name):
    """The mail as it would be sent."""
    (row,) = [mail for mail in outbox.about(order.public_id) if mail.name == name]
    return message_from_bytes(delivery.write(row).as_bytes(), policy=policy.default)


def texts(mail):
    return [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]


def files(mail):
    return [(p.get_filename(), p.get_content()) for p in mail.iter_attachments()]


@pytest.mark.parametrize(
    ("locale", "subject", "words"),
    [
        ("en", "Please pay order", "Please pay €120.00"),
        ("sr", "Платите поруџбину", "Уплатите 120,00"),
        ("sr_Latn", "Platite porudžbinu", "Uplatite 120,00"),
    ],
)
def test_mail_says_how_to_pay_in_the_buyers_language(unpaid, locale, subject, words):
    order = unpaid(12000, locale=locale)
    mail = written(order, "payment-due")
    assert mail["Subject"].startswith(subject)
    assert len(texts(mail)) == 2
    for text in texts(mail):
        assert words in text
        assert "RS35 1050 0812 3123 1231 73" in text
        assert references.show_rf(order.reference) in text
        assert f"/orders/{order.public_id}/pay" in text
    ((name, content),) = files(mail)
    assert name.startswith("proforma-CH-P-")
    assert content.startswith(b"%PDF-")


def test_who_chose_the_card_finds_it_before_the_account(unpaid):
    order = unpaid(12000, pays_by="card")
    for text in texts(written(order, "payment-due")):
        assert "Pay by card" in text
        assert text.index(f"/orders/{order.public_id}/pay") < text.index("RS35 1050")


def test_mail_about_a_full_payment_carries_the_invoice(unpaid):
    order = unpaid(12000)
    book(order, 12000)
    mail = written(order, "payment-received")
    ((name, _content),) = files(mail)
    assert name == f"invoice-{invoices.last(order, InvoiceKind.INVOICE).label}.pdf"
    assert all("The order is paid" in text for text in texts(mail))


def test_mail_about_a_part_says_what_is_still_to_be_paid(unpaid):
    order = unpaid(12000)
    book(order, 5000)
    mail = written(order, "payment-received")
    assert all("€70.00 is still to be paid" in text for text in texts(mail))
    assert files(mail) == []


@pytest.mark.parametrize("name", ["payment-reminder", "refund-made"])
def test_other_mails_can_be_written_in_every_language(unpaid, name):
    from conference import emails
    from conference.payments import transfers

    for locale in ("en", "sr", "sr_Latn"):
        order = unpaid(12000, locale=locale)
        if name == "refund-made":
            emails.refund_made(order, amount=Money(100, "EUR"), by_card=True)
        else:
            slip = transfers.slip(order, order.edition.payee, Money(12000, "EUR"))
            emails.payment_reminder(order, slip=slip, account="RS35", proforma=None)
        db.session.flush()
        assert len(texts(written(order, name))) == 2


def picture(invoice):
    """The first page of a paper."""
    labels = papers.labels_in(invoice.locale)
    data = paper_content.content(papers.paper(invoice), labels, invoice.locale)
    (page, *_rest) = typesetting.pictures(
        "invoice", data, locale=invoice.locale, title=invoice.label, ppi=150
    )
    return Image.open(io.BytesIO(page))


@pytest.mark.parametrize(("currency", "starts"), [("EUR", "BCD\n002"), ("RSD", "K:PR|V:01")])
def test_code_on_the_proforma_can_be_scanned(unpaid, edition, currency, starts):
    edition.payee.currency = currency
    order = unpaid(12000, currency=currency)
    (found,) = zxingcpp.read_barcodes(picture(invoices.last(order, InvoiceKind.PROFORMA)))
    assert found.text.startswith(starts)
    assert "120.00" in found.text.replace(",", ".")


def test_invoice_names_every_participant_and_adds_up(unpaid):
    order = unpaid(12000, people=3)
    book(order, 36000)
    paper = papers.paper(invoices.last(order, InvoiceKind.INVOICE))
    assert [line.detail for line in paper.lines] == [r.name for r in registrations_of(order)]
    assert (paper.total, paper.paid) == (Money(36000, "EUR"), Money(36000, "EUR"))
    assert paper.payment is None


def test_invoice_after_a_cancellation_lists_only_who_still_comes(unpaid):
    order = unpaid(12000, people=2)
    gone, stays = registrations_of(order)
    cancelling.cancel(registration=gone, by=None, reason="")
    book(order, 12000)
    paper = papers.paper(invoices.last(order, InvoiceKind.INVOICE))
    assert [line.detail for line in paper.lines] == [stays.name]


def test_credit_note_names_the_place_that_was_given_up(unpaid):
    order = unpaid(12000, people=2)
    book(order, 24000)
    gone, _stays = registrations_of(order)
    cancelling.cancel(registration=gone, by=None, reason="")
    note = invoices.last(order, InvoiceKind.CREDIT_NOTE)
    paper = papers.paper(note)
    assert [(line.detail, line.amount.minor) for line in paper.lines] == [(gone.name, 12000)]
    assert paper.refers_to == invoices.last(order, InvoiceKind.INVOICE).label
    assert note.corrects_id == invoices.last(order, InvoiceKind.INVOICE).id


def test_order_that_grows_later_is_invoiced_for_the_rest_only(unpaid, edition):
    from conference.core.states import transition
    from conference.registrations.states import ORDER_TRANSITIONS, OrderState, RegistrationState

    order = unpaid(12000)
    book(order, 12000)
    transition(order, OrderState.AWAITING_PAYMENT, ORDER_TRANSITIONS, by=None)
    kind = factories.make_ticket_type(edition, amount=5000)
    factories.make_registration(
        edition, ticket_type=kind, order=order, state=RegistrationState.PENDING
    )
    charging.awaits_payment(order)
    assert ledger.balance(order) == Money(5000, "EUR")
    book(order, 5000)
    papers_ = invoices.issued(order, InvoiceKind.INVOICE)
    assert [(p.number, p.total_minor) for p in papers_] == [(1, 12000), (2, 5000)]


def test_buyer_without_invoice_name_is_the_person_who_ordered(unpaid, buyer):
    order = unpaid(12000)
    assert papers.paper(invoices.last(order, InvoiceKind.PROFORMA)).buyer.name == buyer.name


def test_papers_carry_the_country_in_the_language_of_the_paper(unpaid):
    order = unpaid(12000, locale="sr", invoice_country="KR", invoice_address="Daegu")
    paper = papers.paper(invoices.last(order, InvoiceKind.PROFORMA))
    assert list(paper.buyer.address) == ["Daegu", "Јужна Кореја"]
    assert list(paper.seller.address)[-1] == "Србија"


def test_payment_mail_is_repeated_with_what_is_left_now(unpaid, organiser, browse):
    order = unpaid(12000)
    book(order, 2000)
    due, proforma = order.due_at, invoices.last(order, InvoiceKind.PROFORMA)
    (registration,) = registrations_of(order)
    db.session.commit()
    desk = f"/{order.edition.code}/desk/registrations/{registration.public_id}"
    client = browse(organiser)
    assert "repeat-mail" in client.get(desk).text
    answer = client.post(f"{desk}/repeat-mail", follow_redirects=True)
    assert f"The mail is on its way to {order.email}." in answer.text
    first, again = [mail for mail in outbox.about(order.public_id) if mail.name == "payment-due"]
    assert (first.values["amount"], again.values["amount"]) == ("€120.00", "€100.00")
    assert again.attachments[0]["with"] == {"invoice": proforma.public_id}
    assert (order.due_at, invoices.last(order, InvoiceKind.PROFORMA)) == (due, proforma)


def test_payment_mail_of_a_paid_order_is_refused(unpaid):
    order = unpaid(12000)
    book(order, 12000)
    with pytest.raises(charging.NothingToAskFor):
        charging.send_again(order)
