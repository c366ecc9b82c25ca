"""What a large workspace costs: the memory of the server and the seconds of its pages, in a real browser.

    python benchmarks/server_memory.py [--runs 2000] [--rows 2000000] [--visits 60] [--upload 300] [--json FILE]

A workspace of so many runs, one of which has so many rows, is made; each page is opened once; the Gallery is visited that
often, each time in a new tab; a zip of so many MB, which is no zip, is sent on the Train page; and `metrics` prints the long
run.  The server may hold LIMIT after any of it.  Needs Chromium and Playwright, half a gigabyte of disk, and some minutes.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from dashboard import KEYS, ROOT, chromium, serve
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from gan_core.store import open_store  # noqa: E402
from gan_core.store.catalogue import _values  # noqa: E402
from gan_core.store.run import new_run  # noqa: E402
from gan_core.store.tables import runs as table  # noqa: E402
from helpers_pages import add_run, zoo  # noqa: E402

LIMIT = 400  # MB
PAGES = ("", "train", "data", "monitor", "gallery", "runs", "draw", "tasks", "compare", "judge", "architectures", "inspect")


def fill(store, runs, rows):
    """A run of many rows, and copies of a small one, whose files are links; returns the long one's id."""
    like = add_run(store, zoo(), "One of many")
    copies = [new_run(like.spec, f"Run {number:,}", status="finished", step=1000, facts=like.facts, seconds=50.0,
                      ended=like.ended, attempt=1) for number in range(runs - 2)]
    for run in copies:
        shutil.copytree(store.where(like.id), store.workspace / "runs" / run.id, copy_function=os.link)
    with store._writing() as connection:
        connection.execute(table.insert(), [_values(dataclasses.asdict(run)) for run in copies])
    long = add_run(store, zoo(), "The long one", rows=1, steps=rows // len(KEYS))
    rng = np.random.default_rng(0)
    for first in range(0, rows // len(KEYS), 5000):
        values = rng.standard_normal((5000, len(KEYS))).tolist()
        store.add_rows(long.id, [(first + place + 1, key, value, 1e9 + (first + place) / 10)
                                 for place, row in enumerate(values) for key, value in zip(KEYS, row)])
    return long.id


def opened(page, url):
    """Seconds until a page is drawn."""
    began = time.monotonic()
    page.goto(url)
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for(timeout=120_000)
    page.locator("h1, h2, h3, h4").first.wait_for(timeout=120_000)
    return round(time.monotonic() - began, 1)


def memory(server):
    """MB that a server holds, once it has had a moment."""
    time.sleep(3)
    return round(psutil.Process(server.pid).memory_info().rss / 1e6)


def measured(browser, url, server, long, visits, upload):
    found = {"memory_mb_at_first": memory(server), "seconds": {}, "memory_mb": {}}
    page = browser.new_page()
    for name in PAGES:
        found["seconds"][name or "home"] = opened(page, f"{url}/{name}")
    found["seconds"]["monitor of the long run"] = opened(page, f"{url}/monitor?run={long}")
    found["seconds"]["and again"] = opened(page, f"{url}/monitor?run={long}")
    found["memory_mb"]["after each page"] = memory(server)
    page.close()
    for visit in range(visits):
        page = browser.new_page()
        opened(page, f"{url}/gallery")
        page.close()
        if visit % 20 == 19:
            found["memory_mb"][f"after {visit + 1} visits of the Gallery"] = memory(server)
    if upload:
        page = browser.new_page()
        send(page, url, upload)
        found["memory_mb"]["after the upload"] = memory(server)
        page.close()
        found["memory_mb"]["when its visitor has left"] = memory(server)
    return found


def send(page, url, megabytes):
    opened(page, f"{url}/train")
    page.get_by_role("combobox", name="Data", exact=True).click()
    page.get_by_role("option", name="My own images").click()
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        for _ in range(megabytes):
            file.write(os.urandom(10**6))
        file.flush()
        page.locator("input[type=file]").set_input_files(file.name)
        page.get_by_text("is not a zip file").wait_for(timeout=120_000)


def printed(workspace, run):
    """Seconds that `metrics` takes."""
    began = time.monotonic()
    with open(os.devnull, "w") as nowhere:
        subprocess.run([sys.executable, "-m", "gan_core", "metrics", run, "--csv", "--workspace", str(workspace)], cwd=ROOT,
                       stdout=nowhere, check=True)
    return round(time.monotonic() - began, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--visits", type=int, default=60)
    parser.add_argument("--upload", type=int, default=300, help="MB; 0 sends nothing")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gan-memory-") as workspace:
        with contextlib.closing(open_store(workspace)) as store:
            long = fill(store, args.runs, args.rows)
        server, url = serve(workspace)
        try:
            with sync_playwright() as playwright:
                found = measured(chromium(playwright), url, server, long, args.visits, args.upload)
        finally:
            server.terminate()
            server.wait()
        found["metrics_s"] = printed(workspace, long)
    found["within_limit"] = max(found["memory_mb"].values()) <= LIMIT
    print(json.dumps(found, indent=2))
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
