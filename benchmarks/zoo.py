"""Train every image architecture on MNIST for the same time, score it, and write docs/zoo.md.

    python benchmarks/zoo.py [NAME ...] [--minutes 3] [--n 2000] [--workspace DIR]

Results are kept in docs/zoo.json as they come: a name that is there with the same budget is not trained again unless
it is named and ``--again`` is given.  Needs MNIST ($GAN_DATA/mnist.npz or a network).
"""

import argparse
import json
import os
import sys
from pathlib import Path

from verbs import ROOT, gan, quick_look, train

sys.path.insert(0, str(ROOT))

from gan_core import families  # noqa: E402
from gan_core.data import IMAGES  # noqa: E402
from gan_core.runs import open_store  # noqa: E402

KEPT, PAGE, SHEETS = ROOT / "docs" / "zoo.json", ROOT / "docs" / "zoo.md", ROOT / "docs" / "zoo"
COLUMNS = (("kernel", ".4f"), ("frechet", ".1f"), ("classifier_score", ".2f"), ("precision", ".2f"), ("recall", ".2f"),
           ("coverage", ".2f"), ("label_accuracy", ".1%"))


def measure(name, knobs, minutes, n, workspace, store):
    """Train, sample and score one architecture; returns its line of the table."""
    run_id = train(name, "mnist", minutes, knobs, "--set", "sample_every=1000", workspace=workspace)
    scores = json.loads(gan("evaluate", run_id, "--n", n, "--json", workspace=workspace))
    SHEETS.mkdir(parents=True, exist_ok=True)
    gan("sample", run_id, "--n", 64, "--out", SHEETS / f"{name}.png", workspace=workspace)
    run = store.get(run_id)
    return {"minutes": minutes, "knobs": knobs, "cores": len(os.sched_getaffinity(0)), "steps": run.step,
            "parameters": run.facts["parameters"],
            "step_ms": 1000 * run.spec["knobs"]["batch_size"] / run.facts["images_per_second"],
            "batch_size": run.spec["knobs"]["batch_size"], "precision": run.facts["precision"], "scores": scores}


def write_page(kept, known):
    """The table and the sheets, best kernel distance first."""
    names = sorted(kept, key=lambda name: kept[name]["scores"]["kernel"])
    first = kept[names[0]]
    keys = [(key, form) for key, form in COLUMNS if any(key in kept[name]["scores"] for name in names)]
    lines = [
        "# The zoo on MNIST", "",
        f"Made by `python benchmarks/zoo.py`: every architecture for {first['minutes']:g} minutes of "
        f"training on {first['cores']} CPU core{'s' if first['cores'] > 1 else ''}, then scored on samples of its averaged "
        "generator "
        f"({first['scores']['n_fake']:,} of them against {first['scores']['n_real']:,} real ones, extractor "
        f"`{first['scores']['extractor']}`). The budget is time, so a slow architecture makes fewer steps: what stands "
        "here says who gets far in minutes, not who would win in days. Knobs are those of each architecture's preset for a "
        "quick look, which is narrower than its defaults; † marks one whose preset has changed since it was measured. The "
        "last line is real data against real data.", "",
        "| architecture | parameters | batch | precision | ms a step | steps | "
        + " | ".join(key.replace("_", " ") for key, _ in keys) + " |",
        "|---|---|---|---|---|---|" + "---|" * len(keys),
    ]
    for name in names:
        each, scores = kept[name], kept[name]["scores"]
        cells = [format(scores[key], form) if key in scores else "" for key, form in keys]
        changed = "" if each["knobs"] == quick_look(known[name]) else " †"
        lines.append(f"| [{known[name].title}](#{name}){changed} | {sum(each['parameters'].values()):,} | "
                     f"{each['batch_size']} | {each['precision']} | {each['step_ms']:.0f} | {each['steps']:,} | "
                     + " | ".join(cells) + " |")
    floors = {key: first["scores"].get(f"{key}_floor") for key, _ in keys}
    floors = ["" if floors[key] is None else format(floors[key], form) for key, form in keys]
    lines += ["| real data | | | | | | " + " | ".join(floors) + " |", ""]
    for name in names:
        lines += [f'<a id="{name}"></a>', f"## {known[name].title}", "", f"{known[name].summary} {known[name].paper}.", "",
                  f"![Samples of {known[name].title}](zoo/{name}.png)", ""]
    PAGE.write_text("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-zoo")
    parser.add_argument("--again", action="store_true")
    args = parser.parse_args()
    store, known = open_store(args.workspace), families.families(args.workspace / "cache")
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for name in args.names or [name for name, family in known.items() if IMAGES in family.data]:
        knobs = quick_look(known[name])
        if args.again or (kept.get(name, {}).get("minutes"), kept.get(name, {}).get("knobs")) != (args.minutes, knobs):
            print(f"{name} ...", flush=True)
            kept[name] = measure(name, knobs, args.minutes, args.n, args.workspace, store)
            KEPT.write_text(json.dumps(dict(sorted(kept.items())), indent=1))
        print(f"{name}: kernel {kept[name]['scores']['kernel']:.4f} after {kept[name]['steps']:,} steps", flush=True)
    write_page({name: each for name, each in kept.items() if name in known and each["minutes"] == args.minutes}, known)


if __name__ == "__main__":
    main()
