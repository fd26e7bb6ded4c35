"""Every route × method × sixteen actors × own, foreign and missing objects, against the table."""

from __future__ import annotations

from typing import Any

from conference.web import access as rules
from tests import access_paths
from tests.access_cast import Actor
from tests.access_table import TABLE
from tests.measures import proof
from tests.proofs._doors import SHARES, Doors, in_shares

SIGN_IN, SECOND, NOT_FOUND, FORBIDDEN, LET_IN = (
    "sign in",
    "second factor",
    "not found",
    "forbidden",
    "let in",
)
# Who is signed in and follows a used link is sent to their account; others are told.
LINKS = frozenset(
    e for e, names in access_paths.NAMES.items() if any(n.endswith("_link") for n in names.values())
)
# The link names its order by itself.
ANY_EDITION = frozenset({"registrations.confirm"})


def seen(status: int, location: str) -> str:
    """What an answer means to whoever knocks."""
    if status == 401 or (status in {302, 303} and location.startswith("/sign-in?")):
        return SIGN_IN
    if status in {302, 303} and location.startswith("/account/second-factor?"):
        return SECOND
    if status >= 500 and status != 503:
        return f"broken ({status})"
    return {404: NOT_FOUND, 410: NOT_FOUND, 403: FORBIDDEN}.get(status, LET_IN)


def expected(rule: Any, row: str, actor: Actor, variant: str) -> set[str]:
    """What the table says; a set, for a few doors have two right answers."""
    if variant == "draft" and actor.letters != "A":
        return {NOT_FOUND}
    here = _inside(rule, row, variant)
    if row in {"everybody", "key"}:
        return here
    if actor.person is None:
        return {SIGN_IN}
    if row == "signed-in":
        # Who has no second factor yet is sent to set one up.
        return here | {SECOND} if rule.endpoint == "accounts.use_recovery_code" else here
    if row == "own":
        return here if actor.owns else {NOT_FOUND}
    if not actor.letters or (row == "A" and actor.letters != "A"):
        return {NOT_FOUND}
    if actor.letters not in row:
        return {FORBIDDEN}
    return {SECOND} if not actor.second_factor else here


def _inside(rule: Any, row: str, variant: str) -> set[str]:
    """What those see who may come in at all."""
    if variant in {"own", "draft"}:
        return {LET_IN}
    if variant == "missing":
        return {LET_IN, NOT_FOUND} if rule.endpoint in LINKS else {NOT_FOUND}
    if rule.endpoint in ANY_EDITION or rule.endpoint.startswith("organisations_desk."):
        return {LET_IN}
    # What belongs to no edition is as good from anywhere, unless it is somebody's own.
    return {NOT_FOUND} if "edition_code" in rule.arguments or row == "own" else {LET_IN}


class Matrix:
    """All cells, or every so-manieth route of them."""

    def __init__(self, doors: Doors) -> None:
        self.doors, self.cells, self.wrong = doors, 0, list[str]()

    def route(self, rule: Any) -> None:
        """Every method, actor and object of one route."""
        adapter = self.doors.app.url_map.bind("localhost")
        doors, row = self.doors, TABLE[rule.endpoint]
        for variant, values in access_paths.variants(rule, doors.own, doors.other, doors.draft):
            path = adapter.build(rule.endpoint, values)
            # Asking for the head alone must differ in nothing: once for each route and actor.
            rest = {"OPTIONS"} if variant == "own" else {"OPTIONS", "HEAD"}
            for method in sorted(rule.methods - rest):
                for actor in doors.actors:
                    self._cell(rule, row, actor, method, variant, path)

    def _cell(
        self, rule: Any, row: str, actor: Actor, method: str, variant: str, path: str
    ) -> None:
        self.cells += 1
        found = seen(*self.doors.knock(actor, method, path))
        right = expected(rule, row, actor, variant)
        if found not in right:
            self.wrong.append(
                f"{method} {rule.endpoint} ({variant}) {actor.name}: "
                f"{found}, expected {' or '.join(sorted(right))}"
            )


def _described(doors: Doors) -> list[Any]:
    return [rule for rule in doors.app.url_map.iter_rules() if rule.endpoint in TABLE]


def _share(number: int) -> tuple[int, list[str]]:
    doors = Doors()
    matrix = Matrix(doors)
    for rule in _described(doors)[number::SHARES]:
        matrix.route(rule)
    doors.close()
    return matrix.cells, matrix.wrong


def _without_rules(doors: Doors) -> int:
    """Wrong cells of some staff routes when no rule is asked."""
    matrix = Matrix(doors)
    staff = [r for r in _described(doors) if TABLE[r.endpoint].isupper()][::12]
    for rule in staff:
        view = doors.app.view_functions[rule.endpoint]
        kept, view.access = view.access, rules.Rule("public")
        matrix.route(rule)
        view.access = kept
    return len(matrix.wrong)


@proof("access")
def access() -> tuple[dict[str, Any], bool]:
    """The whole matrix; a route that the table lacks, or a row without a route, is wrong too."""
    doors = Doors()
    endpoints = {rule.endpoint for rule in doors.app.url_map.iter_rules()}
    wrong = [f"{e}: not in the table" for e in sorted(endpoints - set(TABLE))]
    wrong += [f"{e}: in the table only" for e in sorted(set(TABLE) - endpoints)]
    shares = in_shares(_share)
    wrong += [line for _cells, lines in shares for line in lines]
    for line in wrong[:60]:
        print("  wrong:", line)
    unguarded = _without_rules(doors)
    figures = {
        "routes": len(endpoints),
        "actors": len(doors.actors),
        "cells": sum(cells for cells, _lines in shares),
        "wrong": len(wrong),
        "wrong_without_rules": unguarded,
    }
    doors.close()
    return figures, not wrong and figures["cells"] > 10_000 and unguarded > 100
