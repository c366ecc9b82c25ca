"""How fast the laboratory trains in Chromium, and whether its games do what they are known for.

    python benchmarks/laboratory.py [--seconds S] [--only speed games loops] [--write]

The page is the file that people download, opened from a disk with no network.  Rounds are counted while the picture is drawn
beside them.  On a machine that does much else time on the clock says little: rounds a second are told both by the clock and
by the processor time that the browser took, all of it, drawing included.  ``--write`` makes docs/laboratory.json and
docs/laboratory.md.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from verbs import ROOT

sys.path.insert(0, str(ROOT))

KEPT, PAGE = ROOT / "docs" / "laboratory.json", ROOT / "docs" / "laboratory.md"
SLOW = 60  # rounds a second, of a play that is mostly pictures
SIZES = {"16-16": (2, 16), "32-32": (2, 32), "64-64": (2, 64), "128-128-128": (3, 128)}
CRITIC = "game=wgan_gp&d_steps=3&beta_1=0&beta_2=0.9"
GRID = "data=grid&game=wgan_gp&d_steps=5&beta_1=0&penalty=0.02"
WAVES = "data=grid&game=wgan_gp&d_steps=5&penalty=0.1&noise=uniform&waves=3&g_depth=3&g_rate=0.003&d_rate=0.002"
# title: (state of the address, modes that are looked for, rounds that are played)
GAMES = {
    "WGAN-GP, ring": (CRITIC, 8, 2000),
    "WGAN-GP, grid": (f"{GRID}&d_rate=0.002&noise=uniform", 25, 1500),
    "WGAN-GP, grid, three layers": (f"{GRID}&beta_2=0.99&g_rate=0.0007&d_rate=0.002&g_depth=3&d_depth=3", 25, 5000),
    "WGAN-GP, grid, three waves": (WAVES, 25, 3500),
    "Minimax, small and slow discriminator, ring": ("game=minimax&d_width=16&g_rate=0.005", 8, 1500),
}
LOOPS = """() => {
    const R = 256, S = 128, K = 128, made = (type, n) => new type(n).fill(0.5)
    const best = (play) => {
        let least = Infinity
        for (let i = 0; i < 12; i++) {
            const began = performance.now()
            play()
            least = Math.min(least, performance.now() - began)
        }
        return least
    }
    const [A, B, C] = [made(Float64Array, R * K), made(Float64Array, S * K), made(Float64Array, R * S)]
    const strided = (A, B, C) => {
        for (let r = 0; r < R; r++) for (let s = 0; s < S; s++) {
            let sum = 0
            for (let k = 0; k < K; k++) sum += A[r * K + k] * B[k * S + s]
            C[r * S + s] = sum
        }
    }
    const inMemory = (A, B, C) => {
        for (let r = 0; r < R; r++) for (let s = 0; s < S; s++) for (let k = 0; k < K; k++) {
            C[r * S + s] += A[r * K + k] * B[k * S + s]
        }
    }
    const ordinary = A.slice(), tiny = A.slice().fill(1e-312)
    return { blocks: best(() => products(A, B, C, R, S, K, false)), strided: best(() => strided(A, B, C)),
        in_memory: best(() => inMemory(A, B, C)), denormal: best(() => products(tiny, B, C, R, S, K, false)),
        ordinary: best(() => products(ordinary, B, C, R, S, K, false)) }
}"""
WORDS = """# The laboratory

Two small networks that play in the plane, trained in the visitor's browser: the page *Laboratory*, and one HTML file of
{size} kB that works from a disk with the network cut. Its numerics ([engine.js](../gan_core/laboratory/engine.js)) are
plain JavaScript in a worker; `tests/laboratory/test_gradients.py` holds every loss, penalty and optimiser step to Keras, to
1e-5. Made by `python benchmarks/laboratory.py --write` on one machine of two cores, in Chromium, while the picture is drawn
beside.

## What is counted

