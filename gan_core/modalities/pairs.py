"""Pairs of images: a source, and the target that is made of it; both (H, W, C) in [-1, 1], the source of the target's size
or so many times smaller."""

import numpy as np

from gan_core.data import PAIRS, DataSpec, array_files as files, floats, palettes, to_uint8
from gan_core.errors import BadInput
from gan_core.modalities import arrays, drawing
from gan_core.modalities.base import PLACES, RANDOM, SIZED, Artifact, Headline, Loaded, Modality
from gan_core.modalities.images import Images, some_rows

COLUMNS = 8  # pairs beside each other on a sheet
ROWS = ("source", "real")  # above the generated images, where they are known


class Pairs(Modality):
    name = PAIRS
    icon = ":material/compare:"
    words = ("pair of images", "pairs of images")
    example, example_name = DataSpec(PAIRS, (32, 32, 3), beside=(("source", (32, 32, 3)),)), "pairs of images"
    grid = (2, 8)  # pairs; each row of them has a row of sources, and one of targets
    shown = (16, 48)
    company = 8
    fields = ("source", "real")
    extractor = live_extractor = RANDOM
    scores = frozenset({"pixel_accuracy", "class_accuracy", "iou", "l1", "psnr", "ssim", "perceptual", "kernel", "frechet",
                        "precision", "recall", "density", "coverage", "vendi", "authenticity", "copy_test"})
    headline = Headline("kernel", "kernel distance of targets")  # PSNR and SSIM rank what is blurred highest
    abilities = frozenset({SIZED, PLACES})

    def refusal(self, requirements, spec):
        source = dict(spec.beside).get("source")
        if source is None or any(whole % side or whole // side != spec.shape[0] // source[0]
                                 for side, whole in zip(source[:2], spec.shape[:2])):
            return (f"{requirements['title']} needs sources of the size of their targets, or so many times smaller; import "
                    "the pairs with one --size.")
        return Images().refusal(requirements, spec)

    def batch(self, dataset, rows):
        if not {"source"} <= dataset.more.keys():
            raise BadInput(f"The dataset {dataset.name} has no source images; give pairs.")
        return super().batch(dataset, rows)

    def draw(self, samples, spec, grid=None, beside=None):
        beside = beside or {}
        shown = [beside[name][:len(samples)] for name in ROWS if name in beside] + [samples]
        channels = max(images.shape[-1] for images in shown)
        shown = [_of_channels(as_large(images, samples.shape[1]), channels) for images in shown]
        columns = min(len(samples), grid[1] if grid else COLUMNS)
        parts = []
        for first in range(0, len(samples), columns):
            for images in shown:
                part = images[first:first + columns]
                parts += [part, np.zeros((columns - len(part), *part.shape[1:]), part.dtype)]
        rows = np.concatenate(parts)
        above = f", below {' and '.join(name for name in ROWS if name in beside)}" if beside else ""
        return Artifact(drawing.png(drawing.sheet(rows, (len(rows) // columns, columns))), "image/png",
                        f"{len(samples)} target images{above}")

    def cells(self, grid, beside=None):
        return grid[0] * (1 + sum(name in ROWS for name in beside or {})), grid[1]

    def beside(self, dataset, n, held_out=False):
        """The sources and targets of the first pairs: a model that is given a source tells better which."""
        held_out = held_out and dataset.x_test is not None
        x, more = (dataset.x_test, dataset.more_test) if held_out else (dataset.x, dataset.more)
        return {"source": floats(more["source"][:n]), "real": floats(x[:n])}

    def facts(self, dataset):
        """"palette": the colours of sources that are label maps, [[r, g, b], ...]."""
        colours = palettes.of_sources(dataset)
        return {} if colours is None else {"palette": colours.tolist()}

    def legend(self, spec):
        return "Rows in turn: sources, their true pictures, what was made of the sources."

    def look(self, dataset):
        rows = some_rows(len(dataset))[:2 * COLUMNS]
        return self.draw(floats(dataset.x[rows]), dataset.spec, beside={"source": floats(dataset.more["source"][rows])})

    def portrait(self, samples, spec):
        return Artifact(drawing.png(drawing.one(samples[0])), "image/png", "A target image")

    def save(self, file, samples, spec, labels=None, beside=None, suffix=".npz"):
        source = {"source": to_uint8(beside["source"][:len(samples)])} if beside and "source" in beside else {}
        arrays.write(file, to_uint8(samples), spec, labels, kind=self.name, **source)

    def load(self, path, spec):
        content = files.read(path)
        samples = arrays.images(content.get("samples"), spec.shape, f"samples in {path}")
        source = {"source": arrays.images(content["source"], dict(spec.beside)["source"], f"sources in {path}")} \
            if "source" in content else {}
        return Loaded(samples, arrays.labels_in(content, len(samples), path), source)


def as_large(images, side):
    """Images (N, h, w, C) with as many pixels a side as others: each pixel becomes a square of them."""
    by = side // images.shape[1]
    return images.repeat(by, axis=1).repeat(by, axis=2) if by > 1 else images


def _of_channels(images, channels):
    """Images (N, H, W, C) with as many channels as others that are drawn with them: opaque, where those have alpha."""
    if images.shape[-1] == channels:
        return images
    colours = np.broadcast_to(images, (*images.shape[:3], min(channels, 3)))
    return colours if channels < 4 else np.concatenate([colours, np.ones_like(colours[..., :1])], axis=-1)
