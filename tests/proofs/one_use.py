"""Twenty tries at the same instant with one link, one code, one session: one of them wins.

Over HTTP against the real server with two processes, on both databases. The limits of tries are
lifted, so that all twenty reach the guard itself. The negative control replaces each guard by
"look, then write" and has to let more than one through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests import databases
from tests.measures import proof
from tests.proofs._shared import NAIVE, Answer, Browsers, at_once, looking, statuses
from tests.serving import Request, Site, site

TRIES = 20
ROUNDS = 6
CONTROL_ROUNDS = 2
GUARDS = "one_use,counter,recovery_lock,ended"


@dataclass
class Round:
    """Requests that go out together, and how many of them had an effect, asked of the database."""

    kind: str
    requests: list[Request]
    effects: Callable[[], int]
    wins: Callable[[Answer], bool] = field(default=lambda answer: answer.status == 302)


def _person(number: int, kind: str, **more: Any) -> Any:
    from tests.factories import make_person

    return make_person(email=f"{kind}{number}@example.org", **more)


def _begin(person: Any, **more: Any) -> str:
    from conference.accounts import sessions

    return sessions.begin(person, method="proof", browser="proof", address="127.0.0.1", **more)


def _links(browsers: Browsers, number: int) -> Round:
    """A mailed sign-in link, pressed in twenty browsers."""
    from conference.accounts.models import Person, SignInSession
    from conference.core import tokens
    from conference.extensions import db

    email = f"link{number}@example.org"
    raw = tokens.issue("sign-in", lasts=timedelta(minutes=10), email=email, data={"then": None})

    def begun() -> int:
        query = db.select(db.func.count(SignInSession.id)).join(Person)
        return int(db.session.scalar(query.where(Person.email == email)))

    requests = [browsers.form(f"/sign-in/link/{raw}") for _ in range(TRIES)]
    return Round("sign_in_links", requests, begun)


def _confirmations(browsers: Browsers, number: int) -> Round:
    """The link that confirms the address of an order."""
    from conference.core import audit
    from conference.extensions import db
    from conference.registrations.service import confirming
    from conference.registrations.states import OrderState
    from tests.factories import make_edition, make_order, make_registration, make_ticket_type

    edition = make_edition()
    order = make_order(
        edition, state=OrderState.PLACED, confirmed_at=None, email=f"confirm{number}@example.org"
    )
    kind = make_ticket_type(edition, amount=10_000)
    make_registration(edition, ticket_type=kind, order=order, state="pending", email=order.email)
    from conference.core import tokens

    raw = tokens.issue(
        confirming.CONFIRM,
        lasts=timedelta(hours=1),
        email=order.email,
        data={"order": order.public_id},
    )
    subject = order.public_id

    def asked() -> int:
        acts = db.session.scalars(
            db.select(audit.AuditEntry.act).where(audit.AuditEntry.subject == subject)
        )
        return list(acts).count("order.awaiting_payment")

    path = f"/{edition.code}/registrations/confirm/{raw}"
    return Round("confirm_links", [browsers.form(path) for _ in range(TRIES)], asked)


def _passed(person_id: int) -> Callable[[], int]:
    from conference.accounts.models import SignInSession
    from conference.extensions import db

    def passed() -> int:
        return int(
            db.session.scalar(
                db.select(db.func.count(SignInSession.id)).where(
                    SignInSession.person_id == person_id,
                    SignInSession.second_factor_at.is_not(None),
                )
            )
        )

    return passed


def _codes(browsers: Browsers, number: int) -> Round:
    """The code that an authenticator shows, typed at twenty stolen half-way sessions."""
    from conference.accounts import current, vault

    secret = vault.new_totp_secret()
    person = _person(number, "totp", tf_totp_secret=secret)
    code = vault.totp_now(secret)
    requests = [
        browsers.form("/account/second-factor", {"code": code}, **{current.KEY: _begin(person)})
        for _ in range(TRIES)
    ]
    return Round("totp_codes", requests, _passed(person.id))


def _recovery_codes(browsers: Browsers, number: int) -> Round:
    """One recovery code, typed at twenty half-way sessions."""
    from conference.accounts import current, vault
    from conference.accounts.service import second_factor

    person = _person(number, "recovery", tf_totp_secret=vault.new_totp_secret())
    code = second_factor._new_codes(person)[0]
    requests = [
        browsers.form(
            "/account/second-factor/recovery",
            {"recovery_code": code},
            **{current.KEY: _begin(person)},
        )
        for _ in range(TRIES)
    ]
    return Round("recovery_codes", requests, _passed(person.id))


def _ends(browsers: Browsers, number: int) -> Round:
    """The button that ends another browser's session, pressed twenty times."""
    from conference.accounts import current
    from conference.accounts.models import SignInSession
    from conference.extensions import db

    person = _person(number, "ends")
    _begin(person)
    other = db.session.scalars(
        db.select(SignInSession).where(SignInSession.person_id == person.id)
    ).one()
    here = {current.KEY: _begin(person)}
    other_id = other.id

    def ended() -> int:
        at = db.select(SignInSession.ended_at).where(SignInSession.id == other_id)
        return int(db.session.scalar(at) is not None)

    path = f"/account/sessions/{other.public_id}/end"
    return Round("sessions_ended", [browsers.form(path, **here) for _ in range(TRIES)], ended)


