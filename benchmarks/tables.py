"""Tables: what generated rows teach, beside real rows, beside rows that need no network, and beside what was published.

    python benchmarks/tables.py [FAMILY ...] [--steps N] [--seeds 2] [--n N] [--records-steps N] [--data FILE]
                                [--target NAME] [--workspace FOLDER] [--write]

CTGAN and TVAE learn the census of Adult ($GAN_DATA/adult.csv, 32,561 rows, three tenths held out, missing values kept), each
as many steps as 300 epochs of the paper are, and are scored by the command line: macro F1 of telling `income` by learners
that saw generated rows, as a share of the F1 after as many real rows.  Xu 2019 (table 2) has for the mean over their real
sets: real .743, CTGAN .469, TVAE .519.  Theirs is a mean over several sets and other learners, so it is a share beside a
share and no equal test.  Independent columns and a Gaussian copula, made of the same rows, stand in columns of their own.

MedGAN learns the digits, each pixel on or off; dimension-wise probability (Choi 2017, section 4.2) is the correlation of how
often each pixel is on.  Independent pixels have it right by construction, so it is a floor to be reached and no feat.

Runs are as long as their steps, whatever else the machine does; what was trained before is not trained again.  --write keeps
the figures in docs/tables.json and writes docs/tables.md.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from verbs import ROOT, Length, gan, train

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from gan_core.store import open_store  # noqa: E402

FIGURES, PAGE = ROOT / "docs" / "tables.json", ROOT / "docs" / "tables.md"
HELD_OUT = 0.3
EPOCHS, BATCH = 300, 500
PUBLISHED = {"ctgan": .469 / .743, "tvae": .519 / .743}  # Xu 2019, table 2: F1 after generated rows over F1 after real ones
BESIDE = {"_independent": "Independent columns", "_copula": "Gaussian copula"}
ROWS = {  # key -> (title, which way is better)
    "tstr": ("Taught by generated (macro F1)", "higher"), "column_distance": ("Column distance", "lower"),
    "dimension_probability": ("Categories as frequent", "higher"), "correlation": ("Correlations alike", "higher"),
    "contingency": ("Pairs of values alike", "higher"), "detection_auc": ("Told from real (AUC)", "lower"),
    "nearer_record": ("Nearer than held-out", "0.5")}


def finished(store, name, data, steps, seed):
    """The run of that length that has been trained; None where there is none."""
    for run in store.list(["finished"]):
        known = run.spec["settings"]
        if (run.architecture, run.data.rpartition("-")[0] or run.data) == (name, data) and \
                (known["steps"], known["seed"]) == (steps, seed):
            return run
    return None


def trained(store, name, data, title, steps, seed, *options, workspace, **knobs):
    run = finished(store, name, title, steps, seed)
    if run is None:
        print(f"{name} on {title}, seed {seed}, {steps:,} steps ...", flush=True)
        run = store.get(train(name, data, Length(0.0, steps), knobs, "--seed", seed, *options, workspace=workspace))
    return run


def of_table(run, target, n, workspace):
    """The scores of a run's last checkpoint, as the command line prints them."""
    return json.loads(gan("evaluate", run.id, "--json", "--target", target, "--n", n, workspace=workspace))


def of_records(run, n, workspace):
    """Dimension-wise probability of drawn digits and of held-out ones, against those that were learned."""
    from gan_core import data
    from gan_core.evaluation.metrics.dimension_probability import correlation

    file = workspace / f"{run.id}.npz"
    gan("sample", run.id, "--n", n, "--npz", file, workspace=workspace)
    dataset = data.load(run.data)
    on = [(images.reshape(len(images), -1) > 127).astype(float) for images in (dataset.x, dataset.x_test)]
    drawn = (np.load(file)["samples"].reshape(n, -1) > 0).astype(float)
    used = on[0].std(axis=0) > 0  # a corner that is never on says nothing
    rng = np.random.default_rng(0)
    alone = np.stack([rng.permutation(column)[:n] for column in on[0][:, used].T], axis=1)
    return {"dimension_probability": correlation(on[0][:, used], drawn[:, used]),
            "dimension_probability_floor": correlation(on[0][:, used], on[1][:, used]),
            "dimension_probability_independent": correlation(on[0][:, used], alone),
            "mean_difference": float(np.abs(on[0][:, used].mean(0) - drawn[:, used].mean(0)).mean())}


def wins(scores):
    """Of the rows of a table those in which a method without a network is ahead of the family, in words."""
    ahead = []
    for key, (title, better) in ROWS.items():
        if better not in ("higher", "lower") or key not in scores[0]:
            continue
        own = np.mean([one[key] for one in scores])
        for suffix, name in BESIDE.items():
            other = np.mean([one[key + suffix] for one in scores if key + suffix in one] or [np.nan])
            if (other > own) == (better == "higher") and np.isfinite(other) and other != own:
                ahead.append(f"{name.lower()} by {title.split(' (')[0].lower()} ({other:.3g} against {own:.3g})")
    return ahead


