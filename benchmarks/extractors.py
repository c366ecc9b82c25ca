"""Do scores rank what eyes rank?  Real images made worse step by step, and the kernel distance of each extractor.

    python benchmarks/extractors.py [--n 500] [--seeds 2] [--write]

Three sets: crops of the photographs that scikit-learn and scikit-image bring along, a kind of each picture; facades, where
$GAN_DATA has them; coloured digits on textures of those photographs.  Half of a set stands for real, the other half is made
worse: blurred, noisy, as JPEG, its patches shuffled, with kinds missing, with other things mixed in.  Each of these has four
levels; a distance that rises with each of them, by more than half its own spread, ranks them as eyes do.
*quick* is the form by which runs are watched while they train.  --write writes docs/extractors.md.
"""

import argparse
import io
import os
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
SIDE = 64
PICTURES = ("astronaut", "chelsea", "coffee", "rocket", "immunohistochemistry", "retina", "hubble_deep_field", "skin")
LEVELS = {"blur": (0.5, 1, 2, 4), "noise": (5, 10, 20, 40), "jpeg": (75, 40, 20, 8), "shuffled": (2, 4, 8, 16),
          "missing kinds": (0.2, 0.4, 0.6, 0.8), "mixed in": (0.1, 0.25, 0.5, 0.75)}
UNITS = {"blur": "pixels", "noise": "of 255", "jpeg": "quality", "shuffled": "patches a side", "missing kinds": "share",
         "mixed in": "share"}


def photographs():
    """{name: (H, W, 3) uint8} of pictures that come with scikit-learn and scikit-image."""
    import skimage.data
    from sklearn.datasets import load_sample_image

    found = {name: load_sample_image(name) for name in ("china.jpg", "flower.jpg")}
    for name in PICTURES:
        try:
            picture = np.asarray(getattr(skimage.data, name)())
        except (OSError, ValueError, ImportError, ConnectionError):  # some are fetched when they are first asked for
            continue
        if picture.ndim == 3:
            found[name] = picture[..., :3]
    return found


def crops(pictures, n, seed, side=SIDE):
    """``(images (n, side, side, 3), kind (n,))``: squares of random places and sizes of pictures, of each as many."""
    rng, images, kinds = np.random.default_rng(seed), [], []
    for number in range(n):
        kind = number % len(pictures)
        picture = pictures[kind]
        size = int(rng.uniform(0.25, 0.6) * min(picture.shape[:2]))
        top, left = (int(rng.integers(0, length - size + 1)) for length in picture.shape[:2])
        crop = Image.fromarray(np.ascontiguousarray(picture[top:top + size, left:left + size]))
        images.append(np.asarray(crop.resize((side, side), Image.LANCZOS)))
        kinds.append(kind)
    return np.stack(images), np.array(kinds)


def facades(n):
    files = sorted(Path(os.environ.get("GAN_DATA", "")).glob("facades/train/*.jpg"))
    images = []
    for path in files[:n]:
        with Image.open(path) as picture:
            photo = picture.crop((0, 0, picture.height, picture.height))
            images.append(np.asarray(photo.resize((SIDE, SIDE), Image.LANCZOS)))
    if not images:
        return None
    images = np.stack(images)
    light = images.reshape(len(images), -1).mean(1)  # there are no kinds: what there may be too few of is dark ones
    return images, np.argsort(np.argsort(light)) * 10 // len(images)


def digits(n, seed, textures):
    """Digits of scikit-learn in a colour of their own on crops of photographs."""
    from sklearn.datasets import load_digits

    known, rng = load_digits(), np.random.default_rng(seed)
    rows = rng.permutation(len(known.images))[:n]
    ground, _ = crops(textures, len(rows), seed)
    drawn = [Image.fromarray((known.images[row] * 15.9).astype(np.uint8)) for row in rows]
    ink = np.stack([np.asarray(image.resize((SIDE, SIDE), Image.BICUBIC)) for image in drawn])[..., None] / 255.0
    colour = rng.uniform(0, 255, (len(rows), 1, 1, 3))
    return (ground * (1 - ink) * 0.6 + colour * ink).astype(np.uint8), known.target[rows]


def worse(images, kinds, others, way, level, rng):
    if way == "blur":
        return np.stack([np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(level))) for image in images])
    if way == "noise":
        return np.clip(images + rng.normal(0, level, images.shape), 0, 255).astype(np.uint8)
    if way == "jpeg":
        return np.stack([_jpeg(image, level) for image in images])
    if way == "shuffled":
        return np.stack([_shuffled(image, level, rng) for image in images])
    if way == "missing kinds":
        left = kinds >= round(level * (kinds.max() + 1))
        return images[left]
    mixed = images.copy()
    rows = rng.permutation(len(images))[:round(level * len(images))]
    mixed[rows] = others[rng.integers(0, len(others), len(rows))]
    return mixed


