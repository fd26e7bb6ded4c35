"""Webhooks: every event is sent signed, and again until the other side says 2xx."""

from __future__ import annotations

import heapq
import itertools
import json
import threading
import time
from typing import Any

import requests
import stripe

from tests.sandbox.stripe.store import Object, Store

FIRST_PAUSE, LONGEST_PAUSE, TRIES = 0.5, 60.0, 40


def signed(event: Object, secret: str, at: int | None = None) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one delivery, signed by the SDK's own signer."""
    body = json.dumps(event, ensure_ascii=False)
    signature = stripe.WebhookSignature.generate_signature_header(body, secret, at)
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
    return body.encode(), headers


class Deliveries:
    """A few threads over one timetable of what is due."""

    def __init__(self, store: Store, url: str | None, secret: str, threads: int = 4) -> None:
        self.url = url
        self.secret = secret
        self.drop = 0
        self.hold = False
        self.copies = 1
        self.log: list[dict[str, Any]] = []
        self._store = store
        self._due: list[tuple[float, int, int, Object]] = []
        self._number = itertools.count()
        self._wake = threading.Condition()
        self._busy = 0
        self._stopped = False
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def start(self) -> None:
        for event in self._store.all("event"):  # of a run before this one
            if event["pending_webhooks"]:
                self._plan(event, 0, 0.0)
        for thread in self._threads:
            thread.start()

    def emit(self, event: Object) -> None:
        """A new event; the fault switches decide whether it ever leaves."""
        if self.url is None or self.hold:
            return
        if self.drop > 0:
            self.drop -= 1
            self.log.append({"event": event["id"], "type": event["type"], "dropped": True})
            return
        for _ in range(self.copies):
            self._plan(event, 0, 0.0)

    def resend(self, event: Object) -> None:
        """Once more, whatever became of it."""
        self._plan(event, 0, 0.0)

    def settle(self, seconds: float = 10.0) -> bool:
        """Waits until nothing is due at once; False when it did not come to rest."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._wake:
                if not self._busy and not (self._due and self._due[0][0] <= time.monotonic()):
                    return True
            time.sleep(0.005)
        return False

    def stop(self) -> None:
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=2)

    def _plan(self, event: Object, tries: int, pause: float) -> None:
        with self._wake:
            entry = (time.monotonic() + pause, next(self._number), tries, event)
            heapq.heappush(self._due, entry)
            self._wake.notify()

    def _next(self) -> tuple[int, Object] | None:
        with self._wake:
            while not self._stopped:
                pause = self._due[0][0] - time.monotonic() if self._due else None
                if pause is not None and pause <= 0:
                    _, _, tries, event = heapq.heappop(self._due)
                    self._busy += 1
                    return tries, event
                self._wake.wait(pause)
        return None

    def _work(self) -> None:
        connection = requests.Session()
        connection.trust_env = False  # a proxy of the machine has no part in loopback
        while (item := self._next()) is not None:
            tries, event = item
            try:
                self._deliver(connection, tries, event)
            finally:
                with self._wake:
                    self._busy -= 1
        connection.close()

    def _deliver(self, connection: requests.Session, tries: int, event: Object) -> None:
        if self.url is None:
            return
        body, headers = signed(event, self.secret)
        try:
            answer = connection.post(
                self.url, data=body, headers=headers, timeout=10, allow_redirects=False
            )
            status = answer.status_code
        except requests.RequestException:
            status = 0
        entry = {"event": event["id"], "type": event["type"], "try": tries + 1, "status": status}
        self.log.append(entry)
        if 200 <= status < 300:
            self._store.change("event", event, pending_webhooks=0)
        elif tries + 1 < TRIES:
            self._plan(event, tries + 1, min(FIRST_PAUSE * 2**tries, LONGEST_PAUSE))
