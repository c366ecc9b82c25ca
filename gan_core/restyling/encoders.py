"""Networks by which content and style are compared: of fixed random weights, EfficientNet-lite0's, or VGG-19's of a file.

Random weights serve (He, Wang and Hopcroft 2016, "A Powerful Generative Model Using Random Weights"), if each layer is
scaled and its filters are chosen: of several times as many as are needed those stay whose answers vary most over the two
pictures.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from gan_core.errors import BadInput
from gan_core.pretrained import lite, vgg19

RANDOM, LITE0 = NAMES = "random", "lite0"
WIDTHS, CHOSEN_FROM = (24, 48, 96, 128, 128), 1  # channels of a block, and how many times as many filters are tried
LOOKED_AT = 128  # pixels of the shorter side at which filters are chosen
CONTENT = 2      # the block whose maps are the content


@dataclass(frozen=True, eq=False)
class Encoder:
    """A network as styles are compared by it.

    Attributes:
        network: makes maps of images (N, H, W, 3) in [-1, 1].
        content: places of the maps that are compared position by position; all are compared as a whole.
        peaky: whether few activations are high, and have to be evened out.
        stride: pixels that it leaves out between two that it looks at.
        smoothing: how much differences of neighbouring pixels count.
    """

    name: str
    network: keras.Model
    content: tuple[int, ...]
    peaky: bool = False
    stride: int = 0
    smoothing: float = 0.02

    def maps(self, images):
        """``(maps of content, maps of style)`` of images."""
        found = self.network(images, training=False)
        found = found if isinstance(found, (list, tuple)) else [found]
        return [found[place] for place in self.content], [_evened(each) if self.peaky else each for each in found]


def encoder(name, content, style, seed=0, cache=None):
    """An :class:`Encoder` for two pictures, (1, H, W, 3) in [-1, 1].

    Args:
        name: "random", "lite0", or the path of a file with VGG-19's weights.
        seed: of random weights.

    Raises:
        BadInput: where its weights cannot be had.
    """
    if name == RANDOM:
        return Encoder(RANDOM, _random((content, style), seed), (CONTENT,))
    if name == LITE0:
        if sentence := lite.missing(LITE0):
            raise BadInput(sentence)
        taps = ("stage0", "stage1", "stage2", "stage4")
        return Encoder(LITE0, lite.network(LITE0, (None, None, 3), lite.arrays(LITE0, cache), taps), (2,), peaky=True,
                       stride=16, smoothing=0.2)
    if not Path(name).suffix:
        raise BadInput(f"There is no encoder {name!r}; choose {RANDOM} or {LITE0}, or give a file with weights of VGG-19.")
    taps = tuple(f"block{block}_conv1" for block in range(1, 6))
    weights = vgg19.arrays(Path(os.path.expanduser(name)))
    return Encoder("vgg19", vgg19.network((None, None, 3), weights, (*taps, "block4_conv2"), pooling="average"), (5,))


def _evened(maps):
    """Maps of which few positions hold nearly all that there is, evened out by a softmax over the channels of each (Wang
    2021, "Rethinking and Improving the Robustness of Image Style Transfer", equation 7)."""
    return maps.shape[-1] * ops.softmax(maps, axis=-1)


def _random(pictures, seed):
    """A network of random convolutions, its filters chosen and its layers scaled on some pictures."""
    rng, x = np.random.RandomState(seed), [_small(picture) for picture in pictures]
    image = tensor = keras.Input((None, None, 3), name="image")
    outputs = []
    for block, width in enumerate(WIDTHS):
        if block:
            pool = layers.AveragePooling2D(2, padding="same")
            tensor, x = pool(tensor), [pool(each) for each in x]
        for place in range(2):
            kernel, scale = _chosen(rng, x, width)
            layer = layers.Conv2D(width, 3, padding="same", activation="relu", use_bias=False,
                                  name=f"block{block + 1}_conv{place + 1}")
            tensor = layer(tensor)
            layer.set_weights([(kernel * scale).astype(np.float32)])
            x = [layer(each) for each in x]
        outputs.append(tensor)
    network = keras.Model(image, outputs, name="random")
    network.trainable = False
    return network


def _chosen(rng, x, width):
    """``(kernel, scale)``: of random filters those whose answers vary most, so scaled that a mean answer is 1."""
    channels = x[0].shape[-1]
    kernel = rng.standard_normal((3, 3, channels, CHOSEN_FROM * width)) * np.sqrt(2 / (9 * channels))
    answers = np.concatenate([np.maximum(ops.convert_to_numpy(ops.conv(each, kernel.astype(np.float32), padding="same")), 0)
                              .reshape(-1, kernel.shape[-1]) for each in x])
    means = answers.mean(0)
    varies = np.where(means > 1e-3 * means.max(), answers.std(0) / np.maximum(means, 1e-12), 0)
    kept = np.sort(np.argsort(-varies, kind="stable")[:width])
    return kernel[..., kept], 1 / max(float(means[kept].mean()), 1e-6)


def _small(picture):
    """A picture (1, H, W, 3) as small as filters need it."""
    height, width = picture.shape[1:3]
    by = LOOKED_AT / min(height, width)
    if by >= 1:
        return ops.convert_to_tensor(picture)
    return ops.image.resize(picture, (round(height * by), round(width * by)), interpolation="bilinear", antialias=True,
                            data_format="channels_last")