A sample is of *high quality* within three standard deviations of its nearest centre (of real samples, where data have no
centres), as everywhere in this workbench. A mode is *found* when it gets a tenth of its fair share in such samples, where
papers are content with a single one. On a dense grid that is lenient, too: samples spread evenly over it find every mode,
at a high quality of 20 %, so that the two figures belong together. The Jensen-Shannon divergence, in bits, is that of
histograms of 24 x 24 cells, the distance the sliced Wasserstein-1 distance of 8 directions; beside both stands what as many
real samples score. Modes here are wider than those of the datasets `ring` and `grid`.

## How fast it is

Non-saturating game, Adam, batches of 150, one step of each player a round. *by the clock* suffers from whatever else the
machine does; *by the processor* counts all that the browser took, its drawing included. *ms a picture* are those of the
processor that one takes, all threads of the browser together, and the last column says how many rounds are left in a second
of one core that draws 30 of them: that does not depend on what else the machine does. Both are told of sizes that play
much faster than the {slow} rounds a second that they are told apart by.

| hidden layers | rounds/s by the processor | rounds/s by the clock | pictures/s | ms a picture | rounds/s beside 30 |
|---|---|---|---|---|---|
{speed}

## What the games do

From seed 1, with the settings that benchmarks/laboratory.py has. A mode that was found may be lost again: the third column
says when all were there at once for the first time.

| game | hidden layers | all modes first found | rounds | seconds of the processor | found at the end | high quality |
|---|---|---|---|---|---|---|
{games}

The grid asks for what varies fast. A discriminator that sees places alone learns that last, and its generator spreads evenly
meanwhile; with *waves*, sines and cosines of the place (Fourier features, Tancik 2020), it learns it soon, and the generator
can go three times as fast. The fastest of three waves has the period of the grid: that is the most favourable case.

## Where the time goes

One product of matrices, 256 x 128 by 128 x 128, in milliseconds, the best of twelve.

| loop | ms |
|---|---|
{loops}

