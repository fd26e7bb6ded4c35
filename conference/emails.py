"""Every e-mail the product sends: one short function each. It queues a row of plain values."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from conference.core import links, outbox
from conference.core.money import Money
from conference.core.permissions import ROLE_NAMES
from conference.core.text import in_language
from conference.documents.formats import day, days

if TYPE_CHECKING:
    from datetime import date

    from conference.accounts.models import Person
    from conference.core.permissions import Role
    from conference.editions.models import Edition
    from conference.payments.models import CardDispute, Invoice
    from conference.payments.transfers import Slip
    from conference.registrations.models import Order, Registration


def sign_in_link(email: str, *, locale: str, link: str) -> None:
    """The link that signs somebody in: one use, ten minutes."""
    outbox.queue("sign-in-link", to=email, locale=locale, secrets={"link": link})


def confirm_new_address(email: str, *, locale: str, link: str) -> None:
    """To the new address: the link that makes it count, two hours long."""
    outbox.queue("confirm-new-address", to=email, locale=locale, secrets={"link": link})


def address_changed(old: str, person: Person) -> None:
    """To the old address: the account has another one now."""
    outbox.queue("address-changed", to=old, locale=_locale(person))


def security_changed(person: Person, *, what: str) -> None:
    """Something about how they sign in has changed; `what` is the word of the audit entry."""
    outbox.queue(
        "security-changed",
        to=person.email,
        locale=_locale(person),
        values={"what": what, "link": links.to("account", "security")},
    )


def _locale(person: Person, otherwise: str = "en") -> str:
    return person.locale or otherwise


# -- payments


def payment_due(order: Order, *, slip: Slip, account: str, proforma: Invoice) -> None:
    """What is to be paid until when and how, with the proforma."""
    _to_pay("payment-due", order, slip, account, proforma)


def payment_reminder(order: Order, *, slip: Slip, account: str, proforma: Invoice | None) -> None:
    """The time for paying ends soon."""
    _to_pay("payment-reminder", order, slip, account, proforma)


def _to_pay(name: str, order: Order, slip: Slip, account: str, proforma: Invoice | None) -> None:
    due = order.due_at.astimezone(ZoneInfo(order.edition.zone)).date() if order.due_at else None
    values = {
        "amount": slip.amount.format(order.locale),
        "due": day(due, order.locale) if due else "",
        "payee": slip.payee,
        "account": account,
        "bic": slip.bic,
        "bank": slip.bank,
        "reference": slip.reference,
        "purpose": slip.purpose,
        "has_code": bool(slip.code),
        "by_card": order.pays_by == "card",
    }
    _about_order(name, order, values, proforma)


def payment_received(
    order: Order, *, amount: Money, left: Money | None, invoice: Invoice | None, late: bool
) -> None:
    """Money has come in: all of it, a part, or too late for the place."""
    values = {
        "amount": amount.format(order.locale),
        "left": left.format(order.locale) if left else "",
        "late": late,
        "waits": order.state == "waiting",
        "has_invoice": invoice is not None,
    }
    _about_order("payment-received", order, values, invoice)


def refund_made(order: Order, *, amount: Money, by_card: bool) -> None:
    """Money has gone back."""
    values = {"amount": amount.format(order.locale), "by_card": by_card}
    _about_order("refund-made", order, values, None)


def card_dispute(person: Person, dispute: CardDispute) -> None:
    """To finance: a buyer's bank disputes a payment, or has decided about one. Once per news."""
    order = dispute.order
    edition, locale = order.edition, _locale(person, order.locale)
    due = dispute.evidence_due_at
    state = dispute.state.value
    outbox.queue(
        "card-dispute",
        to=person.email,
        locale=locale,
        values={
            "state": state,
            "amount": Money(dispute.amount_minor, dispute.currency).format(locale),
            "taken": dispute.taken_minor > 0,
            "due": day(due.astimezone(ZoneInfo(edition.zone)).date(), locale) if due else "",
            "edition": in_language(edition.name, locale),
            "code": f"{order.code[:4]}-{order.code[4:]}",
            "link": links.to(edition.code, "desk", "payments", "orders", order.public_id),
        },
        edition_id=edition.id,
        once=f"{dispute.public_id}-{state}-{person.public_id}",
    )


def _about_order(name: str, order: Order, values: dict[str, Any], paper: Invoice | None) -> None:
    edition = order.edition
    outbox.queue(
        name,
        to=order.email,
        locale=order.locale,
        values={
            **values,
            "edition": in_language(edition.name, order.locale),
            "code": f"{order.code[:4]}-{order.code[4:]}",
            "link": links.to(edition.code, "orders", order.public_id, "pay"),
        },
        attachments=[{"kind": "invoice", "with": {"invoice": paper.public_id}}] if paper else [],
        about=order.public_id,
        edition_id=edition.id,
    )


# -- registrations


