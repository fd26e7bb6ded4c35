"""20,000 malformed requests over all routes, as people who are let in; no answer may be 5xx."""

from __future__ import annotations

import io
import os
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import Any
from urllib.parse import quote

from flask import request

from tests import access_paths
from tests.measures import proof
from tests.proofs._doors import SHARES, Doors, in_shares

REQUESTS, CONTROL = 20_000, 400
CARELESS = {"organisations.index", "editions.index", "accounts.sign_in", "payments_webhooks.stripe"}
DETAILS = bool(os.environ.get("DETAILS"))  # whoever hunts a fault wants the bodies
ODD = (
    "", " ", "\x00", "0", "-1", "1e999", "NaN", "9" * 40, "1.5", "true", "null", "[]", "{}",
    "../../etc/passwd", "%00", "%s%s%n", "{{7*7}}", "${7*7}", "' OR 1=1 --", "<script>", "\u202e",
    "\U0001f600", "\u0130", "\ufeff", "2026-02-30", "2026-13-01T25:61", "0001-01-01",
    "9999-12-31T23:59", "x" * 5000, "\r\nSet-Cookie: a=b", "12,50", "1.234.567,89", "RS", "ZZ",
    "a@b", "a@example.org,b@example.org", "\u0000\u0001", "http://[", "//evil.example.org",
)  # fmt: skip
QUERIES = ("after", "before", "sort", "q", "state", "next", "page", "list", "country", "kind", "p")
TYPES = (
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain",
    "application/json; charset=utf-77",
    "",
)


def _fields() -> list[str]:
    """Names that our forms use, read from the classes, so that values reach the services."""
    import gc

    from wtforms.form import FormMeta

    names = {"csrf_token", "next", "email"}
    # By type(): isinstance() would wake the proxies of libraries that are not at work here.
    for kind in [thing for thing in gc.get_objects() if issubclass(type(thing), FormMeta)]:
        names |= {n for n in dir(kind) if not n.startswith("_") and n not in {"Meta", "data"}}
    return sorted(names)


def _value(dice: random.Random, real: list[str]) -> str:
    return dice.choice(real) if dice.random() < 0.25 else dice.choice(ODD)


