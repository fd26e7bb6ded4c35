"""20,000 malformed requests over all routes, as people who are let in; no answer may be 5xx."""

from __future__ import annotations

import io
import os
import random
import re
from collections import Counter
from typing import Any
from urllib.parse import quote

from tests import access_paths
from tests.measures import proof
from tests.proofs._doors import SHARES, Doors, in_shares

REQUESTS = 20_000
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
    for kind in [thing for thing in gc.get_objects() if isinstance(thing, FormMeta)]:
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


def _share(number: int) -> tuple[Counter[int], set[str], list[str]]:
    """Statuses, endpoints and broken ones of one part of the requests."""
    doors = Doors()
    dice = random.Random(20160922 + number)
    fields = _fields()
    real = [*doors.own.ids.values(), "en", "1", "EUR", "on", "a@example.org", "2026-12-01"]
    rules = [r for r in doors.app.url_map.iter_rules() if r.endpoint != "accounts.sign_out"]
    values = {
        r.endpoint: {"edition_code": doors.code, **access_paths.parameters(r.endpoint, doors.own)}
        for r in rules
    }
    seen: Counter[int] = Counter()
    broken: list[str] = []
    for _ in range(REQUESTS // SHARES):
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
        seen[answer.status_code] += 1
        if answer.status_code >= 500 and rule.endpoint != "health.ready":
            told = str(request)[:300] if DETAILS else ""
            broken.append(f"{answer.status_code} {method} {rule.endpoint} {path[:120]!r} {told}")
    doors.close()
    return seen, {r.endpoint for r in rules}, broken


@proof("malformed")
def malformed() -> tuple[dict[str, Any], bool]:
    """Random rubbish, and rubbish under the right names; also odd methods and headers."""
    shares = in_shares(_share)
    seen = sum((share[0] for share in shares), Counter[int]())
    broken = [line for share in shares for line in share[2]]
    for line in sorted(set(broken))[:40]:
        print("  broken:", line)
    figures = {
        "requests": sum(seen.values()),
        "routes": len(shares[0][1]),
        "5xx": len(broken),
        "2xx": sum(n for s, n in seen.items() if s < 300),
        "3xx": sum(n for s, n in seen.items() if 300 <= s < 400),
        "4xx": sum(n for s, n in seen.items() if 400 <= s < 500),
    }
    return figures, not broken and sum(seen.values()) == REQUESTS
