"""What methods share that look at pictures through a model: which of its inputs move, and what its discriminator sees."""

import keras
import numpy as np
from keras import ops

from gan_core.data import to_float
from gan_core.errors import BadInput
from gan_core.models import inputs
from gan_core.models.inputs import Codes, Label, Latent, Shift, Uniform

MOVED = (Latent, Shift, Uniform, Codes)
USUAL = 256  # normal pictures by which features are scaled
LONGEST = 3.0  # of a number of a latent: beyond, a model draws what it has never drawn


class Through:
    """A model as methods see it.

    Attributes:
        moving: the inputs that are looked for.
        classes: how many a sample can be asked for, 1 where there are none.

    Raises:
        BadInput: for a model whose samples come from no noise.
    """

    def __init__(self, subject):
        model = subject.model
        self.model, self.moving = model, [one for one in model.inputs() if isinstance(one, MOVED)]
        if not self.moving:
            raise BadInput(f"{model.title} has no noise to look in; choose a run that makes samples of noise, or the method "
                           f"knn or pca.")
        self._fixed = inputs.draw(model.inputs(), 1, 0, subject.data)
        self._label = next((one.name for one in model.inputs() if isinstance(one, Label)), "")
        self.classes = len(inputs.labels(model.inputs())) or 1
        self._sees, self._scale = _features_of(model), 1.0
        usual = to_float(subject.normal[:USUAL])
        self._scale = max(float(np.abs(ops.convert_to_numpy(self.features(usual))).mean()), 1e-6)

    @property
    def sizes(self):
        """How many numbers each moving input has."""
        return [int(np.prod(self._fixed[one.name].shape[1:])) for one in self.moving]

    def kept_in(self, values):
        """Numbers of the moving inputs (N, sum of sizes), within what the model has been given in training."""
        parts, first = [], 0
        for one, size in zip(self.moving, self.sizes):
            low, high = (one.low, 1.0) if isinstance(one, Uniform) else (-LONGEST, LONGEST)
            parts.append(ops.clip(values[:, first:first + size], low, high))
            first += size
        return ops.concatenate(parts, axis=1)

    def drawn(self, n, seed):
        """Numbers of the moving inputs of ``n`` samples, (n, sum of sizes)."""
        given = inputs.draw(self.moving, n, seed)
        return np.concatenate([given[one.name].reshape(n, -1) for one in self.moving], axis=1).astype(np.float32)

    def samples(self, values, labels=None):
        """Samples (N, H, W, C) of numbers (N, sum of sizes), and of classes (N,) where there are any."""
        n, given, first = values.shape[0], {}, 0
        for one, size in zip(self.moving, self.sizes):
            given[one.name] = ops.reshape(values[:, first:first + size], (n, *self._fixed[one.name].shape[1:]))
            first += size
        for name, value in self._fixed.items():
            if name == self._label and labels is not None:
                given[name] = labels
            elif name not in given:
                given[name] = ops.convert_to_tensor(np.repeat(value, n, axis=0))
        return ops.cast(self.model.sample(given), "float32")

    def features(self, images):
        """What the discriminator makes of images on its way to its verdict, (N, d), of a mean size of about 1 on normal
        ones."""
        seen = self._sees(ops.convert_to_tensor(images), training=False)
        return ops.cast(ops.reshape(seen, (seen.shape[0], -1)), "float32") / self._scale


def _features_of(model):
    """The discriminator up to its last layer; where it has more inputs, or there is none, a fixed random network."""
    network = getattr(model, "discriminator", None)
    plain = getattr(model, "judges_plainly", False) and getattr(model.config, "packing", 1) == 1
    shapes = [] if network is None else [tuple(given.shape[1:]) for given in network.inputs]
    if plain and shapes == [tuple(model.data.shape)]:
        before = network.layers[-1].input
        if not isinstance(before, (list, tuple)) and len(before.shape) > 1:
            return keras.Model(network.inputs, before)
    from gan_core.evaluation.extractors import random_network

    return random_network.extractor(model.data.shape).network
