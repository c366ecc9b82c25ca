"""From where are generated objects seen?  A network that was trained on renderings of known pose reads their turn.

It is for data whose poses are known to whoever rendered them (:mod:`gan_core.data.sets.boxes`); models never are told.
"""

from dataclasses import dataclass

import numpy as np

from gan_core.data import solids, to_float, to_uint8
from gan_core.data.sets import boxes
from gan_core.errors import Stopped
from gan_core.evaluation import kept_networks
from gan_core.evaluation.extractors.base import compile_options, digest, he_uniform
from gan_core.evaluation.metrics.pose import pose_error

OBJECTS, TURNS = 64, 12  # objects that are turned, and views of each


@dataclass(frozen=True)
class Recipe:
    """How the reader is built and trained; all of it goes into the key of the kept file."""

    rendered: int = 12_000  # objects of its own, which no dataset has
    steps: int = 1500
    batch: int = 64
    rate: float = 2e-3    # of Adam, falling to 0 along a cosine
    shift: float = 1 / 16
    filters: int = 16
    seed: int = 7
    version: int = 1      # of the network below


def suits(dataset):
    """Whether the poses of such data can be read."""
    return dataset.name == boxes.NAME


def asked():
    """The degrees (T,) from which each object is looked at."""
    return np.arange(TURNS) * (360.0 / TURNS)


def scores(read, samples):
    """``pose_error``, ``pose_error_shared``, ``pose_mirrored`` and ``n_pose`` of samples (N T, H, W, 3), all views of one
    object at the angles of :func:`asked` first."""
    found = pose_error(asked(), read(to_uint8(samples)).reshape(-1, TURNS))
    return {"pose_error": found.each, "pose_error_shared": found.shared, "pose_mirrored": found.mirrored,
            "n_pose": len(samples) // TURNS}


def floor(read, size):
    """``pose_error_floor`` and ``pose_error_shared_floor``: the same of rendered objects that the reader has not seen."""
    rng = np.random.default_rng(1)
    objects, (_, elevation) = solids.drawn(OBJECTS, rng), solids.poses(OBJECTS, rng)
    views = solids.rendered(solids.Solids(*(np.repeat(part, TURNS, axis=0) for part in objects)),
                            np.tile(asked(), OBJECTS), np.repeat(elevation, TURNS), size)
    found = scores(read, to_float(views))
    return {f"{name}_floor": found[name] for name in ("pose_error", "pose_error_shared")}


def reader(size, workspace=None, *, recipe=Recipe(), progress=None, should_stop=None):
    """``read(images)``: uint8 (N, size, size, 3) -> degrees (N,).

    Args:
        workspace: where the trained network is kept.
        progress, should_stop: as for :func:`gan_core.evaluation.extractors.classifier.extractor`.

    Raises:
        Stopped: once ``should_stop`` answered True.
    """
    def train_now():
        return _trained(size, recipe, progress, should_stop), 0.0

    key = digest(repr(recipe), f"poses of boxes at {size}, version {boxes.VERSION}")[:32]
    network, _ = kept_networks.network(workspace, key, lambda: build(size, recipe), train_now, should_stop, boxes.NAME)

    def read(images):
        said = np.concatenate([np.asarray(network.predict_on_batch(to_float(images[first:first + 256])))
                               for first in range(0, len(images), 256)])
        return np.degrees(np.arctan2(said[:, 0], said[:, 1])) % 360.0

    return read


def build(size, recipe):
    """Keras network: images (N, size, size, 3) in [-1, 1] -> sine and cosine of the turn (N, 2), all weights still zero."""
    import keras
    from keras import layers

    image = x = keras.Input((size, size, 3), name="image")
    width = recipe.filters
    while x.shape[1] > 4:
        x = layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False, kernel_initializer="zeros")(x)
        x, width = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x)), min(2 * width, 8 * recipe.filters)
    x = layers.Dense(128, activation="relu", kernel_initializer="zeros")(layers.Flatten()(x))
    network = keras.Model(image, layers.Dense(2, kernel_initializer="zeros", name="turn")(x), name="pose_reader")
    network.compile(**compile_options())
    return network


def _trained(size, recipe, progress, should_stop):
    import keras

    network = build(size, recipe)
    he_uniform(network, recipe.seed)
    learner = keras.Model(network.input, network.output)
    learner.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(recipe.rate, recipe.steps)), "mse",
                    **compile_options())
    rng = np.random.default_rng(recipe.seed)
    turn, elevation = solids.poses(recipe.rendered, rng)
    images = solids.rendered(solids.drawn(recipe.rendered, rng), turn, elevation, size)
    angle, moves = np.radians(turn), np.random.RandomState(recipe.seed)
    for step in range(recipe.steps):
        if should_stop is not None and should_stop():
            raise Stopped
        rows = rng.integers(0, len(images), recipe.batch)
        seen = to_float(kept_networks.shifted(images[rows], int(recipe.shift * size), moves))
        half = recipe.batch // 2  # what is generated is softer than what is rendered
        seen[:half] = _softened(seen[:half])
        learner.train_on_batch(seen, np.stack([np.sin(angle[rows]), np.cos(angle[rows])], axis=1).astype(np.float32))
        if progress is not None:
            progress((step + 1) / recipe.steps)
    return network


def _softened(images):
    """Images (N, H, W, C) with each pixel a mean of its neighbours, 1 2 1 each way."""
    for axis in (1, 2):
        edge = np.pad(images, [(1, 1) if place == axis else (0, 0) for place in range(4)], mode="edge")
        parts = [edge.take(range(first, first + images.shape[axis]), axis=axis) for first in range(3)]
        images = (parts[0] + 2 * parts[1] + parts[2]) / 4
    return images
