"""A Chromium for tests: the one locked in package.json, unpacked once, else the system's."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import platform
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import brotli

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "node_modules" / "@sparticuz" / "chromium"
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--no-first-run",
)
FAKE_CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


class NoBrowser(RuntimeError):
    """Neither the package nor the system has a Chromium that runs here."""


def chromium(*, camera: Path | None = None) -> dict[str, Any]:
    """Options of `playwright.chromium.launch(**chromium())`; its camera shows a .y4m or .mjpeg."""
    args = list(ARGUMENTS)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        args.append("--no-sandbox")
    if camera is not None:
        args += [*FAKE_CAMERA, f"--use-file-for-fake-video-capture={camera}"]
    environment = {**os.environ, "FONTCONFIG_FILE": str(_fonts())}
    unpacked = _unpacked()
    if unpacked is not None:
        # It was built for a machine without a desktop and brings these libraries along.
        environment["LD_LIBRARY_PATH"] = str(unpacked / "al2023" / "lib")
        executable = str(unpacked / "chromium")
        args += ["--headless=shell", "--no-zygote"]
    else:
        executable = _system()
    return {
        "executable_path": executable,
        "args": args,
        "env": {name: value for name, value in environment.items() if value},
        "headless": True,
    }


def _system() -> str:
    named = os.environ.get("CHROMIUM")
    for name in (named, *SYSTEM_NAMES):
        found = name and shutil.which(name)
        if found:
            return found
    raise NoBrowser("no Chromium: run `make setup`, or name one in CHROMIUM")


def _unpacked() -> Path | None:
    """The folder of the unpacked package, or None where it cannot run."""
    if os.environ.get("CHROMIUM") or not (PACKAGE / "bin" / "chromium.br").exists():
        return None
    if platform.system() != "Linux" or platform.machine() not in ("x86_64", "amd64"):
        return None
    version = json.loads((PACKAGE / "package.json").read_text())["version"]
    target = ROOT / "build" / f"chromium-{version}"
    if target.exists():
        return target
    target.parent.mkdir(exist_ok=True)
    with (target.parent / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test workers start at the same moment
        if not target.exists():
            draft = Path(tempfile.mkdtemp(prefix="chromium-", dir=target.parent))
            _unpack(draft)
            draft.chmod(0o755)
            draft.rename(target)
    return target


def _unpack(target: Path) -> None:
    _decompress(PACKAGE / "bin" / "chromium.br", target / "chromium")
    (target / "chromium").chmod(0o755)
    for name in ("al2023", "swiftshader"):
        archive = target / f"{name}.tar"
        _decompress(PACKAGE / "bin" / f"{name}.tar.br", archive)
        folder = target / name if name == "al2023" else target
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        archive.unlink()


def _decompress(source: Path, target: Path) -> None:
    decompressor = brotli.Decompressor()
    with source.open("rb") as packed, target.open("wb") as plain:
        while piece := packed.read(1 << 20):
            plain.write(decompressor.process(piece))


def _fonts() -> Path:
    """A font configuration of our locked fonts alone: every machine draws the same."""
    folders = [_package_folder("fontpkg_noto_sans") / "files"]
    folders.append(_package_folder("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanskr")
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    places = "".join(f"<dir>{escape(str(folder))}</dir>" for folder in folders)
    families = "".join(
        f"<alias><family>{family}</family><prefer><family>Noto Sans</family>"
        "<family>Noto Sans KR</family></prefer></alias>"
        for family in ("sans-serif", "serif", "monospace", "system-ui")
    )
    text = (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f"<fontconfig>{places}<cachedir>{escape(str(build / 'fontcache'))}</cachedir>{families}"
        "</fontconfig>\n"
    )
    path = build / "fonts.conf"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    return path


def _package_folder(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise NoBrowser(f"the font package {name} is not installed: run `make setup`")
    return Path(found.origin).parent
