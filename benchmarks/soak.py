"""Minutes of what may happen to a workbench in use, all at once; then its store is checked.

    python benchmarks/soak.py [--minutes 10] [--tabs 3] [--seed 0] [--disk 400] [--json FILE]

Several tabs go about the dashboard at random: pages, buttons, keys, reloads, closed tabs.  Beside them runs are started from
the command line, processes of the workspace are killed (workers, dispatchers, computing processes, now and then the server),
and, where a file system of ``--disk`` MB can be mounted, the disk is filled to the last byte for seconds.  What comes as a
traceback on a page, or as one of a command, is a finding.  In the end every run must have ended or be resumed to its end,
every record must be read, every sheet open, the newest whole checkpoint of each run be found, the catalogue be sound, and no
process be left.  Needs Chromium and Playwright.  Exits with 1 when anything was found.
"""

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.dashboard import chromium, serve  # noqa: E402
from gan_core.errors import UserError  # noqa: E402
from gan_core.store import ACTIVE, QUEUED, open_store, weights  # noqa: E402
from gan_core.store.artifacts import sample_sheets  # noqa: E402

PAGES = ("", "train", "data", "monitor", "gallery", "runs", "draw", "tasks", "compare", "judge", "architectures", "inspect")
KEYS = ("ArrowLeft", "ArrowRight", "Tab", "Enter", "Space", "Escape", "Home", "End")
SETTLED, FULL = 60.0, 4.0  # seconds: until a page must have ended; for which a disk is full
LONGEST = 240.0  # seconds in which what goes on at the end must have ended


