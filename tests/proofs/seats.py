"""1,000 people press "Register" at one instant for 100 places, on SQLite and on PostgreSQL.

All have seen the last page with places free, through HTTP against the real server. Who finds none
left is asked again and presses once more, which puts them on the waiting list. A tenth press twice
at the same moment. The negative control takes places by "look, then write" and has to oversell.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.measures import proof
from tests.proofs._shared import NAIVE, Answer, Browsers, at_once, looking
from tests.serving import Request, Site, site

PEOPLE, PLACES, DOUBLE_CLICKS = 1_000, 100, 100
CONTROL_PEOPLE = 200


@dataclass(frozen=True)
class Visitor:
    """Somebody on the last page of the journey."""

    path: str
    key: str


def _prepare(people: int) -> list[Visitor]:
    """An edition with few places, and people whose forms are filled in, each signed in."""
    from conference.accounts import sessions
    from conference.extensions import db
    from conference.registrations import drafting
    from conference.registrations.models import RegistrationDraft
    from tests.factories import make_edition, make_person, make_ticket_type

    edition = make_edition(code="crowded", places=PLACES)
    kind = make_ticket_type(edition, quota=PLACES + 50)
    visitors = []
    for number in range(people):
        person = make_person()
        key = sessions.begin(person, method="proof", browser="proof", address="127.0.0.1")
        wish = drafting.blank_person(
            given_name="Mira", family_name=f"Kostić {number}", country="RS", ticket=kind.public_id
        )
        draft = RegistrationDraft(
            edition_id=edition.id, data={"email": person.email, "people": [wish]}
        )
        db.session.add(draft)
        db.session.flush()
        path = f"/crowded/registrations/new/{draft.public_id}/review"
        visitors.append(Visitor(path, key))
    return visitors


def _press(browsers: Browsers, visitor: Visitor, *, waiting: str) -> Request:
    from conference.accounts import current

    form = {"total": "0", "waiting": waiting}
    return browsers.form(visitor.path, form, **{current.KEY: visitor.key})


def _crowd(made: Site, visitors: list[Visitor], double_clicks: int) -> Counter[int]:
    """Everybody presses at once; whom the page asks again presses again, at once."""
    browsers = Browsers(made)
    came: Counter[int] = Counter()
    presses = [_press(browsers, one, waiting="") for one in visitors]
    answers = at_once(made.port, [*presses, *presses[:double_clicks]])
    came.update(answer.status for answer in answers)
    asked = [
        visitor
        for visitor, answer in zip(visitors, answers, strict=False)
        if _is_asked_again(answer)
    ]
    again = [_press(browsers, one, waiting="0") for one in asked]
    came.update(answer.status for answer in at_once(made.port, [*again, *again[:double_clicks]]))
    return came


def _is_asked_again(answer: Answer) -> bool:
    return answer.status == 200 and b'name="waiting" value="0"' in answer.body


def _outcome(made: Site) -> dict[str, Any]:
    """What stands in the database."""
    from conference.editions.models import Edition
    from conference.extensions import db
    from conference.registrations.models import Order, Registration, RegistrationDraft, TicketType
    from conference.registrations.states import HOLDS_PLACE, RegistrationState

    with looking(made):
        rows = db.session.execute(
            db.select(Registration.state, Registration.queue_number).order_by(Registration.id)
        ).all()
        waiting = [row.queue_number for row in rows if row.state is RegistrationState.WAITING]
        edition = db.session.scalars(db.select(Edition)).one()
        kind = db.session.scalars(db.select(TicketType)).one()
        without = db.select(db.func.count(RegistrationDraft.id)).where(
            RegistrationDraft.order_id.is_(None)
        )
        return {
            "confirmed": sum(row.state is RegistrationState.CONFIRMED for row in rows),
            "holding": sum(row.state in HOLDS_PLACE for row in rows),
            "waiting": len(waiting),
            "in_order_without_gaps": waiting == list(range(1, len(waiting) + 1)),
            "orders": int(db.session.scalar(db.select(db.func.count(Order.id)))),
            "lost": int(db.session.scalar(without)),
            "counted": (edition.places_taken, kind.taken),
        }


def _run(kind: str, people: int, double_clicks: int, without: str = "") -> dict[str, Any]:
    visitors: list[Visitor] = []
    with site(
        kind, prepare=lambda: visitors.extend(_prepare(people)), PROOF_WITHOUT=without
    ) as made:
        made.serve(workers=2, threads=4, target=NAIVE if without else "wsgi:app")
        came = _crowd(made, visitors, double_clicks)
        return {**_outcome(made), "answers": came}


def _seats(kind: str) -> tuple[dict[str, Any], bool]:
    done = _run(kind, PEOPLE, DOUBLE_CLICKS)
    control = _run(kind, CONTROL_PEOPLE, 0, without="places")
    answers = done.pop("answers")
    figures = {
        "people": PEOPLE,
        "places": PLACES,
        **{name: value for name, value in done.items() if name != "counted"},
        "no_answer": answers[0],
        "5xx": sum(n for status, n in answers.items() if status >= 500),
        "presses": sum(answers.values()),
        "confirmed_without_guard": control["holding"],
    }
    passed = (
        done["confirmed"] == done["holding"] == PLACES
        and done["counted"] == (PLACES, PLACES)
        and done["waiting"] == PEOPLE - PLACES
        and done["in_order_without_gaps"]
        and done["orders"] == PEOPLE
        and done["lost"] == 0
        and set(answers) <= {200, 302}
        and control["holding"] > PLACES
    )
    if not passed:
        print(done, dict(answers), control)
    return figures, bool(passed)


@proof("seats-sqlite")
def seats_sqlite() -> tuple[dict[str, Any], bool]:
    """One writer at a time."""
    return _seats("sqlite")


@proof("seats-postgres")
def seats_postgres() -> tuple[dict[str, Any], bool]:
    """Many writers at a time."""
    return _seats("postgres")
