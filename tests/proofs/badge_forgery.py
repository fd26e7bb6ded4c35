"""100,000 mutated badge codes against the check of the server; none may pass."""

from __future__ import annotations

import random
import secrets
from typing import Any

from conference.checkin import base45, codes
from tests.measures import proof

MUTATIONS = 100_000
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def _bytes_of(text: str) -> bytes:
    return base45.decode(text[len(codes.PREFIX) :])


def _text_of(raw: bytes) -> str:
    return codes.PREFIX + base45.encode(raw)


def _flip(raw: bytes, dice: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _mutant(good: list[str], dice: random.Random) -> str:
    text = dice.choice(good)
    kind = dice.randrange(6)
    if kind == 0:
        return _text_of(_flip(_bytes_of(text), dice))
    if kind == 1:  # somebody else's signature under my body
        other = _bytes_of(dice.choice(good))
        return _text_of(_bytes_of(text)[: codes.BODY_BYTES] + other[codes.BODY_BYTES :])
    if kind == 2:  # another version, old signature
        raw = bytearray(_bytes_of(text))
        raw[codes.BODY_BYTES - 1] = (raw[codes.BODY_BYTES - 1] + dice.randrange(1, 255)) % 256
        return _text_of(bytes(raw))
    if kind == 3:
        place = dice.randrange(len(text))
        return text[:place] + dice.choice(ALPHABET) + text[place + 1 :]
    if kind == 4:
        return text[: dice.randrange(len(text))]
    return _text_of(_bytes_of(text)[: codes.BODY_BYTES] + secrets.token_bytes(64))


def _accepted(text: str, key: bytes, *, guarded: bool = True) -> bool:
    code = codes.read(text)
    if isinstance(code, codes.Malformed):
        return False
    return not guarded or codes.verify(code, key)


@proof("badge-forgery")
def badge_forgery() -> tuple[dict[str, Any], bool]:
    """Mutants that are not the text of a real badge, with and without the signature check."""
    dice = random.Random(2016)
    seed = codes.edition_seed(secrets.token_bytes(32), "ohrid")
    key = codes.public_key(seed)
    good = [
        codes.sign(seed, edition_public_id="ohrid", badge_id=secrets.token_bytes(8))
        for _ in range(200)
    ]
    real = set(good)
    wrong = unguarded = tried = 0
    while tried < MUTATIONS:
        text = _mutant(good, dice)
        if text in real:
            continue
        tried += 1
        wrong += _accepted(text, key)
        unguarded += _accepted(text, key, guarded=False)
    right = sum(_accepted(text, key) for text in good)
    figures = {
        "mutated": tried,
        "accepted": wrong,
        "genuine_accepted": f"{right} of {len(good)}",
        "accepted_without_signature_check": unguarded,
    }
    return figures, wrong == 0 and right == len(good) and unguarded > 0
