"""What a classifier learns from generated images instead of real ones, and what it is held against.

    python benchmarks/classifier.py [--data mnist] [--steps N] [--generator cgan] [--generator-steps N] [--images N]
                                    [--seeds N] [--write]

For each seed: a CNN is trained on all real training images; on as many of them as are drawn later; and on images that a
generator draws, of each class in turn, kept as a dataset.  All are tested on the same real test images, which nobody has
learned from.  Beside them stand what needs no network: the nearest neighbour by the pixels, and logistic regression, which
learn from the same images.

Runs are trained by the command line; those that are there are not trained again.  --write keeps the figures in
docs/classifier.json and writes docs/classifier.md.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from verbs import ROOT, Length, gan, train

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from gan_core import data  # noqa: E402
from gan_core.evaluation import scoring  # noqa: E402
from gan_core.store import open_store  # noqa: E402

FIGURES, PAGE = (ROOT / "docs" / f"classifier.{suffix}" for suffix in ("json", "md"))
COLUMNS = {"cnn": "CNN", "cnn_log_loss": "its log loss", "nearest": "nearest neighbour", "line": "logistic regression",
           "images": "images", "seconds": "seconds of training"}
MOST = 20_000  # images that logistic regression learns from: it takes minutes of more


def trained(store, architecture, title, source, steps, knobs, seed):
    """The run of that title, trained now where it is not there."""
    run = next((run for run in store.list(["finished"]) if (run.architecture, run.name) == (architecture, title)), None)
    if run is None:
        print(f"{title} ...", flush=True)
        run = store.get(train(architecture, source, Length(0.0, steps), knobs, "--seed", seed, "--name", title,
                              workspace=store.workspace))
    return run


def tested(store, run, real):
    """``{"cnn", "cnn_log_loss"}`` of a run on the real test images."""
    from gan_core.tasks import models

    model, _ = models.load(store, run)
    scores = scoring.score_answers(model.answered(real.x_test), real.y_test, real.classes)
    return {"cnn": scores["accuracy"], "cnn_log_loss": scores["log_loss"], "seconds": round(run.seconds, 1)}


def without_network(x, y, real):
    """Accuracy of the nearest neighbour and of logistic regression that learn from uint8 images (N, H, W, C)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    flat, test = (data.to_float(images).reshape(len(images), -1) for images in (x, real.x_test))
    some = np.random.RandomState(0).permutation(len(x))[:MOST]
    return {"nearest": float(KNeighborsClassifier(1).fit(flat, y).score(test, real.y_test)),
            "line": float(LogisticRegression(max_iter=100).fit(flat[some], y[some]).score(test, real.y_test))}


def some_real(store, real, count, seed):
    """The path of a file of ``count`` real training images, drawn by the seed."""
    path = store.workspace / f"real-{count}-{seed}.npz"
    rows = np.random.RandomState(seed).permutation(len(real))[:count]
    np.savez_compressed(path, samples=real.x[rows], labels=real.y[rows], classes=np.array(real.classes))
    return path


def drawn(store, run, count, seed):
    """The name of a dataset of images that a run draws, of each class in turn."""
    name = f"drawn-{run.id}-{count}"
    there = next((info.name for info in data.catalogue(store.workspace) if info.title == name), None)
    if there is None:
        told = json.loads(gan("do", "keep", run.id, "--json", "--set", f"name={name}", "--set", f"n={count}", "--set",
                              "label=each", "--set", f"seed={seed}", workspace=store.workspace))
        there = told["made"]["dataset"]
    return there


def measured(store, args, seed):
    """``{lesson: figures}`` of one seed."""
    real, rows, knobs = data.load(args.data, workspace=store.workspace), {}, {"held_out": 0.0}
    generator = trained(store, args.generator, f"{args.generator} on {args.data}, {seed}", args.data,
                        args.generator_steps, {}, seed)
    lessons = {"all real images": args.data, f"{args.images:,} real images": some_real(store, real, args.images, seed),
               f"{args.images:,} images by {args.generator}": drawn(store, generator, args.images, seed)}
    for lesson, source in lessons.items():
        run = trained(store, "cnn", f"cnn on {lesson} of {args.data}, {seed}", source, args.steps, knobs, seed)
        learned, began = data.load(str(source), workspace=store.workspace), time.monotonic()
        rows[lesson] = tested(store, run, real) | without_network(learned.x, learned.y, real) | {"images": len(learned)}
        print(f"{lesson}: {rows[lesson]} ({time.monotonic() - began:.0f} s)", flush=True)
    return rows


def page(told):
    """docs/classifier.md."""
    lines = ["# What generated images teach", "", "Made by `python benchmarks/classifier.py`, whose head says how; figures "
             "in [classifier.json](classifier.json). Share of the same real test images that is named rightly; means over "
             f"the seeds, each of them in brackets. {told['data']}, {told['steps']:,} steps of the classifier and "
             f"{told['generator_steps']:,} of {told['generator']}, on {told['cores']} CPU cores. Logistic regression learns "
             f"from {MOST:,} images at most.", "",
             "| learned from | " + " | ".join(COLUMNS.values()) + " |", "|" + "---|" * (len(COLUMNS) + 1)]
    for lesson in next(iter(told["seeds"].values())):
        cells = [_cell([rows[lesson][key] for rows in told["seeds"].values()], key) for key in COLUMNS]
        lines.append(f"| {lesson} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(values, key):
    share = key in ("cnn", "nearest", "line")
    form = "{:.2f}" if share else "{:.3f}" if key == "cnn_log_loss" else "{:,.0f}"
    written = [form.format(100 * value if share else value) for value in (np.mean(values), *values)]
    several = f" ({', '.join(written[1:])})" if len(set(written)) > 1 else ""
    return f"{written[0]}{' %' if share else ''}{several}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--generator", default="cgan", help="an architecture that is told the class")
    parser.add_argument("--generator-steps", type=int, default=4000)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-classifier")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    store = open_store(args.workspace)
    seeds = {str(seed): measured(store, args, seed) for seed in range(args.seeds)}
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    told = {"data": args.data, "steps": args.steps, "generator": args.generator, "generator_steps": args.generator_steps,
            "cores": len(os.sched_getaffinity(0)), "commit": commit, "seeds": seeds}
    print(page(told))
    if args.write:
        FIGURES.write_text(json.dumps(told, indent=1) + "\n")
        PAGE.write_text(page(told))


if __name__ == "__main__":
    main()
