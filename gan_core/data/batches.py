"""Endless shuffled batches that depend on the step alone: a resumed run sees what it would have seen."""

import functools
import operator

import numpy as np

from gan_core.errors import BadInput


def to_float(images):
    """uint8 in 0..255 -> float32 in [-1, 1], the range of a tanh generator; any shape."""
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise TypeError(f"to_float casts uint8 images, not {images.dtype}")
    # Two passes of arithmetic take a third of the time of a look-up in a table of 256 entries.
    scaled = np.divide(images, np.float32(127.5), dtype=np.float32)
    scaled -= np.float32(1)
    return scaled


def to_uint8(images):
    """Floats in [-1, 1] -> uint8 in 0..255, rounded and clipped; any shape.  Inverts ``to_float`` exactly.

    NaN, which a diverged generator yields, becomes 0: black.
    """
    scaled = (np.asarray(images, dtype=np.float32) + np.float32(1)) * np.float32(127.5)
    return np.rint(np.clip(np.nan_to_num(scaled, copy=False), 0, 255)).astype(np.uint8)


class Batches:
    """The iterator that ``batches`` returns; ``batch_at`` gives any step's batch without iterating."""

    def __init__(self, dataset, batch_size, *, seed, start=0, stop=None, draws=1):
        if len(dataset) == 0:
            raise BadInput(f"The dataset {dataset.name} is empty, so there is nothing to draw batches from.")
        self._samples = dataset.x
        self._labels = dataset.y
        self._cast = to_float if dataset.x.dtype == np.uint8 else functools.partial(np.asarray, dtype=np.float32)
        self._seed = _whole("seed", seed, low=0)
        self._size = _whole("batch_size", batch_size, low=1) * _whole("draws", draws, low=1)
        self._step = _whole("start", start, low=0)
        self._stop = None if stop is None else _whole("stop", stop, low=0)
        # A batch crosses from one epoch into the next, so two permutations are in use at a time.
        self._order = functools.lru_cache(maxsize=2)(self._shuffled)

    def __iter__(self):
        return self

    def __next__(self):
        if self._stop is not None and self._step >= self._stop:
            raise StopIteration
        self._step += 1
        return self.batch_at(self._step - 1)

    def batch_at(self, step) -> dict:
        """The batch of ``step`` (counted from 0): a new dict of new arrays."""
        rows = self._rows(step)
        batch = {"real": self._cast(self._samples.take(rows, axis=0))}
        if self._labels is not None:
            batch["label"] = self._labels.take(rows)
        return batch

    def _rows(self, step):
        """Indices into the samples: the stretch of this step from all epochs' permutations laid end to end."""
        first, missing, pieces = step * self._size, self._size, []
        while missing:
            epoch, offset = divmod(first, len(self._samples))
            pieces.append(self._order(epoch)[offset : offset + missing])
            first += len(pieces[-1])
            missing -= len(pieces[-1])
        return np.concatenate(pieces) if len(pieces) > 1 else pieces[0]

    def _shuffled(self, epoch):
        return np.random.Generator(np.random.PCG64([self._seed, epoch])).permutation(len(self._samples))


def batches(dataset, batch_size, *, seed, start=0, stop=None, draws=1) -> Batches:
    """An iterator over the batches of steps ``start``, ``start + 1``, ... up to but without ``stop`` (None: for ever).

    Each batch is a dict: ``real``, float32 (draws * batch_size, H, W, C) in [-1, 1] or (draws * batch_size, 2), and,
    when the dataset is labelled, ``label``, int32 (draws * batch_size,). ``draws`` is the number of batches that one
    training step consumes.

    The batch of step s depends on the dataset, ``seed``, s, ``draws`` and ``batch_size``, and on nothing before it.
    Every epoch is a fresh permutation; a batch that the epoch's rest does not fill goes on with the next epoch's.
    Raises BadInput when a number is out of its range or the dataset is empty.
    """
    return Batches(dataset, batch_size, seed=seed, start=start, stop=stop, draws=draws)


def some(dataset, n):
    """The first ``n`` samples as floats, of those held out where there are any: to look at, not to train on."""
    x = dataset.x if dataset.x_test is None else dataset.x_test
    return to_float(x[:n]) if x.dtype == np.uint8 else np.asarray(x[:n], np.float32)


def _whole(name, value, *, low):
    try:
        value = operator.index(value)
    except TypeError:
        value = low - 1
    if value < low:
        sentence = f"{name} must be a whole number, at least {low}."
        raise BadInput(sentence, {name: sentence})
    return value
