"""What an extractor is, how a file offers one, and what those made of a Keras network share."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gan_core.data import to_float
from gan_core.data.arrays import as_images
from gan_core.errors import BadInput, Stopped

BATCH = 256  # images at once, of up to 64 x 64 pixels; fewer of larger ones, whose activations fill the memory
MOST = 128   # features: more want more samples than a small dataset has


@dataclass(frozen=True)
class Offer:
    """An extractor that can be had for a dataset; the offer of a module stands under the name ``EXTRACTOR``.

    Attributes:
        name: what asks for it.
        title: what it is called in a sentence, "the random network".
        order: of several, that of the lowest is named first.
        make: ``make(dataset, workspace, progress, should_stop)`` gives the :class:`Extractor` for samples of a dataset;
            see :func:`gan_core.evaluation.extractors.for_dataset` for the last three.
        by_name: whether it can be asked for; samples that are their own features leave no choice.
        refusal: ``refusal(dataset)`` says why such data cannot have it, and what to do; "" where they can.
        problem: ``problem(dataset, extractor)`` says why one that was made cannot be trusted, as the beginning of a
            sentence; "" where it can.
        is_known: ``is_known(dataset)``, whether it is known to work on such data, so that a problem is a fault.
        stands_in: ``stands_in(dataset)``, whether it takes the place of one that such data cannot have.
        quick: ``quick(dataset)`` gives a form of it that is quick enough to look on while a run trains, and takes the place
            of what runs are watched by where the data suit it (``stands_in``); None where it has none.
    """

    name: str
    order: int
    make: Callable
    title: str = ""
    by_name: bool = True
    refusal: Callable = lambda dataset: ""
    problem: Callable = lambda dataset, extractor: ""
    is_known: Callable = lambda dataset: False
    stands_in: Callable = lambda dataset: False
    quick: Callable | None = None


class Extractor:
    """Samples in, features out.

    ``name`` is what people call it, ``hash`` 64 hexadecimal digits of its weights and recipe, ``shape`` that of one
    sample.  ``classes`` is the number of classes that it tells apart, 0 when it knows none; ``accuracy`` the share
    of held-out real samples that it names rightly, None without classes.  ``notes`` are sentences for people.
    """

    classes = 0
    accuracy = None

    def __init__(self, name, hash, shape):
        self.name, self.hash, self.shape, self.notes = name, hash, tuple(shape), []

    @property
    def id(self):
        """Name and hash, short enough to read: scores of different ids are never compared."""
        return f"{self.name}:{self.hash[:8]}"

    def features(self, samples, progress=None, should_stop=None):
        """(N, *shape) -> float32 (N, d).  See :meth:`outputs`."""
        return self.outputs(samples, progress, should_stop)[0]

    def probabilities(self, samples, progress=None, should_stop=None):
        """(N, *shape) -> float32 (N, classes), each row summing to 1.  See :meth:`outputs`."""
        if not self.classes:
            raise BadInput(f"The extractor {self.name} knows no classes; choose the classifier, for labelled data.")
        return self.outputs(samples, progress, should_stop)[1]

    def outputs(self, samples, progress=None, should_stop=None):
        """Features (N, d) and class probabilities (N, classes), None without classes, in one pass.

        Args:
            samples: uint8 images, or floats in [-1, 1]; points as they are.
            progress: called with the share done, 0 to 1, after every batch.
            should_stop: asked before every batch; raises :class:`Stopped` once it answers True.

        Raises:
            BadInput: when the samples are no such samples, or of another shape than the extractor's.
        """
        raise NotImplementedError

    def check(self, shape):
        """Raises BadInput unless one sample's ``shape`` is the extractor's."""
        if tuple(shape) != self.shape:
            raise BadInput(f"The samples are {by(shape)} and the extractor {self.name} was made for {by(self.shape)}; "
                           "both sets must have the same size and number of channels.")


class ImageExtractor(Extractor):
    """Batches of images through ``self.batch``, which a subclass gives: uint8 (n, H, W, C) -> list of arrays."""

    def outputs(self, samples, progress=None, should_stop=None):
        images = as_images(samples, "samples")
        self.check(images.shape[1:])
        parts, size = [], self.batch_size
        for start in range(0, len(images), size):
            if should_stop is not None and should_stop():
                raise Stopped
            parts.append(self.batch(images[start:start + size]))
            if progress is not None:
                progress(min(start + size, len(images)) / len(images))
        features, *probabilities = (np.concatenate(batches) for batches in zip(*parts))
        return features, probabilities[0] if probabilities else None


    @property
    def batch_size(self):
        return max(8, min(BATCH, 2**20 // (self.shape[0] * self.shape[1])))


class KerasExtractor(ImageExtractor):
    """``network`` maps float32 images in [-1, 1] to features, or to features and class probabilities."""

    def __init__(self, name, network, recipe, classes=0, accuracy=None):
        super().__init__(name, digest(recipe, *network.get_weights()), network.input_shape[1:])
        self.network, self.classes, self.accuracy = network, classes, accuracy

    def batch(self, images):
        # A last batch of another size would be compiled again: fill it up, and forget the filling.
        filled = np.concatenate([images, np.zeros((self.batch_size - len(images), *self.shape), np.uint8)])
        outputs = self.network.predict_on_batch(to_float(filled))
        return [np.asarray(output)[:len(images)] for output in (outputs if self.classes else [outputs])]


def digest(recipe, *arrays):
    """64 hexadecimal digits of a text and arrays; the same on all machines for the same values."""
    hasher = hashlib.sha256(recipe.encode())
    for array in arrays:
        array = np.ascontiguousarray(array)
        hasher.update(f"{array.dtype.str} {array.shape}".encode())
        hasher.update(array.astype(array.dtype.newbyteorder("<"), copy=False).data)
    return hasher.hexdigest()


def by(shape):
    """(28, 28, 1) -> "28 x 28 x 1"."""
    return " x ".join(map(str, shape))


def he_uniform(network, seed):
    """Give a Keras network the initial weights of He et al. 2015, section 2.2, from NumPy; biases stay as they are.

    Uniform and from RandomState's frozen stream, of which each number is exact: the same weights, to the bit, on every
    machine and backend.  Make the layers with ``kernel_initializer="zeros"``: others draw from Keras's random state,
    which belongs to the run that trains in the same process.
    """
    rng = np.random.RandomState(seed)
    for variable in network.trainable_variables:
        if len(variable.shape) > 1:
            bound = np.sqrt(6 / np.prod(variable.shape[:-1]))
            variable.assign(((2 * rng.random_sample(variable.shape) - 1) * bound).astype(np.float32))


def compile_options():
    """XLA where the backend is nothing without it; on TensorFlow it slows convolutions on a CPU."""
    import keras

    return {"jit_compile": keras.backend.backend() == "jax"}
