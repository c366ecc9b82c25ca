"""Does what was learned from flat pictures turn?  GRAF on chairs and cars of boxes, whose poses it is never told.

    python benchmarks/turning.py [--minutes 30] [--seeds 2] [--pace graf=STEPS] [--set KNOB=VALUE] [--write]

Every run is trained by the command line for so many minutes, the seeds one after the other, and its last checkpoint is
evaluated: 64 objects, each from 12 sides all around.  A network that was trained on rendered objects, which are in no
dataset, reads from which side each picture is seen; the angle error is the mean difference to what was asked for, after the
best offset of each object, in one direction of turning for all.  Beside it stand what the same network makes of rendered
objects, and what a billboard would have: the same pictures with every object seen from its first side only.  The bar is 30
degrees.  What was trained before is not trained again.  --pace says how many steps a minute a run makes on the quiet
machine: it is trained for as many as the minutes would give, and other work beside it changes nothing.  --write keeps the
figures in docs/turning.json and writes docs/turning.md, with a picture of some objects that turn.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from verbs import ROOT, Pace, gan, train

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from gan_core.store import open_store  # noqa: E402

FIGURES, PAGE, SHEET = ROOT / "docs" / "turning.json", ROOT / "docs" / "turning.md", ROOT / "docs" / "turning.png"
BAR = 30.0  # degrees
SHOWN, SIDES = 6, 12  # objects of the picture, and from how many sides
DISTANCES = ("frechet", "frechet_floor", "kernel", "kernel_floor")
KEPT = (*DISTANCES, "pose_error", "pose_error_floor", "pose_error_shared", "pose_error_shared_floor", "pose_mirrored",
        "n_pose", "extractor", "n_fake")


def run_of(store, length, seed, knobs):
    """The finished run of that length."""
    for run in store.list(["finished"]):
        known = run.spec["knobs"] | run.spec["settings"]
        if (run.architecture, run.spec["data"]) == ("graf", "boxes") and known.items() >= (
                length._asdict() | {"seed": seed}).items() and all(_same(known[name], knobs[name]) for name in knobs):
            return run
    return None


def _same(value, text):
    """Whether a knob has the value that a text says."""
    return value == float(text) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value) == text


def billboard(run, workspace):
    """The angle error of the same objects where none of them turns."""
    from gan_core.evaluation import pose_reading
    from gan_core.models import inputs
    from gan_core.store import open_store
    from gan_core.tasks import models, sampling

    store = open_store(workspace)
    model, _ = models.load(store, store.get(run.id), None)
    drawn = inputs.draw(model.inputs(), pose_reading.OBJECTS, 0)
    views = np.repeat(sampling.computed(model, drawn), pose_reading.TURNS, axis=0)
    return pose_reading.scores(pose_reading.reader(model.data.shape[0], workspace), views)["pose_error"]


def page(found):
    """docs/turning.md."""
    mean = {key: np.mean([run[key] for run in found["runs"].values()])
            for key in ("pose_error", "billboard", "pose_error_floor")}
    lines = ["# Things that turn", "",
             "Made by `python benchmarks/turning.py`, whose head says how; figures in [turning.json](turning.json). "
             f"{found['minutes']:g} minutes for each run on {found['cores']} CPU cores, 32 pixels; degrees, lower is "
             f"better, and the bar is below {BAR:g}.", "",
             "| seed | angle error | of a billboard | of rendered objects | one front for all | mirrored | "
             "Fréchet distance | of real ones | kernel distance | of real ones | steps |", "|" + "---|" * 11]
    for seed, run in found["runs"].items():
        lines.append(f"| {seed} | {run['pose_error']:.1f} | {run['billboard']:.1f} | {run['pose_error_floor']:.1f} | "
                     f"{run['pose_error_shared']:.1f} | {'yes' if run['pose_mirrored'] else 'no'} | "
                     + " | ".join(f"{run[key]:.3g}" if key in run else "" for key in DISTANCES) + f" | {run['steps']:,} |")
    lines += ["", f"Mean: {mean['pose_error']:.1f} degrees, where a billboard has {mean['billboard']:.1f} and rendered "
              f"objects {mean['pose_error_floor']:.1f}; the bar is {'met' if mean['pose_error'] < BAR else 'missed'}.", "",
              f"![{SHOWN} objects of seed 0, each from {SIDES} sides, its depth below]({SHEET.name})", ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", dest="knobs")
    Pace.option(parser)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-turning")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    args.workspace.mkdir(parents=True, exist_ok=True)
    length, knobs = Pace(args.pace).length("graf", args.minutes), dict(each.split("=", 1) for each in args.knobs)
    store, runs, first = open_store(args.workspace), {}, None
    for seed in range(args.seeds):
        run = run_of(store, length, seed, knobs)
        if run is None:
            print(f"seed {seed} ...", flush=True)
            run = store.get(train("graf", "boxes", length, knobs, "--seed", seed, workspace=args.workspace))
        first = first or run
        scores = json.loads(gan("evaluate", run.id, "--json", workspace=args.workspace))
        runs[seed] = {key: scores[key] for key in KEPT if key in scores} | {
            "steps": run.step, "billboard": billboard(run, args.workspace)}
        print(seed, runs[seed], flush=True)
    result = {"minutes": args.minutes, "cores": len(os.sched_getaffinity(0)), "knobs": knobs, "runs": runs,
              "commit": subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True,
                                       text=True).stdout.strip()}
    print(page(result))
    if args.write:
        gan("sample", first.id, "--n", SHOWN, "--turn", SIDES, "--out", SHEET, workspace=args.workspace)
        FIGURES.write_text(json.dumps(result, indent=1) + "\n")
        PAGE.write_text(page(result))


if __name__ == "__main__":
    main()
