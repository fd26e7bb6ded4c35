"""The security headers of every answer, errors included. Pages hold no inline script or style."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, g, request


def init_app(app: Flask) -> None:
    """Add the headers after each request."""
    checkout = app.config["STRIPE_CHECKOUT_ORIGIN"]
    policy = (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; "
        "worker-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {_origin(checkout)}"
    )
    secure = app.config["BASE_URL"].startswith("https://")

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers["X-Content-Type-Options"] = "nosniff"
        headers.setdefault("Referrer-Policy", "same-origin")
        headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "DENY"
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if "Cache-Control" not in headers or not g.get("may_be_cached"):
            headers["Cache-Control"] = "no-store"
        headers.add("Vary", "Cookie")
        if request.endpoint:
            headers.add("Vary", "Accept-Language")
        return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def send_download(content: bytes, *, name: str, content_type: str) -> Response:
    """A file for saving, never shown as a page of ours."""
    response = Response(content, content_type=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
