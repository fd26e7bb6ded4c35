"""Films for the fake camera: one frame, which it shows again and again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageFilter

from conference.documents import papers, typesetting

WIDTH, HEIGHT = 1280, 720
TABLE = 120  # the grey of what the badge lies on


def badge_picture(
    edition: papers.Edition, people: Sequence[papers.BadgePerson], labels: papers.Labels
) -> Image.Image:
    """The first badge of the sheet that would go to the printer."""
    content = papers.badges_content(edition, people, labels)
    sheet = typesetting.pictures("badges", content, locale="en", title="x", ppi=130)[0]
    picture = Image.open(io.BytesIO(sheet)).convert("L")
    return picture.crop((0, 0, picture.width // 2, picture.height // 2))


def film(picture: Image.Image, path: Path, *, angle: float = 5, blur: float = 0.8) -> Path:
    """A .y4m of the picture held into the camera a little crookedly and not quite sharp."""
    held = picture.resize((int(picture.width * HEIGHT / picture.height), HEIGHT))
    held = held.rotate(angle, expand=True, fillcolor=TABLE, resample=Image.Resampling.BICUBIC)
    frame = Image.new("L", (WIDTH, HEIGHT), TABLE)
    frame.paste(held, ((WIDTH - held.width) // 2, (HEIGHT - held.height) // 2))
    frame = frame.filter(ImageFilter.GaussianBlur(blur))
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)  # both colour planes
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\nFRAME\n".encode()
    path.write_bytes(head + frame.tobytes() + grey)
    return path