Sums that stay in registers decide: a loop that adds up in memory takes many times as long, which at 128-128-128 is the
difference between tens of steps a second and a few. Denormal numbers cost some processors a hundred times as much; what
they cost this one says the last line. They are kept out all the same.
"""
TITLES = {"blocks": "eight sums at a time, as here", "strided": "one sum at a time, weights by columns",
          "in_memory": "sums in memory", "denormal": "as here, of denormal numbers"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=8.0, help="by the clock, for each size (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=("speed", "games", "loops"), default=["speed", "games", "loops"])
    parser.add_argument("--games", nargs="+", metavar="TITLE", choices=GAMES, default=list(GAMES),
                        help="these games only; what is known of the others stays (default: all)")
    parser.add_argument("--write", action="store_true", help="make docs/laboratory.json and docs/laboratory.md")
    args = parser.parse_args()
    from playwright.sync_api import sync_playwright

    from gan_core import laboratory

    measured = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "laboratory.html"
        path.write_bytes(laboratory.composed())
        measured["size"] = path.stat().st_size
        before = {process.pid for process in psutil.Process().children(recursive=True)}
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[
            "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"])
        page = browser.new_context(offline=True, viewport={"width": 1280, "height": 900}).new_page()
        opened = Opened(page, path, before)
        if "speed" in args.only:
            measured["speed"] = {title: opened.speed(*size, args.seconds) for title, size in SIZES.items()}
        if "games" in args.only:
            played = measured.get("games", {}) | {title: opened.game(*GAMES[title]) for title in args.games}
            measured["games"] = {title: played[title] for title in GAMES if title in played}
        if "loops" in args.only:
            plain = browser.new_page()
            plain.add_script_tag(content=laboratory.source("engine.js"))
            measured["loops"] = plain.evaluate(LOOPS)
        browser.close()
    print(json.dumps(measured, indent=1))
    if args.write:  # parts may be measured one after the other
        KEPT.write_text(json.dumps(measured, indent=1) + "\n")
        if {"speed", "games", "loops"} <= measured.keys():
            PAGE.write_text(written(measured))


class Opened:
    """The page, and what the browser has used of the processor."""

    def __init__(self, page, path, before):
        self.page, self.path, self.before = page, path, before

    def open(self, state):
        self.page.goto("about:blank")
        self.page.goto(f"{self.path.as_uri()}#{state}")
        self.page.wait_for_function("() => document.body.dataset.frames > 0")

    def used(self):
        """Seconds of the processor, of all processes of the browser."""
        total = 0.0
        for process in psutil.Process().children(recursive=True):
            if process.pid not in self.before:
                try:
                    times = process.cpu_times()
                except psutil.NoSuchProcess:
                    continue
                total += times.user + times.system
        return total

    def at(self):
        return self.page.evaluate("[laboratory.frame.round, laboratory.counted]")

    def speed(self, depth, width, seconds):
        self.open(f"g_width={width}&d_width={width}&g_depth={depth}&d_depth={depth}")
        fast = self.played("0", seconds)
        told = {"by_processor": fast["rounds"] / fast["used"], "by_clock": fast["rounds"] / fast["took"],
                "frames": fast["pictures"] / fast["took"], "round_ms": None, "picture_ms": None}
        if told["by_clock"] > 2 * SLOW:
            # Rounds and pictures together take the seconds: two plays with other shares of both tell them apart.
            slow = self.played(str(SLOW), seconds)
            shares = [[play["rounds"], play["pictures"]] for play in (fast, slow)]
            told["round_ms"], told["picture_ms"] = (1000 * np.linalg.solve(shares, [fast["used"], slow["used"]])).tolist()
        return told

    def played(self, speed, seconds):
        """Rounds, pictures, and seconds of the clock and of the processor, at a speed of the page's list."""
        self.page.locator("#speed").select_option(speed)
        self.page.locator("#play").click()
        self.page.wait_for_timeout(2000)
        (first, frames), used, began = self.at(), self.used(), time.perf_counter()
        self.page.wait_for_timeout(1000 * seconds)
        (last, more), used, took = self.at(), self.used() - used, time.perf_counter() - began
        self.page.locator("#play").click()
        return {"rounds": last - first, "pictures": more - frames, "used": used, "took": took}

    def game(self, state, modes, most):
        self.open(state)
        used = self.used()
        self.page.locator("#play").click()
        self.page.wait_for_function(f"() => laboratory.frame.round >= {most}", timeout=1_800_000, polling=200)
        used = self.used() - used
        self.page.locator("#play").click()
        logs, settings = self.page.evaluate("[laboratory.history.map(({ logs }) => logs[0]), laboratory.settings]")
        whole, last = next((log["round"] for log in logs if log["found"] >= modes), None), logs[-1]
        layers = {player: "-".join([str(settings[f"{player}_width"])] * settings[f"{player}_depth"]) for player in "gd"}
        return {"layers": layers["g"] if layers["g"] == layers["d"] else f"{layers['g']} against {layers['d']}",
                "most": max(log["found"] for log in logs), "modes": modes, "all_at": whole, "found": last["found"],
                "quality": last["quality"], "rounds": last["round"], "seconds": used}


def written(measured):
    """The page, of what was measured."""
    speed = "\n".join(
        f"| {title} | {row['by_processor']:,.0f} | {row['by_clock']:,.0f} | {row['frames']:.0f} | {beside(row)} |"
        for title, row in measured["speed"].items())
    games = "\n".join(
        f"| {title} | {row['layers']} | {'in round ' + str(row['all_at']) if row['all_at'] else 'never'} | "
        f"{row['rounds']:,} | {row['seconds']:.0f} | {row['found']} of {row['modes']} | {row['quality']:.0%} |"
        for title, row in measured["games"].items())
    loops = "\n".join(f"| {words} | {measured['loops'][name]:.1f} |" for name, words in TITLES.items())
    return WORDS.format(slow=SLOW, size=round(measured["size"] / 1000), speed=speed, games=games, loops=loops)


def beside(row):
    """Two cells: what a picture takes, and the rounds that are left beside 30 of them a second."""
    if row["picture_ms"] is None:
        return "– | –"
    return f"{row['picture_ms']:.1f} | {max(0.0, 1000 - 30 * row['picture_ms']) / row['round_ms']:,.0f}"


if __name__ == "__main__":
    main()
