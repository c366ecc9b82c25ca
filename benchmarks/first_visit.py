"""How soon a page can be used that is opened first on a fresh workspace, in a real browser: seconds.

    python benchmarks/first_visit.py [--json FILE] [--times N]

Each page is measured in a new tab, N times, on a server of its own that has answered nothing yet: Train until the
button is enabled and a knob that was edited has been taken, also while parameters are being counted; Monitor, with a
run that has ended, until its chart and its samples are drawn; and what the server's processor did meanwhile.  Needs
Chromium and Playwright.
"""

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from dashboard import ROOT, chromium, serve
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from gan_core.store import open_store  # noqa: E402
from helpers_pages import add_run, zoo  # noqa: E402


def train(page, url, began):
    page.goto(f"{url}/train")
    page.get_by_role("button", name="Start training").and_(page.locator(":enabled")).wait_for(timeout=120_000)
    shown = time.monotonic() - began
    # "Quick look" sets other steps than the defaults: the server has taken it when the field shows them.
    steps = page.get_by_role("spinbutton", name="Steps", exact=True)
    before = steps.input_value()
    page.get_by_role("button", name="Quick look").click()
    page.wait_for_function("([field, before]) => field.value !== before", arg=[steps.element_handle(), before],
                           timeout=120_000)
    return {"train_shown_s": shown, "train_edited_s": time.monotonic() - began}


def monitor(page, url, began):
    page.goto(f"{url}/monitor")
    page.locator("img[alt^='Samples generated']").first.wait_for(timeout=120_000)
    page.wait_for_function("document.querySelector('.live-chart')?._fullData?.length > 0", timeout=120_000)
    return {"monitor_shown_s": time.monotonic() - began}


def processor_seconds(server):
    """Of the server alone, without the processes that compute for it: what a busy machine does not stretch."""
    times = psutil.Process(server.pid).cpu_times()
    return times.user + times.system


def visit(browser, what, fill=lambda store: None):
    with tempfile.TemporaryDirectory(prefix="gan-first-visit-") as workspace:
        with contextlib.closing(open_store(workspace)) as store:
            fill(store)
        server, url = serve(workspace)
        try:
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            before = processor_seconds(server)
            seconds = what(page, url, time.monotonic())
            return seconds | {f"{what.__name__}_server_processor_s": processor_seconds(server) - before}
        finally:
            server.terminate()
            server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    times = {}
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for _ in range(args.times):
            measured = visit(browser, train) | visit(browser, monitor, lambda store: add_run(store, zoo()))
            for name, seconds in measured.items():
                times.setdefault(name, []).append(round(seconds, 2))
        browser.close()
    found = {name: {"median": statistics.median(seconds), "all": seconds} for name, seconds in times.items()}
    print(json.dumps(found, indent=2))
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
