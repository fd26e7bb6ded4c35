"""How often secrets may be tried: counted per account, per address and in all, in the database.

A try is written down and committed before it is evaluated, so that of many tries at once no more
than allowed are evaluated; a refused try leaves no trace, so that refusals do not prolong a pause.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select

from conference.accounts import vault
from conference.accounts.models import SignInTry
from conference.core import clock
from conference.core.errors import N_, TooMany
from conference.extensions import db


class What(StrEnum):
    """What is tried or asked for."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    CODE = "code"
    RECOVERY = "recovery"
    PASSKEY = "passkey"


@dataclass(frozen=True)
class Limit:
    """At most `most` within `window`."""

    most: int
    window: timedelta


QUARTER = timedelta(minutes=15)
KEPT = timedelta(days=30)
# A success begins the account's row anew; a hundred without one close that way in for a month.
IN_A_ROW = Limit(100, KEPT)

ACCOUNT: dict[What, tuple[Limit, ...]] = {
    What.LINK: (Limit(5, QUARTER), Limit(20, timedelta(days=1))),
    What.PASSWORD: (Limit(10, QUARTER), IN_A_ROW),
    What.CODE: (Limit(5, QUARTER), Limit(20, timedelta(days=1)), IN_A_ROW),
    What.RECOVERY: (Limit(5, QUARTER), Limit(20, timedelta(days=1)), IN_A_ROW),
    What.PASSKEY: (),
}
# A conference hall shares one address: generous, yet finite.
ADDRESS: dict[What, Limit] = {
    What.LINK: Limit(150, QUARTER),
    What.PASSWORD: Limit(60, QUARTER),
    What.CODE: Limit(60, QUARTER),
    What.RECOVERY: Limit(30, QUARTER),
    What.PASSKEY: Limit(300, QUARTER),
}
EVERYBODY: dict[What, Limit] = {
    What.LINK: Limit(3000, QUARTER),
    What.PASSWORD: Limit(1500, QUARTER),
    What.CODE: Limit(1500, QUARTER),
    What.RECOVERY: Limit(300, QUARTER),
    What.PASSKEY: Limit(3000, QUARTER),
}


class TooManyTries(TooMany):
    """Says how long to wait, in whole minutes."""

    message = N_("Too many tries. Please wait %(minutes)s minutes and try again.")

    def __init__(self, seconds: float, *, field: str | None = None):
        self.retry_after = max(1, math.ceil(seconds))
        super().__init__(field=field, minutes=math.ceil(self.retry_after / 60))


class WayClosed(TooMany):
    """This way in is closed for the account; another is open."""

    message = N_(
        "There were too many wrong tries for this account. "
        "Please sign in by the link that we send to your address."
    )
    retry_after = int(timedelta(days=1).total_seconds())


class CodesClosed(WayClosed):
    """Neither codes nor recovery codes are looked at any more."""

    message = N_("There were too many wrong codes for this account. Please write to the organiser.")


def of_account(what: What, account: str) -> str:
    """Under which name the tries of an account are counted."""
    return vault.keyed(f"try.account.{what}", account)


def _address(what: What, address: str) -> str:
    return vault.keyed(f"try.address.{what}", address)


def take(what: What, *, account: str | None, address: str, field: str | None = None) -> None:
    """Write a try down and commit it; raises TooManyTries when there were too many."""
    subjects: list[tuple[str, tuple[Limit, ...]]] = [
        (f"all.{what}", (EVERYBODY[what],)),
        (_address(what, address), (ADDRESS[what],)),
    ]
    if account is not None:
        subjects.append((of_account(what, account), ACCOUNT[what]))
    now = clock.now()
    rows = [SignInTry(at=now, subject=subject, what=what.value) for subject, _limits in subjects]
    db.session.add_all(rows)
    db.session.flush()
    noted = [row.id for row in rows]
    db.session.commit()
    try:
        for subject, limits in subjects:
            for limit in limits:
                _check(what, subject, limit, now, field)
    except TooMany:
        db.session.execute(delete(SignInTry).where(SignInTry.id.in_(noted)))
        db.session.commit()
        raise
    db.session.commit()


def _check(what: What, subject: str, limit: Limit, now: datetime, field: str | None) -> None:
    # The try that stands one place beyond the limit: when it leaves the window, there is room.
    beyond: datetime | None = db.session.scalar(
        select(SignInTry.at)
        .where(SignInTry.subject == subject, SignInTry.at > now - limit.window)
        .order_by(SignInTry.at.desc())
        .offset(limit.most)
        .limit(1)
    )
    if beyond is None:
        return
    if limit is IN_A_ROW:
        raise WayClosed(field=field) if what is What.PASSWORD else CodesClosed(field=field)
    raise TooManyTries((beyond + limit.window - now).total_seconds(), field=field)


def succeeded(what: What, *, account: str) -> None:
    """The right secret came: the account's row of tries begins anew."""
    db.session.execute(delete(SignInTry).where(SignInTry.subject == of_account(what, account)))


def forget_old() -> None:
    """For the nightly job: delete what no limit looks at any more."""
    db.session.execute(delete(SignInTry).where(SignInTry.at < clock.now() - KEPT))
    db.session.commit()
