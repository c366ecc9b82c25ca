"""Pictures from words, minutes on this machine: how often what is looked for by words is what the words say.

    python benchmarks/prompts.py [--seeds N] [--minutes M] [--prompts N] [--steps N] [--write] [--pace TITLE=STEPS ...]

For each seed a VQGAN and a CLIP are trained on the coloured digits (15 and 5 minutes), and pictures are looked for by
prompts:
combinations of colour, digit and ground that are among the training captions, and combinations that are in the test set
alone.
Who says what is seen in a picture knows neither of the two: both colours are read from its pixels (the ground is most of the
edge, the ink most of what is not ground), and the digit by a support vector machine that was trained on the ink of training
images. A picture is right when all three are. Beside it stand what the same reader says of held-out images of these
combinations, the ceiling; of the search without random squares; and of any training picture, which is what chance gives.
CLIP alone: of how many held-out captions the right image is the first of a hundred, all captions and those of the
combinations
never trained on. VQGAN alone: how held-out images come back, with the kernel and Frechet distance of what comes back to
training images beside those of other held-out images.

Runs are trained by the command line, one after the other; those that are there are not trained again.  --write keeps the
figures in docs/prompts.json and writes docs/prompts.md.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np
from verbs import ROOT, Pace, gan, train

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from gan_core.data.sets import captions as source  # noqa: E402
from gan_core.store import open_store  # noqa: E402

FIGURES, PAGE = (ROOT / "docs" / name for name in ("prompts.json", "prompts.md"))
MINUTES = {"vqgan": 15.0, "clip": 5.0}
COLOURS, BOX = list(source.COLOURS), 12  # pixels a side of the ink that the digit is read from
SETS = {"trained on": "combinations that were trained on", "never seen": "combinations that were not"}


class Reader:
    """Says which colours and which digit are in pictures, by pixels alone; trained on the captions' own images."""

    def __init__(self, dataset):
        from sklearn.svm import SVC

        told = [said(caption, dict(dataset.traits)["words"]) for caption in dataset.more["caption"]]
        rows = np.random.default_rng(0).permutation(len(dataset))[:6000]
        ink = np.stack([self.seen(dataset.x[row])[2] for row in rows])
        self.digits = SVC(C=10.0).fit(ink, [source.DIGITS.index(told[row][1]) for row in rows])

    @staticmethod
    def seen(image):
        """``(colour, ground, ink)`` of a picture uint8 (32, 32, 3): names, and the ink in a box of its own, (BOX * BOX,)."""
        from PIL import Image

        pixels, known = image.astype(float), np.array([source.COLOURS[name] for name in COLOURS], float)
        near = np.square(pixels[:, :, None] - known).sum(-1).argmin(-1)
        edge = np.concatenate([near[:2].ravel(), near[-2:].ravel(), near[:, :2].ravel(), near[:, -2:].ravel()])
        ground = np.bincount(edge, minlength=len(known)).argmax()
        counts = np.bincount(near.ravel(), minlength=len(known))
        counts[ground] = 0
        colour = counts.argmax()
        way = known[colour] - known[ground]
        ink = np.clip((pixels - known[ground]) @ way / max(way @ way, 1.0), 0, 1)
        rows, columns = np.flatnonzero((ink > 0.5).sum(1) > 0), np.flatnonzero((ink > 0.5).sum(0) > 0)
        if not len(rows):
            return COLOURS[colour], COLOURS[ground], np.zeros(BOX * BOX)
        side = max(np.ptp(rows), np.ptp(columns)) + 1
        top, left = (int(np.ceil((where.min() + where.max() + 1 - side) / 2)) for where in (rows, columns))
        whole = np.pad(ink, 32)[32 + top:32 + top + side, 32 + left:32 + left + side]
        box = Image.fromarray(np.uint8(255 * whole)).resize((BOX, BOX), Image.Resampling.BOX)
        return COLOURS[colour], COLOURS[ground], np.asarray(box, float).ravel() / 255

    def __call__(self, images):
        """``[(colour, digit, ground)]`` of pictures uint8 (N, 32, 32, 3)."""
        found = [self.seen(image) for image in images]
        digits = self.digits.predict(np.stack([ink for *_, ink in found]))
        return [(colour, source.DIGITS[digit], ground) for (colour, ground, _), digit in zip(found, digits)]


