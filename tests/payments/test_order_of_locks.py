"""Whoever takes places, books money or answers an offer locks the edition before anything below it.

Somebody holds the edition and then wants what is below; meanwhile another begins. PostgreSQL would
end one of two that wait for each other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from conference.accounts.models import Person
from conference.core import clock
from conference.core.money import Money
from conference.editions.models import Edition
from conference.extensions import db
from conference.payments.models import Method
from conference.payments.service import charging, ledger
from conference.registrations import places
from conference.registrations.models import Order, Registration, TicketType
from conference.registrations.service import confirming, selling, waiting
from conference.registrations.states import OrderState, RegistrationState
from tests import factories
from tests.payments.test_at_once import own_app

__all__ = ["own_app"]
SECONDS = 0.4


def _decline(_edition: Edition, order: Order, by: Person) -> None:
    query = select(Registration).where(Registration.state == RegistrationState.OFFERED)
    waiting.decline(registration=db.session.scalars(query).one(), by=by)


def _pay(edition: Edition, order: Order, by: Person) -> None:
    ledger.book_payment(
        order=order,
        amount=Money(12000, "EUR"),
        method=Method.TRANSFER,
        source="statement",
        booked_on=clock.today(edition.zone),
        by=by,
    )


def _waive(_edition: Edition, order: Order, by: Person) -> None:
    charging.credit(order=order, amount=Money(12000, "EUR"), reason="Guest", token="t", by=by)


def _confirm(edition: Edition, _order: Order, by: Person) -> None:
    placed = db.session.scalars(select(Order).where(Order.state == OrderState.PLACED)).one()
    confirming.confirm_address(order=placed, person=by)


def _limit(edition: Edition, order: Order, by: Person) -> None:
    kind = db.session.scalars(select(TicketType).order_by(TicketType.id)).first()
    values = {name: getattr(kind, name) for name in selling.TICKET_FIELDS}
    steps = [selling.Step({}, 12000, None, None)]
    selling.save_ticket_type(
        edition=edition, kind=kind, values={**values, "quota": 50}, steps=steps, by=by
    )


@pytest.mark.sql
@pytest.mark.parametrize("act", [_decline, _pay, _waive, _confirm, _limit])
def test_who_holds_the_edition_gets_all_below_it(
    own_app: Any, database: str, act: Callable[..., None]
) -> None:
    if database == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with own_app.app_context():
        edition_id, order_id, person_id = _world()
    holds, faults = threading.Event(), list[Exception]()

    def hold() -> None:
        places.lock(db.session.get(Edition, edition_id))
        holds.set()
        time.sleep(SECONDS)
        for kind in (Registration, Order, TicketType):
            db.session.execute(select(kind.id).with_for_update(key_share=True))

    def begin() -> None:
        holds.wait(10)
        edition, order = db.session.get(Edition, edition_id), db.session.get(Order, order_id)
        act(edition, order, db.session.get(Person, person_id))

    def run(work: Callable[[], None]) -> None:
        with own_app.app_context():
            try:
                work()
                db.session.commit()
            except Exception as error:
                faults.append(error)
                db.session.rollback()
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in (hold, begin)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert faults == []


def _world() -> tuple[int, int, int]:
    """An order that waits for money, an offer, and an order whose address is not confirmed."""
    edition = factories.make_edition(shows_participants=True)
    person = factories.make_person()
    paying = factories.make_ticket_type(edition, amount=12000)
    free = factories.make_ticket_type(edition)
    order = factories.make_order(edition, due_at=None)
    factories.make_registration(
        edition, ticket_type=paying, order=order, state=RegistrationState.PENDING, is_listed=True
    )
    charging.awaits_payment(order)
    waits = factories.make_order(edition, state=OrderState.WAITING)
    factories.make_registration(
        edition, ticket_type=free, order=waits, state=RegistrationState.OFFERED
    )
    placed = factories.make_order(edition, state=OrderState.PLACED, confirmed_at=None)
    factories.make_registration(
        edition, ticket_type=free, order=placed, state=RegistrationState.PENDING, is_listed=True
    )
    db.session.commit()
    return edition.id, order.id, person.id
