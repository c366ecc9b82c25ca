"""Train every architecture under one budget, score it, and write docs/zoo.md.

    taskset -c 0 python benchmarks/zoo.py [NAME ...] [--minutes 3] [--n 2000] [--point-steps 5000] [--workspace DIR]

Those that learn images: on MNIST, for the same time.  Those that learn points: on ring and grid, for as many steps and
three seeds, by modes.py.  A time is that of a clock, so give each its core to itself (``taskset``); the seconds of
processor that training took are kept beside it and tell whether it had it.

Results are kept in docs/zoo.json and docs/modes.json as they come: what is there with the same budget and knobs is not
trained again, unless ``--again`` is given.  ``--minutes 0`` leaves images out, ``--point-steps 0`` points.  Needs MNIST
($GAN_DATA/mnist.npz or a network).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import kept as keeping
import modes
from PIL import Image
from verbs import ROOT, Length, gan, quick_look, train

sys.path.insert(0, str(ROOT))

from gan_core.models import cards  # noqa: E402
from gan_core.data import IMAGES, POINTS  # noqa: E402
from gan_core.store import open_store  # noqa: E402

KEPT, PAGE, SHEETS = ROOT / "docs" / "zoo.json", ROOT / "docs" / "zoo.md", ROOT / "docs" / "zoo"
LARGEST = 30_000  # bytes of a sheet: the Architectures page shows all of them
COLUMNS = (("kernel", ".4f"), ("frechet", ".1f"), ("classifier_score", ".2f"), ("precision", ".2f"), ("recall", ".2f"),
           ("coverage", ".2f"), ("label_accuracy", ".1%"))


def measure(name, knobs, minutes, n, workspace, store):
    """Train, sample and score one architecture; returns its line of the table."""
    code, before = keeping.code_of(name), _processor_seconds()
    run_id = train(name, "mnist", Length(minutes), knobs, "--set", "sample_every=1000", workspace=workspace)
    spent = _processor_seconds() - before
    scores = json.loads(gan("evaluate", run_id, "--n", n, "--json", workspace=workspace))
    SHEETS.mkdir(parents=True, exist_ok=True)
    gan("sample", run_id, "--n", 64, "--out", SHEETS / f"{name}.png", workspace=workspace)
    lighten(SHEETS / f"{name}.png")
    run = store.get(run_id)
    return {"minutes": minutes, "knobs": knobs, "code": code, "cores": len(os.sched_getaffinity(0)),
            "processor_seconds": round(spent, 1), "steps": run.step,
            "parameters": run.facts["parameters"],
            "step_ms": 1000 * run.spec["knobs"]["batch_size"] / run.facts["images_per_second"],
            "batch_size": run.spec["knobs"]["batch_size"], "precision": run.facts["precision"], "scores": scores}


def lighten(path):
    """Give a sheet fewer grey levels until it has at most :data:`LARGEST` bytes: noise takes more than what it shows."""
    with Image.open(path) as sheet:
        for levels in (64, 32, 16, 8):
            if path.stat().st_size <= LARGEST:
                return
            sheet.quantize(levels).save(path, "PNG", optimize=True)


def _processor_seconds():
    """Of the processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def page(kept, points, known):
    """The tables and the sheets, best kernel distance first.

    Args:
        kept: ``{name: what was measured}`` on images, all for the same time.
        points: the results of modes.py.
        known: ``{name: Card}``.
    """
    kept = {name: each for name, each in kept.items() if name in known}
    names = sorted(kept, key=lambda name: kept[name]["scores"]["kernel"])
    first = kept[names[0]]
    keys = [(key, form) for key, form in COLUMNS if any(key in kept[name]["scores"] for name in names)]
    lines = [
        "# The zoo", "",
        f"Made by `python benchmarks/zoo.py`: every architecture that learns images for {first['minutes']:g} minutes of "
        f"training on MNIST on {first['cores']} CPU core{'s' if first['cores'] > 1 else ''}, then scored on samples of its "
        f"averaged generator ({first['scores']['n_fake']:,} of them against {first['scores']['n_real']:,} real ones, "
        f"extractor `{first['scores']['extractor']}`). The budget is time, so a slow architecture makes fewer steps: what "
        "stands here says who gets far in minutes, not who would win in days. Knobs are those of each architecture's preset "
        f"for a quick look, which is narrower than its defaults; {keeping.CHANGED} marks what was measured with another "
        "preset or other code than those of this tree. Processor seconds are those of the whole process that trained, its "
        "start included: fewer than the minutes have means that it had to wait for its core. The last line is real data "
        "against real data.", "",
        "| architecture | parameters | batch | precision | ms a step | steps | processor s | "
        + " | ".join(key.replace("_", " ") for key, _ in keys) + " |",
        "|---|---|---|---|---|---|---|" + "---|" * len(keys),
    ]
    for name in names:
        each, scores = kept[name], kept[name]["scores"]
        cells = [format(scores[key], form) if key in scores else "" for key, form in keys]
        now = (quick_look(known[name]), keeping.code_of(name))
        changed = "" if (each["knobs"], each.get("code")) == now else f" {keeping.CHANGED}"
        spent = f"{each['processor_seconds']:.0f}" if "processor_seconds" in each else ""
        lines.append(f"| [{known[name].title}](#{name}){changed} | {sum(each['parameters'].values()):,} | "
                     f"{each['batch_size']} | {each['precision']} | {each['step_ms']:.0f} | {each['steps']:,} | {spent} | "
                     + " | ".join(cells) + " |")
    floors = {key: first["scores"].get(f"{key}_floor") for key, _ in keys}
    floors = ["" if floors[key] is None else format(floors[key], form) for key, form in keys]
    lines += ["| real data | | | | | | | " + " | ".join(floors) + " |", "",
              "## Points", "", *modes.tables(points, known), ""]
    for name in names:
        lines += [f'<a id="{name}"></a>', f"## {known[name].title}", "", f"{known[name].summary} {known[name].paper}.", "",
                  f"![Samples of {known[name].title}](zoo/{name}.png)", ""]
    return "\n".join(lines)


