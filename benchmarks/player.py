"""How exact and how fast the player of demos is, in Chromium: every architecture at its defaults, 28 x 28.

    python benchmarks/player.py [--only NAME ...] [--reference FOLDER] [--write]

Untrained networks: what they draw decides neither.  Measures the page that `demo` writes, opened from a disk with no
network: time to the first sample, a single sample, 64 samples, and the file.  The largest difference to Keras is of 64
samples with float32 weights, the mean one of int8 a share of the range of samples.  ``--write`` makes docs/player.md.

``--reference`` is where ONNX Runtime Web lies (``npm install onnxruntime-web``, then ``node_modules/onnxruntime-web/dist``):
the same networks as `export --format onnx` writes them, in its WebAssembly with one thread, which is what a page from a disk
can have, from a server on this machine, since it cannot be opened from a disk.
"""

import argparse
import functools
import http.server
import json
import shutil
import sys
import tempfile
import threading
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
BESIDE = """
## Beside ONNX Runtime Web

The same networks as `export --format onnx` writes them, in ONNX Runtime Web {version}: WebAssembly with SIMD and one thread,
served by this machine (its files cannot be opened from a disk). *runtime* is what a browser has to fetch beside the weights:
the player is part of its page, with {player:.0f} kB.

| architecture | first | one | 64 | runtime | file |
|---|---|---|---|---|---|
"""
REFERENCE = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
REFERENCE_PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:"><script type="module">
import * as ort from "./ort.wasm.min.mjs"
ort.env.wasm.numThreads = 1
const inputs = await (await fetch("inputs.json")).json()
const given = (first, n) => Object.fromEntries(Object.entries(inputs).map(([name, { type, shape, values }]) => {
    const size = values.length / shape[0], part = values.slice(first * size, (first + n) * size)
    const kinds = { float32: Float32Array, int32: Int32Array }
    return [name, new ort.Tensor(type, kinds[type].from(part), [n, ...shape.slice(1)])]
}))
const session = await ort.InferenceSession.create("model.onnx")
const run = async (first, n) => Object.values(await session.run(given(first, n)))[0].data
await run(0, 1)
window.first = performance.now()
const times = []
for (let i = 0; i < 20; i++) {
    const began = performance.now()
    await run(i, 1)
    times.push(performance.now() - began)
}
const began = performance.now(), all = await run(0, 64)
window.told = { one: times.sort((a, b) => a - b)[10], many: performance.now() - began, all: Array.from(all) }
</script>"""


def measured(browser, name, folder):
    """A row of the table."""
    from helpers_pages import add_run, zoo

    from gan_core.data import IMAGES
    from gan_core.models import inputs
    from gan_core.models.sampling import sampling_graph
    from gan_core.sharing import demo, weights
    from gan_core.store import open_store

    model, kind = model_of(name)
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


def model_of(name):
    """An architecture at its defaults, as both tables have it, and the kind of its samples."""
    from gan_core.data import IMAGES, POINTS, DataSpec
    from gan_core.models.registry import architecture

    cls = architecture(name)
    kind = IMAGES if IMAGES in cls.kinds else POINTS
    shape = SIZES.get(name, (28, 28, 1)) if kind == IMAGES else (2,)
    return cls(cls.Config(), DataSpec(kind, shape, tuple("0123456789"))), kind


def reference(browser, name, folder, dist):
    """A row of the table of ONNX Runtime Web."""
    from gan_core.models import inputs
    from gan_core.sharing import formats

    model, _ = model_of(name)
    drawn = inputs.draw(model.inputs(), N, 0)
    place = folder / f"reference-{name}"
    place.mkdir()
    for file in REFERENCE:
        shutil.copy(dist / file, place / file)
    content = formats.one("onnx").written(model, {"title": name})
    (place / "model.onnx").write_bytes(content)
    (place / "inputs.json").write_text(json.dumps({
        key: {"type": str(values.dtype), "shape": values.shape, "values": values.ravel().tolist()}
        for key, values in drawn.items()}))
    (place / "index.html").write_text(REFERENCE_PAGE)
    handler = functools.partial(_Quiet, directory=str(place))
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_context().new_page()
        page.goto(f"http://localhost:{server.server_port}/")
        page.wait_for_function("window.told", timeout=120_000)
        first, told = page.evaluate("[window.first, window.told]")
        page.context.close()
        server.shutdown()
    exact = np.asarray(model.sample(drawn)).ravel()
    assert np.abs(np.array(told["all"]) - exact).max() < 1e-3, f"{name}: the reference draws something else"
    fetched = sum((dist / file).stat().st_size for file in REFERENCE)
    return (f"| {name} | {first / 1000:.2f} s | {told['one']:.0f} ms | {told['many'] / 1000:.2f} s | "
            f"{fetched / 1e6:.1f} MB | {len(content) / 1e6:.2f} MB |")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--reference", type=Path, metavar="FOLDER", help="of ONNX Runtime Web")
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
        beside = []
        for name in names if args.reference else ():
            beside.append(reference(browser, name, Path(folder), args.reference))
            print(beside[-1], flush=True)
        browser.close()
    text = WORDS + "\n".join(rows) + "\n"
    if args.reference:
        from gan_core.sharing import page

        version = json.loads((args.reference.parent / "package.json").read_text())["version"]
        player = sum((page.PLAYER / file).stat().st_size for file in {*page.COMPUTING, *page.PAGE}) / 1e3
        text += BESIDE.format(version=version, player=player) + "\n".join(beside) + "\n"
    if args.write:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
