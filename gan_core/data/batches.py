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


def floats(samples):
    """Samples as networks see them: of uint8 what :func:`to_float` gives, all else as float32."""
    return to_float(samples) if samples.dtype == np.uint8 else np.asarray(samples, dtype=np.float32)


def taken(dataset, rows):
    """The batch of some rows: ``{field: new array}``, samples as floats, and the ``label`` where there are labels.

    ``rows`` are indices (n,) of all fields, or ``{number of a stream: indices}`` where some are shuffled by themselves.
    """
    if not isinstance(rows, dict):
        rows = dict.fromkeys({0, *dataset.streams.values()}, rows)
    return {name: values.take(rows[0]) if name == "label" else
            floats(values.take(rows[dataset.streams.get(name, 0)], axis=0)) for name, values in dataset.fields.items()}


class Batches:
    """The iterator that ``batches`` returns; ``batch_at`` gives any step's batch without iterating."""

    def __init__(self, dataset, batch_size, *, seed, start=0, stop=None, draws=1, take=taken, mirror=False, jitter=0.0,
                 weights=None):
        if not all(len(values) for values in dataset.fields.values()):
            raise BadInput(f"The dataset {dataset.name} is empty, so there is nothing to draw batches from.")
        self._dataset, self._take, self._mirror, self._jitter = dataset, take, mirror, jitter
        self._lengths = {0: len(dataset)} | {stream: len(dataset.more[name]) for name, stream in dataset.streams.items()}
        self._seed = _whole("seed", seed, low=0)
        self._size = _whole("batch_size", batch_size, low=1) * _whole("draws", draws, low=1)
        self._step = _whole("start", start, low=0)
        self._stop = None if stop is None else _whole("stop", stop, low=0)
        self._reached = None if weights is None else _cumulated(weights, len(dataset))
        # A batch crosses from one epoch into the next, so two permutations of each stream are in use at a time.
        self._order = functools.lru_cache(maxsize=2 * len(self._lengths))(self._shuffled)

    def __iter__(self):
        return self

    def __next__(self):
        if self._stop is not None and self._step >= self._stop:
            raise StopIteration
        self._step += 1
        return self.batch_at(self._step - 1)

    def batch_at(self, step) -> dict:
        """The batch of ``step`` (counted from 0): a new dict of new arrays."""
        rows = {stream: self._rows(step, stream) for stream in self._lengths}
        batch = self._take(self._dataset, rows if len(rows) > 1 else rows[0])
        batch = self._shifted(batch, step) if self._jitter else batch
        return self._mirrored(batch, step) if self._mirror else batch

    def _mirrored(self, batch, step):
        """Half of the samples, at random, in a mirror; all that comes with one alike."""
        chosen = np.random.Generator(np.random.PCG64([self._seed, step, *b"mirror"])).random(self._size) < 0.5
        for values in batch.values():
            if values.ndim == 4:
                values[chosen] = values[chosen, :, ::-1]
        return batch

    def _shifted(self, batch, step):
        """All that comes with a sample shifted alike, by as many of its coarsest pixels; what moves in is what was at the
        edge."""
        images = {name: values for name, values in batch.items() if values.ndim == 4}
        if len(images) < 2:
            return batch
        coarsest = min(values.shape[1] for values in images.values())
        most = max(1, round(self._jitter * coarsest))
        rng = np.random.Generator(np.random.PCG64([self._seed, step, *b"jitter"]))
        shifts = rng.integers(0, 2 * most + 1, (len(next(iter(images.values()))), 2))
        for name, values in images.items():
            by = values.shape[1] // coarsest
            reach = most * by
            padded = np.pad(values, ((0, 0), (reach, reach), (reach, reach), (0, 0)), mode="edge")
            height, width = values.shape[1:3]
            batch[name] = np.stack([image[by * y:by * y + height, by * x:by * x + width]
                                    for image, (y, x) in zip(padded, shifts)])
        return batch

    def _rows(self, step, stream):
        """Indices into a stream: the stretch of this step from all epochs' permutations laid end to end; or, where rows
        have weights, as many that are drawn anew."""
        if self._reached is not None and not stream:
            chance = np.random.Generator(np.random.PCG64([self._seed, step, *b"weights"])).random(self._size)
            return np.searchsorted(self._reached, chance, side="right")
        first, missing, pieces = step * self._size, self._size, []
        while missing:
            epoch, offset = divmod(first, self._lengths[stream])
            pieces.append(self._order(epoch, stream)[offset : offset + missing])
            first += len(pieces[-1])
            missing -= len(pieces[-1])
        return np.concatenate(pieces) if len(pieces) > 1 else pieces[0]

    def _shuffled(self, epoch, stream):
        # Stream 0 draws as it did when it was the only one: runs of before go on with the same batches.
        seed = [self._seed, epoch, stream] if stream else [self._seed, epoch]
        return np.random.Generator(np.random.PCG64(seed)).permutation(self._lengths[stream])


def _cumulated(weights, count):
    """Up to where in [0, 1] each of ``count`` rows reaches: those without weight are never met."""
    weights = np.asarray(weights, np.float64)
    if weights.shape != (count,) or not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise ValueError(f"weights of {count} rows must be as many numbers, none of them negative and not all of them 0")
    reached = np.cumsum(weights)
    reached /= reached[-1]
    reached[np.flatnonzero(weights)[-1]:] = 1.0  # whatever rounding has left
    return reached


def batches(dataset, batch_size, *, seed, start=0, stop=None, draws=1, take=taken, mirror=False, jitter=0.0,
            weights=None) -> Batches:
    """An iterator over the batches of steps ``start``, ``start + 1``, ... up to but without ``stop`` (None: for ever).

    Each batch is a dict of the dataset's fields: ``real``, float32 (draws * batch_size, H, W, C) in [-1, 1] or
    (draws * batch_size, d), and, when the dataset is labelled, ``label``, int32 (draws * batch_size,). ``draws`` is the
    number of batches that one training step consumes, ``take(dataset, rows)`` what makes a batch of rows, and ``mirror``
    whether half of the images, drawn anew for each step, are seen in a mirror, and ``jitter`` by how much of a side they are
    shifted at most.  With ``weights`` (N,), numbers up to a factor, rows are drawn with these probabilities, each by
    itself.

    The batch of step s depends on the dataset, ``seed``, s, ``draws`` and ``batch_size``, and on nothing before it.
    Every epoch is a fresh permutation; a batch that the epoch's rest does not fill goes on with the next epoch's.
    Raises BadInput when a number is out of its range or the dataset is empty.
    """
    return Batches(dataset, batch_size, seed=seed, start=start, stop=stop, draws=draws, take=take,
                   mirror=mirror, jitter=jitter, weights=weights)


def some(dataset, n):
    """The first ``n`` samples as floats, of those held out where there are any: to look at, not to train on."""
    x = dataset.x if dataset.x_test is None else dataset.x_test
    return floats(x[:n])


def _whole(name, value, *, low):
    try:
        value = operator.index(value)
    except TypeError:
        value = low - 1
    if value < low:
        sentence = f"{name} must be a whole number, at least {low}."
        raise BadInput(sentence, {name: sentence})
    return value