def _jpeg(image, quality):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    with Image.open(file) as picture:
        return np.asarray(picture)


def _shuffled(image, patches, rng):
    side = SIDE // patches
    pieces = image.reshape(patches, side, patches, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
    return rng.permutation(pieces).reshape(patches, patches, side, side, 3).swapaxes(1, 2).reshape(image.shape)


def sets(n):
    """``{name: (real, other half, its kinds, things of another set)}``."""
    pictures = list(photographs().values())
    photos, photo_kinds = crops(pictures, 2 * n, 0)
    ink, ink_kinds = digits(2 * n, 1, pictures)
    known = {"photographs": (photos[:n], photos[n:], photo_kinds[n:], ink)}
    if (found := facades(2 * n)) is not None:
        order = np.random.default_rng(2).permutation(len(found[0]))
        images, kinds = found[0][order], found[1][order]
        half = len(images) // 2
        known["facades"] = images[:half], images[half:], kinds[half:], photos
    half = len(ink) // 2
    known["coloured digits"] = ink[:half], ink[half:], ink_kinds[half:], photos
    return known


def distance(real, fake, seed):
    from gan_core.evaluation.metrics import kernel_distance

    size = min(len(real), len(fake)) * 4 // 5
    return kernel_distance(real, fake, subsets=50, subset_size=size, seed=seed)


def measured(extractor, known, seeds):
    """``{(set, way): [distance, ...]}``, the first is that of what was not made worse; means over seeds, with spreads."""
    found = {}
    for name, (real, half, kinds, others) in known.items():
        of_real, of_half = extractor.features(real), extractor.features(half)
        for way, levels in LEVELS.items():
            rows = [[distance(of_real, of_half, seed)] for seed in range(seeds)]
            for seed in range(seeds):
                rng = np.random.default_rng([seed, 5])
                for level in levels:
                    features = extractor.features(worse(half, kinds, others, way, level, rng))
                    rows[seed].append(distance(of_real, features, seed))
            found[name, way] = np.array([[(one.mean, one.std) for one in row] for row in rows])  # (seeds, levels, 2)
    return found


def rises(values):
    """Of how many of the levels the distance is above that of the level before, by more than half its spread."""
    mean, spread = values[..., 0].mean(0), values[..., 1].mean(0)
    return int((np.diff(mean) > 0.5 * spread[1:]).sum())


def looked_at():
    """``{name: extractor}``, the quick form of what watches colour images among them."""
    from gan_core.evaluation.extractors import lite0, lite1, random_network

    shape = (SIDE, SIDE, 3)
    return {"lite0": lite0.extractor(shape), "lite1": lite0.extractor(shape, name=lite1.NAME),
            "lite1, quick": lite0.extractor(shape, name=lite1.NAME, side=lite1.QUICK_SIDE),
            "random": random_network.extractor(shape)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    known = sets(args.n)
    sizes = ", ".join(f"{name} {len(parts[0]):,}" for name, parts in known.items())
    lines = ["# Do scores rank what eyes rank?", "",
             "Made by `python benchmarks/extractors.py --write`, whose head says how. Kernel distance between real images "
             "and as many others that were made worse in four steps; the first column is of others as they are. *Rises* "
             "counts the steps that it tells: those by which it grows by more than half its spread. Images of a half: "
             f"{sizes}; {args.seeds} seeds, 64 pixels.", ""]
    head = ["extractor", "images", "made worse", "as they are", "1", "2", "3", "4", "rises"]
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    totals, seconds = {}, {}
    for name, extractor in looked_at().items():
        began = time.perf_counter()
        for (which, way), values in measured(extractor, known, args.seeds).items():
            totals.setdefault(name, []).append(rises(values))
            lines.append(f"| {name} | {which} | {way} ({', '.join(f'{level:g}' for level in LEVELS[way])} {UNITS[way]}) | "
                         + " | ".join(f"{value:.3g}" for value in values[..., 0].mean(0)) + f" | {rises(values)} of 4 |")
            print(lines[-1], flush=True)
        seconds[name] = time.perf_counter() - began
    lines += ["", "| extractor | steps told |", "|---|---|"]
    lines += [f"| {name} | {sum(counts)} of {4 * len(counts)} |" for name, counts in totals.items()]
    print("\n".join(lines[-len(totals):]), seconds)
    if args.write:
        (ROOT / "docs" / "extractors.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
