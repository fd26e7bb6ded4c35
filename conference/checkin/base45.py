"""Base45 (RFC 9285), strict: bytes that fit the alphanumeric mode of a QR code."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def encode(data: bytes) -> str:
    """Two bytes become three characters, a last single byte two."""
    out: list[str] = []
    for at in range(0, len(data) - 1, 2):
        high, low = divmod(data[at] * 256 + data[at + 1], 45)
        top, middle = divmod(high, 45)
        out += (ALPHABET[low], ALPHABET[middle], ALPHABET[top])
    if len(data) % 2:
        high, low = divmod(data[-1], 45)
        out += (ALPHABET[low], ALPHABET[high])
    return "".join(out)


def decode(text: str) -> bytes:
    """The bytes of a text; ValueError for anything that `encode` would not have written."""
    if len(text) % 3 == 1:
        raise ValueError("base45 text of impossible length")
    try:
        values = [_VALUES[character] for character in text]
    except KeyError:
        raise ValueError("character outside base45") from None
    out = bytearray()
    for at in range(0, len(values) - 2, 3):
        number = values[at] + values[at + 1] * 45 + values[at + 2] * 2025
        if number > 0xFFFF:
            raise ValueError("base45 group too large")
        out += number.to_bytes(2, "big")
    if len(values) % 3:
        number = values[-2] + values[-1] * 45
        if number > 0xFF:
            raise ValueError("base45 group too large")
        out.append(number)
    return bytes(out)