def said(caption, vocabulary):
    """The combination that a caption of the grammar speaks of: ``(colour, digit, ground)``."""
    from gan_core.data import words

    told = words.text_of(caption, vocabulary).split()
    digit, = set(told) & set(source.DIGITS)
    first, second = (word for word in told if word in COLOURS)
    ground_first = told[0] == "on" or told[2] == "ground"
    return (second, digit, first) if ground_first else (first, digit, second)


def trained(store, name, lasting, seed):
    """The run of that family and seed, trained now where it is not there."""
    called = f"prompts {name}, {seed}"
    run = next((run for run in store.list(["finished"]) if (run.architecture, run.name) == (name, called)), None)
    if run is None:
        print(f"{called} ...", flush=True)
        run = store.get(train(name, "captions", lasting(name), {}, "--seed", seed, "--name", called,
                              workspace=store.workspace))
    return run


def right(wanted, read):
    """Shares: of pictures in which all is right, and each of the three."""
    hits = np.array([[one == other for one, other in zip(asked, found)] for asked, found in zip(wanted, read)])
    return {"all": float(hits.all(axis=1).mean()), **dict(zip(("colour", "digit", "ground"), map(float, hits.mean(axis=0))))}


def wanted_of(count):
    """``{set: combinations}``, at most ``count`` of each, the same for every seed."""
    rng, unseen = np.random.default_rng(1), source.unseen()
    known = [one for one in source.combinations() if one not in unseen]
    return {name: [some[place] for place in rng.permutation(len(some))[:count]]
            for name, some in (("trained on", known), ("never seen", unseen))}


def painted(painter, judge, wanted, seed, steps, plain=False):
    """Pictures uint8 of combinations; ``plain`` looks at whole pictures, not at random squares."""
    from gan_core.data import to_uint8, words
    from gan_core.models.networks import contrast
    from gan_core.prompting import search

    squares = ((lambda rng, shape: [np.zeros((shape[0], 1), np.float32)]), lambda images, _: images) if plain else (
        contrast.squares_by, contrast.squares)
    length, = dict(judge.data.beside)["caption"]
    made = []
    for place, (colour, digit, ground) in enumerate(wanted):
        caption = words.tokens([f"a {colour} {digit} on {ground}"], judge.data.trait("words"), length).astype(np.float32)
        found = search.searched(painter, judge, caption, squares, steps=steps, seed=1000 * seed + place)
        made.append(to_uint8(found.picture))
        print(f"\r{place + 1} of {len(wanted)}", end="", flush=True)
    print(flush=True)
    return np.stack(made)


def measured(store, lasting, seed, count, steps):
    """All figures of one seed."""
    from gan_core.models.networks import contrast
    from gan_core.tasks import models

    vqgan, clip = (trained(store, name, lasting, seed) for name in MINUTES)
    painter, judge = (models.load(store, run, exact=True)[0] for run in (vqgan, clip))
    dataset = models.dataset(store, vqgan)
    reader, vocabulary = Reader(dataset), judge.data.trait("words")
    held_out = [said(caption, vocabulary) for caption in dataset.more_test["caption"]]
    read_held_out, read_training = reader(dataset.x_test), reader(dataset.x[:3000])
    figures = {"steps": {"vqgan": vqgan.step, "clip": clip.step}}
    for name, wanted in wanted_of(count).items():
        of_these = [place for place, one in enumerate(held_out) if one in set(wanted)]
        chance = np.resize(np.random.default_rng(seed).permutation(len(read_training)), 100 * len(wanted))
        figures[name] = {
            "prompts": len(wanted), "painted": right(wanted, reader(painted(painter, judge, wanted, seed, steps))),
            "without squares": right(wanted, reader(painted(painter, judge, wanted, seed, steps, plain=True))),
            "held-out images": right([held_out[place] for place in of_these], [read_held_out[place] for place in of_these]),
            "any picture": right(wanted * 100, [read_training[place] for place in chance])}
    unseen = np.array([one in set(source.unseen()) for one in held_out])
    scores = {run.architecture: json.loads(gan("evaluate", run.id, "--json", workspace=store.workspace))
              for run in (vqgan, clip)}
    figures["clip"] = {"retrieval": scores["clip"]["retrieval"],
                       "never seen": found_unseen(judge, dataset, unseen, contrast)}
    figures["vqgan"] = {key: scores["vqgan"].get(key) for key in (
        "kernel", "kernel_floor", "frechet", "frechet_floor", "l1", "psnr", "perceptual", "code_perplexity")}
    return figures


