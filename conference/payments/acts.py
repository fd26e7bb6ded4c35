"""What the audit log says about money, in words for a registration's story at the desk."""

from __future__ import annotations

from conference.core.errors import N_
from conference.registrations.acts import Words

WORDS = {
    "order.card_attempt": Words(N_("Paying by card was begun: %(amount)s")),
    "order.refund_prepared": Words(N_("A refund was prepared: %(amount)s"), "open"),
    "order.proforma_issued": Words(N_("Proforma invoice %(number)s was issued")),
    "order.invoice_issued": Words(N_("Invoice %(number)s was issued")),
    "order.credit_note_issued": Words(N_("Credit note %(number)s was issued")),
}
IN_THE_BOOKS = {"order.charge", "order.credit", "order.payment", "order.refund"} | {
    "order.dispute",
    "order.dispute_won",
}
"""The story has these as entries of the ledger."""
