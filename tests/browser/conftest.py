"""What the tests in a real browser share: the browser, a page that notices errors, and a server for a Streamlit script.

Without playwright or Chromium these tests are skipped; with GAN_REQUIRE_BROWSER=1 in the environment they fail instead.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
START = 60  # seconds a server may take until it answers
PATIENCE = 45_000  # ms a page may take to show what a test waits for


def pytest_collection_modifyitems(items):
    """A browser's test that fails is tried once more, and the summary names it: what a page does in time hangs on all else
    that a busy machine does.  One that fails by the code fails twice."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=1))


def _without_browser(reason: str):
    (pytest.fail if os.environ.get("GAN_REQUIRE_BROWSER") == "1" else pytest.skip)(reason)


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium, as a Playwright browser."""
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        _without_browser("playwright is not installed")
    expect.set_options(timeout=PATIENCE)
    if not (executable := next(filter(None, map(shutil.which, BROWSERS)), None)):
        _without_browser(f"none of {', '.join(BROWSERS)} is on the PATH")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield browser
        browser.close()


class PageErrors(list):
    """Errors on a page's console, uncaught exceptions and requests to other hosts, as text."""

    def __init__(self):
        self.allowed = []

    def allow(self, pattern: str):
        """Errors that match this regular expression are expected: a server that a test restarts, for example."""
        self.allowed.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        return [error for error in self if not any(pattern.search(error) for pattern in self.allowed)]


@pytest.fixture
def page_errors():
    return PageErrors()


@pytest.fixture
def page(chromium, page_errors):
    """A fresh page of 1280 x 900 pixels. The test fails if it has errors or asks another host for anything."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()

    def requested(url):
        where = urlsplit(url)
        if where.scheme in ("http", "https", "ws", "wss") and where.hostname not in ("localhost", "127.0.0.1"):
            page_errors.append(f"request to another host: {url}")

    page.on("request", lambda request: requested(request.url))
    page.on("websocket", lambda websocket: requested(websocket.url))
    page.on("pageerror", lambda error: page_errors.append(f"uncaught: {error}"))
    page.on("console", lambda message: message.type == "error" and page_errors.append(
        f"console: {message.text} {message.location.get('url', '')}".rstrip()))
    yield page
    context.close()
    if errors := page_errors.unexpected():
        pytest.fail("errors on the page:\n" + "\n".join(errors))


class Server:
    """A Streamlit script, served on a port of its own that outlives a restart."""

    def __init__(self, script, env: dict, cwd, log: Path):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.log = log
        self._command = [
            sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={self.port}",
            "--server.address=localhost", "--server.headless=true", "--server.fileWatcherType=none",
            "--browser.gatherUsageStats=false",
        ]  # fmt: skip
        self._options = {"cwd": cwd, "env": os.environ | env}
        self._process = None
        self.start()

    def start(self):
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=subprocess.STDOUT, **self._options)
        end = time.monotonic() + START
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urllib.request.urlopen(self.url + "/_stcore/health", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        self.stop()
        pytest.fail(f"streamlit did not start:\n{self.log.read_text(errors='replace')}")

    def stop(self):
        """Ends the server; does nothing when it has ended already."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=10)
        self._process = None

    def restart(self):
        self.stop()
        self.start()


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """serve(script, env=..., cwd=...) starts a Server, by default in the repository's root; all end with the module."""
    servers = []

    def start(script, env=None, cwd=ROOT) -> Server:
        log = tmp_path_factory.mktemp("streamlit") / "server.log"
        servers.append(Server(script, {name: str(value) for name, value in (env or {}).items()}, cwd, log))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
