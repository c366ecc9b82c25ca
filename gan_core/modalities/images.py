"""Images: (H, W, C) in [-1, 1], of one channel, of three, or of four with alpha."""

import numpy as np

from gan_core.data import IMAGES, DataSpec, array_files as files, floats, to_uint8
from gan_core.modalities import arrays, drawing
from gan_core.modalities.base import (
    BY_HEART, CLASSIFIER, HEAT, JUDGE, KEEP, NEAREST, PICTURE, PLACES, PLAYED, RANDOM, SIZED, TSTR, Artifact, Loaded,
    Modality,
)

LOOKED_AT = 32  # images of a dataset, in rows of eight
SCORES = frozenset({"kernel", "frechet", "classifier_score", "precision", "recall", "density", "coverage", "vendi",
                    "label_accuracy", "modes_captured", "reverse_kl", "authenticity", "copy_test", "l1", "psnr", "ssim",
                    "perceptual", "tstr_accuracy", "augmented_accuracy"})


class Images(Modality):
    name = IMAGES
    icon = ":material/image:"
    words = ("image", "images")
    example, example_name = DataSpec(IMAGES, (28, 28, 1), tuple("0123456789")), "MNIST"
    grid = (8, 8)
    shown = (64, 100)
    company = 8
    extractor, live_extractor = CLASSIFIER, RANDOM
    scores = SCORES
    abilities = frozenset({JUDGE, KEEP, NEAREST, HEAT, TSTR, SIZED, BY_HEART, PLACES, PLAYED, PICTURE})

    def refusal(self, requirements, spec):
        height, width, channels = spec.shape
        if (known := requirements.get("channels")) and channels not in known:
            return (f"{requirements['title']} takes images of {' or '.join(map(str, known))} channels, and these have "
                    f"{channels}; import them without alpha.")
        multiple, low, high = (requirements[key] for key in ("size_multiple", "smallest", "largest"))
        if height != width or height % multiple or not low <= height <= high:
            step = f" that are a multiple of {multiple}" if multiple > 1 else ""
            return (f"{requirements['title']} needs square images of {low} to {high} pixels{step}, not {height} x {width}; "
                    f"set the image size to {_nearest(height, multiple, low, high)}.")
        return ""

    def draw(self, samples, spec, grid=None, beside=None):
        picture = drawing.sheet(samples, grid or drawing.grid_for(len(samples)))
        return Artifact(drawing.png(picture), "image/png", f"{len(samples)} {self.words[len(samples) != 1]}")

    def look(self, dataset):
        samples = floats(dataset.x[some_rows(len(dataset))])
        return self.draw(samples, dataset.spec, (-(-len(samples) // 8), min(8, len(samples))))

    def portrait(self, samples, spec):
        return Artifact(drawing.png(drawing.one(samples[0])), "image/png", "An image")

    def save(self, file, samples, spec, labels=None, beside=None, suffix=".npz"):
        arrays.write(file, to_uint8(samples), spec, labels)

    def load(self, path, spec):
        content = files.read(path)
        samples = arrays.images(content.get("samples"), spec.shape, f"samples in {path}")
        return Loaded(samples, arrays.labels_in(content, len(samples), path))


def some_rows(count):
    """Places of the samples that a look at a dataset shows."""
    return np.random.default_rng(0).choice(count, min(LOOKED_AT, count), replace=False)


def _nearest(size, multiple, low, high):
    return int(min(max(round(size / multiple), -(-low // multiple)), high // multiple) * multiple)
