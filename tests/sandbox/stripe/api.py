"""The Stripe API over HTTP: keys, idempotency, errors, lists and expansion."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import flask
import stripe.params as params
from stripe.params import checkout as checkout_params
from werkzeug.exceptions import HTTPException

from tests.sandbox.stripe.deliveries import Deliveries
from tests.sandbox.stripe.effects import Effects, public
from tests.sandbox.stripe.faults import Faults
from tests.sandbox.stripe.parameters import InvalidRequest, read
from tests.sandbox.stripe.store import Object, Store

Answer = tuple[int, str]
EXPANDABLE = {
    "payment_intent": "payment_intent",
    "latest_charge": "charge",
    "charge": "charge",
}
LISTS = {
    "checkout.session": ("/v1/checkout/sessions", checkout_params.SessionListParams),
    "payment_intent": ("/v1/payment_intents", params.PaymentIntentListParams),
    "charge": ("/v1/charges", params.ChargeListParams),
    "refund": ("/v1/refunds", params.RefundListParams),
    "dispute": ("/v1/disputes", params.DisputeListParams),
    "event": ("/v1/events", params.EventListParams),
}


class CutOff(Exception):
    """The connection ends here, without an answer."""


class Api:
    """Answers requests; what they do stands in Effects."""

    def __init__(self, store: Store, effects: Effects, deliveries: Deliveries) -> None:
        self.store = store
        self.effects = effects
        self.deliveries = deliveries
        self.faults = Faults()
        self.requests: deque[dict[str, Any]] = deque(maxlen=100_000)
        self._running: set[str] = set()
        self._lock = threading.Lock()

    def blueprint(self) -> flask.Blueprint:
        pages = flask.Blueprint("api", __name__)
        pages.before_request(self._authenticate)
        pages.after_request(self._number)
        pages.register_error_handler(InvalidRequest, self._refuse)
        for kind, (url, typed) in LISTS.items():
            pages.add_url_rule(url, f"{kind} list".replace(".", " "), self._lister(kind, typed))
            pages.add_url_rule(
                f"{url}/<identity>", f"{kind} one".replace(".", " "), self._reader(kind)
            )
        for url, view in {
            "/v1/checkout/sessions": self._open_session,
            "/v1/checkout/sessions/<identity>/expire": self._expire_session,
            "/v1/refunds": self._refund,
        }.items():
            pages.add_url_rule(url, view.__name__, view, methods=["POST"])
        pages.add_url_rule("/v1/checkout/sessions/<identity>/line_items", "items", self._items)
        return pages

    # Around every request

    def _authenticate(self) -> flask.Response | None:
        flask.request.get_data(cache=True)  # parsing the form would consume it
        faults = self.faults
        if faults.delay_ms and flask.request.method == "GET" and faults.covers(flask.request.path):
            time.sleep(faults.delay_ms / 1000)
        header = flask.request.headers.get("Authorization", "")
        if re.fullmatch(r"Bearer sk_test_\w+", header):
            return None
        words = "Invalid API Key provided. This sandbox takes keys that begin with sk_test_."
        if not header:
            words = "You did not provide an API key. Set it as a Bearer token."
        return _json(401, _error(InvalidRequest(words)))

    @staticmethod
    def _refuse(error: InvalidRequest) -> flask.Response:
        return _json(error.status, _error(error))

    @staticmethod
    def _number(response: flask.Response) -> flask.Response:
        response.headers["Request-Id"] = f"req_{time.time_ns():x}"
        response.headers["Stripe-Version"] = flask.request.headers.get("Stripe-Version", "")
        return response

    def _write(self, values: dict[str, Any], act: Callable[[], Object]) -> flask.Response:
        """One effect under its key; malformed requests were refused before and are not kept."""
        key = flask.request.headers.get("Idempotency-Key")
        body = flask.request.get_data()
        path = flask.request.path
        fingerprint = hashlib.sha256(path.encode() + b"\0" + body).hexdigest()
        if key is not None:
            kept = self._claim(key, fingerprint)
            if kept is not None:
                return kept
        try:
            status, text = self._effect(act, values.get("expand", []), key, fingerprint)
        finally:
            with self._lock:
                self._running.discard(key or "")
        return _json(status, text)

    def _claim(self, key: str, fingerprint: str) -> flask.Response | None:
        with self._lock:
            if key in self._running:
                self._note(key, 409)
                raise InvalidRequest(
                    "There is currently another in-progress request using this Idempotency Key.",
                    status=409,
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                )
            if key not in self.store.answers:
                self._running.add(key)
                return None
        request, status, text = self.store.answers[key]
        if request != fingerprint:
            self._note(key, 400)
            raise InvalidRequest(
                "Keys for idempotent requests can only be used with the same parameters they were "
                f"first used with. Try using a key other than '{key}' if you meant to execute a "
                "different request.",
                kind="idempotency_error",
            )
        self._note(key, status, replayed=True)
        response = _json(status, text)
        response.headers["Idempotent-Replayed"] = "true"
        return response

    def _effect(
        self, act: Callable[[], Object], expand: list[str], key: str | None, fingerprint: str
    ) -> Answer:
        struck = self.faults.covers(flask.request.path)
        if struck and self.faults.delay_ms:
            time.sleep(self.faults.delay_ms / 1000)
        if struck and self.faults.take("drop_before_effect"):
            self._note(key, 0)
            raise CutOff
        if struck and self.faults.take("fail_before_effect"):
            return self._fail(key)
        with self.store.writing():
            try:
                thing = act()
                status, text = 200, _text(self._expanded(public(thing), thing, expand))
            except InvalidRequest as error:
                thing = {}
                status, text = error.status, _error(error)
            if key is not None:
                self.store.keep_answer(key, fingerprint, status, text)
        if struck and self.faults.take("drop_answer_after_effect"):
            self._note(key, 0, thing.get("id"))
            raise CutOff
        if struck and self.faults.take("fail_after_effect"):
            return self._fail(key, thing.get("id"))
        self._note(key, status, thing.get("id"))
        return status, text

    def _fail(self, key: str | None, effect: str | None = None) -> Answer:
        self._note(key, self.faults.status, effect)
        words = "An error occurred with our connection to Stripe (ordered by the test)."
        return self.faults.status, _error(InvalidRequest(words, kind="api_error"))

    def _note(
        self, key: str | None, status: int, effect: str | None = None, replayed: bool = False
    ) -> None:
        entry = {"method": flask.request.method, "path": flask.request.path, "status": status}
        self.requests.append(
            {**entry, "idempotency_key": key, "effect": effect, "replayed": replayed}
        )

    # Addresses

    def _open_session(self) -> flask.Response:
        values = self._read(checkout_params.SessionCreateParams)
        return self._write(values, lambda: self.effects.open_session(values))

    def _expire_session(self, identity: str) -> flask.Response:
        values = self._read(checkout_params.SessionExpireParams)
        session = self.effects.session(identity)
        return self._write(values, lambda: self.effects.expire_session(session))

    def _refund(self) -> flask.Response:
        values = self._read(params.RefundCreateParams)
        return self._write(values, lambda: self.effects.refund(values))

    @staticmethod
    def _read(kind: type) -> dict[str, Any]:
        return read(flask.request.form.items(multi=True), kind)

    def _reader(self, kind: str) -> Callable[[str], flask.Response]:
        def view(identity: str) -> flask.Response:
            values = read(
                flask.request.args.items(multi=True), checkout_params.SessionRetrieveParams
            )
            self.effects.expire_due()
            thing = self.effects.found(kind, identity)
            return _json(200, _text(self._expanded(public(thing), thing, values.get("expand", []))))

        return view

    def _items(self, identity: str) -> flask.Response:
        read(flask.request.args.items(multi=True), checkout_params.SessionListLineItemsParams)
        return _json(200, _text(self.effects.session(identity)["line_items"]))

    def _lister(self, kind: str, typed: type) -> Callable[[], flask.Response]:
        def view() -> flask.Response:
            values = read(flask.request.args.items(multi=True), typed)
            self.effects.expire_due()
            found = [thing for thing in reversed(self.store.all(kind)) if _matches(thing, values)]
            page, more = _page(found, values)
            expand = [path.removeprefix("data.") for path in values.get("expand", [])]
            data = [self._expanded(public(thing), thing, expand) for thing in page]
            answer = {"object": "list", "data": data, "has_more": more, "url": LISTS[kind][0]}
            return _json(200, _text(answer))

        return view

    def _expanded(self, shown: Object, thing: Object, paths: list[str]) -> Object:
        shown = dict(shown)
        for path in paths:
            name, _, rest = path.partition(".")
            if name == "line_items" and name in thing:
                shown[name] = thing[name]
            elif name in EXPANDABLE and name in shown:
                inner = self.store.get(EXPANDABLE[name], thing[name])
                if inner is not None:
                    shown[name] = self._expanded(public(inner), inner, [rest] if rest else [])
            else:
                raise InvalidRequest(
                    f"This property cannot be expanded ({name}).", "expand", code="invalid_expand"
                )
        return shown


def _matches(thing: Object, values: dict[str, Any]) -> bool:
    for name in ("payment_intent", "charge", "status", "customer", "type"):
        if name in values and thing.get(name) != values[name]:
            return False
    if "types" in values and thing["type"] not in values["types"]:
        return False
    if "delivery_success" in values and values["delivery_success"] == bool(
        thing["pending_webhooks"]
    ):
        return False
    created = values.get("created")
    if isinstance(created, int):
        return bool(thing["created"] == created)
    at, bounds = thing["created"], created or {}
    return bool(
        at > bounds.get("gt", -1)
        and at >= bounds.get("gte", 0)
        and at < bounds.get("lt", at + 1)
        and at <= bounds.get("lte", at)
    )


def _page(found: list[Object], values: dict[str, Any]) -> tuple[list[Object], bool]:
    limit = values.get("limit", 10)
    if not 1 <= limit <= 100:
        raise InvalidRequest("Invalid limit: it can range between 1 and 100", "limit")
    places = {thing["id"]: number for number, thing in enumerate(found)}
    for name in ("starting_after", "ending_before"):
        if name in values and values[name] not in places:
            raise InvalidRequest(f"No such object: '{values[name]}'", name, code="resource_missing")
    if "ending_before" in values:
        end = places[values["ending_before"]]
        return found[max(0, end - limit) : end], end > limit
    start = places[values["starting_after"]] + 1 if "starting_after" in values else 0
    return found[start : start + limit], len(found) > start + limit


def _text(thing: Object) -> str:
    return json.dumps(thing, ensure_ascii=False)


def _error(error: InvalidRequest) -> str:
    return _text({"error": {key: value for key, value in error.error.items() if value is not None}})


def _json(status: int, text: str) -> flask.Response:
    return flask.Response(text, status=status, mimetype="application/json")


def unknown_address(error: HTTPException) -> flask.Response:
    """Stripe's own words for an address that it does not have."""
    request = flask.request
    words = f"Unrecognized request URL ({request.method}: {request.path})."
    return _json(error.code or 404, _error(InvalidRequest(words)))