def _body(dice: random.Random, fields: list[str], real: list[str]) -> dict[str, Any]:
    kind = dice.randrange(6)
    if kind == 0:
        return {"data": bytes(dice.randrange(256) for _ in range(dice.randrange(300)))}
    if kind == 1:
        text = dice.choice(
            (
                '{"a":',
                "[1,2",
                '"x"',
                '{"code":"\\ud800","uid":"u"}',
                "null",
                '{"code":[],"uid":{}}',
                "[]",
                "{}",
            )
        )
        return {"data": text, "content_type": "application/json"}
    if kind == 2:
        return {"json": {n: _value(dice, real) for n in dice.sample(fields, 6)}}
    if kind == 3:
        return {"data": _value(dice, real), "content_type": dice.choice(TYPES)}
    form: dict[str, Any] = {
        n: _value(dice, real) for n in dice.sample(fields, min(25, len(fields)))
    }
    if kind == 4:
        name = dice.choice(("a.pdf", "../a", "", "x" * 300, "a\x00.png"))
        form[dice.choice(("file", "logo", "picture", "upload"))] = (
            io.BytesIO(
                dice.choice((b"", b"%PDF-", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n" + b"x" * 50))
            ),
            name,
        )
        return {"data": form, "content_type": "multipart/form-data"}
    return {"data": form}


def _path(dice: random.Random, values: dict[str, str], rule: Any) -> str:
    path = str(rule.rule)
    for name in rule.arguments:
        value = values.get(name, "x")
        if name != "edition_code" and dice.random() < 0.2:
            value = dice.choice(ODD)
        path = re.sub(rf"<(?:[^<>]*:)?{name}>", quote(value, safe="").replace("\\", ""), path)
    if dice.random() < 0.5:
        pairs = [f"{dice.choice(QUERIES)}={quote(_value(dice, ['1']))}" for _ in range(2)]
        path += "?" + "&".join(pairs)
    return path


WHO = ("administrator", "administrator", "owner", "finance", "check_in", "anonymous")


@dataclass
class Rain:
    """Requests that fell on some routes: statuses, and the lines of those that broke something."""

    seen: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def _rain(doors: Doors, rules: list[Any], count: int, *, seed: int) -> Rain:
    dice, fields, rain = random.Random(seed), _fields(), Rain()
    real = [*doors.own.ids.values(), "en", "1", "EUR", "on", "a@example.org", "2026-12-01"]
    values = {
        r.endpoint: {"edition_code": doors.code, **access_paths.parameters(r.endpoint, doors.own)}
        for r in rules
    }
    for _ in range(count):
        rule = dice.choice(rules)
        allowed = sorted(rule.methods - {"HEAD", "OPTIONS"})
        method = (
            dice.choice(allowed) if dice.random() < 0.93 else dice.choice(("PUT", "PATCH", "HEAD"))
        )
        path = _path(dice, values[rule.endpoint], rule)
        request = {} if method in {"GET", "HEAD"} else _body(dice, fields, real)
        headers = {"Accept-Language": dice.choice(ODD[:12])} if dice.random() < 0.1 else {}
        headers = {k: v for k, v in headers.items() if v.isprintable()}
        who = doors.actor(dice.choice(WHO))
        answer = doors.ask(who, method, path, headers=headers, **request)
        rain.seen[answer.status_code] += 1
        if answer.status_code >= 500 and rule.endpoint != "health.ready":
            told = str(request)[:300] if DETAILS else ""
            rain.broken.append(
                f"{answer.status_code} {method} {rule.endpoint} {path[:120]!r} {told}"
            )
    return rain


def _share(number: int) -> tuple[Rain, int, int]:
    """One part of the requests, on how many routes, and what the control broke."""
    doors = Doors()
    rules = [r for r in doors.app.url_map.iter_rules() if r.endpoint != "accounts.sign_out"]
    rain = _rain(doors, rules, REQUESTS // SHARES, seed=20160922 + number)
    careless = _careless(doors, rules)
    control = _rain(doors, careless, CONTROL // SHARES, seed=number)
    doors.close()
    return rain, len({r.endpoint for r in rules}), len(control.broken)


def _careless(doors: Doors, rules: list[Any]) -> list[Any]:
    """Public routes whose views are put in place of ours as a hurried person writes them."""

    def page(**_values: Any) -> str:
        return str(int(request.values.get("p", "1")))

    def form(**_values: Any) -> str:
        return str(request.get_json(silent=True)["uid"]) if request.is_json else page()

    chosen = [r for r in rules if r.endpoint in CARELESS]
    for rule in chosen:
        ours: Any = doors.app.view_functions[rule.endpoint]
        theirs = update_wrapper(form if "POST" in rule.methods else page, ours)
        doors.app.view_functions[rule.endpoint] = theirs
    return chosen


@proof("malformed")
def malformed() -> tuple[dict[str, Any], bool]:
    """Random rubbish, and rubbish under the right names; also odd methods and headers.

    The control sends the same to careless views: an answer 5xx would not go unseen.
    """
    shares = in_shares(_share)
    seen = sum((share[0].seen for share in shares), Counter[int]())
    broken = [line for share in shares for line in share[0].broken]
    for line in sorted(set(broken))[:40]:
        print("  broken:", line)
    figures = {
        "requests": sum(seen.values()),
        "routes": shares[0][1],
        "5xx": len(broken),
        "2xx": sum(n for s, n in seen.items() if s < 300),
        "3xx": sum(n for s, n in seen.items() if 300 <= s < 400),
        "4xx": sum(n for s, n in seen.items() if 400 <= s < 500),
        "control_5xx": sum(share[2] for share in shares),
    }
    right = not broken and sum(seen.values()) == REQUESTS
    return figures, right and figures["control_5xx"] > 0
