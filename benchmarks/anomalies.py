"""Odd digits: how well each method tells one digit that a GAN has never seen from the nine that it has.

    python benchmarks/anomalies.py [--digits 0123456789] [--minutes 3] [--n 1000] [--methods fanogan,anogan,knn,pca]
                                   [--pace dcgan=STEPS] [--write]

The protocol of EGBAD (Zenati 2018): one digit is odd; of the others 80 % train, 20 % and all of the odd one are looked at
(of these --n, evenly). DCGAN learns the normal ones for so many minutes, by the command line; then every method scores the
same pictures: f-AnoGAN and AnoGAN through the GAN, nearest neighbours and principal components by the training pictures
alone. Nothing is chosen by the areas. Published figures, of other GANs by the same protocol, stand beside. Needs MNIST
($GAN_DATA/mnist.npz). --write keeps the figures in docs/anomalies.json and writes docs/anomalies.md; digits that are there
are not done again.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np
from verbs import ROOT, Pace, gan, train

sys.path.insert(0, str(ROOT))

from gan_core.store import open_store  # noqa: E402

FIGURES, PAGE = ROOT / "docs" / "anomalies.json", ROOT / "docs" / "anomalies.md"
# As the ADAE paper (Vu 2019) gives them.
PUBLISHED = {"AnoGAN, published": (.61, .30, .54, .44, .43, .42, .48, .36, .40, .34),
             "EGBAD, published": (.78, .29, .67, .52, .45, .43, .57, .40, .55, .35),
             "GANomaly, published": (.89, .65, .93, .80, .82, .85, .84, .69, .87, .55)}
TITLES = {"fanogan": "f-AnoGAN", "anogan": "AnoGAN", "knn": "nearest neighbours", "pca": "principal components"}
KNOBS = {"filters": 16, "generator_rate": 1e-3, "discriminator_rate": 5e-4, "ema_decay": 0.99}


def prepared(workspace, digit):
    """``(npz to train on, npz to look at)``."""
    with np.load(Path(os.environ["GAN_DATA"]) / "mnist.npz") as known:
        x = np.concatenate([known["x_train"], known["x_test"]])[..., None]
        y = np.concatenate([known["y_train"], known["y_test"]])
    order = np.random.default_rng(digit).permutation(len(x))
    x, y = x[order], y[order]
    normal, odd = x[y != digit], x[y == digit]
    count = int(0.8 * len(normal))
    looked = np.concatenate([normal[count:], odd])
    is_odd = np.repeat([0, 1], [len(normal) - count, len(odd)])
    order = np.random.default_rng(100 + digit).permutation(len(looked))
    paths = workspace / f"without-{digit}.npz", workspace / f"looked-{digit}.npz"
    workspace.mkdir(parents=True, exist_ok=True)
    np.savez(paths[0], x_train=normal[:count - 2000], x_test=normal[count - 2000:count])
    np.savez(paths[1], images=looked[order], labels=is_odd[order])
    return paths


def measured(store, digit, minutes, length, n, methods):
    learned, looked = prepared(store.workspace, digit)
    title = f"without {digit}"
    run = next((run for run in store.list(["finished"]) if run.name == title), None)
    if run is None:
        run = store.get(train("dcgan", learned, length, KNOBS, "--name", title, workspace=store.workspace))
    dataset = json.loads(gan("datasets", "--add", looked, "--json", workspace=store.workspace))["name"]
    found = {}
    for method in methods:
        told = json.loads(gan("anomalies", run.id, "--data", dataset, "--method", method, "--normal", "0", "--n", n,
                              "--json", workspace=store.workspace))
        found[method] = {key: told["methods"][method][key] for key in ("auroc", "auroc_low", "auroc_high", "auprc")}
        print(f"{digit} {method}: {found[method]['auroc']:.3f}", flush=True)
    return found | {"steps": run.step, "n": n, "minutes": minutes}


def page(kept):
    digits = sorted(kept)
    first = kept[digits[0]]
    lines = ["# Odd digits", "", "Made by `python benchmarks/anomalies.py`, whose head says how; figures in "
             "[anomalies.json](anomalies.json). AUROC: the chance that a digit that was never seen scores higher than one "
             f"that was. DCGAN learned for {first['minutes']:g} minutes, {first['n']:,} pictures were looked at.", "",
             "| odd digit | " + " | ".join(digits) + " | mean |", "|" + "---|" * (len(digits) + 2)]
    methods = [name for name in TITLES if all(name in kept[digit] for digit in digits)]
    for name in methods:
        values = [kept[digit][name]["auroc"] for digit in digits]
        lines.append(f"| {TITLES[name]} | " + " | ".join(f"{value:.2f}" for value in values) + f" | {np.mean(values):.3f} |")
    for name, values in PUBLISHED.items():
        values = [values[int(digit)] for digit in digits]
        lines.append(f"| *{name}* | " + " | ".join(f"{value:.2f}" for value in values) + f" | {np.mean(values):.3f} |")
    lines += ["", "Intervals of 95 % by the bootstrap, of the first method: " + ", ".join(
        f"{digit}: {kept[digit][methods[0]]['auroc_low']:.2f} to {kept[digit][methods[0]]['auroc_high']:.2f}"
        for digit in digits) + "."]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--digits", default="0123456789")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--methods", default=",".join(TITLES))
    Pace.option(parser)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-anomalies")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    store, length = open_store(args.workspace), Pace(args.pace).length("dcgan", args.minutes)
    kept = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    for digit in args.digits:
        if digit not in kept:
            kept[digit] = measured(store, int(digit), args.minutes, length, args.n, args.methods.split(","))
            if args.write:
                FIGURES.write_text(json.dumps(kept, indent=1) + "\n")
                PAGE.write_text(page(kept))
    print(page(kept))


if __name__ == "__main__":
    main()
