"""Takes the pictures of the documentation from a served graph: start, search, product, comparison, neighbourhood.

    .venv/bin/python scripts/take_pictures.py [HOME]

HOME is a graph with the records of the demo, `demo-graph` where it is not given (`make demo` builds it). Needs the
development environment and Debian's chromium (`make setup-dev`). Writes docs/images/*.png.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1200, 900

#: Name of the picture, address of the page, height of the picture.
PICTURES = (
    ("start", "/", HEIGHT),
    ("search", "/search?q=citation+analysis&sort=relevance_influence", HEIGHT),
    ("product-page", "/doi/10.1111/inm.13415", 1100),
    ("comparison", "/doi/10.1111/inm.13415 > why", 1000),
    ("neighbourhood", "/search?sort=citation_count > neighbourhood", 780),
)


def main() -> None:
    """Serves the graph, takes every picture, ends the server."""
    home = Path(sys.argv[1] if len(sys.argv) > 1 else "demo-graph")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("no chromium on this machine: make setup-dev, or apt-get install chromium")
    command = [sys.executable, "-m", "evigraph", "serve", "--home", str(home), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        told = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        if told is None:
            raise SystemExit(f"{home} cannot be served: build it first, for example by make demo")
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
            for name, where, height in PICTURES:
                take(page, told.group(), where, IMAGES / f"{name}.png", height)
                print(f"docs/images/{name}.png: {(IMAGES / f'{name}.png').stat().st_size // 1024} kB")
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=20)


def take(page: Page, base: str, where: str, path: Path, height: int) -> None:
    """Writes the picture of a page. `address > part` is a part of the product that stands at the address, or first."""
    address, _, part = where.partition(" > ")
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.goto(f"{base}{address}")
    if part:
        if "/product/" not in page.url:
            page.locator(".hit h2 a").first.click()
            page.wait_for_url("**/product/**")
        page.goto(f"{page.url}/{part}")
    page.evaluate("document.fonts.ready")
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
