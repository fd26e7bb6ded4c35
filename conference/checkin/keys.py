"""The keys of the editions: derived from one secret, used to sign badges and to check them."""

from __future__ import annotations

from functools import lru_cache

from conference.checkin import codes

_master = b""


def set_secret(secret: str) -> None:
    """Told once by the application factory."""
    global _master
    _master = secret.encode()
    _seed.cache_clear()


@lru_cache(maxsize=64)
def _seed(edition_public_id: str) -> bytes:
    return codes.edition_seed(_master, edition_public_id)


def public_key(edition_public_id: str) -> bytes:
    """What a scanner of this edition needs."""
    return codes.public_key(_seed(edition_public_id))


@lru_cache(maxsize=1024)
def tag(edition_public_id: str) -> bytes:
    """The mark of an edition inside its codes."""
    return codes.edition_tag(edition_public_id)


def code_of(edition_public_id: str, badge_id: str, version: int) -> str:
    """The text of the QR code of a registration (badge id in hex); the same every time."""
    return codes.sign(
        _seed(edition_public_id),
        edition_public_id=edition_public_id,
        badge_id=bytes.fromhex(badge_id),
        version=version,
    )


def is_genuine(code: codes.BadgeCode, edition_public_id: str) -> bool:
    """Whether this edition signed the code."""
    return code.edition_tag == tag(edition_public_id) and codes.verify(
        code, public_key(edition_public_id)
    )
