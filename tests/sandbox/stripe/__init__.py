"""A local Stripe: keeps state, checks requests against the SDK's own types, signs webhooks."""

from __future__ import annotations

import logging
import socket
import threading
from pathlib import Path
from typing import Any

import flask
import requests
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.sandbox.stripe.api import Api, CutOff, unknown_address
from tests.sandbox.stripe.deliveries import Deliveries, signed
from tests.sandbox.stripe.effects import Effects
from tests.sandbox.stripe.pages import Pages
from tests.sandbox.stripe.store import Object, Store

__all__ = ["Sandbox", "serve", "signed"]

SECRET = "whsec_sandbox"


class _Handler(WSGIRequestHandler):
    disable_nagle_algorithm = True  # else each answer on a kept connection waits 40 ms

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Silence: what was asked stands in the log of the sandbox itself."""


class Sandbox:
    """A running sandbox. `url` is the API base and the origin of the pay page."""

    def __init__(self, api: Api, server: BaseWSGIServer) -> None:
        self.api = api
        self.url = api.effects.base_url
        self._server = server

    @property
    def webhook_secret(self) -> str:
        return self.api.deliveries.secret

    @property
    def events(self) -> list[Object]:
        """Every event, oldest first, delivered or not."""
        return self.api.store.all("event")

    def sign(self, event: Object, at: int | None = None) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a delivery of this event, for tests that deliver by themselves."""
        return signed(event, self.webhook_secret, at)

    def faults(self, **switches: Any) -> None:
        requests.post(f"{self.url}/_sandbox/faults", json=switches, timeout=5).raise_for_status()

    def heal(self) -> None:
        requests.delete(f"{self.url}/_sandbox/faults", timeout=5).raise_for_status()

    def log(self) -> dict[str, Any]:
        answer: dict[str, Any] = requests.get(f"{self.url}/_sandbox/log", timeout=30).json()
        return answer

    def pay(self, session_id: str, card: str = "4242424242424242") -> requests.Response:
        """The customer pays at once, without the page."""
        url = f"{self.url}/_sandbox/pay/{session_id}"
        return requests.post(url, json={"card": card}, timeout=5)

    def settle(self, seconds: float = 10.0) -> bool:
        """Waits until every webhook that is due has been sent."""
        return self.api.deliveries.settle(seconds)

    def point_webhooks_at(self, url: str | None) -> None:
        self.api.deliveries.url = url

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.api.deliveries.stop()
        self.api.store.close()


def create_app(api: Api) -> flask.Flask:
    app = flask.Flask(__name__)
    app.register_blueprint(api.blueprint())
    app.register_blueprint(Pages(api).blueprint())
    app.register_error_handler(404, unknown_address)
    app.register_error_handler(405, unknown_address)

    @app.errorhandler(CutOff)
    def cut_off(error: CutOff) -> flask.Response:
        connection = flask.request.environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
        return flask.Response(status=500)

    return app


def serve(
    port: int = 0,
    *,
    webhook_url: str | None = None,
    webhook_secret: str = SECRET,
    state: Path | None = None,
    host: str = "127.0.0.1",
) -> Sandbox:
    """Starts a sandbox in threads; `state` is the journal that survives a restart."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    store = Store(state)
    deliveries = Deliveries(store, webhook_url, webhook_secret)
    api = Api(store, Effects(store, deliveries.emit), deliveries)
    server = make_server(host, port, create_app(api), threaded=True, request_handler=_Handler)
    api.effects.base_url = f"http://{host}:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    deliveries.start()
    return Sandbox(api, server)
