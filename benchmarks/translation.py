"""Pictures from pictures, minutes on this machine: what each family of translators makes, by number and by sheet.

    python benchmarks/translation.py pix2pix|cyclegan-facades|cyclegan|srgan [--minutes M] [--seeds N] [--write]
                                     [--pace TITLE=STEPS ...]

``pix2pix``: label maps of facades to photographs ($GAN_DATA/facades, 300 pairs for training and 100 held out, 64 pixels),
with the game and by the distance alone, the same minutes; a network that was trained on real pairs reads the labels back,
and what it reads of real photographs is the ceiling. Then the same of maps as a person draws them (walls, rows of windows, a
door).
``cyclegan-facades``: the same photographs and maps, none of which belongs to another; held-out pairs tell how near it comes.
``cyclegan``: grey digits and coloured ones on a textured ground; a classifier trained on either side says of how many
translations the digit is still the same, beside what it says of the untranslated ones.
``srgan``: crops of pictures that scikit-image brings to four times their size; PSNR of brightness on crops of other pictures
(scikit-learn's), of its first stage and after the game, beside bicubic, and the kernel distance by EfficientNet-lite1's
features.

Runs are trained by the command line, one after the other; those that are there are not trained again.  --write keeps the
figures in docs/translation.json, writes docs/translation.md of all that is there, and sheets of what may ship.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from verbs import ROOT, Pace, gan, train

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from gan_core.store import open_store  # noqa: E402

FIGURES, PAGE, SHEETS = (ROOT / "docs" / name for name in ("translation.json", "translation.md", "translation"))
SIDE, LUMA = 64, np.float32([0.299, 0.587, 0.114])
MINUTES = {"pix2pix": 10.0, "cyclegan-facades": 20.0, "cyclegan": 12.0, "srgan": 8.0}
SHIPS = ("cyclegan", "srgan")


def run_of(store, name, title):
    return next((run for run in store.list(["finished"]) if (run.architecture, run.name) == (name, title)), None)


def trained(store, name, title, data, lasting, knobs, *options, seed):
    """The run of that title and seed, trained now where it is not there; ``lasting(title)`` is how long."""
    called = f"{title}, {seed}"
    run = run_of(store, name, called)
    if run is None:
        print(f"{called} ...", flush=True)
        run = store.get(train(name, data, lasting(title), knobs, "--seed", seed, "--name", called, *options,
                              workspace=store.workspace))
    return run


def scored(store, run):
    return json.loads(gan("evaluate", run.id, "--json", workspace=store.workspace))


# Facades


def facades():
    return Path(os.environ["GAN_DATA"]) / "facades" / "train"


def pix2pix(store, lasting, seeds):
    """Both objectives, and maps that are drawn."""
    found = {}
    for seed in range(seeds):
        for title, knobs in (("L1 + game", {}), ("L1 alone", {"adversarial": 0})):
            run = trained(store, "pix2pix", f"facades, {title}", facades(), lasting,
                          {"held_out": 0.25, "mirror": True} | knobs, "--pairs", "right-left", "--size", SIDE, seed=seed)
            scores = scored(store, run)
            row = {key: scores[key] for key in ("l1", "psnr", "ssim", "perceptual", "kernel", "pixel_accuracy",
                                                "class_accuracy", "iou")}
            row |= {f"{key}_real": scores[f"{key}_floor"] for key in ("pixel_accuracy", "class_accuracy", "iou")}
            found.setdefault(title, {})[str(seed)] = row | {"steps": run.step} | drawn_maps(store, run)
    return found


def drawn_maps(store, run, count=100):
    """What is read back of pictures of maps that nobody photographed: as a person draws them, with the palette of the
    data."""
    from gan_core.data import palettes, to_float, to_uint8
    from gan_core.evaluation import label_reading
    from gan_core.tasks import models

    model, dataset = models.load(store, run)[0], models.dataset(store, run)
    colours = palettes.of(dataset.more["source"])
    names = list(palettes.numbers(np.array([[0, 50, 255], [0, 0, 225], [0, 129, 255], [255, 81, 0], [177, 0, 0]], np.uint8),
                                  colours))  # wall, ground, window, door, roof, as their colours say
    wall, ground, window, door, roof = names
    rng, maps = np.random.default_rng(7), np.full((count, SIDE, SIDE), ground)
    for labels in maps:
        left, right = rng.integers(0, 8), SIDE - rng.integers(0, 8)
        top = rng.integers(4, 16)
        labels[top:, left:right] = wall
        labels[top:top + rng.integers(1, 4), left:right] = roof
        rows, columns = rng.integers(2, 5), rng.integers(2, 6)
        high, wide = (SIDE - top - 8) // rows, (right - left - 4) // columns
        for row in range(rows):
            for column in range(columns):
                y, x = top + 6 + row * high, left + 3 + column * wide
                labels[y:y + high // 2, x:x + wide // 2] = window
        x = left + 3 + rng.integers(0, columns) * wide
        labels[SIDE - 10:, x:x + max(4, wide // 2)] = door
    sources = colours[maps]
    pictures = [to_uint8(np.asarray(model.translate(to_float(sources[first:first + 20]), "target")))
                for first in range(0, count, 20)]
    read = label_reading.reader(dataset, store.workspace)
    told = label_reading.compare(read(np.concatenate(pictures)), maps, len(colours))
    return {f"drawn_{key}": value for key, value in told._asdict().items()}


def cyclegan_facades(store, lasting, seeds):
    """Without pairs, told by pairs that were held out: beside Pix2Pix by the same."""
    from gan_core.evaluation import scoring
    from gan_core.tasks import models

    found = {}
    for seed in range(seeds):
        run = trained(store, "cyclegan", "facades, unpaired", facades(), lasting, {"held_out": 0.25, "mirror": True},
                      "--pairs", "right-left", "--size", SIDE, seed=seed)
        model, dataset = models.load(store, run)[0], models.dataset(store, run)
        source, real = dataset.more_test["source"], dataset.x_test  # both sides of pairs: as many, in one order
        made = [np.asarray(model.translate(_floats(source[first:first + 20]), "b")) for first in range(0, len(source), 20)]
        told = scoring.score_pairs(real, np.concatenate(made))
        found[str(seed)] = {key: told[key] for key in ("l1", "psnr", "ssim", "perceptual")} | {"steps": run.step}
    return {"CycleGAN": found}


# Digits


def digits(workspace):
    """``(npz, digits of the test images of both domains)``: grey digits are domain 0, coloured ones on a ground domain 1."""
    path = workspace / "digits-in-colour.npz"
    with np.load(Path(os.environ["GAN_DATA"]) / "mnist.npz") as known:
        parts = {name: known[name] for name in ("x_train", "y_train", "x_test", "y_test")}
    rng, arrays, named = np.random.default_rng(0), {}, {}
    for part, count in (("train", 5000), ("test", 1000)):
        images = np.pad(parts[f"x_{part}"][:2 * count], ((0, 0), (2, 2), (2, 2)))
        grey, shape = images[:count], images[count:]
        ink, ground = rng.uniform(120, 255, (count, 1, 1, 3)), rng.uniform(0, 110, (count, 1, 1, 3))
        rows = np.arange(32)[None, :, None]
        down, across, start = (rng.uniform(low, high, (count, 1, 1)) for low, high in ((0.6, 1.4), (-1, 1), (0, 6)))
        waves = np.sin(rows * down + rows.transpose(0, 2, 1) * across + start)[..., None]
        share = shape[..., None] / 255
        colour = share * ink + (1 - share) * np.clip(ground * (1 + 0.4 * waves), 0, 255)
        x = np.concatenate([np.repeat(grey[..., None], 3, axis=-1), colour.round().astype(np.uint8)])
        order = rng.permutation(2 * count)
        arrays |= {f"x_{part}": x[order], f"y_{part}": np.repeat([0, 1], count)[order].astype(np.int32)}
        named[part] = parts[f"y_{part}"][:2 * count][order]
    if not path.exists():
        workspace.mkdir(parents=True, exist_ok=True)
        np.savez(path, **arrays)
    return path, arrays, named


def cyclegan(store, lasting, seeds):
    """Is a digit still the same one, as who has learned the other side reads it?"""
    from gan_core.data import IMAGES, Dataset
    from gan_core.evaluation.extractors import classifier
    from gan_core.tasks import models

    path, arrays, named = digits(store.workspace)
    judges = []
    for domain in (0, 1):
        of = {part: arrays[f"y_{part}"] == domain for part in ("train", "test")}
        judges.append(classifier.extractor(Dataset(
            f"digits-{domain}", IMAGES, arrays["x_train"][of["train"]], named["train"][of["train"]].astype(np.int32),
            tuple("0123456789"), x_test=arrays["x_test"][of["test"]], y_test=named["test"][of["test"]].astype(np.int32)),
            store.workspace))
    found = {}
    for seed in range(seeds):
        run = trained(store, "cyclegan", "digits in colour", path, lasting, {"filters": 16}, "--domains", "0,1", seed=seed)
        model, row = models.load(store, run)[0], {"steps": run.step}
        for domain, to in ((0, "b"), (1, "a")):
            of = arrays["y_test"] == domain
            images, labels, judge = arrays["x_test"][of], named["test"][of], judges[1 - domain]
            made = np.concatenate([np.asarray(model.translate(_floats(images[first:first + 100]), to))
                                   for first in range(0, len(images), 100)])
            way = "coloured" if to == "b" else "grey"
            row |= {f"kept, {way}": float((judge.probabilities(made).argmax(1) == labels).mean()),
                    f"kept by a copy, {way}": float((judge.probabilities(images).argmax(1) == labels).mean()),
                    f"of real ones, {way}": judge.accuracy}
        found[str(seed)] = row
        gan("sample", run.id, "--n", 16, "--out", store.workspace / f"{run.id}.png", workspace=store.workspace)
    return {"CycleGAN": found}


# Enlarging


def crops_of(pictures, n, seed):
    """Squares of 128 pixels, as they are: (n, 128, 128, 3)."""
    rng, found = np.random.default_rng(seed), []
    for number in range(n):
        picture = pictures[number % len(pictures)]
        top, left = (int(rng.integers(0, length - 127)) for length in picture.shape[:2])
        found.append(picture[top:top + 128, left:left + 128])
    return np.stack(found)


def srgan(store, lasting, seeds):
    """Its first stage and the game, beside bicubic, on pictures of other photographers."""
    from gan_core.data import recipes, shipped
    from gan_core.evaluation.extractors import lite0
    from gan_core.evaluation.metrics import kernel_distance
    from gan_core.tasks import models, translating

    path = store.workspace / "crops.npz"
    others = [shipped.picture(name) for name in shipped.OF_SKLEARN]
    if not path.exists():
        store.workspace.mkdir(parents=True, exist_ok=True)
        known = [shipped.picture(name) for name in shipped.ALL if name not in shipped.OF_SKLEARN]
        np.savez(path, x_train=crops_of(known, 3000, 0), x_test=crops_of(known, 300, 1))
    large = crops_of(others, 200, 2)
    small = recipes.recipes()["small"].sources(large, 0)
    eyes, found = lite0.extractor((128, 128, 3), name="lite1"), {}
    real = eyes.features(crops_of(others, 200, 3))

    def told(pictures):
        pictures = np.stack([np.asarray(picture) for picture in pictures])
        return {"psnr_y": psnr_of_brightness(large, pictures),
                "kernel": kernel_distance(real, eyes.features(pictures), subsets=50, subset_size=150, seed=0).mean}

    asked = [Image.fromarray(image) for image in small]
    for seed in range(seeds):
        for title, knobs in (("first stage", {"adversarial": 0}), ("with the game", {})):
            run = trained(store, "srgan", f"crops, {title}", path, lasting, {"mirror": True} | knobs,
                          "--pairs", "small", seed=seed)
            made = translating.translated(models.load(store, run)[0], asked)
            found.setdefault(title, {})[str(seed)] = told([one.result for one in made]) | {"steps": run.step}
            rows = [[picture.resize((128, 128), Image.NEAREST) for picture in asked[:6]], [one.plain for one in made[:6]],
                    [one.result for one in made[:6]], [Image.fromarray(image) for image in large[:6]]]
            sheet = np.concatenate([np.concatenate([np.asarray(picture) for picture in row], 1) for row in rows])
            Image.fromarray(sheet).save(store.workspace / f"{run.id}.png")
    plain = [picture.resize((128, 128), Image.BICUBIC) for picture in asked]
    return {"bicubic": {"0": told(plain)}, "real": {"0": told(list(large)) | {"psnr_y": None}}} | found


def psnr_of_brightness(images, others, edge=4):
    """Mean PSNR in dB of the brightness of uint8 images (N, H, W, 3), without ``edge`` pixels around (Ledig 2017, section
    3)."""
    one, other = ((each.astype(np.float32) @ LUMA)[:, edge:-edge, edge:-edge] for each in (images, others))
    return float(np.mean(10 * np.log10(255 ** 2 / np.square(one - other).mean((1, 2)))))


def _floats(images):
    from gan_core.data import to_float

    return to_float(images)


MADE_BY = {"pix2pix": pix2pix, "cyclegan-facades": cyclegan_facades, "cyclegan": cyclegan, "srgan": srgan}
TITLES = {"pix2pix": "Facades: photographs of label maps", "cyclegan-facades": "Facades without pairs",
          "cyclegan": "Digits: grey to coloured and back", "srgan": "Four times larger"}


def page(figures):
    """docs/translation.md, of all figures that are kept."""
    lines = ["# Pictures from pictures", "", "Made by `python benchmarks/translation.py`, whose head says how; figures in "
             "[translation.json](translation.json). Means over the seeds, each of them in brackets.", ""]
    for which, told in figures.items():
        rows = told["rows"]
        keys = list(dict.fromkeys(key for row in rows.values() for one in row.values() for key in one))
        lines += [f"## {TITLES[which]}", "", f"{told['minutes']:g} minutes a run on {told['cores']} CPU cores.", "",
                  "| | " + " | ".join(key.replace("_", " ") for key in keys) + " |", "|" + "---|" * (len(keys) + 1)]
        for title, row in rows.items():
            cells = []
            for key in keys:
                values = [one[key] for one in row.values() if one.get(key) is not None]
                several = f" ({', '.join(f'{value:.3g}' for value in values)})" if len(values) > 1 else ""
                cells.append(f"{np.mean(values):.4g}{several}" if values else "")
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
        lines += ["", *(f"![{title}]({SHEETS.name}/{file.name})\n" for title in [TITLES[which]]
                        for file in sorted(SHEETS.glob(f"{which}-*.png")))]
        if "note" in told:
            lines += [told["note"], ""]
    return "\n".join(lines).rstrip() + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=MADE_BY)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--seeds", type=int, default=2)
    Pace.option(parser)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-translation")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    minutes = args.minutes or MINUTES[args.which]
    store = open_store(args.workspace)
    pace = Pace(args.pace)
    rows = MADE_BY[args.which](store, lambda title: pace.length(title, minutes), args.seeds)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    told = {"minutes": minutes, "cores": len(os.sched_getaffinity(0)), "rows": rows, "commit": commit}
    print(json.dumps(told, indent=1))
    if not args.write:
        return
    kept = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    if "note" in kept.get(args.which, {}):
        told["note"] = kept[args.which]["note"]
    kept[args.which] = told
    FIGURES.write_text(json.dumps(kept, indent=1) + "\n")
    if args.which in SHIPS:
        SHEETS.mkdir(exist_ok=True)
        for run in store.list(["finished"]):
            sheet = args.workspace / f"{run.id}.png"
            if sheet.exists() and run.architecture == args.which.split("-")[0] and run.name.endswith(" 0"):
                title = run.name.removesuffix(", 0").replace(",", "").replace(" ", "-")
                (SHEETS / f"{args.which}-{title}.png").write_bytes(sheet.read_bytes())
    PAGE.write_text(page(kept))


if __name__ == "__main__":
    main()
