"""Compare six architectures on MNIST under one budget over several seeds; write docs/comparison.md and its report.

    python benchmarks/comparison.py [NAME ...] [--minutes 1] [--seeds 3] [--n 2000] [--workspace DIR]

Runs that are in the workspace with this budget and seed are not trained or scored again, so it can be interrupted.
The seeds take turns, so that a slow minute of the machine falls on every architecture alike.
Needs MNIST ($GAN_DATA/mnist.npz or a network).
"""

import argparse
import json
import os
import sys
from pathlib import Path

from verbs import ROOT, Length, gan, quick_look, train

sys.path.insert(0, str(ROOT))

from gan_core.models import cards  # noqa: E402
from gan_core.store import open_store, scores  # noqa: E402

PAGE, REPORT = ROOT / "docs" / "comparison.md", ROOT / "docs" / "comparison.html"
NAMES = ("dcgan", "lsgan", "wgan_gp", "sngan", "r3gan", "vae")


def run_of(store, name, minutes, seed, n):
    """A run that was trained and scored like this before, or None."""
    for run in store.list(["finished"]):
        settings = run.spec["settings"]
        if (run.architecture, settings["minutes"], settings["seed"]) == (name, minutes, seed) and any(
                each["n_fake"] == n for each in scores.kept(store.artifacts(run.id))):
            return run.id
    return None


def written(value):
    """A figure for people."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}" if abs(value) >= 1e-3 else f"{value:.4f}"


def page(found, command, minutes, seeds, n, cores):
    """The comparison as Markdown."""
    titles = [entry["title"] for entry in found["entries"]]
    lines = ["# Six architectures on MNIST", "",
             f"Made by `{command}`: {minutes:g} minute{'s' * (minutes != 1)} of training on {cores} CPU "
             f"core{'s' * (cores > 1)} for each of {seeds} seeds, with the knobs of each architecture's preset for a "
             f"quick look, then {n:,} samples scored. "
             "The whole comparison, with samples over training and curves, is [one file](comparison.html) that opens in a "
             "browser with no network.", "", *(f"- {sentence}" for sentence in [*found["verdict"], *found["unfair"]]), "",
             f"| | {' | '.join(titles)} | real against real |", "|---|" + "---|" * (len(titles) + 1)]
    for figure in found["figures"]:
        cells = []
        for entry, value, error in zip(found["entries"], figure["values"], figure["errors"]):
            text = "" if value is None else written(value) + (f" ± {error:.2g}" if error else "")
            cells.append(f"**{text}**" if entry["letter"] == figure["best"] else
                         f"{text} ≈" if entry["letter"] in figure["within_noise"] else text)
        unit = f" ({figure['unit']})" if figure["unit"] else ""
        floor = "" if figure["floor"] is None else written(figure["floor"])
        lines.append(f"| {figure['title']}{unit} | {' | '.join(cells)} | {floor} |")
    return "\n".join([*lines, "", "Bold is the best; ≈ cannot be told from it within the noise; ± is a standard error.", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-comparison")
    args = parser.parse_args()
    store, known, ids = open_store(args.workspace), cards.cards(args.workspace / "cache"), []
    for seed in range(args.seeds):
        for name in args.names:
            run_id = run_of(store, name, args.minutes, seed, args.n)
            if run_id is None:
                print(f"{name}, seed {seed} ...", flush=True)
                run_id = train(name, "mnist", Length(args.minutes), quick_look(known[name]), "--seed", seed,
                               workspace=args.workspace)
                gan("evaluate", run_id, "--n", args.n, workspace=args.workspace)
            ids.append(run_id)
    found = json.loads(gan("compare", *ids, "--html", REPORT, "--json", workspace=args.workspace))
    chosen = "" if tuple(args.names) == NAMES else " " + " ".join(args.names)
    command = f"python benchmarks/comparison.py{chosen} --minutes {args.minutes:g} --seeds {args.seeds}"
    PAGE.write_text(page(found, command, args.minutes, args.seeds, args.n, len(os.sched_getaffinity(0))))
    print("\n".join(found["verdict"]))


if __name__ == "__main__":
    main()
