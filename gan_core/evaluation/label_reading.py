"""Do generated photographs show what their label maps ask for?  A network that was trained on real pairs reads the labels
back from them (Isola 2017, section 4.1, which calls it the FCN score).

It is trained on the pairs that the run was trained on, and what it reads from real held-out photographs is the ceiling.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gan_core.data import palettes, to_float
from gan_core.errors import Stopped
from gan_core.evaluation import kept_networks
from gan_core.evaluation.extractors.base import BATCH, compile_options, digest, he_uniform

FEWEST = 20  # pairs, from which a network can learn to read


@dataclass(frozen=True)
class Recipe:
    """How the reader is built and trained; all of it goes into the key of the kept file."""

    steps: int = 600
    batch: int = 16
    rate: float = 1e-3    # of Adam, falling to 0 along a cosine
    shift: float = 1 / 10
    filters: int = 16
    seed: int = 0
    version: int = 1      # of the network below


class Read(NamedTuple):
    """Shares of 1: of pixels read rightly, their mean over labels, and the mean intersection over union of labels."""

    pixel_accuracy: float
    class_accuracy: float
    iou: float


def colours_of(dataset):
    """The colours of the sources of pairs, uint8 (K, C), where they are label maps of their targets' size that a reader can
    learn from; None otherwise."""
    sources = dataset.more.get("source")
    if sources is None or len(sources) < FEWEST or sources.shape[1:3] != dataset.x.shape[1:3]:
        return None
    return palettes.of_sources(dataset)


def reader(dataset, workspace=None, *, recipe=Recipe(), progress=None, should_stop=None):
    """``labels(images)``: uint8 (N, H, W, C) -> int (N, H, W), the number of a colour of :func:`colours_of` for each pixel.

    Args:
        dataset: pairs whose sources are label maps.
        workspace: where the trained network is kept.
        progress, should_stop: as for :func:`gan_core.evaluation.extractors.classifier.extractor`.

    Raises:
        Stopped: once ``should_stop`` answered True.
    """
    colours = colours_of(dataset)
    key = digest(repr(recipe), colours, dataset.x, dataset.more["source"])[:32]
    shape, labels = dataset.x.shape[1:], len(colours)

    def train_now():
        return _trained(dataset, colours, recipe, progress, should_stop), 0.0

    network, _ = kept_networks.network(workspace, key, lambda: build(shape, labels, recipe), train_now, should_stop,
                                       dataset.name)

    def read(images):
        size = max(8, min(BATCH, 2**20 // (shape[0] * shape[1])))
        return np.concatenate([np.asarray(network.predict_on_batch(to_float(images[first:first + size]))).argmax(-1)
                               for first in range(0, len(images), size)])

    return read


def compare(read, asked, labels):
    """The :class:`Read` of what was read, int (N, H, W), where ``asked`` are the labels that ought to be there, of
    ``labels`` in all.  Labels that are nowhere asked for count for nothing."""
    table = np.bincount(labels * asked.ravel() + read.ravel(), minlength=labels ** 2).reshape(labels, labels)
    right, of_asked, of_read = np.diag(table), table.sum(1), table.sum(0)
    there = of_asked > 0
    return Read(float(right.sum() / table.sum()), float((right[there] / of_asked[there]).mean()),
                float((right[there] / (of_asked + of_read - right)[there]).mean()))


def build(shape, labels, recipe):
    """Keras network: images (N, H, W, C) in [-1, 1] -> probabilities of the labels (N, H, W, K), all weights still zero."""
    import keras
    from keras import layers

    def block(x, width):
        for _ in range(2):
            x = layers.Conv2D(width, 3, padding="same", use_bias=False, kernel_initializer="zeros")(x)
            x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
        return x

    image = x = keras.Input(shape, name="image")
    maps, width = [], recipe.filters
    while min(x.shape[1:3]) % 2 == 0 and min(x.shape[1:3]) > 8 and len(maps) < 4:
        x = block(x, width)
        maps.append(x)
        x, width = layers.MaxPooling2D()(x), min(2 * width, 8 * recipe.filters)
    x = block(x, width)
    for beside in reversed(maps):
        x = block(layers.Concatenate()([layers.UpSampling2D()(x), beside]), beside.shape[-1])
    said = layers.Conv2D(labels, 1, activation="softmax", kernel_initializer="zeros", name="labels")(x)
    network = keras.Model(image, said, name="label_reader")
    network.compile(**compile_options())
    return network


def _trained(dataset, colours, recipe, progress, should_stop):
    import keras

    network = build(dataset.x.shape[1:], len(colours), recipe)
    he_uniform(network, recipe.seed)
    learner = keras.Model(network.input, network.output)
    learner.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(recipe.rate, recipe.steps)),
                    "sparse_categorical_crossentropy", **compile_options())
    rng = np.random.RandomState(recipe.seed)
    asked = palettes.numbers(dataset.more["source"], colours)[..., None].astype(np.uint8)
    both, reach = np.concatenate([dataset.x, asked], axis=-1), int(recipe.shift * dataset.x.shape[1])
    for step in range(recipe.steps):
        if should_stop is not None and should_stop():
            raise Stopped
        pairs = kept_networks.shifted(both[rng.randint(len(both), size=recipe.batch)], reach, rng)
        learner.train_on_batch(to_float(pairs[..., :-1]), pairs[..., -1:].astype(np.int32))
        if progress is not None:
            progress((step + 1) / recipe.steps)
    return network
