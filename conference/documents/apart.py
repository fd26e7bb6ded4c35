"""Sets one large paper in a process of its own: 500 badges need 100 MB that typst keeps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from conference.documents import typesetting

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120


def compile(
    template: str,
    data: Mapping[str, object],
    *,
    locale: str,
    title: str,
    standards: Sequence[str] = typesetting.ACCESSIBLE,
) -> bytes:
    """What `typesetting.compile` answers; the memory goes back to the machine afterwards."""
    job = {
        "template": template,
        "data": data,
        "locale": locale,
        "title": title,
        "standards": list(standards),
    }
    done = subprocess.run(  # noqa: S603 - our own module; the data goes through stdin
        [sys.executable, "-m", __name__],
        input=json.dumps(job).encode(),
        capture_output=True,
        timeout=SECONDS,
        cwd=ROOT,
        # Nothing of the application's settings and secrets is needed there.
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"typesetting {template} failed: {done.stderr.decode()[-2000:]}")
    return done.stdout


def _run() -> None:
    job = json.load(sys.stdin.buffer)
    template, data = job.pop("template"), job.pop("data")
    sys.stdout.buffer.write(typesetting.compile(template, data, **job))


if __name__ == "__main__":
    _run()
