"""QR codes: one SVG path for pages and papers, a small PNG for e-mails."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

# Any mask gives a readable code; letting the library try all eight costs five times as much.
MASK = 3
QUIET = 4


def matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """The modules of the code without quiet zone, error correction M."""
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=MASK, border=0)
    # optimize=0 keeps one mode for the whole text: bank apps stumble over mixed segments.
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


@lru_cache(maxsize=1024)
def path(text: str) -> tuple[int, str]:
    """(modules per side, path data). The path is to be stroked with width 1, not filled."""
    rows = matrix(text)
    parts: list[str] = []
    for y, row in enumerate(rows):
        x, pen = 0, -1
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            parts.append(f"M{start} {y}.5" if pen < 0 else f"m{start - pen} 0")
            parts.append(f"h{x - start}")
            pen = x
    return len(rows), "".join(parts)


def svg(text: str, *, title: str, quiet: int = QUIET) -> str:
    """An accessible inline SVG without size: the page's style sheet gives it one."""
    size, d = path(text)
    side = size + 2 * quiet
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-quiet} {-quiet} {side} {side}"'
        f' role="img" aria-label={quoteattr(title)} shape-rendering="crispEdges">'
        f"<title>{escape(title)}</title>"
        f'<path fill="#fff" d="M{-quiet} {-quiet}h{side}v{side}h{-side}z"/>'
        f'<path stroke="#000" d="{d}"/></svg>'
    )


def png(text: str, scale: int = 6, *, quiet: int = QUIET) -> bytes:
    """A one-bit greyscale PNG, written here so that a mail needs no imaging library."""
    rows = matrix(text)
    side = (len(rows) + 2 * quiet) * scale
    blank = b"\x00" + b"\xff" * ((side + 7) // 8)
    lines = [blank * (quiet * scale)]
    margin = "1" * (quiet * scale)
    for row in rows:
        bits = margin + "".join(("0" if dark else "1") * scale for dark in row) + margin
        bits += "1" * (-len(bits) % 8)
        line = b"\x00" + int(bits, 2).to_bytes(len(bits) // 8, "big")
        lines.append(line * scale)
    lines.append(blank * (quiet * scale))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(b"".join(lines), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