def confirm_registration(order: Order, *, link: str) -> None:
    """The link that proves the address of an order: one use, 24 hours."""
    outbox.queue(
        "confirm-registration",
        to=order.email,
        locale=order.locale,
        values=_order_values(order),
        secrets={"link": link},
        about=order.public_id,
        edition_id=order.edition_id,
    )


def registration_confirmed(order: Order, email: str, theirs: list[Registration]) -> None:
    """The places of one address are confirmed: ticket and calendar file of each who has a name."""
    attachments = [
        {"kind": kind, "with": {"registration": one.public_id, "locale": order.locale}}
        for one in theirs
        if one.name
        for kind in ("ticket", "calendar")
    ]
    outbox.queue(
        "registration-confirmed",
        to=email,
        locale=order.locale,
        values={
            **_order_values(order),
            "people": [_place_values(one) for one in theirs],
            "is_buyer": email == order.email,
            "mine": links.to(order.edition.code, "registrations", "mine"),
        },
        attachments=attachments,
        about=theirs[0].public_id,
        edition_id=order.edition_id,
    )


def waiting_list(registration: Registration) -> None:
    """The person stands on the waiting list."""
    outbox.queue("waiting-list", **_for_place(registration))


def place_offered(registration: Registration, *, price: Money, link: str) -> None:
    """A place came free for this person, until a deadline. The link answers for them."""
    amount = price.format(registration.order.locale) if price else ""
    told = _for_place(registration, price=amount)
    outbox.queue("place-offered", secrets={"link": link}, **told)


def offer_expired(registration: Registration) -> None:
    """Nobody answered the offer: it went to the next in line."""
    outbox.queue("offer-expired", **_for_place(registration))


def registration_cancelled(registration: Registration, dropped: Money, *, reason: str) -> None:
    """The place was given up or taken away; to its person and, when another, to the buyer."""
    order = registration.order
    for email in dict.fromkeys((registration.email, order.email)):
        amount = dropped.format(order.locale) if dropped and email == order.email else ""
        told = _for_place(registration, to=email, reason=reason, dropped=amount)
        outbox.queue("registration-cancelled", **told)


def order_expired(order: Order) -> None:
    """The order was not paid in time; its places went to others."""
    outbox.queue(
        "order-expired",
        to=order.email,
        locale=order.locale,
        values=_order_values(order),
        about=order.public_id,
        edition_id=order.edition_id,
    )


def invitation(email: str, *, edition: Edition, locale: str, link: str) -> None:
    """An invitation to register for an edition or a ticket that is not for everybody."""
    outbox.queue(
        "invitation",
        to=email,
        locale=locale,
        values={"edition": _edition_values(edition, locale)},
        secrets={"link": link},
        edition_id=edition.id,
    )


def _for_place(registration: Registration, to: str = "", **more: Any) -> dict[str, Any]:
    """What a mail about one place is queued with."""
    order, ends = registration.order, registration.offered_until_at
    values = {
        **_order_values(order),
        "person": _place_values(registration),
        "until": _moment(ends, order) if ends else "",
        **more,
    }
    return {
        "to": to or registration.email,
        "locale": order.locale,
        "values": values,
        "about": registration.public_id,
        "edition_id": order.edition_id,
    }


def _moment(at: datetime, order: Order) -> str:
    local = at.astimezone(ZoneInfo(order.edition.zone))
    return f"{day(local.date(), order.locale)}, {local:%H:%M}"


def _edition_values(edition: Edition, locale: str) -> dict[str, Any]:
    return {
        "name": in_language(edition.name, locale),
        "city": in_language(edition.city, locale),
        "when": days(edition.starts_on, edition.ends_on, locale),
        "contact": edition.contact_email,
        "url": links.to(edition.code),
    }


def _order_values(order: Order) -> dict[str, Any]:
    return {
        "edition": _edition_values(order.edition, order.locale),
        "code": f"{order.code[:4]}-{order.code[4:]}",
        "total": Money(order.total_minor, order.currency).format(order.locale),
        "is_free": order.total_minor == 0,
        "order_url": links.to(order.edition.code, "orders", order.public_id),
    }


def _place_values(registration: Registration) -> dict[str, Any]:
    return {
        "name": registration.name,
        "ticket": in_language(registration.ticket_type.name, registration.order.locale),
        "url": links.to(registration.edition.code, "registrations", registration.public_id),
    }


# -- editions


def role_invitation(
    email: str,
    *,
    locale: str,
    edition: Edition | None,
    role: Role,
    ends_on: date,
    by: Person,
    link: str,
) -> None:
    """An invitation to a staff role; the link gives it, two weeks long."""
    outbox.queue(
        "role-invitation",
        to=email,
        locale=locale,
        values={
            "role": ROLE_NAMES[role],
            "edition": in_language(edition.name, locale) if edition else "",
            "until": day(ends_on, locale),
            "by": by.display_name,
        },
        secrets={"link": link},
        edition_id=edition.id if edition else None,
    )
