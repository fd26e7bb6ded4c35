"""Runs proofs and benches: each in a process of its own, one line each, a table at the end."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import pkgutil
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

BUILD = Path(__file__).parent.parent / "build"
SECONDS = 1200  # on a machine that does much else besides; a free one needs under 180


@dataclass
class Measure:
    """What came out: figures by name; `passed` is None for a bench."""

    name: str
    figures: dict[str, Any] = field(default_factory=dict)
    passed: bool | None = None


Function = Callable[[], tuple[dict[str, Any], bool | None]]
_registered: dict[str, Function] = {}


def proof(name: str) -> Callable[[Function], Function]:
    """Register `() -> (figures, passed)` under the name that `make proof` prints."""

    def register(function: Function) -> Function:
        _registered[name] = function
        return function

    return register


bench = proof


def load(package: str) -> dict[str, Function]:
    """Everything registered by the modules of a package."""
    folder = importlib.import_module(package).__path__
    for module in sorted(pkgutil.iter_modules(folder), key=lambda m: m.name):
        if not module.name.startswith("_"):
            importlib.import_module(f"{package}.{module.name}")
    return dict(_registered)


def _child(package: str, name: str, pipe: Any) -> None:
    os.setpgid(0, 0)
    try:
        figures, passed = load(package)[name]()
        pipe.send((figures, passed))
    except BaseException:
        traceback.print_exc()
        pipe.send(({"error": traceback.format_exc().strip().splitlines()[-1][:200]}, False))


def run(package: str, name: str) -> Measure:
    """Run one in a fresh process, which may not take longer than SECONDS."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(package, name, there))
    began = time.monotonic()
    child.start()
    there.close()
    figures: dict[str, Any] = {"error": f"no answer within {SECONDS} s"}
    passed: bool | None = False
    if here.poll(SECONDS):
        try:
            figures, passed = here.recv()
        except EOFError:
            figures = {"error": f"process ended with {child.exitcode}"}
    child.join(5)
    if child.is_alive():
        child.kill()
    figures["seconds"] = round(time.monotonic() - began, 1)
    return Measure(name, figures, passed)


def shown(figures: dict[str, Any]) -> str:
    """Figures in one line."""
    return ", ".join(f"{key} {value}" for key, value in figures.items())


def main(package: str, word: str, target: str) -> int:
    """Run all or those named on the command line; 0 when none failed."""
    known = list(load(package))
    wanted = sys.argv[1:] or known
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"unknown: {', '.join(unknown)}. Known: {', '.join(known)}")
        return 2
    done = []
    for name in wanted:
        measure = run(package, name)
        done.append(measure)
        print(line(word, measure), flush=True)
    print()
    width = max(len(m.name) for m in done)
    for measure in done:
        print(f"{measure.name:<{width}}  {verdict(measure):<4}  {shown(measure.figures)}")
    BUILD.mkdir(exist_ok=True)
    rows = [{k: v for k, v in asdict(m).items() if k != "passed"} for m in done]
    for row, measure in zip(rows, done, strict=True):
        if word == "PROOF":
            row["pass"] = bool(measure.passed)
    (BUILD / target).write_text(json.dumps(rows, indent=1) + "\n")
    failed = sum(1 for m in done if m.passed is False)
    print(f"\n{len(done) - failed} passed, {failed} failed")
    return 1 if failed else 0


def verdict(measure: Measure) -> str:
    """PASS, FAIL, or nothing for a bench."""
    return "" if measure.passed is None else "PASS" if measure.passed else "FAIL"


def line(word: str, measure: Measure) -> str:
    """The line that everybody greps for."""
    end = f": {verdict(measure)}" if measure.passed is not None else ""
    return f"{word} {measure.name}: {shown(measure.figures)}{end}"
