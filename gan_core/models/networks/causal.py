"""Dilated causal convolutions with gated units (van den Oord 2016, "WaveNet", section 2): what comes next in a wave, given
what came before.

A network of them says of a whole stretch how likely each level is at each place, all at once in training.  Waves are drawn
one number after another; only what the new one changes is computed then, see :func:`draw`.  Before its beginning a wave was
silent for ever: that is what a network sees there, and what the queues of the drawing begin with.
"""

import keras
import numpy as np
import threadpoolctl
from keras import layers, ops

from gan_core.sound.mu_law import LEVELS, MU, levels_of, waves_of

REPORTS = 100  # times that progress is told of a wave


def context(dilations):
    """How many numbers before it the network sees of each: (w,) of what convolutions over two places reach."""
    return 1 + sum(dilations)


def wave_network(length, dilations, channels, skips, classes=0, embedding=0):
    """(N, context - 1 + length, 1) in [-1, 1], and of labelled waves (N,) -> logits (N, length, 256).

    The logits at place i are those of the number that follows after place context - 1 + i of what is put in.
    """
    wave = keras.Input((context(dilations) - 1 + length, 1), name="wave")
    given, told = [wave], []
    if classes:
        label = keras.Input((), dtype="int32", name="label")
        given.append(label)
        told = [layers.Embedding(classes, embedding, name="told")(label)]
    x = layers.Dense(channels, use_bias=False, name="entrance")(Levels(name="levels")(wave))
    skipped = []
    for number, dilation in enumerate(dilations):
        is_last = number == len(dilations) - 1
        unit = GatedUnit(channels, skips, dilation, length, goes_on=not is_last, name=f"unit_{number}_{dilation}")
        made = unit([x, *told])
        x, skip = (None, made) if is_last else made
        skipped.append(skip)
    x = layers.Activation("relu")(layers.Add()(skipped) if len(skipped) > 1 else skipped[0])
    x = layers.Dense(skips, activation="relu", name="exit")(x)
    return keras.Model(given if classes else wave, layers.Dense(LEVELS, dtype="float32", name="logits")(x), name="network")


def levels_in(wave):
    """Tensors of waves as :func:`gan_core.sound.mu_law.levels_of` has them, int32."""
    wave = ops.clip(ops.cast(wave, "float32"), -1.0, 1.0)
    f = ops.sign(wave) * ops.log1p(MU * ops.abs(wave)) / float(np.log1p(MU))
    return ops.cast(ops.floor((f + 1.0) * (0.5 * (LEVELS - 1)) + 0.5), "int32")


@keras.saving.register_keras_serializable("gan_core")
class Levels(layers.Layer):
    """(N, L, 1) waves -> (N, L, 256), a 1 among zeros at each number's level."""

    def call(self, wave):
        return ops.one_hot(levels_in(wave[..., 0]), LEVELS, dtype=self.compute_dtype)

    def compute_output_shape(self, shape):
        return (*shape[:-1], LEVELS)


@keras.saving.register_keras_serializable("gan_core")
class GatedUnit(layers.Layer):
    """(N, L, C) and what is told (N, E) -> (N, L - dilation, C) and (N, length, skips), of the last places.

    z = tanh(W_f * x + V_f h) sigmoid(W_g * x + V_g h) over two places that lie ``dilation`` apart; what goes on is x + R z,
    and S z skips all further units (equations 2 and 3, figure 4).  The last unit gives its skip alone.
    """

    def __init__(self, channels, skips, dilation, length, goes_on=True, **options):
        super().__init__(**options)
        self.channels, self.skips, self.dilation, self.length, self.goes_on = channels, skips, dilation, length, goes_on

    def build(self, shapes):
        c = self.channels
        self.kernel = self.add_weight(shape=(2 * c, 2 * c), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(2 * c,), initializer="zeros", name="bias")
        self.told = self.add_weight(shape=(shapes[1][-1], 2 * c), initializer="glorot_uniform", name="told") \
            if len(shapes) > 1 else None
        self.skip = self.add_weight(shape=(c, self.skips), initializer="glorot_uniform", name="skip")
        self.skip_bias = self.add_weight(shape=(self.skips,), initializer="zeros", name="skip_bias")
        if self.goes_on:
            self.residual = self.add_weight(shape=(c, c), initializer="glorot_uniform", name="residual")
            self.residual_bias = self.add_weight(shape=(c,), initializer="zeros", name="residual_bias")
        self.built = True

    def call(self, given):
        x, *told = given
        c, d = self.channels, self.dilation
        both = ops.concatenate([x[:, :-d], x[:, d:]], axis=-1)
        sums = ops.matmul(both, self.kernel) + self.bias
        if told:
            sums = sums + ops.matmul(told[0], self.told)[:, None]
        z = ops.tanh(sums[..., :c]) * ops.sigmoid(sums[..., c:])
        skip = ops.matmul(z[:, -self.length:], self.skip) + self.skip_bias
        if not self.goes_on:
            return skip
        return x[:, d:] + ops.matmul(z, self.residual) + self.residual_bias, skip

    def compute_output_shape(self, shapes):
        count, places, _ = shapes[0]
        skip = (count, self.length, self.skips)
        return ((count, places - self.dilation, self.channels), skip) if self.goes_on else skip

    def flops(self, given, made):
        wave = given[0] if isinstance(given, list) else given  # the class comes with it, or nothing
        c, places = self.channels, wave[0] - self.dilation
        return 2 * (places * (4 * c * c + self.goes_on * c * c) + self.length * c * self.skips)

    def get_config(self):
        return super().get_config() | {"channels": self.channels, "skips": self.skips, "dilation": self.dilation,
                                       "length": self.length, "goes_on": self.goes_on}


