"""The sign-in library behind plain words: password hashes, one-time codes, passkeys, keyed hashes.

Flask-Security weighs 17 MB and half a second. It lives in an application of its own, which is made
when somebody first types a password or a code; most workers never pay for it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from conference.core import clock

ISSUER = "Days of Clusters"
TOTP_DRIFT = 30  # seconds: the code before and the one after are taken too
_settings: dict[str, Any] = {}


def open_with(settings: Mapping[str, Any]) -> None:
    """Told once by the application: SECRET_KEY, BASE_URL and SECURITY_* overrides."""
    _settings.clear()
    _settings.update({k: v for k, v in settings.items() if k.startswith("SECURITY_")})
    _settings.update(SECRET_KEY=settings["SECRET_KEY"], BASE_URL=settings["BASE_URL"])
    _library.cache_clear()
    _totp.cache_clear()
    _decoy.cache_clear()


def keyed(purpose: str, text: str) -> str:
    """A hash that nobody can compute without the secret key; one purpose never equals another."""
    key = str(_settings["SECRET_KEY"]).encode()
    return hmac.new(key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def warm_codes() -> None:
    """Load what checks codes, before a transaction begins that others would wait for."""
    _totp()


def warm_passkeys() -> None:
    """The same for passkeys."""
    import webauthn  # noqa: F401


# -- passwords


class _Holder:
    """The little of a user that the library reads and writes."""

    fs_uniquifier = ""

    def __init__(self, password: str):
        self.password = password


@cache
def _library() -> Any:
    from flask import Flask
    from flask_security import Security
    from flask_security.datastore import UserDatastore

    class NoStore(UserDatastore):  # our own services write what the library changed
        def put(self, model: Any) -> Any:
            return model

    room = Flask("vault")
    room.config.update(
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of a method
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_SALT=keyed("salt", ""),
        SECURITY_RETURN_GENERIC_RESPONSES=True,
    )
    room.config.update(_settings)
    models: Any = (_Holder, None)
    Security(room, NoStore(*models), register_blueprint=False)
    return room


def hash_password(password: str) -> str:
    """argon2id, as text with its parameters."""
    from flask_security import hash_password as library_hash

    with _library().app_context():
        return str(library_hash(_normal(password)))


def password_fits(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether it fits, and a fresh hash when the old one is weaker than today's rule.

    Without a stored hash the same work is done, so that time does not tell who has a password.
    """
    from flask_security.utils import verify_and_update_password

    holder: Any = _Holder(stored or _decoy())
    with _library().app_context():
        fits = bool(verify_and_update_password(_normal(password), holder))
    if stored is None or not fits:
        return False, None
    return True, holder.password if holder.password != stored else None


@cache
def _decoy() -> str:
    return hash_password("a password that nobody has")


def _normal(password: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", password)


# -- one-time codes of an authenticator application


@cache
def _totp() -> Any:
    from flask_security.totp import Totp

    secrets = _settings.get("SECURITY_TOTP_SECRETS") or {"1": keyed("totp", "")}
    totp = Totp(secrets, ISSUER)
    totp._totp = totp._totp.using(now=lambda: clock.now().timestamp())
    return totp


def new_totp_secret() -> str:
    """A new shared secret, encrypted for the database."""
    return str(_totp().generate_totp_secret())


def totp_address(secret: str, name: str) -> str:
    """The otpauth:// address that authenticator applications read from a QR code."""
    return str(_totp().get_totp_uri(name, secret))


def totp_key(secret: str) -> str:
    """The shared secret in groups of four, for typing."""
    return str(_totp().get_totp_pretty_key(secret)).upper()


def totp_now(secret: str) -> str:
    """The code that an authenticator shows at this moment."""
    return str(_totp().generate_totp_password(secret))


def totp_counter(code: str, secret: str, *, last: int | None) -> int | None:
    """The time step that a code belongs to; None when it is wrong or not newer than `last`."""
    from passlib.exc import TokenError

    try:
        match = _totp()._totp.verify(code, secret, window=TOTP_DRIFT, last_counter=last)
    except (TokenError, ValueError):
        return None
    return int(match.counter)


def new_recovery_codes(number: int = 10) -> list[str]:
    """Spare codes, each good once."""
    return list(_totp().generate_recovery_codes(number))


# -- passkeys


class PasskeyRefused(Exception):
    """The device's answer does not hold."""


@dataclass(frozen=True)
class NewPasskey:
    """What a device registered."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    device_type: str
    backed_up: bool
    verified_person: bool


def _place() -> tuple[str, str]:
    origin = str(_settings["BASE_URL"])
    host = origin.split("://", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0]
    return host, origin


def passkeys_possible() -> bool:
    """Whether this site can have passkeys: browsers bind them to a name, never to a number."""
    host, origin = _place()
    named = not host.replace(".", "").isdigit() and ":" not in host
    return named and (origin.startswith("https://") or host == "localhost")


def _bytes(challenge: str) -> bytes:
    return base64.urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4))


def registration_options(
    challenge: str, *, handle: str, name: str, display_name: str, known: list[bytes]
) -> str:
    """JSON for navigator.credentials.create(): any authenticator, the device's own included."""
    import webauthn
    from webauthn.helpers import structs

    return webauthn.options_to_json(
        webauthn.generate_registration_options(
            rp_id=_place()[0],
            rp_name=ISSUER,
            user_id=handle.encode(),
            user_name=name,
            user_display_name=display_name,
            challenge=_bytes(challenge),
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=one) for one in known],
        )
    )


def sign_in_options(challenge: str, *, known: list[bytes] | None = None) -> str:
    """JSON for navigator.credentials.get(); without `known` the device offers what it has."""
    import webauthn
    from webauthn.helpers import structs

    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=_place()[0],
            challenge=_bytes(challenge),
            allow_credentials=[
                structs.PublicKeyCredentialDescriptor(id=one) for one in known or []
            ],
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        )
    )


def challenge_of(answer: dict[str, Any]) -> str:
    """The challenge that a device says it signed; it is checked against ours afterwards."""
    try:
        text = answer["response"]["clientDataJSON"]
        return str(json.loads(_bytes(text))["challenge"])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise PasskeyRefused from error


def credential_of(answer: dict[str, Any]) -> bytes:
    """Which passkey an answer claims to be."""
    try:
        return _bytes(answer["rawId"])
    except (KeyError, TypeError, ValueError) as error:
        raise PasskeyRefused from error


def check_registration(answer: dict[str, Any], challenge: str) -> NewPasskey:
    """The new passkey in a device's answer; raises PasskeyRefused."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    host, origin = _place()
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=_bytes(challenge),
            expected_rp_id=host,
            expected_origin=origin,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused from error
    return NewPasskey(
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        device_type=made.credential_device_type.value,
        backed_up=made.credential_backed_up,
        verified_person=made.user_verified,
    )


def check_sign_in(
    answer: dict[str, Any], challenge: str, *, public_key: bytes, sign_count: int
) -> tuple[int, bool]:
    """The new sign count, and whether the device verified its owner; raises PasskeyRefused."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    host, origin = _place()
    try:
        seen = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=_bytes(challenge),
            expected_rp_id=host,
            expected_origin=origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused from error
    return seen.new_sign_count, seen.user_verified
