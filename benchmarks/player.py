"""How exact and how fast the player of demos is, in Chromium: every architecture at its defaults, 28 x 28.

    python benchmarks/player.py [--only NAME ...] [--write]

Untrained networks: what they draw decides neither.  Measures the page that `demo` writes, opened from a disk with no
network: time to the first sample, a single sample, 64 samples, and the file.  The largest difference to Keras is of 64
samples with float32 weights, the mean one of int8 a share of the range of samples.  ``--write`` makes docs/player.md.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from verbs import ROOT

sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]

PAGE = ROOT / "docs" / "player.md"
SIZES = {"progan": (32, 32, 1), "stylegan": (32, 32, 1), "lapgan": (28, 28, 1)}
N = 64
WORDS = """# How exact and how fast demos are

Made by `python benchmarks/player.py --write`: every architecture at its defaults on grey images of 28 pixels (ProGAN and
StyleGAN of 32), or on points, untrained, as `demo` writes it, opened in Chromium from a disk with no network, on one machine
of two cores without a GPU. *off* is the largest difference to Keras among 64 samples in float32, of a range of 2; *int8* is
how far rounded weights move samples in the mean, as a share of their range. *first* is the time from opening the page to the
first sample, *one* and *64* are times for a single sample and for a grid of them, and the file is that of int8.

| architecture | million multiplications | off | int8 | first | one | 64 | file |
|---|---|---|---|---|---|---|---|
"""


def measured(browser, name, folder):
    """A row of the table."""
    from helpers_pages import add_run, zoo

    from gan_core.data import IMAGES, POINTS, DataSpec
    from gan_core.models import inputs
    from gan_core.models.registry import architecture
    from gan_core.models.sampling import sampling_graph
    from gan_core.sharing import demo, weights
    from gan_core.store import open_store

    cls = architecture(name)
    kind = IMAGES if IMAGES in cls.kinds else POINTS
    shape = SIZES.get(name, (28, 28, 1)) if kind == IMAGES else (2,)
    model = cls(cls.Config(), DataSpec(kind, shape, tuple("0123456789")))
    store = open_store(folder / name)
    run = add_run(store, zoo(), name, architecture=name, data="digits" if kind == IMAGES else "ring")
    graph, drawn = sampling_graph(model), inputs.draw(model.inputs(), N, 0)
    exact = np.asarray(model.sample(drawn))
    page = browser.new_context(offline=True).new_page()
    path = folder / f"{name}.html"
    path.write_bytes(demo.made(store, run, model, 1000, card=zoo()[name], precision="float32"))
    page.goto(path.as_uri())
    there = page.evaluate("""async (n) => {
        const drawn = drawInputs(demo.inputs, n, 0), computing = player.computing
        return await new Promise((done) => {
            const all = []
            computing.draw("measured", drawn, (values, place) => {
                all[place] = Array.from(values)
                if (place === n - 1) done(all)
            })
        })
    }""".replace("const drawn", "while (!player) await new Promise((on) => setTimeout(on, 20)); const drawn"), N)
    off = float(np.abs(np.array(there).reshape(exact.shape) - exact).max())
    path.write_bytes(demo.made(store, run, model, 1000, card=zoo()[name]))
    error = demo._rounding_error(graph, weights.unpacked(*weights.packed(graph, "int8")), model)
    began = time.perf_counter()
    page.goto(path.as_uri())
    page.wait_for_function("document.body.dataset.milliseconds")
    first = time.perf_counter() - began
    page.wait_for_timeout(3000)
    one, many = page.evaluate("""async (n) => {
        const drawn = drawInputs(demo.inputs, n, 1), computing = player.computing, times = []
        const timed = (samples) => new Promise((done) => {
            const began = performance.now()
            computing.draw("measured", samples, (_, place) => {
                if (place === samples.length - 1) done(performance.now() - began)
            })
        })
        for (let i = 0; i < 20; i++) times.push(await timed([drawn[i]]))
        return [times.sort((a, b) => a - b)[10], await timed(drawn)]
    }""", N)
    page.context.close()
    store.close()
    return (f"| {name} | {graph.multiplications() / 1e6:,.1f} | {off:.1e} | {100 * error:.2g} % | {first:.2f} s | "
            f"{one:.0f} ms | {many / 1000:.2f} s | {path.stat().st_size / 1e6:.2f} MB |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--write", action="store_true", help="make docs/player.md")
    args = parser.parse_args()
    from playwright.sync_api import sync_playwright

    from gan_core.models.registry import architectures

    names = [name for name, cls in architectures().items() if not cls.not_a_graph and (not args.only or name in args.only)]
    rows = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[
            "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"])
        for name in names:
            rows.append(measured(browser, name, Path(folder)))
            print(rows[-1], flush=True)
        browser.close()
    if args.write:
        PAGE.write_text(WORDS + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
