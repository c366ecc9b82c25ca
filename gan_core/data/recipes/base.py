"""What a recipe for pairs is, and what several of them need."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gan_core.errors import BadInput

AT_ONCE = 512  # images


@dataclass(frozen=True)
class Recipe:
    """A way to make the source of a pair of its target.

    Attributes:
        title: "lines to picture", what is learned.
        source: what the source is, in a few words.
        make: ``make(images, rng)``: uint8 (N, H, W, C) -> uint8 (N, H / smaller, W / smaller, C'), from each image alone and
            from chance; called with a few hundred at a time, in their order.
        smaller: by how much the source's sides are divided.
        channels: of a source; None: as many as the image has.
        coloured: whether it takes images in colour alone.
    """

    title: str
    source: str
    make: Callable
    smaller: int = 1
    channels: int | None = None
    coloured: bool = False

    def refusal(self, shape):
        """Why images of ``shape`` (H, W, C) cannot be used, a sentence; "" where they can."""
        height, width, channels = shape
        if self.coloured and channels < 3:
            return f"The recipe for {self.title} needs images in colour, and these are grey; choose another recipe."
        if height % self.smaller or width % self.smaller:
            return (f"The recipe for {self.title} makes images {self.smaller} times smaller, and {height} x {width} pixels "
                    f"cannot be divided so; choose an image size that is a multiple of {self.smaller}.")
        return ""

    def sources(self, images, seed):
        """The sources of images, uint8 (N, H, W, C); the same for the same images in the same order.

        Raises:
            BadInput: where such images cannot be used.
        """
        if why := self.refusal(images.shape[1:]):
            raise BadInput(why, {"data": why})
        rng = np.random.default_rng(seed)
        return np.concatenate([self.make(images[first:first + AT_ONCE], rng) for first in range(0, len(images), AT_ONCE)])


def luminance(images):
    """uint8 (N, H, W, C) -> float32 (N, H, W), 0 to 255, as eyes weigh colours (ITU-R BT.601)."""
    # Written out: a product of matrices is rounded otherwise for another number of images.
    red, green, blue = (images[..., channel].astype(np.float32) for channel in (0, min(1, images.shape[-1] // 2),
                                                                               min(2, images.shape[-1] - 1)))
    return np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue if images.shape[-1] > 2 else red


def to_pixels(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
