"""Which rows of accounts and of the core belong to a person."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import String, and_, cast, or_, select

from conference.accounts import limits, sessions
from conference.accounts.limits import What
from conference.accounts.models import Passkey, Person, SignInSession, SignInTry
from conference.accounts.my_data import Owner, Whose
from conference.core import audit, outbox, tokens
from conference.core.audit import AuditEntry
from conference.core.errors import N_
from conference.core.outbox import MailState, OutboundMail
from conference.core.retention import Elsewhere, Term
from conference.core.tokens import OneTimeToken


def _tries(mine: Whose) -> list[str]:
    return [limits.of_account(what, address) for what in What for address in mine.addresses]


OWNERS = [
    Owner(
        what=N_("Account and profile"),
        model=Person,
        rows=lambda mine: select(Person).where(Person.id == mine.person.id),
    ),
    Owner(
        what=N_("Passkeys"),
        model=Passkey,
        rows=lambda mine: select(Passkey).where(Passkey.person_id == mine.person.id),
    ),
    Owner(
        what=N_("Sessions"),
        model=SignInSession,
        rows=lambda mine: select(SignInSession).where(SignInSession.person_id == mine.person.id),
    ),
    Owner(
        what=N_("Tries to sign in, as hashes"),
        model=SignInTry,
        rows=lambda mine: select(SignInTry).where(SignInTry.subject.in_(_tries(mine))),
    ),
    Owner(
        what=N_("Links that were mailed"),
        model=OneTimeToken,
        rows=lambda mine: select(OneTimeToken).where(
            or_(
                OneTimeToken.email.in_(mine.addresses),
                cast(OneTimeToken.data, String).contains(mine.person.public_id),
            )
        ),
    ),
    Owner(
        what=N_("Mails"),
        model=OutboundMail,
        rows=lambda mine: select(OutboundMail).where(OutboundMail.to.in_(mine.addresses)),
    ),
    Owner(
        what=N_("Log of who did what, by a random number"),
        model=AuditEntry,
        rows=lambda mine: select(AuditEntry).where(
            or_(
                AuditEntry.actor == mine.person.public_id,
                AuditEntry.subject == mine.person.public_id,
            )
        ),
    ),
]

TERMS = [
    Term(
        model=OutboundMail,
        keep="2 years",
        over=lambda now: and_(
            OutboundMail.created_at < now - timedelta(days=730),
            OutboundMail.state.not_in([MailState.QUEUED, MailState.SENDING]),
        ),
    ),
]
ELSEWHERE = [
    Elsewhere("one_time_token", "30 days", tokens.forget_old),
    Elsewhere("outbound_mail", "until sent", outbox.note_sent),
    Elsewhere("sign_in_session", "90 days", sessions.forget_old),
    Elsewhere("sign_in_try", "30 days", limits.forget_old),
    Elsewhere("audit_entry", "10 years", audit.forget_old),
]