class Soak:
    """Attributes: ``done``, how often each thing was done; ``findings``, sentences."""

    def __init__(self, workspace, seed, tabs, on_own_disk):
        self.workspace, self.random, self.tabs, self.on_own_disk = Path(workspace), random.Random(seed), tabs, on_own_disk
        self.done, self.findings, self.pages, self.commands = Counter(), [], [], []
        self.server = self.url = None

    def find(self, sentence):
        if sentence not in self.findings:
            self.findings.append(sentence)
            print(f"FOUND {sentence}", file=sys.stderr)

    def go_on(self, seconds, playwright):
        self.server, self.url = serve(self.workspace)
        browser = chromium(playwright)
        ways = {self.visit: 8, self.click: 12, self.press: 6, self.reload: 1, self.another_tab: 1, self.command: 2,
                self.kill: 2, self.kill_the_server: 0.3, self.fill_the_disk: 0.5 if self.on_own_disk else 0}
        self.browser, until = browser, time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.pages:
                self.another_tab()
            way, = self.random.choices(list(ways), list(ways.values()))
            try:
                way()
            except BrowserError as error:  # the server was killed meanwhile, or what was to be clicked is gone
                self.done[f"{way.__name__} came too late"] += 1
                if "Target" in str(error) and "closed" in str(error):
                    self.pages = [page for page in self.pages if not page.is_closed()]
            else:
                self.done[way.__name__] += 1
            if self.server.poll() is not None:
                self.find("the server ended by itself")
                self.server, self.url = serve(self.workspace)
        browser.close()

    # A visitor

    def visit(self):
        page = self.random.choice(self.pages)
        page.goto(f"{self.url}/{self.random.choice(PAGES)}", timeout=1000 * SETTLED)
        self.look_at(page)

    def click(self):
        page = self.random.choice(self.pages)
        targets = page.locator('[data-testid="stMain"] :is(button, [role="tab"], [role="checkbox"], summary, label)').all()
        seen = [target for target in targets if target.is_visible() and target.is_enabled()]
        if seen:
            target = self.random.choice(seen)
            for _ in range(self.random.choice((1, 1, 1, 2))):
                target.click(timeout=2000)
            self.look_at(page)

    def press(self):
        page = self.random.choice(self.pages)
        fields = [field for field in page.locator('[role="slider"], input').all() if field.is_visible()]
        if fields:
            self.random.choice(fields).focus(timeout=2000)
        for _ in range(self.random.randrange(1, 12)):
            page.keyboard.press(self.random.choice(KEYS))
        self.look_at(page)

    def reload(self):
        page = self.random.choice(self.pages)
        page.reload(timeout=1000 * SETTLED)
        self.look_at(page)

    def another_tab(self):
        if len(self.pages) >= self.tabs:
            self.pages.pop(self.random.randrange(len(self.pages))).close()
        self.pages.append(self.browser.new_page(viewport={"width": self.random.choice((390, 1280)), "height": 900}))
        self.pages[-1].goto(self.url, timeout=1000 * SETTLED)

    def look_at(self, page):
        """What a page shows must be no traceback."""
        with contextlib.suppress(BrowserError):  # one that goes on for ever, such as a Monitor
            page.locator('.stApp[data-test-script-state="notRunning"]').wait_for(timeout=5000)
        for text in page.get_by_test_id("stException").all_inner_texts():
            self.find(f"{page.url.removeprefix(self.url)} shows a traceback: {' '.join(text.split())[:300]}")

    # What else happens

    def command(self):
        """Half of the time a run, else a verb that looks; both go on beside all else."""
        self.commands = [command for command in self.commands if not self.told(command)]
        if len(self.commands) >= 3:
            return
        verbs = (["runs"], ["datasets", "--kept"], ["tasks", "--work"], ["modalities"])
        train = ["train", self.random.choice(("gan", "wgan_gp", "vae")), "--data", "ring", "--steps",
                 str(self.random.choice((50, 2000))), "--set", "save_every=20"]
        arguments = train if self.random.random() < 0.5 else self.random.choice(verbs)
        self.commands.append(subprocess.Popen([sys.executable, "-m", "gan_core", *arguments, "--workspace", self.workspace],
                                              cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))

    def told(self, command):
        """Whether a command has ended; what it said must be sentences."""
        if command.poll() is None:
            return False
        said = command.stderr.read().decode(errors="replace")
        if "Traceback (most recent call last)" in said:
            self.find(f"{' '.join(map(str, command.args[3:5]))} ends with a traceback: {said.strip().splitlines()[-1]}")
        return True

    def kill(self):
        """One of the processes that work for the workspace, as a system short of memory would."""
        if processes := self.processes():
            with contextlib.suppress(psutil.Error):
                self.random.choice(processes).kill()

    def processes(self):
        """All that work for the workspace, but the server and its children that are no program of ours."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if any(str(self.workspace) in word for word in words) and process.pid not in (os.getpid(), self.server.pid):
                found.append(process)
        return found

    def kill_the_server(self):
        self.server.send_signal(self.random.choice((signal.SIGKILL, signal.SIGTERM)))
        self.server.wait(timeout=60)
        self.server, self.url = serve(self.workspace)
        for page in self.pages:
            page.close()
        self.pages.clear()

    def fill_the_disk(self):
        filler = self.workspace.parent / "filler"
        try:
            with open(filler, "wb", buffering=0) as file:
                for block in (2**20, 2**12, 1):
                    with contextlib.suppress(OSError):
                        while file.write(bytes(block)):
                            pass
            until = time.monotonic() + FULL
            while time.monotonic() < until and self.pages:
                with contextlib.suppress(BrowserError):
                    self.visit()
        finally:
            filler.unlink(missing_ok=True)

    # In the end

    def check(self):
        """Wait until all has ended, go on with what was lost, and read everything."""
        self.server.terminate()
        self.server.wait(timeout=60)
        for command in self.commands:
            if "train" in command.args:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    command.wait(timeout=LONGEST)
            self.told(command)
        store = open_store(self.workspace)
        from gan_core.launch import queue

        for run in store.list(statuses=(QUEUED,)):
            queue.stop(store, run.id)
        until = time.monotonic() + LONGEST
        while (going := store.list(statuses=ACTIVE)) and time.monotonic() < until:
            for run in going:
                queue.stop(store, run.id)
            queue.reap(store)
            time.sleep(1)
        for run in going:
            self.find(f"{run.id} is still {run.status}")
        runs = store.list()
        self.done |= Counter(f"run {run.status}" for run in runs)
        for run in runs:
            self.read(store, run)
        for run in [run for run in runs if queue.can_resume(store, run)][:3]:
            self.resume(run)
        from sqlalchemy import text

        with store.engine.connect() as connection:
            if (said := connection.execute(text("PRAGMA integrity_check")).scalar()) != "ok":
                self.find(f"the catalogue is not sound: {said}")
        store.close()
        until = time.monotonic() + 60
        while self.processes() and time.monotonic() < until:
            time.sleep(1)
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                self.find(f"a process is left: {' '.join(process.cmdline())[:200]}")
                process.kill()

    def read(self, store, run):
        from PIL import Image

        try:
            rows, artifacts = store.rows(run.id), store.artifacts(run.id)
            for key in set(rows.key):
                steps = rows.step[[each == key for each in rows.key]]
                if len(set(steps.tolist())) != len(steps):
                    self.find(f"{run.id} has two rows of {key} for one step")
            for _, name in sample_sheets(artifacts).items():
                with Image.open(io.BytesIO(artifacts.read(name))) as image:
                    image.load()
            kept, wrong = weights.whole(store, run.id)
            for sentence in wrong.values():
                self.find(sentence)
        except (UserError, OSError) as error:
            self.find(f"{run.id} cannot be read: {error}")

    def resume(self, run):
        answer = subprocess.run([sys.executable, "-m", "gan_core", "resume", run.id, "--steps", str(run.step + 20),
                                 "--workspace", self.workspace], cwd=ROOT, capture_output=True, text=True)
        self.done["resumed at the end"] += 1
        if "could not be downloaded" in answer.stderr:  # an example that somebody opened, whose data are not on this machine
            self.done["of data that are not here"] += 1
        elif answer.returncode:
            self.find(f"{run.id}, {run.status} at step {run.step}, does not go on: {answer.stderr.strip()[-300:]}")


@contextlib.contextmanager
def place(megabytes):
    """``(folder, whether it is a disk of its own)``"""
    folder = tempfile.mkdtemp(prefix="gan-soak-")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder],
                             capture_output=True).returncode == 0 if shutil.which("mount") else False
    try:
        yield Path(folder), mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--tabs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--disk", type=int, default=400, help="MB")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with place(args.disk) as (folder, on_own_disk):
        soak = Soak(folder / "workspace", args.seed, args.tabs, on_own_disk)
        with sync_playwright() as playwright:
            soak.go_on(60 * args.minutes, playwright)
        soak.check()
    figures = {"minutes": args.minutes, "seed": args.seed, "disk_filled": on_own_disk,
               "done": dict(sorted(soak.done.items())),
               "findings": soak.findings}
    print(json.dumps(figures, indent=2))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n")
    sys.exit(bool(soak.findings))


if __name__ == "__main__":
    main()
