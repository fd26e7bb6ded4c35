"""What payments does by itself: asks the provider about open attempts, reminds of due dates.

Every call is made between two transactions; each commits on its own.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from conference.core import clock
from conference.extensions import db
from conference.payments import provider
from conference.payments.exchange import ProviderDown
from conference.payments.service import disputes, due, events, refunds

log = logging.getLogger(__name__)


def reconcile() -> None:
    """Each few minutes: whatever a lost webhook should have told."""
    _sessions(due.ASK_EVERY)
    _refunds()


def reconcile_all() -> None:
    """Each hour: every open attempt, however lately asked; refunds made elsewhere, disputes."""
    _sessions(timedelta(0))
    reached = _refunds()
    _refunds_made_elsewhere()
    _disputes()
    due.drop_unanswered()
    if reached:
        due.drop_lost_refunds()
    db.session.commit()


def remind() -> None:
    """Each hour: orders whose time for paying ends soon."""
    due.remind()
    db.session.commit()


def _sessions(every: timedelta) -> None:
    sessions = due.sessions_to_ask(every)
    db.session.commit()
    for session_id, close in sessions:
        look = provider.close_session if close else provider.find_session
        try:
            seen = look(session_id)
        except ProviderDown:
            return  # the next round asks again
        if seen is not None:
            events.apply(seen)
        db.session.commit()


def _refunds() -> bool:
    """Whether the provider could be asked about all of them."""
    lost = due.refunds_to_repeat()
    db.session.commit()
    for refunding in lost:
        done = provider.refund(refunding)
        refunds.note(done)
        db.session.commit()
    payments = due.payments_with_open_refunds()
    db.session.commit()
    for intent in payments:
        try:
            found = provider.refunds_of(intent)
        except ProviderDown:
            return False
        for seen in found:
            events.apply(seen)
        db.session.commit()
    return True


def _refunds_made_elsewhere() -> None:
    """Refunds of the provider's own pages whose webhook was lost, or came before the payment's."""
    since = clock.now() - due.TOLD_WITHIN
    try:
        found = provider.refunds_since(since)
    except ProviderDown:
        return
    for seen in found:
        events.apply(seen)
        db.session.commit()


def _disputes() -> None:
    """Disputes whose webhook was lost: those begun lately, and those that are not decided."""
    undecided, since = disputes.to_ask(), clock.now() - due.TOLD_WITHIN
    db.session.commit()
    try:
        found = provider.disputes_since(since)
        known = {seen.id for seen in found}
        found += [provider.find_dispute(one) for one in undecided if one not in known]
    except ProviderDown:
        return
    for seen in found:
        events.apply(seen)
        db.session.commit()
