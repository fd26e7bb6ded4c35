"""The words printed on papers. The caller passes the gettext of the reader's language as `_`."""

from __future__ import annotations

from collections.abc import Callable

Words = dict[str, str]
Gettext = Callable[[str], str]


def badge(_: Gettext) -> Words:
    """Labels of `papers.badges`."""
    return {
        "title": _("Badges"),
        "code": _("Badge code"),
        "qr": _("Code for the entrance"),
    }


def ticket(_: Gettext) -> Words:
    """Labels of `papers.ticket`."""
    return {
        "title": _("Ticket"),
        "participant": _("Participant"),
        "affiliation": _("Organisation"),
        "ticket_type": _("Type of ticket"),
        "when": _("When"),
        "where": _("Where"),
        "order": _("Order"),
        "code": _("Badge code"),
        "qr": _("Code for the entrance"),
        "scan": _("Please show this code at the entrance, on paper or on your telephone."),
        "extras": _("Also booked"),
        "extra": _("What"),
        "extra_when": _("When"),
        "extra_where": _("Where"),
        "bring": _("Please bring along"),
        "contact": _("Questions?"),
    }


def invoice(_: Gettext) -> Words:
    """Labels of `papers.invoice`, of all its kinds."""
    return {
        "proforma": _("Proforma invoice"),
        "invoice": _("Invoice"),
        "credit-note": _("Credit note"),
        "seller": _("Seller"),
        "buyer": _("Buyer"),
        "number": _("Number"),
        "issued": _("Date of issue"),
        "supplied": _("Date of supply"),
        "due": _("Payable until"),
        "refers_to": _("Refers to"),
        "place": _("Place of issue"),
        "tax_id": _("Tax number"),
        "registration": _("Registration number"),
        "position": _("No."),
        "description": _("Description"),
        "quantity": _("Quantity"),
        "unit_price": _("Price"),
        "amount": _("Amount"),
        "vat": _("VAT"),
        "vat_base": _("VAT base"),
        "vat_rate": _("Rate"),
        "subtotal": _("Sum without VAT"),
        "total": _("Total"),
        "paid": _("Paid"),
        "left": _("Amount due"),
        "vat_included": _("VAT contained in the total"),
        "payment": _("Payment by bank transfer"),
        "payee": _("Payee"),
        "account": _("Account"),
        "iban": _("IBAN"),
        "bic": _("BIC"),
        "bank": _("Bank"),
        "reference": _("Reference"),
        "reference_hint": _("Please state this reference exactly as it is written here."),
        "purpose": _("Purpose"),
        "pay_amount": _("Amount"),
        "pay_until": _("Until"),
        "scan_to_pay": _("Scan with your bank's application"),
        "notes": _("Notes"),
        "vat_note": _("Note on VAT"),
        "valid_without": _("This document is valid without stamp and signature."),
        "proforma_note": _("This is not an invoice. The invoice follows after payment."),
    }
