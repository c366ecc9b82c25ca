"""Records as MedGAN sees them: of each thing whether it is there, how often, or how much of its range it has; and networks
for them (Choi 2017, Generating Multi-label Discrete Patient Records using Generative Adversarial Networks)."""

import keras
import numpy as np
from keras import layers, ops

from gan_core.data.columns import CATEGORY, INTEGER, pieces
from gan_core.models.networks.ordered import ordered

SPAN = 1e-6  # of a column, in its deviations, at least


class Records:
    """How samples, flat (N, d), become records (N, width) and back: each number by itself, for both are straight lines.

    Of a picture each pixel is on or off.  Of a table a category of two is one bit, one of more a bit each; a column of whole
    numbers from 0 on is a count, in its deviations; any other number is a share of its range.  ``counts`` (width,) says
    which are counts; all else lies in [0, 1].
    """

    def __init__(self, spec):
        self._shape, taken, scale, shift, counts, back, sign, offset = spec.shape, [], [], [], [], [], [], []

        def add(place, by=1.0, plus=0.0, count=False):
            taken.append(place), scale.append(by), shift.append(plus), counts.append(count)

        def give(times=1.0, plus=0.0, of=None):
            back.append(len(taken) - 1 if of is None else of), sign.append(times), offset.append(plus)

        self._pixels = not spec.columns
        for column, first, end in () if self._pixels else pieces(spec.columns):
            if column.kind == CATEGORY and column.width == 2:
                add(first + 1), give(-1.0, 1.0), give()
            elif column.kind == CATEGORY:
                for place in range(first, end):
                    add(place), give()
            elif column.kind == INTEGER and column.low >= 0:
                zero = column.mean / column.deviation
                add(first, plus=zero, count=True), give(plus=-zero)
            else:
                low, high = ((end - column.mean) / column.deviation for end in (column.low, column.high))
                span = max(high - low, SPAN)
                add(first, 1.0 / span, -low / span), give(span, low)
        if self._pixels:
            width = int(np.prod(spec.shape))
            taken, scale, shift, counts = range(width), [0.5] * width, [0.5] * width, [False] * width
            back, sign, offset = range(width), [2.0] * width, [-1.0] * width
        self._taken, self._back = np.array(taken), np.array(back)
        self._scale, self._shift, self._sign, self._offset = (np.array(each, np.float32) for each in
                                                              (scale, shift, sign, offset))
        self.counts, self.width = np.array(counts), len(taken)

    def crisp(self, samples):
        """Samples of which each pixel is on or off; rows of a table as they are."""
        return ops.where(samples > 0, 1.0, -1.0) if self._pixels else samples

    def of(self, samples):
        """Records of samples (N, *shape), and of what is between two of them what is between their records."""
        flat = ops.reshape(samples, (samples.shape[0], -1))
        flat = flat if self._pixels else ordered(flat, self._taken)
        return flat * self._scale + self._shift

    def samples(self, records):
        """(N, *shape); of what is neither there nor not, something between."""
        flat = records if self._pixels else ordered(records, self._back)
        flat = flat * self._sign + self._offset
        return ops.reshape(flat, (-1, *self._shape))

    def said(self, logits):
        """Records of what a decoder says: chances and shares in [0, 1], counts from 0 on."""
        return ops.where(self.counts, ops.relu(logits), ops.sigmoid(logits))

    def lost(self, records, logits):
        """How far records are from what a decoder says of them, a mean over all their numbers: cross-entropy, squares of
        counts (equation 1)."""
        chances = ops.softplus(logits) - records * logits
        return ops.mean(ops.where(self.counts, ops.square(records - ops.relu(logits)), chances))


def encoder(width, code):
    record = keras.Input((width,), name="record")
    return keras.Model(record, layers.Dense(code, activation="tanh", dtype="float32")(record), name="encoder")


def decoder(code, width):
    """(N, code) -> logits (N, width)."""
    found = keras.Input((code,), name="code")
    return keras.Model(found, layers.Dense(width, dtype="float32")(found), name="decoder")


def generator(code, depth):
    """(N, code) of noise -> (N, code): layers with batch normalisation, past each of which its input is carried
    (section 3.3)."""
    noise = x = keras.Input((code,), name="latent")
    for number in range(depth):
        out = layers.BatchNormalization(momentum=0.9)(layers.Dense(code, use_bias=False)(x))
        x = layers.Add()([layers.Activation("tanh" if number == depth - 1 else "relu")(out), x])
    return keras.Model(noise, layers.Activation("linear", dtype="float32")(x), name="generator")


def discriminator(width, widths):
    """(N, 2 width) of records, and of the mean of the company beside each, -> logits (N, 1)."""
    seen = x = keras.Input((2 * width,), name="records")
    for units in widths:
        x = layers.LeakyReLU(negative_slope=0.2)(layers.Dense(units)(x))
    return keras.Model(seen, layers.Dense(1, dtype="float32", name="logit")(x), name="discriminator")