def draw(network, uniform, label, progress):
    """Waves from a :func:`wave_network` and uniform numbers (N, T, 1) in [0, 1): float32 (N, T, 1), of any length T.

    A unit's output at a place depends on its inputs at two places: they wait in a queue until their turn comes, and each
    unit is computed once a number (Le Paine 2016), with NumPy, in double precision: a number that falls between two levels
    must not depend on what else is drawn.

    Args:
        label: (N,) of labelled waves; None of others.
        progress: told the share that is done.
    """
    count, length = uniform.shape[:2]
    parts = _Parts(network, label, count)
    wave = np.empty((count, length), np.float32)
    chosen = np.full(count, levels_of(0.0))
    # Threads wait for each other longer than such small products take.
    with threadpoolctl.threadpool_limits(1, "blas"):
        for place in range(length):
            chosen = pick(parts.next(chosen), uniform[:, place, 0])
            wave[:, place] = waves_of(chosen)
            if (place + 1) * REPORTS // length > place * REPORTS // length:
                progress((place + 1) / length)
    return wave[..., None]


def pick(logits, uniform):
    """The level at which the cumulative probability exceeds ``uniform``: logits (N, levels), uniform (N,) -> (N,)."""
    heights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    np.cumsum(heights, axis=-1, out=heights)
    return (heights[:, :-1] <= uniform[:, None] * heights[:, -1:]).sum(axis=-1)


class _Parts:
    """A network's weights, in double precision, and the queues of its units for ``count`` waves that begin."""

    def __init__(self, network, label, count):
        def array(weight):
            return ops.convert_to_numpy(ops.cast(weight, "float32")).astype(np.float64)

        self.entrance = array(network.get_layer("entrance").kernel)
        units = [layer for layer in network.layers if isinstance(layer, GatedUnit)]
        told = None if label is None else array(network.get_layer("told").embeddings)[np.asarray(label)]
        # Both halves of a gate by one tanh, for the sigmoid of s is (1 + tanh(s / 2)) / 2: the halves go into the weights.
        half = np.where(np.arange(2 * units[0].channels) < units[0].channels, 1.0, 0.5)
        self.kernels = [array(unit.kernel) * half for unit in units]
        self.biases = [half * (array(unit.bias) + (0.0 if told is None else told @ array(unit.told))) for unit in units]
        self.residuals = [(0.5 * array(unit.residual), array(unit.residual_bias)) for unit in units if unit.goes_on]
        self.skip = 0.5 * np.concatenate([array(unit.skip) for unit in units])
        self.skip_bias = sum(array(unit.skip_bias) for unit in units)
        self.exit, self.logits = ((array(layer.kernel), array(layer.bias)) for layer in map(
            network.get_layer, ("exit", "logits")))
        c, self.turn = units[0].channels, 0
        self.both, self.sums = np.empty((count, 2 * c)), np.empty((count, 2 * c))
        self.gated = np.empty((count, len(units) * c))
        # Silence for ever is the same at all places: what a unit is given now, it was always given.
        self.queues = [np.zeros((unit.dilation, count, c)) for unit in units]
        self._fill(np.full(count, levels_of(0.0)))

    def _fill(self, chosen):
        x = self.entrance[chosen]
        for number, queue in enumerate(self.queues):
            queue[:] = x
            x = self._unit(number, x, x)

    def _unit(self, number, before, x):
        """What unit ``number`` hands on; what it skips with lies in :attr:`gated`.  Nothing of the last one."""
        c, both, sums = x.shape[1], self.both, self.sums
        both[:, :c], both[:, c:] = before, x
        np.matmul(both, self.kernels[number], out=sums)
        sums += self.biases[number]
        np.tanh(sums, out=sums)
        gated = self.gated[:, number * c:(number + 1) * c]
        sums[:, c:] += 1.0
        np.multiply(sums[:, :c], sums[:, c:], out=gated)
        if number == len(self.residuals):
            return None
        kernel, bias = self.residuals[number]
        return x + gated @ kernel + bias

    def next(self, chosen):
        """Logits (N, 256) of what follows after these levels (N,), which are taken into the queues."""
        x = self.entrance[chosen]
        for number, queue in enumerate(self.queues):
            slot = queue[self.turn % len(queue)]
            given = x
            x = self._unit(number, slot, given)
            slot[:] = given
        self.turn += 1
        x = np.maximum(self.gated @ self.skip + self.skip_bias, 0.0)
        x = np.maximum(x @ self.exit[0] + self.exit[1], 0.0)
        return x @ self.logits[0] + self.logits[1]