KINDS = (_links, _confirmations, _codes, _recovery_codes, _ends)


@dataclass
class Tally:
    """What came of all rounds of a kind."""

    rounds: int = 0
    won: int = 0
    wrong: int = 0  # rounds in which not exactly one won, or had an effect
    faults: int = 0  # lost or 5xx

    def add(self, answers: Sequence[Answer], one: Round) -> None:
        won, effects = sum(one.wins(answer) for answer in answers), one.effects()
        self.rounds += 1
        self.won += won
        self.wrong += (won, effects) != (1, 1)
        self.faults += sum(answer.status == 0 or answer.status >= 500 for answer in answers)


def _run(made: Site, rounds: int) -> dict[str, Tally]:
    from conference.extensions import db

    browsers = Browsers(made)
    tallies: dict[str, Tally] = {}
    with looking(made):
        for number in range(rounds):
            for kind in KINDS:
                one = kind(browsers, number)
                db.session.commit()
                db.session.remove()
                answers = at_once(made.port, one.requests)
                tallies.setdefault(one.kind, Tally()).add(answers, one)
                db.session.remove()
    return tallies


def _afterlife(made: Site) -> dict[str, int]:
    """A session that was ended, and one whose key was renewed, tried twenty times at once."""
    from conference.accounts import current, sessions
    from conference.extensions import db

    browsers = Browsers(made)
    entered = {}
    with looking(made):
        person = _person(0, "afterlife")
        dead, renewed, alive = _begin(person), _begin(person), _begin(person)
        found = sessions.find(dead)
        old = sessions.find(renewed)
        assert found is not None
        assert old is not None
        sessions.end(person, found[1].public_id)
        sessions.new_key(old[1])
        db.session.commit()
        for name, key in (("ended", dead), ("old_key", renewed), ("running", alive)):
            page = browsers.page("/account/security", **{current.KEY: key})
            entered[name] = statuses(at_once(made.port, [page] * TRIES))[200]
    return entered


@proof("one-use")
def one_use() -> tuple[dict[str, Any], bool]:
    """Both databases, then the control on both."""
    kinds = ["sqlite", *(["postgres"] if databases.postgres_wanted() else [])]
    sums: dict[str, Tally] = {}
    controls: dict[str, Tally] = {}
    entered = {}
    for kind in kinds:
        with site(kind, PROOF_WITHOUT="limits") as made:
            made.serve(workers=2, threads=10, target=NAIVE)
            _add(sums, _run(made, ROUNDS))
            entered[kind] = _afterlife(made)
        with site(kind, PROOF_WITHOUT=f"limits,{GUARDS}") as made:
            made.serve(workers=2, threads=10, target=NAIVE)
            _add(controls, _run(made, CONTROL_ROUNDS))
    figures: dict[str, Any] = {"databases": "+".join(kinds), "tries_each": TRIES}
    for name, tally in sums.items():
        figures[name] = f"{tally.won} wins of {tally.rounds}"
    figures["ended_or_renewed_sessions_entered"] = sum(
        one["ended"] + one["old_key"] for one in entered.values()
    )
    figures["faults"] = sum(tally.faults for tally in sums.values())
    figures["without_guard"] = " ".join(
        f"{name} {tally.won} wins of {tally.rounds}" for name, tally in controls.items()
    )
    passed = (
        all(tally.wrong == 0 and tally.rounds > 0 for tally in sums.values())
        and figures["faults"] == 0
        and figures["ended_or_renewed_sessions_entered"] == 0
        and all(one["running"] == TRIES for one in entered.values())
        and all(tally.won > tally.rounds for tally in controls.values())
    )
    return figures, passed


def _add(sums: dict[str, Tally], more: dict[str, Tally]) -> None:
    for name, tally in more.items():
        one = sums.setdefault(name, Tally())
        one.rounds += tally.rounds
        one.won += tally.won
        one.wrong += tally.wrong
        one.faults += tally.faults