def pages(known):
    """What the pages of what stands in docs/ should say: ``{path: text}``."""
    kept = keeping.read(KEPT, {})
    minutes = max((each["minutes"] for each in kept.values()), default=0)
    return {PAGE: page({name: each for name, each in kept.items() if each["minutes"] == minutes},
                       keeping.read(modes.KEPT, []), known)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--point-steps", type=int, default=5000)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-zoo")
    parser.add_argument("--again", action="store_true")
    args = parser.parse_args()
    store, known = open_store(args.workspace), cards.cards(args.workspace / "cache")
    names = args.names or list(known)
    drawing = [name for name in names if not known[name].gives
               and not any(each["kind"] in ("dataimage", "angle") for each in known[name].inputs)]
    for name in (name for name in drawing if IMAGES in known[name].data and args.minutes):
        knobs, found = quick_look(known[name]), keeping.read(KEPT, {}).get(name, {})
        if args.again or (found.get("minutes"), found.get("knobs")) != (args.minutes, knobs):
            print(f"{name} ...", flush=True)
            found = measure(name, knobs, args.minutes, args.n, args.workspace, store)
            keeping.add(KEPT, {}, lambda kept: dict(sorted((kept | {name: found}).items())))
        print(f"{name}: kernel {found['scores']['kernel']:.4f} after {found['steps']:,} steps", flush=True)
    learners = [name for name in names if POINTS in known[name].data and args.point_steps]
    if learners:
        again = ["--again"] if args.again else []
        subprocess.run([sys.executable, ROOT / "benchmarks" / "modes.py", *learners, "--steps", str(args.point_steps),
                        *again], check=True)
    for path, text in pages(known).items():
        keeping.write_whole(path, text)


if __name__ == "__main__":
    main()
