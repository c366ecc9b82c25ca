"""Images with captions: (H, W, C) in [-1, 1], and beside each its words, (width,): places in the trait ``words``,
counted from 1, and then zeros."""

import numpy as np
from PIL import Image, ImageDraw

from gan_core.data import CAPTIONS, DataSpec, array_files as files, floats, to_uint8, words
from gan_core.errors import BadInput
from gan_core.modalities import arrays, drawing
from gan_core.modalities.base import RANDOM, SIZED, Artifact, Headline, Loaded
from gan_core.modalities.images import Images, some_rows

COLUMNS, LINES = 4, 3  # pictures with captions beside each other, and lines of a caption
SIDE, LINE = 128, 30   # pixels of a picture, and of a line below it
PAIRED = "Left: the picture that has these words. Right: the one that the model gives for them."
ROWS = ("real",)       # beside the drawn pictures, where they are known


class Captions(Images):
    name = CAPTIONS
    icon = ":material/subtitles:"
    words = ("image with a caption", "images with captions")
    example = DataSpec(CAPTIONS, (32, 32, 3), beside=(("caption", (7,)),),
                       traits=(("words", ("a", "blue", "cat", "dog", "on", "red", "sees")),))
    example_name = "images with captions"
    fields = ("real", "caption")
    grid = (4, 4)
    shown = (16, 64)
    wide = True
    extractor = live_extractor = RANDOM
    scores = frozenset({"kernel", "frechet", "precision", "recall", "density", "coverage", "vendi", "authenticity",
                        "copy_test", "l1", "psnr", "ssim", "perceptual"})
    headline = Headline("kernel", "kernel distance")
    abilities = frozenset({SIZED})

    def refusal(self, requirements, spec):
        if "caption" not in dict(spec.beside) or "words" not in dict(spec.traits):
            return (f"{requirements['title']} needs captions with its images; give a folder of images with a captions.csv "
                    "(file,caption).")
        return super().refusal(requirements, spec)

    def batch(self, dataset, rows):
        if "caption" not in dataset.more:
            raise BadInput(f"The dataset {dataset.name} has no captions; give a folder of images with a captions.csv.")
        return super().batch(dataset, rows)

    def draw(self, samples, spec, grid=None, beside=None):
        """With captions: each below its picture, to the left of which is the true one, where it is known."""
        if not beside or "caption" not in beside:
            return super().draw(samples, spec, grid)
        count = len(samples)
        shown = [np.asarray(beside[name][:count]) for name in ROWS if name in beside] + [samples]
        texts = [words.text_of(caption, spec.trait("words")) for caption in np.asarray(beside["caption"])[:count]]
        columns = min(count, COLUMNS)
        above = " beside the true ones" if len(shown) > 1 else ""
        return Artifact(drawing.png(_with_lines(shown, texts, columns)), "image/png",
                        f"{count} {self.words[count != 1]}{above}: {'; '.join(texts[:8])}")

    def look(self, dataset):
        rows = some_rows(len(dataset))[:4 * COLUMNS]
        return self.draw(floats(dataset.x[rows]), dataset.spec, beside={"caption": dataset.more["caption"][rows]})

    def save(self, file, samples, spec, labels=None, beside=None, suffix=".npz"):
        captions = {"caption": np.asarray(beside["caption"][:len(samples)]).astype(np.int32)} \
            if beside and "caption" in beside else {}
        arrays.write(file, to_uint8(samples), spec, labels, kind=self.name, **captions)

    def load(self, path, spec):
        loaded = super().load(path, spec)
        captions = files.read(path).get("caption")
        return loaded if captions is None else Loaded(loaded.samples, loaded.labels, {"caption": np.asarray(captions)})


def _with_lines(shown, texts, columns):
    """A picture of images, several of each sample beside each other, with the text of each below; last which is which."""
    side, wide = SIDE, SIDE * len(shown) + 2 * (len(shown) - 1)
    rows, high = -(-len(texts) // columns), SIDE + LINES * LINE
    which = _lines(PAIRED, columns * (wide + 16), drawing._font()) if len(shown) > 1 else []
    canvas = Image.new("RGBA", (columns * (wide + 16), rows * (high + 8) + len(which) * LINE), (0, 0, 0, 0))
    pen, font = ImageDraw.Draw(canvas), drawing._font()
    for place, text in enumerate(texts):
        left, top = place % columns * (wide + 16), place // columns * (high + 8)
        for number, images in enumerate(shown):
            picture = drawing.one(images[place], side).convert("RGB").resize((side, side), Image.Resampling.NEAREST)
            canvas.paste(picture, (left + number * (side + 2), top))
        for number, line in enumerate(_lines(drawing.writable(text), wide, font)):
            pen.text((left, top + side + number * LINE), line, drawing.GREY, font)
    for number, line in enumerate(which):
        pen.text((0, rows * (high + 8) + number * LINE), line, drawing.GREY, font)
    return canvas


def _lines(text, wide, font):
    """A text in lines of at most so many pixels; what goes beyond :data:`LINES` ends in dots."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or font.getlength(longer) <= wide:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > LINES:
        lines = [*lines[:LINES - 1], f"{lines[LINES - 1]} {drawing.writable('…')}"]
    for place, line in enumerate(lines):
        while len(line) > 1 and font.getlength(line) > wide:
            line = line[:-1]
        lines[place] = line
    return lines
