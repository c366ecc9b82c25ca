"""What the dashboard promises, measured in a real browser on a fresh workspace.

    python benchmarks/dashboard.py [--shots DIR] [--json FILE]

Presses the first-GAN button and times the first samples and the end; takes the memory of the training process; then
opens ten finished runs of 20,000 rows in turn and takes the memory of the server.  Needs Chromium and Playwright.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from gan_core.store.task_records import OPEN  # noqa: E402
from gan_core.tasks import background  # noqa: E402
from gan_core.store import FINISHED, open_store  # noqa: E402
from gan_core.store.artifacts import sample_sheets  # noqa: E402
from gan_core.store.run import new_run  # noqa: E402

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
KEYS = ("d_loss", "g_loss", "d_accuracy_real", "d_accuracy_fake", "d_gradient_norm", "g_gradient_norm",
        "d_learning_rate", "g_learning_rate", "images_per_second")


def serve(workspace):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "streamlit", "run", "streamlit_app.py", f"--server.port={port}",
                               "--server.headless=true"], cwd=ROOT, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=os.environ | {"GAN_WORKSPACE": str(workspace)})
    url = f"http://localhost:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health")
            return server, url
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def chromium(playwright):
    """A headless Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=found, args=CHROMIUM)


def first_gan(page, url, store, shots):
    """Seconds from the press of the button to the first samples on the page and to the end; peak memory in MB."""
    page.goto(url)
    button = page.get_by_role("button", name="Train my first GAN")
    button.wait_for(timeout=60_000)
    began = time.monotonic()
    button.click()
    page.locator("img[alt^='Samples generated']").first.wait_for(timeout=120_000)
    seen = time.monotonic() - began
    peak = 0
    while not (run := store.list()[0]).ended:
        try:
            peak = max(peak, psutil.Process(run.handle["pid"]).memory_info().rss)
        except (psutil.Error, KeyError):
            pass
        time.sleep(0.5)
        if shots and 60 < time.monotonic() - began < 61:
            page.screenshot(path=shots / "first-gan-at-60-s.png")
    took = time.monotonic() - began
    if shots:
        page.wait_for_timeout(3000)
        page.screenshot(path=shots / "first-gan-done.png")
    return {"first_samples_s": round(seen, 1), "finished_s": round(took, 1), "status": run.status,
            "first_gan_memory_mb": round(peak / 1e6)}


def ten_runs(page, url, store, server):
    """Memory of the server in MB, before and after ten finished runs were opened on Monitor and Gallery."""
    like = store.list()[0]
    sheets = {name: store.artifacts(like.id).read(name) for name in sample_sheets(store.artifacts(like.id)).values()}
    rng = np.random.default_rng(0)
    for number in range(10):
        run = store.create(new_run(like.spec, f"Finished run {number}", status=FINISHED, step=20_000,
                                   facts=like.facts, seconds=3600.0))
        for name, sheet in sheets.items():
            store.artifacts(run.id).put(name, sheet)
        values = rng.standard_normal((20_000, len(KEYS)))
        store.add_rows(run.id, ((step, key, float(value), 1e9 + step) for step, row in enumerate(values)
                                for key, value in zip(KEYS, row)))
    memory = lambda: round(psutil.Process(server.pid).memory_info().rss / 1e6)  # noqa: E731
    before, slowest = memory(), 0.0
    for run in store.list()[:10]:
        began = time.monotonic()
        page.goto(f"{url}/monitor?run={run.id}")
        page.wait_for_function("document.querySelector('.live-chart')?._fullData?.length > 0", timeout=60_000)
        slowest = max(slowest, time.monotonic() - began)
        page.goto(f"{url}/gallery?run={run.id}")
        page.locator("img[alt^='Samples generated']").first.wait_for(timeout=60_000)
    return {"server_memory_mb_before": before, "server_memory_mb_after_ten_runs": memory(),
            "slowest_monitor_s": round(slowest, 1)}


def training_memory(workspace):
    """Peak memory in MB of a process that trains DCGAN on MNIST at batch 128 (None where MNIST is not here)."""
    command = [sys.executable, "-m", "gan_core", "train", "dcgan", "--data", "mnist", "--steps", "30",
               "--set", "checkpoint_seconds=5", "--workspace", str(workspace)]
    process = psutil.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        try:
            peak = max(peak, process.memory_info().rss)
        except psutil.Error:
            break
        time.sleep(0.05)
    return round(peak / 1e6) if process.wait() == 0 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shots", type=Path, help="folder for screenshots")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.shots:
        args.shots.mkdir(parents=True, exist_ok=True)
    found = {}
    with tempfile.TemporaryDirectory(prefix="gan-dashboard-") as workspace:
        store = open_store(workspace)
        server, url = serve(workspace)
        try:
            with sync_playwright() as playwright:
                browser = chromium(playwright)
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                found |= first_gan(page, url, store, args.shots)
                found |= ten_runs(page, url, store, server)
                browser.close()
        finally:
            for record in store.tasks.list(statuses=OPEN):  # scoring of the runs that ended; it would outlive the workspace
                background.stop(store, record.id)
            server.terminate()
            server.wait()
        found["training_memory_mb"] = training_memory(workspace)
    print(json.dumps(found, indent=2))
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