def found_unseen(judge, dataset, unseen, contrast):
    """Of how many captions of combinations never trained on the right image is the first of a hundred held-out ones."""
    from gan_core.data import floats

    hits = []
    for first in range(0, len(unseen) - contrast.AMONG + 1, contrast.AMONG):
        rows = np.arange(first, first + contrast.AMONG)
        likeness = np.asarray(judge.read(floats(dataset.more_test["caption"][rows]))) @ np.asarray(
            judge.seen(floats(dataset.x_test[rows]))).T
        hits += [likeness[place].argmax() == place for place in np.flatnonzero(unseen[rows])]
    return float(np.mean(hits))


def page(figures):
    """docs/prompts.md of all seeds that are there."""
    lines = ["# Pictures from words", "",
             "Made by `python benchmarks/prompts.py --write`, whose first lines say how it is measured: a VQGAN and a CLIP "
             "for each seed, on coloured digits with captions; what is seen in a picture is read from its pixels.", "",
             "| prompts | seed | right | without random squares | held-out images, the ceiling | any picture, chance | "
             "colour | digit | ground |", "|---|---|---|---|---|---|---|---|---|"]
    for name, title in SETS.items():
        for seed, told in sorted(figures.items()):
            row = told[name]
            cells = [f"{100 * row[column]['all']:.0f} %" for column in ("painted", "without squares", "held-out images",
                                                                         "any picture")]
            cells += [f"{100 * row['painted'][part]:.0f} %" for part in ("colour", "digit", "ground")]
            lines.append(f"| {row['prompts']} {title} | {seed} | {' | '.join(cells)} |")
    lines += ["", "| seed | found by its caption, of 100 | of combinations never trained on | chance |", "|---|---|---|---|"]
    lines += [f"| {seed} | {100 * told['clip']['retrieval']:.1f} % | {100 * told['clip']['never seen']:.1f} % | 1 % |"
              for seed, told in sorted(figures.items())]
    columns = {"kernel": "kernel distance", "kernel_floor": "of held-out images", "frechet": "Fréchet distance",
               "frechet_floor": "of held-out images", "l1": "mean difference", "psnr": "PSNR (dB)",
               "perceptual": "perceptual distance", "code_perplexity": "codes in use"}
    lines += ["", "Held-out images as they come back:", "", f"| seed | {' | '.join(columns.values())} |",
              f"|{'---|' * (1 + len(columns))}"]
    lines += [f"| {seed} | " + " | ".join("" if told["vqgan"][key] is None else f"{told['vqgan'][key]:.3g}"
                                          for key in columns) + " |" for seed, told in sorted(figures.items())]
    return "\n".join([*lines, ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--minutes", type=float, help="of each run, in the place of 15 and 5")
    parser.add_argument("--prompts", type=int, default=30, help="of each set")
    parser.add_argument("--steps", type=int, default=200, help="of each search")
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-prompts")
    parser.add_argument("--write", action="store_true")
    Pace.option(parser)
    args = parser.parse_args()
    pace, store = Pace(args.pace), open_store(args.workspace)
    known = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    for seed in range(args.seeds):
        known[str(seed)] = measured(store, lambda name: pace.length(name, args.minutes or MINUTES[name]), seed, args.prompts,
                                    args.steps)
        print(json.dumps({seed: known[str(seed)]}, indent=1), flush=True)
        if args.write:
            FIGURES.write_text(json.dumps(known, indent=1) + "\n")
            PAGE.write_text(page(known))


if __name__ == "__main__":
    main()
