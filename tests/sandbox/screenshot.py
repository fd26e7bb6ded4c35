"""A look at a page: `python -m tests.sandbox.screenshot URL OUT.png [--width 390] [--full]`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.sandbox.chromium import chromium


def main() -> None:
    options = _arguments()
    context: dict[str, Any] = {
        "viewport": {"width": options.width, "height": options.height},
        "color_scheme": "dark" if options.dark else "light",
        "java_script_enabled": not options.no_script,
    }
    if options.locale:
        context["locale"] = options.locale
    if options.storage:
        context["storage_state"] = str(options.storage)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium())
        pages = browser.new_context(**context)
        if options.cookie:
            pages.add_cookies([_cookie(text, options.url) for text in options.cookie])
        page = pages.new_page()
        page.on("console", lambda message: print("console:", message.text))
        page.on("pageerror", lambda error: print("script error:", error))
        page.on("requestfailed", lambda request: print("failed:", request.url))
        if options.print:
            page.emulate_media(media="print")
        answer = page.goto(options.url, wait_until="networkidle")
        for selector in options.click:
            page.click(selector)
            page.wait_for_load_state("networkidle")
        page.screenshot(path=str(options.out), full_page=options.full)
        wide = page.evaluate("document.documentElement.scrollWidth") if not options.no_script else 0
        status = answer.status if answer else "no answer"
        print(f"{status} {page.url} “{page.title()}” → {options.out}")
        if wide > options.width:
            print(f"wider than the screen: {wide} > {options.width} pixels")
        if options.save_storage:
            pages.storage_state(path=str(options.save_storage))
        browser.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.sandbox.screenshot", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("out", type=Path)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--full", action="store_true", help="the whole page, not only the screen")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--print", action="store_true", help="as it would be printed")
    parser.add_argument("--no-script", action="store_true", help="JavaScript off")
    parser.add_argument("--cookie", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--click", action="append", default=[], metavar="SELECTOR")
    parser.add_argument("--locale")
    parser.add_argument("--storage", type=Path, help="cookies of an earlier --save-storage")
    parser.add_argument("--save-storage", type=Path)
    return parser.parse_args()


def _cookie(text: str, url: str) -> Any:
    name, _, value = text.partition("=")
    return {"name": name, "value": value, "url": url}


if __name__ == "__main__":
    main()