def page(figures):
    lines = ["# Tables", "", "Made by `python benchmarks/tables.py`, whose head says how; figures in "
             "[tables.json](tables.json). Means over the seeds, each of them in brackets.", "",
             f"## {figures['title']}", "",
             f"{figures['rows']:,} rows learned, {figures['held_out']:,} held out; {figures['steps']:,} steps of {BATCH} "
             f"rows. The target is `{figures['target']}`.", "",
             "| | taught by generated, F1 | real, F1 | share of real | published share | independent columns | "
             "Gaussian copula |",
             "|---|---|---|---|---|---|---|"]
    for name, of in figures["runs"].items():
        scores = list(of.values())
        shares = [one["tstr"] / one["trtr"] for one in scores]
        published = f"{PUBLISHED[name]:.2f}" if name in PUBLISHED and figures["title"] == "Adult" else ""
        lines.append(f"| {name} | {_cell(scores, 'tstr')} | {_cell(scores, 'trtr')} | {_several(shares)} | {published} | "
                     f"{_cell(scores, 'tstr_independent')} | {_cell(scores, 'tstr_copula')} |")
    lines += ["", "The published share is of a mean over several sets with other learners, and of another mean of F1, so "
              "that it says where to look and is no equal test.", ""]
    lines += ["| | | " + " | ".join(ROWS[key][0] for key in ROWS if key != "tstr") + " |",
              "|---|---|" + "---|" * (len(ROWS) - 1)]
    for name, of in figures["runs"].items():
        scores = list(of.values())
        for suffix, words in {"": "generated", "_floor": "real rows", **BESIDE}.items():
            cells = [_cell(scores, key + suffix) for key in ROWS if key != "tstr"]
            lines.append(f"| {name if not suffix else ''} | {words} | " + " | ".join(cells) + " |")
    lines.append("")
    for name, of in figures["runs"].items():
        ahead = wins(list(of.values()))
        lines += [f"Ahead of {name} without a network: {'; '.join(ahead) if ahead else 'none of the two, in any row'}.", ""]
    if figures.get("records"):
        records = list(figures["records"].values())
        lines += ["## Dimension-wise probability of MedGAN on the digits", "",
                  f"{figures['records_steps']:,} steps; each pixel is on or off, and the figure is the correlation of how "
                  "often it is on.", "", "| generated | held-out digits | independent pixels | mean difference of a pixel |",
                  "|---|---|---|---|",
                  "| " + " | ".join(_cell(records, key) for key in (
                      "dimension_probability", "dimension_probability_floor", "dimension_probability_independent",
                      "mean_difference")) + " |", "",
                  "Independent pixels are right here by construction, and no digit: this figure alone says little.", ""]
    return "\n".join(lines)


def _cell(scores, key):
    return _several([one[key] for one in scores if one.get(key) is not None])


def _several(values):
    if not values:
        return ""
    each = f" ({', '.join(f'{value:.3f}' for value in values)})" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{each}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", default=["ctgan", "tvae"])
    parser.add_argument("--steps", type=int, default=0, help="of each family; 0: 300 epochs")
    parser.add_argument("--records-steps", type=int, default=10_000, help="of MedGAN on the digits; 0: leave it out")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--n", type=int, default=9000, help="rows that are drawn and scored")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--target", default="income")
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-tables")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    file = args.data or Path(os.environ["GAN_DATA"]) / "adult.csv"
    from gan_core import data

    dataset = data.load(str(file), workspace=args.workspace, held_out=HELD_OUT)
    title = dataset.name.rpartition("-")[0]
    steps = args.steps or round(EPOCHS * len(dataset) / BATCH)
    store, runs, records = open_store(args.workspace), {}, {}
    for seed in range(args.seeds):
        for name in args.families:
            run = trained(store, name, file, title, steps, seed, workspace=args.workspace, held_out=HELD_OUT)
            runs.setdefault(name, {})[str(seed)] = of_table(run, args.target, args.n, args.workspace)
        if args.records_steps:
            run = trained(store, "medgan", "digits", "digits", args.records_steps, seed, workspace=args.workspace)
            records[str(seed)] = of_records(run, 1000, args.workspace)
    kept = {"title": title.capitalize(), "rows": len(dataset), "held_out": len(dataset.x_test), "steps": steps,
            "target": args.target, "records_steps": args.records_steps,
            "runs": {name: {seed: {key: value for key, value in scores.items() if not isinstance(value, list)}
                            for seed, scores in of.items()} for name, of in runs.items()}, "records": records,
            "commit": subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True,
                                     text=True).stdout.strip()}
    print(page(kept))
    if args.write:
        FIGURES.write_text(json.dumps(kept, indent=1) + "\n")
        PAGE.write_text(page(kept))


if __name__ == "__main__":
    main()
