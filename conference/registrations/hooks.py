"""What features above registrations hang in: lists of functions, filled in conference/features.py.

They run inside the transaction that calls them: they flush, never commit.
"""

from __future__ import annotations

from collections.abc import Callable

from conference.accounts.models import Person
from conference.core.money import Money
from conference.editions.models import Edition
from conference.registrations.models import Order, Registration

order_awaits_payment: list[Callable[[Order], None]] = []
"""The order is in state awaiting_payment and `order.total_minor` is above zero.

Make what is charged in the books equal to the total, give it a reference and a due date, tell the
buyer. When the money is there already, call `confirming.settle`: the hook runs again for an order
that was paid too late, waited, and then got a place.
"""

registration_cancelled: list[Callable[[Registration, Money, Person | None], None]] = []
"""A place was given up. The second argument is what is no longer due, or is to be given back.

`order.total_minor` is already lower by it; it is zero when the deadline for refunds has passed.
"""

places_freed: list[Callable[[Edition], None]] = []
"""Places of the edition became free; the waiting list has been served already."""

payment_mail_wanted: list[Callable[[Order], None]] = []
"""Staff want the mail that says what is to be paid sent to the buyer once more."""
