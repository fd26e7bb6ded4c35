"""The signed code on a badge: what it holds, how it is made, read and verified.

    text      "DC1:" + base45 of 78 bytes = 121 characters, a QR code of version 5-M (37 modules)
    0         format, 1
    1..4      edition tag: the first bytes of SHA-256 of the edition's public id
    5..12     badge id, random
    13        version of the badge; a reprint that replaces a lost one counts up
    14..77    Ed25519 signature over MESSAGE_DOMAIN + bytes 0..13

There is no personal data in it. Ed25519 is deterministic: a code is made again, never stored.
The text prefix keeps a blank, which base45 uses as a digit, away from both ends of the text,
where forms and keyboard scanners strip it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conference.checkin import base45

PREFIX = "DC1:"
FORMAT = 1
TAG_BYTES = 4
ID_BYTES = 8
BODY_BYTES = 1 + TAG_BYTES + ID_BYTES + 1
SIGNATURE_BYTES = 64
MAX_VERSION = 255
MESSAGE_DOMAIN = b"days-of-clusters badge 1\x00"
TEXT_LENGTH = len(PREFIX) + (BODY_BYTES + SIGNATURE_BYTES) // 2 * 3


class Problem(StrEnum):
    """Why a text is not a badge code of ours."""

    NOT_A_BADGE = "not-a-badge"
    NEWER_FORMAT = "newer-format"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Malformed:
    """The text cannot be a badge code; nothing of it may be used."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class BadgeCode:
    """A well-formed code. It means nothing before `verify` has said yes."""

    edition_tag: bytes
    badge_id: bytes
    version: int
    signature: bytes

    @property
    def body(self) -> bytes:
        """The bytes that are signed, without the domain."""
        return _body(self.edition_tag, self.badge_id, self.version)


def edition_tag(edition_public_id: str) -> bytes:
    """Which edition a code claims to belong to; tells "other edition" from "forged"."""
    return hashlib.sha256(edition_public_id.encode()).digest()[:TAG_BYTES]


def edition_seed(master_secret: bytes, edition_public_id: str) -> bytes:
    """The private key of one edition; a leaked one does not open another edition."""
    if len(master_secret) < 16:
        raise ValueError("the master secret is shorter than 16 bytes")
    return _derive(master_secret, b"days-of-clusters badge key 1\x00" + edition_public_id.encode())


@lru_cache(maxsize=64)
def public_key(seed: bytes) -> bytes:
    """32 raw bytes, all that a scanner needs to know."""
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(seed: bytes, *, edition_public_id: str, badge_id: bytes, version: int = 1) -> str:
    """The text that goes into the QR code; the same input gives the same text."""
    if len(badge_id) != ID_BYTES:
        raise ValueError(f"a badge id has {ID_BYTES} bytes")
    if not 0 <= version <= MAX_VERSION:
        raise ValueError(f"a badge version lies between 0 and {MAX_VERSION}")
    body = _body(edition_tag(edition_public_id), badge_id, version)
    signature = _private(seed).sign(MESSAGE_DOMAIN + body)
    return PREFIX + base45.encode(body + signature)


def read(text: str) -> BadgeCode | Malformed:
    """Take a scanned text apart. Only the one canonical spelling of a code is accepted."""
    if len(text) > TEXT_LENGTH + 8:
        return Malformed(Problem.NOT_A_BADGE)
    # Hardware scanners end with a return, a tabulator or a blank. The last character of a
    # code is never a blank: the third digit of a base45 group is at most W.
    text = text.rstrip(" \t\r\n")
    if not text.startswith(PREFIX):
        newer = len(text) > 4 and text.startswith("DC") and text[2].isdigit() and text[3] == ":"
        return Malformed(Problem.NEWER_FORMAT if newer else Problem.NOT_A_BADGE)
    if len(text) != TEXT_LENGTH:
        return Malformed(Problem.DAMAGED)
    try:
        raw = base45.decode(text[len(PREFIX) :])
    except ValueError:
        return Malformed(Problem.DAMAGED)
    if raw[0] != FORMAT:
        return Malformed(Problem.NEWER_FORMAT)
    return BadgeCode(
        edition_tag=raw[1 : 1 + TAG_BYTES],
        badge_id=raw[1 + TAG_BYTES : BODY_BYTES - 1],
        version=raw[BODY_BYTES - 1],
        signature=raw[BODY_BYTES:],
    )


def verify(code: BadgeCode, key: bytes) -> bool:
    """Whether the edition with this public key made the code."""
    try:
        _public(key).verify(code.signature, MESSAGE_DOMAIN + code.body)
    except InvalidSignature:
        return False
    return True


def entry_key(signature: bytes) -> bytes:
    """The 32-byte key of this person's entry in an offline list.

    Who has not seen the badge cannot make it, so a lost device gives away no names.
    """
    return _derive(signature, b"days-of-clusters list entry key 1")


def entry_id(signature: bytes) -> bytes:
    """The 16-byte name under which the entry stands in the list; says nothing by itself."""
    return _derive(signature, b"days-of-clusters list entry id 1")[:16]


def _body(tag: bytes, badge_id: bytes, version: int) -> bytes:
    return bytes((FORMAT,)) + tag + badge_id + bytes((version,))


def _derive(secret: bytes, label: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(secret)


@lru_cache(maxsize=64)
def _private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


@lru_cache(maxsize=64)
def _public(key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(key)
