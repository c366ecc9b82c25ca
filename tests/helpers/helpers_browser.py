"""What tests of the dashboard in a browser share: a server on a workspace of its own, and its chart of the losses."""

import re
import time

import pytest

from gan_core.store import DiskStore
from helpers_runs import end_all

STARTING = 120.0  # seconds until a run has made steps, on a machine that does much else
# The first chart of the page is that of the losses.
LOSS = """() => {
    const host = document.querySelector('.live-chart'), full = host?._fullLayout
    if (!full) return null
    return {
        step: host._fullData.at(-1).x.at(-1), curves: host._fullData.length,
        x: [...full.xaxis.range], y: [...full.yaxis.range], follows: Boolean(full.xaxis.autorange),
        dragging: Boolean(host._dragging), marked: Boolean(window.marked && host.marked),
    }
}"""
MARK = "() => { document.querySelector('.live-chart').marked = window.marked = true }"


@pytest.fixture(autouse=True)
def streamlit_asks_below_a_page_first(page_errors):
    page_errors.allow(r"404 \(Not Found\) http://localhost:\d+/(train|sweep|data|monitor|gallery|draw|share|compare|report|runs|architectures|inspect|tasks|explore|translate|photos|doodle|restyle|prompt|anomalies|laboratory)/_stcore/(health|host-config)$")


def go_to(page, title):
    """Go to another page by the navigation, whichever group has it."""
    from pages.components.shell import PAGES

    [group] = [group for group, pages in PAGES.items() if title in [each[1] for each in pages]]
    if group:
        page.get_by_test_id("stTopNavSection").filter(has_text=group).click()
        page.get_by_test_id("stTopNavDropdownLink").filter(has_text=title).click()
    else:
        page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
    return drawn(page)


class Dashboard:
    """A workspace and the server that shows it."""

    def __init__(self, serve, workspace):
        self.store = DiskStore(workspace)
        self.server = serve("streamlit_app.py", env={"GAN_WORKSPACE": workspace})

    def open(self, page, path="", scheme="light"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{self.server.url}/{path}")
        return drawn(page)


@pytest.fixture(scope="module")
def dashboard(serve, tmp_path_factory):
    """dashboard(fill=...) opens one on a workspace of its own; ``fill`` puts things into its store before."""
    opened = []

    def open(fill=lambda store: None):
        workspace = tmp_path_factory.mktemp("dashboard") / "workspace"
        opened.append(Dashboard(serve, workspace))
        fill(opened[-1].store)
        return opened[-1]

    yield open
    for each in opened:
        each.server.stop()
        end_all(each.store.workspace)
        each.store.close()


def drawn(page, seconds=60):
    """Waits until the script of the page has run, and returns the page, which shows no traceback."""
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for(timeout=1000 * seconds)
    assert page.get_by_test_id("stException").all_inner_texts() == []
    return page


def loss(page, what=lambda chart: True, seconds=30.0):
    """Waits until what(state of the loss chart) is true, and returns that state."""
    end = time.monotonic() + seconds
    while not ((state := page.evaluate(LOSS)) and what(state)):
        assert time.monotonic() < end, f"not reached: {state}"
        page.wait_for_timeout(50)
    return state


def grown(page, times=3):
    """Waits until the loss chart has taken up newer steps that often."""
    state = loss(page)
    for _ in range(times):
        state = loss(page, lambda now, before=state: now["step"] > before["step"])
    return state


def mark(page):
    """Marks the page and its loss chart, once that is there, to see later whether they are still the same."""
    loss(page)
    page.evaluate(MARK)


def run_in_address(page):
    page.wait_for_url(re.compile(r"/monitor\?run="))
    return page.url.partition("run=")[2]


def status_badge(page, status):
    return page.locator(".stMarkdownBadge", has_text=re.compile(f"{status}$"))
