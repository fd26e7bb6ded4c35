"""People and how they sign in: the person, passkeys, server-side sessions, wrong tries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from conference.core.model import (
    Erase,
    Model,
    UtcDateTime,
    created_at,
    instant,
    not_personal,
    personal,
    pk,
    public_id,
)
from conference.core.text import full_name

ACCOUNT = "until the account is erased"


class Person(Model):
    """One person, known by one e-mail address: speaker, reviewer, delegate and claimant at once."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(
            "erased_at IS NULL OR (NOT active AND password IS NULL AND family_name = '')",
            name="erased_is_empty",
        ),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    email: Mapped[str] = mapped_column(
        String(254), unique=True, info=personal("sign-in and messages", ACCOUNT, Erase.REPLACE)
    )
    former_emails: Mapped[list[str]] = mapped_column(
        JSON,
        default=list,
        info=personal("finding what went to an older address", ACCOUNT, Erase.CLEAR),
    )
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    given_name: Mapped[str] = mapped_column(
        String(100), default="", info=personal("how we address people", ACCOUNT, Erase.CLEAR)
    )
    family_name: Mapped[str] = mapped_column(
        String(100), default="", info=personal("how we address people", ACCOUNT, Erase.CLEAR)
    )
    latin_name: Mapped[str] = mapped_column(
        String(200), default="", info=personal("second line of the badge", ACCOUNT, Erase.CLEAR)
    )
    search_key: Mapped[str] = mapped_column(
        String(500),
        default="",
        index=True,
        info=personal("finding a name in any script", ACCOUNT, Erase.CLEAR),
    )
    country: Mapped[str | None] = mapped_column(
        String(2), info=personal("figures by country", ACCOUNT, Erase.CLEAR)
    )
    languages: Mapped[list[str]] = mapped_column(
        JSON, default=list, info=personal("languages spoken", ACCOUNT, Erase.CLEAR)
    )
    orcid: Mapped[str | None] = mapped_column(
        String(19), info=personal("authorship", ACCOUNT, Erase.CLEAR)
    )
    biography: Mapped[dict[str, str]] = mapped_column(
        JSON, default=dict, info=personal("public profile", ACCOUNT, Erase.CLEAR)
    )
    public_fields: Mapped[list[str]] = mapped_column(
        JSON, default=list, info=not_personal("which fields the person shows")
    )
    locale: Mapped[str | None] = mapped_column(
        String(10), info=personal("language of pages and mails", ACCOUNT, Erase.CLEAR)
    )
    password: Mapped[str | None] = mapped_column(
        String(255), info=personal("sign-in (argon2id)", ACCOUNT, Erase.CLEAR, secret=True)
    )
    passkey_handle: Mapped[str | None] = mapped_column(
        String(64), unique=True, info=personal("passkeys", ACCOUNT, Erase.CLEAR)
    )
    tf_totp_secret: Mapped[str | None] = mapped_column(
        String(255), info=personal("second factor (encrypted)", ACCOUNT, Erase.CLEAR, secret=True)
    )
    tf_last_counter: Mapped[int | None]
    recovery_hashes: Mapped[list[str]] = mapped_column(
        JSON,
        default=list,
        info=personal(
            "second factor, spare codes (keyed hashes)", ACCOUNT, Erase.CLEAR, secret=True
        ),
    )

    @property
    def name(self) -> str:
        """The name in its original letters; empty when not given yet."""
        return full_name(self.given_name, self.family_name)

    @property
    def has_second_factor(self) -> bool:
        """Whether an authenticator is set up: then every sign-in but a passkey's asks for it."""
        return self.tf_totp_secret is not None

    @property
    def display_name(self) -> str:
        """What the person is called on our pages."""
        return self.name or self.email


class Passkey(Model):
    """A passkey of a person: the public half of a key that a device holds."""

    __tablename__ = "passkey"
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(
        String(64), info=personal("what the owner calls the device", ACCOUNT, Erase.DELETE)
    )
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    device_type: Mapped[str] = mapped_column(String(20))
    backed_up: Mapped[bool]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class SignInSession(Model):
    """One signed-in browser; the cookie holds a random key, this row its hash."""

    __tablename__ = "sign_in_session"
    __table_args__ = (Index("ix_sign_in_session_person_id", "person_id"),)
    id: Mapped[pk]
    public_id: Mapped[public_id]
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    started_at: Mapped[created_at]
    seen_at: Mapped[instant]
    expires_at: Mapped[instant]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    method: Mapped[str] = mapped_column(String(20))
    second_factor_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    browser: Mapped[str] = mapped_column(
        String(200), info=personal("so its owner recognises it", "90 days", Erase.DELETE)
    )
    address: Mapped[str] = mapped_column(
        String(45), info=personal("so its owner recognises it", "90 days", Erase.DELETE)
    )


class SignInTry(Model):
    """Tries at secrets, counted per account and per address, surviving a restart."""

    __tablename__ = "sign_in_try"
    __table_args__ = (Index("ix_sign_in_try_subject_at", "subject", "at"),)
    id: Mapped[pk]
    at: Mapped[created_at]
    subject: Mapped[str] = mapped_column(
        String(80), info=personal("keyed hash of account or address", "30 days", Erase.SEALED)
    )
    what: Mapped[str] = mapped_column(String(20))


class Erasure(Model):
    """That a person was erased, so that a restored backup can be erased again."""

    __tablename__ = "erasure"
    id: Mapped[pk]
    at: Mapped[created_at]
    person_public_id: Mapped[str] = mapped_column(String(22), unique=True)
    sealed: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, info=not_personal("what kinds of records stay, and until when")
    )
    note: Mapped[str | None] = mapped_column(Text, info=not_personal("free of names by rule"))
