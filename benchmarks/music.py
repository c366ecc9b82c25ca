"""What MuseGAN makes of Bach's chorales in half an hour, by number: beside real chorales that it has not seen, and beside
voices that do not listen to each other.

    python benchmarks/music.py [--minutes M] [--seeds N] [--set KNOB=VALUE ...] [--write] [--pace musegan=STEPS]

Empty bars, used pitch classes, qualified notes, tonal distance and parallel fifths of as many generated phrases as there are
held-out ones, as `evaluate` measures them. *Independent voices* are chains of the first order, one learned of each voice; of
*shuffled voices* each is a real one, of another phrase: by voice they are as real music is, and tell by tonal distance and
parallel fifths alone.  The bar: each score nearer to that of held-out chorales than independent voices are, for every seed.
A score that is as near is not nearer.

Runs are trained by the command line, one after the other; those that are there are not trained again.  --write keeps the
figures in docs/music.json and writes docs/music.md.  Ends with 1 where the bar is missed.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from verbs import ROOT, Pace, gan, pairs_of, train

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from gan_core.store import open_store  # noqa: E402

FIGURES, PAGE = (ROOT / "docs" / f"music.{suffix}" for suffix in ("json", "md"))
FAMILY, DATA, MINUTES, SEEDS = "musegan", "chorales", 30.0, 2
SCORES = {"empty_bars": "Empty bars", "used_pitch_classes": "Used pitch classes", "qualified_notes": "Qualified notes",
          "tonal_distance": "Tonal distance", "parallel_fifths": "Parallel fifths"}
BASELINES = {"independent_voices": "Independent voices", "shuffled_voices": "Shuffled voices"}


def scored(store, length, knobs, seed):
    """The scores of a seed's run, trained now where there is none of the same knobs and the same length."""
    title = f"chorales, {json.dumps(knobs, sort_keys=True)}, {length.minutes:g} minutes, {length.steps} steps, seed {seed}"
    run = next((run for run in store.list(["finished"]) if run.name == title), None)
    if run is None:
        print(f"{title} ...", flush=True)
        run = store.get(train(FAMILY, DATA, length, knobs, "--seed", seed, "--name", title, workspace=store.workspace))
    told = json.loads(gan("evaluate", run.id, "--json", workspace=store.workspace))
    ends = ("", "_error", "_floor", *(f"_{name}" for name in BASELINES))
    return {"steps": run.step, "kernel": told["kernel"], "kernel_floor": told["kernel_floor"]} | {
        key + end: told[key + end] for key in SCORES for end in ends if key + end in told}


def nearer(row, key):
    """Whether a score is nearer to that of held-out music than that of independent voices is."""
    real, far = row[f"{key}_floor"], f"{key}_independent_voices"
    return key in row and abs(row[key] - real) < abs(row[far] - real)


def page(told):
    """What was found as Markdown."""
    lines = ["# Chorales", "",
             f"Made by `python benchmarks/music.py --write`: MuseGAN on Bach's chorales for {told['minutes']:g} minutes on "
             f"{told['cores']} CPU core(s), at {told['settings']}. *Real* are held-out chorales. *Independent voices* are "
             "chains of the first order, one learned of each voice; *shuffled voices* are real ones, each of another "
             "phrase, so that what is said of one voice alone is real there by definition. Errors are standard errors, "
             "phrases taken for independent (they overlap, so that true ones are larger). The bar is each score nearer to "
             "the real one than that of independent voices.", "",
             "| score | seed | generated | real | independent voices | shuffled voices | nearer than independent |",
             "|---|---|---|---|---|---|---|"]
    for key, title in SCORES.items():
        for seed, row in told["rows"].items():
            value = f"{row[key]:.4g} ± {row[f'{key}_error']:.2g}" if key in row else "nothing to count"
            beside = " | ".join(f"{row[f'{key}_{name}']:.4g}" for name in ("floor", *BASELINES))
            lines.append(f"| {title} | {seed} | {value} | {beside} | {'yes' if nearer(row, key) else 'no'} |")
    lines += ["", "| seed | steps | kernel distance | real |", "|---|---|---|---|"]
    lines += [f"| {seed} | {row['steps']:,} | {row['kernel']:.4g} | {row['kernel_floor']:.4g} |"
              for seed, row in told["rows"].items()]
    return "\n".join([*lines, ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", dest="knobs")
    Pace.option(parser)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-music")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    knobs, store = pairs_of(args.knobs), open_store(args.workspace)
    length = Pace(args.pace).length(FAMILY, args.minutes)
    rows = {str(seed): scored(store, length, knobs, seed) for seed in range(args.seeds)}
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    told = {"minutes": args.minutes, "cores": len(os.sched_getaffinity(0)), "rows": rows, "commit": commit,
            "settings": " ".join(args.knobs) or "its defaults"}
    print(page(told))
    if args.write:
        FIGURES.write_text(json.dumps(told, indent=1) + "\n")
        PAGE.write_text(page(told))
    return int(not all(nearer(row, key) for row in rows.values() for key in SCORES))


if __name__ == "__main__":
    sys.exit(main())
