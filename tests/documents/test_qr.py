"""QR codes as pictures: readable, small, accessible."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image

from conference.documents import qr
from tests.documents import samples

CODE, _ = samples.code(7)
TEXTS = [CODE, "12345", "https://example.org/đ", samples.EPC]


def read(picture: bytes) -> str:
    return zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))[0].text


@pytest.mark.parametrize("text", TEXTS)
def test_the_png_is_read_back_and_has_one_bit_a_pixel(text):
    picture = Image.open(io.BytesIO(qr.png(text, 5)))
    side = (len(qr.matrix(text)) + 2 * qr.QUIET) * 5
    assert (picture.mode, picture.size) == ("1", (side, side))
    assert read(qr.png(text, 5)) == text


def test_the_png_of_a_badge_code_is_small():
    assert len(qr.png(CODE)) < 1500


@pytest.mark.parametrize("text", TEXTS)
def test_the_path_draws_exactly_the_modules(text):
    size, d = qr.path(text)
    drawn = [[False] * size for _ in range(size)]
    x = y = 0
    for kind, first, second in re.findall(r"([Mmh])(\d+)(?: (\d+)(?:\.5)?)?", d):
        if kind == "M":
            x, y = int(first), int(second)
        elif kind == "m":
            x += int(first)
        else:
            drawn[y][x : x + int(first)] = [True] * int(first)
            x += int(first)
    assert drawn == [list(row) for row in qr.matrix(text)]


def test_the_svg_names_itself_and_cannot_be_broken_out_of():
    svg = qr.svg(CODE, title='Code of "A" & <B>', quiet=2)
    root = ElementTree.fromstring(svg)
    size, _ = qr.path(CODE)
    assert root.get("aria-label") == 'Code of "A" & <B>'
    assert root.get("role") == "img"
    assert root.get("viewBox") == f"-2 -2 {size + 4} {size + 4}"
    assert root.find("{http://www.w3.org/2000/svg}title").text == 'Code of "A" & <B>'
    assert len(svg) < 3000


def test_importing_the_module_loads_no_imaging_library():
    code = (
        "import sys, conference.documents.qr; print('PIL' in sys.modules, 'qrcode' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
