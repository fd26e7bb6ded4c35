"""What the product asks of a machine: start-up, memory of a worker, what is installed."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests import serving
from tests.measures import bench

ROOT = Path(__file__).parents[2]
PAGES = ("/", "/{code}/", "/sign-in", "/organisations", "/{code}/registrations/new")


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return round(int(found[1]) / 1024, 1) if found else 0.0


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def _prepare() -> None:
    from tests import factories

    edition = factories.make_edition(code="ohrid")
    factories.make_place(edition)
    factories.make_ticket_type(edition, amount=12000)


@bench("start-up")
def start_up() -> tuple[dict[str, Any], None]:
    """From starting the server to its first answer; the median of five, and importing alone."""
    spent = []
    with serving.site(prepare=_prepare) as site:
        for _ in range(5):
            spent.append(site.serve())
            site.stop()
        began = time.monotonic()
        site.spawn(sys.executable, "-c", "import wsgi").wait()
        imported = time.monotonic() - began
    return {
        "first_answer_seconds": round(sorted(spent)[2], 2),
        "fastest_seconds": round(min(spent), 2),
        "import_seconds": round(imported, 2),
    }, None


@bench("worker-memory")
def worker_memory() -> tuple[dict[str, Any], None]:
    """Resident memory of a web worker, fresh and after 2,000 pages, and of the worker of jobs."""
    with serving.site(prepare=_prepare) as site:
        site.serve()
        main = site.processes[0].pid
        workers = _children(main) or [main]
        fresh = max(_rss_mb(pid) for pid in workers)
        paths = itertools.cycle(page.format(code="ohrid") for page in PAGES)
        requests = (("GET", path, {}, b"") for path in itertools.islice(paths, 2000))
        serving.load(site.port, requests, seconds=60)
        after = max(_rss_mb(pid) for pid in workers)
        jobs = site.spawn(str(ROOT / ".venv/bin/flask"), "--app", "wsgi", "work")
        time.sleep(8)
        return {
            "fresh_mb": fresh,
            "after_2000_pages_mb": after,
            "job_worker_mb": _rss_mb(jobs.pid),
        }, None


@bench("install")
def install() -> tuple[dict[str, Any], None]:
    """The locked production set into an empty environment, without a cache."""
    folder = Path(tempfile.mkdtemp(prefix="conference-install-"))
    try:
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
        subprocess.run(
            [
                ROOT / ".venv/bin/uv", "pip", "install", "--quiet", "--no-cache",
                "--require-hashes", "--python", folder / "env/bin/python",
                "-r", ROOT / "requirements.lock",
            ],
            check=True,
        )  # fmt: skip
        seconds = time.monotonic() - began
        files = [path for path in (folder / "env").rglob("*") if path.is_file()]
        packages = len(list((folder / "env").rglob("*.dist-info")))
        size = sum(path.stat().st_size for path in files) / 1e6
        return {
            "packages": packages,
            "mb": round(size),
            "seconds_cold": round(seconds, 1),
        }, None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
