"""Structured logs: one JSON line an event, no personal data, nothing a visitor typed unescaped."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from flask import Flask, Response, g, request

FIELDS = ("kind", "mail", "order", "event", "method", "endpoint", "status", "ms")


class JsonLines(logging.Formatter):
    """One line per record; line breaks of the message are escaped by JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "from": record.name,
            "what": record.getMessage(),
        }
        line.update({f: getattr(record, f) for f in FIELDS if hasattr(record, f)})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = _places(record)
        return json.dumps(line, ensure_ascii=False)


def _places(record: logging.LogRecord) -> list[str]:
    # Only places, never values: an error's text may quote what somebody typed.
    trace = record.exc_info[2] if record.exc_info else None
    places = []
    while trace:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-12:]


def init_app(app: Flask) -> None:
    """Write JSON lines to standard error, one a request: the endpoint, never what was typed."""
    if app.config["ENVIRONMENT"] == "test":
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("huey", "stripe", "fontTools", "PIL"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    requests = logging.getLogger("conference.requests")

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def note(response: Response) -> Response:
        spent = (time.perf_counter() - g.get("began", time.perf_counter())) * 1000
        requests.info(
            "request",
            extra={
                "method": request.method,
                "endpoint": request.endpoint,
                "status": response.status_code,
                "ms": round(spent, 1),
            },
        )
        return response
