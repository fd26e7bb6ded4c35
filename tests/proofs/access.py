"""Every route × method × sixteen actors × own, foreign and missing objects, against the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conference.core.model import new_public_id
from tests import access_world
from tests.access_table import TABLE
from tests.access_world import MISSING_TOKEN, Actor
from tests.measures import proof
from tests.proofs._doors import Doors

# Let in, but the object has no such file: also 404 for those who may.
MAY_LACK = frozenset(
    {
        "registrations_desk.file",
        "registrations.file",
        "checkin_badges.file",
        "site.show_picture",
        "accounts.public_profile",
    }
)
SIGN_IN, SECOND, NOT_FOUND, FORBIDDEN, LET_IN = (
    "sign in",
    "second factor",
    "not found",
    "forbidden",
    "let in",
)


def seen(status: int, location: str) -> str:
    """What an answer means to whoever knocks."""
    if status == 401 or (status in {302, 303} and location.startswith("/sign-in?")):
        return SIGN_IN
    if status in {302, 303} and location.startswith("/account/second-factor?"):
        return SECOND
    if status >= 500 and status != 503:
        return f"broken ({status})"
    return {404: NOT_FOUND, 403: FORBIDDEN}.get(status, LET_IN)


def expected(endpoint: str, row: str, actor: Actor, variant: str) -> set[str]:
    """What the table says; a set, for a few doors have two right answers."""
    here = {LET_IN} if variant == "own" else {NOT_FOUND}
    if endpoint in MAY_LACK or endpoint in MISSING_TOKEN:
        here = {LET_IN, NOT_FOUND} if variant == "own" else {NOT_FOUND}
    if row == "everybody":
        return here
    if actor.person is None:
        return {SIGN_IN}
    if row == "signed-in":
        # Who has no second factor yet is sent to set one up.
        return here | {SECOND} if endpoint == "accounts.use_recovery_code" else here
    if row == "own":
        return here if actor.owns else {NOT_FOUND}
    if not actor.letters or (row == "A" and actor.letters != "A"):
        return {NOT_FOUND}
    if actor.letters not in row:
        return {FORBIDDEN}
    return {SECOND} if not actor.second_factor else here


def _paths(doors: Doors, rule: Any) -> Iterator[tuple[str, str]]:
    """The addresses of a route: with this edition's objects, another's, and none at all."""
    wanted = set(rule.arguments)
    edition = {"edition_code": doors.code} if "edition_code" in wanted else {}
    with doors.app.test_request_context("/"):
        from flask import url_for

        def address(ids: dict[str, str]) -> str:
            known = {k: v for k, v in ids.items() if k in wanted}
            return str(url_for(rule.endpoint, **edition, **known))

        own = access_world.parameters(rule.endpoint, doors.own)
        yield "own", address(own)
        objects = wanted - {"edition_code", "kind", "move", "code", "token", "key"}
        if not objects or rule.endpoint in MISSING_TOKEN:
            return
        if edition:
            yield "foreign", address(access_world.parameters(rule.endpoint, doors.other))
        yield "missing", address({**own, **{name: new_public_id() for name in objects}})


@proof("access")
def access() -> tuple[dict[str, Any], bool]:
    """The whole matrix; a route that the table lacks, or a row without a route, is wrong too."""
    doors = Doors()
    endpoints = {rule.endpoint for rule in doors.app.url_map.iter_rules()}
    wrong = [f"{e}: not in the table" for e in sorted(endpoints - set(TABLE))]
    wrong += [f"{e}: in the table only" for e in sorted(set(TABLE) - endpoints)]
    cells = 0
    for rule in doors.app.url_map.iter_rules():
        row = TABLE.get(rule.endpoint)
        if row is None:
            continue
        for variant, path in _paths(doors, rule):
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                for actor in doors.actors:
                    cells += 1
                    found = seen(*doors.knock(actor, method, path))
                    right = expected(rule.endpoint, row, actor, _shared(variant, rule))
                    if found not in right:
                        wrong.append(
                            f"{method} {rule.endpoint} ({variant}) {actor.name}: "
                            f"{found}, expected {' or '.join(sorted(right))}"
                        )
    for line in wrong[:60]:
        print("  wrong:", line)
    routes = len(endpoints)
    figures = {"routes": routes, "actors": len(doors.actors), "cells": cells, "wrong": len(wrong)}
    return figures, not wrong and cells > 5000


def _shared(variant: str, rule: Any) -> str:
    """Organisations belong to no edition: another edition's are as good as one's own."""
    site_wide = rule.endpoint.startswith("organisations_desk.")
    return "own" if site_wide and variant == "foreign" else variant
