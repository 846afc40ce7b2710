"""Prints the size of the front end and what it adds to JupyterLab's start.

Needs chromium, the package installed, and its front end built for production
(``jlpm build:prod``).
"""

from __future__ import annotations

import gzip
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.ui.server import Server  # noqa: E402

STATIC = ROOT / "jupyter_node_deploy" / "labextension" / "static"
LOADS = 9


def sizes(at_start: set[str]) -> None:
    """Print each file's size, plain and compressed."""
    print(f"{'file':40} {'bytes':>8} {'gzip':>8}  loaded")
    for path in sorted(STATIC.glob("*.js")):
        content = path.read_bytes()
        when = "at start" if path.name in at_start else "when needed"
        print(f"{path.name:40} {len(content):8} {len(gzip.compress(content)):8}  {when}")


def start_server(directory: str, *, enabled: bool) -> Server:
    """Start a server with our front end or without it."""
    server = Server(Path(directory), ROOT / "examples", backend="process")
    if not enabled:
        config = Path(directory, "config", "labconfig")
        config.mkdir(parents=True)
        disabled = {"disabledExtensions": {"jupyter-node-deploy": True}}
        (config / "page_config.json").write_text(json.dumps(disabled))
    server.start()
    return server


def load(browser: Browser, server: Server, files: set[str]) -> float:
    """Return the seconds until JupyterLab can be used; add our files that were asked for."""
    page = browser.new_context().new_page()
    page.on("request", lambda request: files.add(Path(urlsplit(request.url).path).name))
    begin = time.perf_counter()
    page.goto(f"{server.url}/lab?reset&token={server.token}")
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    page.locator(".jp-Launcher").wait_for()
    seconds = time.perf_counter() - begin
    page.context.close()
    return seconds


def main() -> None:
    files: set[str] = set()
    times: dict[bool, list[float]] = {False: [], True: []}
    with (
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as without,
        tempfile.TemporaryDirectory() as with_it,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        servers = {
            False: start_server(without, enabled=False),
            True: start_server(with_it, enabled=True),
        }
        try:
            for _ in range(LOADS + 1):  # in turns, so that other load falls on both
                for enabled, server in servers.items():
                    times[enabled].append(load(browser, server, files))
        finally:
            for server in servers.values():
                server.stop()
    sizes(files)
    medians = {enabled: statistics.median(took[1:]) for enabled, took in times.items()}
    print(
        f"JupyterLab's start, median of {LOADS}: "
        f"{medians[False]:.2f} s without, {medians[True]:.2f} s with it"
    )


if __name__ == "__main__":
    main()
