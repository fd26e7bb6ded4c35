"""Settings: the environment is read here, once. A default is fit for production and public."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent


class MissingSetting(RuntimeError):
    """Production lacks a value that must not be guessed."""


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes"}


def database_url(data_dir: Path) -> str:
    """The SQLAlchemy address; PostgreSQL always by psycopg 3."""
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'conference.sqlite3'}"
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def from_environment() -> dict[str, Any]:
    """The whole configuration. CONFERENCE_ENV is production (default), demo or test."""
    environment = os.environ.get("CONFERENCE_ENV", "production")
    if environment not in {"production", "demo", "test"}:
        raise MissingSetting(f"CONFERENCE_ENV is production, demo or test, not {environment}")
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    base_url = os.environ.get("BASE_URL", "http://127.0.0.1:5000").rstrip("/")
    settings: dict[str, Any] = {
        "ENVIRONMENT": environment,
        "DATA_DIR": data_dir,
        "FILES_DIR": data_dir / "files",
        "SECRET_KEY": os.environ.get("SECRET_KEY"),
        "BADGE_SECRET": os.environ.get("BADGE_SECRET"),
        "BASE_URL": base_url,
        "TRUSTED_HOSTS": _hosts(base_url),
        "PROXIES": int(os.environ.get("TRUSTED_PROXIES", "0")),
        "SQLALCHEMY_DATABASE_URI": database_url(data_dir),
        "REDIS_URL": os.environ.get("REDIS_URL"),
        "MAX_CONTENT_LENGTH": 25 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "SESSION_COOKIE_NAME": "session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_REFRESH_EACH_REQUEST": False,  # the server's row says when a session ends
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": base_url.startswith("https://"),
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # pages of secret links send no Referer: the token guards
        "MAIL_SERVER": os.environ.get("MAIL_SERVER", "localhost"),
        "MAIL_PORT": int(os.environ.get("MAIL_PORT", "25")),
        "MAIL_USERNAME": os.environ.get("MAIL_USERNAME"),
        "MAIL_PASSWORD": os.environ.get("MAIL_PASSWORD"),
        "MAIL_USE_TLS": _flag("MAIL_USE_TLS"),
        "MAIL_DEFAULT_SENDER": os.environ.get(
            "MAIL_SENDER", "Days of Clusters <conference@example.org>"
        ),
        "MAIL_TIMEOUT": 20,
        "MAILBOX_URL": os.environ.get("MAILBOX_URL"),
        "STRIPE_SECRET_KEY": os.environ.get("STRIPE_SECRET_KEY"),
        "STRIPE_WEBHOOK_SECRET": os.environ.get("STRIPE_WEBHOOK_SECRET"),
        "STRIPE_API_BASE": os.environ.get("STRIPE_API_BASE", "https://api.stripe.com"),
        "STRIPE_CHECKOUT_ORIGIN": os.environ.get(
            "STRIPE_CHECKOUT_ORIGIN", "https://checkout.stripe.com"
        ),
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "conference" / "translations"),
        "LANGUAGES": ("en", "sr", "sr_Latn"),
        "TEMPLATES_AUTO_RELOAD": False,
    }
    if environment != "production":
        settings["SECRET_KEY"] = settings["SECRET_KEY"] or "demo-only-" + "k" * 40
    if not settings["SECRET_KEY"] or len(settings["SECRET_KEY"]) < 32:
        raise MissingSetting("set SECRET_KEY to at least 32 random characters")
    settings["BADGE_SECRET"] = settings["BADGE_SECRET"] or settings["SECRET_KEY"]
    return settings


def _hosts(base_url: str) -> list[str]:
    own = base_url.split("://", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0]
    further = os.environ.get("ALLOWED_HOSTS", "").split(",")
    return [own, *(host.strip() for host in further if host.strip())]
