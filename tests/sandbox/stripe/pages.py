"""What a person sees: the hosted pay page and an overview; and the switchboard for tests."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import flask

from tests.sandbox.stripe import cards, disputes, money
from tests.sandbox.stripe.api import Api
from tests.sandbox.stripe.effects import Declined
from tests.sandbox.stripe.parameters import InvalidRequest
from tests.sandbox.stripe.store import Object


class Pages:
    """Holds no state of its own; everything is asked of the Api."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def blueprint(self) -> flask.Blueprint:
        pages = flask.Blueprint("pages", __name__, template_folder="templates")
        pages.add_app_template_filter(money.in_words, "money")
        pages.add_app_template_filter(_moment, "moment")
        pages.after_request(_guard)
        for url, view, methods in (
            ("/", self.overview, ["GET"]),
            ("/c/pay/<identity>", self.pay_page, ["GET"]),
            ("/c/pay/<identity>", self.pay, ["POST"]),
            ("/_sandbox/style.css", self.style, ["GET"]),
            ("/_sandbox/faults", self.faults, ["GET", "POST", "DELETE"]),
            ("/_sandbox/log", self.log, ["GET"]),
            ("/_sandbox/pay/<identity>", self.pay_at_once, ["POST"]),
            ("/_sandbox/refunds/<identity>", self.finish_refund, ["POST"]),
            ("/_sandbox/payments/<identity>/dispute", self.dispute, ["POST"]),
            ("/_sandbox/disputes/<identity>", self.finish_dispute, ["POST"]),
            ("/_sandbox/resend", self.resend, ["POST"]),
            ("/_sandbox/settle", self.settle, ["POST"]),
        ):
            pages.add_url_rule(url, view_func=view, methods=methods)
        return pages

    # For people

    def overview(self) -> str:
        store = self.api.store
        return flask.render_template(
            "overview.html",
            sessions=store.all("checkout.session")[::-1][:50],
            refunds=store.all("refund")[::-1][:50],
            disputes=store.all("dispute")[::-1][:50],
            events=store.all("event")[::-1][:50],
        )

    def pay_page(self, identity: str) -> flask.typing.ResponseReturnValue:
        self.api.effects.expire_due()
        session = self.api.store.get("checkout.session", identity)
        if session is None:
            return flask.render_template("closed.html", session=None), 404
        if session["status"] != "open":
            return flask.render_template("closed.html", session=session, back=_back(session)), 410
        flask.g.back_to = session
        return flask.render_template(
            "pay.html", session=session, cards=cards.CARDS, card={}, errors={}
        )

    def pay(self, identity: str) -> flask.typing.ResponseReturnValue:
        self.api.effects.expire_due()
        session = self.api.store.get("checkout.session", identity)
        if session is None or session["status"] != "open":
            return self.pay_page(identity)
        flask.g.back_to = session
        card = {name: flask.request.form.get(name, "").strip() for name in cards.FIELDS}
        errors = cards.errors_of(card)
        if not errors:
            try:
                number = "".join(card["number"].split())
                session = self.api.effects.pay(session, number, card["name"])
                return flask.redirect(_back(session), 303)
            except Declined as refusal:
                errors["number"] = str(refusal)
            except InvalidRequest:  # paid in another tab in this moment
                return self.pay_page(identity)
        page = flask.render_template(
            "pay.html", session=session, cards=cards.CARDS, card=card, errors=errors
        )
        return page, 402

    def style(self) -> flask.Response:
        return flask.send_from_directory(f"{flask.current_app.root_path}/templates", "style.css")

    # For tests

    def faults(self) -> flask.typing.ResponseReturnValue:
        api, deliveries = self.api, self.api.deliveries
        if flask.request.method == "DELETE":
            api.faults.clear()
            deliveries.drop, deliveries.hold, deliveries.copies = 0, False, 1
        elif flask.request.method == "POST":
            wanted = dict(flask.request.get_json())
            deliveries.drop = int(wanted.pop("drop_webhooks", deliveries.drop))
            deliveries.hold = bool(wanted.pop("hold_webhooks", deliveries.hold))
            deliveries.copies = int(wanted.pop("copies_of_webhooks", deliveries.copies))
            api.effects.refund_states = list(wanted.pop("refund_states", api.effects.refund_states))
            try:
                api.faults.set(wanted)
            except KeyError as error:
                return {"error": f"no such switch: {error.args[0]}"}, 400
        values = {name: value for name, value in vars(api.faults).items() if name[0] != "_"}
        return {
            **values,
            "drop_webhooks": deliveries.drop,
            "hold_webhooks": deliveries.hold,
            "copies_of_webhooks": deliveries.copies,
        }

    def log(self) -> dict[str, Any]:
        """Every effect there ever was, by id; and what was asked and delivered."""
        store = self.api.store
        return {
            "sessions": _by_id(store.all("checkout.session")),
            "charges": _by_id(store.all("charge")),
            "refunds": _by_id(store.all("refund")),
            "disputes": _by_id(store.all("dispute")),
            "events": [
                {name: event[name] for name in ("id", "type", "pending_webhooks")}
                for event in store.all("event")
            ],
            "requests": list(self.api.requests),
            "deliveries": list(self.api.deliveries.log),
        }

    def pay_at_once(self, identity: str) -> flask.typing.ResponseReturnValue:
        card = (flask.request.get_json(silent=True) or {}).get("card", "4242424242424242")
        try:
            session = self.api.effects.pay(self.api.effects.session(identity), card)
        except Declined as refusal:
            return {"declined": str(refusal)}, 402
        except InvalidRequest as error:
            return {"error": error.error}, error.status
        return {"id": session["id"], "payment_intent": session["payment_intent"]}

    def finish_refund(self, identity: str) -> Object:
        return self.api.effects.finish_refund(identity, flask.request.get_json()["status"])

    def dispute(self, identity: str) -> Object:
        return disputes.begin(self.api.effects, identity, **(flask.request.get_json() or {}))

    def finish_dispute(self, identity: str) -> Object:
        status = flask.request.get_json()["status"]
        return disputes.finish(self.api.effects, identity, status)

    def resend(self) -> dict[str, int]:
        wanted = (flask.request.get_json(silent=True) or {}).get("events")
        events = self.api.store.all("event")
        chosen = [event for event in events if wanted is None or event["id"] in wanted]
        for event in chosen:
            self.api.deliveries.resend(event)
        return {"resent": len(chosen)}

    def settle(self) -> dict[str, bool]:
        return {"settled": self.api.deliveries.settle()}


def _back(session: Object) -> str:
    if session["status"] == "complete":
        return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
    return str(session["cancel_url"] or session["success_url"])


def _moment(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


def _by_id(things: list[Object]) -> dict[str, Object]:
    return {thing["id"]: thing for thing in things}


def _guard(response: flask.Response) -> flask.Response:
    # A browser follows the redirect after the form only where form-action names its target.
    targets = "'self'"
    session = flask.g.get("back_to")
    if session:
        parts = urlsplit(session["success_url"])
        targets += f" {parts.scheme}://{parts.netloc}"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action {targets}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
