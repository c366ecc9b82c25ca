"""Masked convolutions (van den Oord 2016): each pixel sees those before it only, in reading order, and of its own
colours those before, red, green, blue.

A network of them says of every pixel how likely each level is given the pixels before, all at once in training.
Samples are drawn pixel by pixel; only what the new pixel changes is computed then, see :func:`draw`.
"""

import keras
import numpy as np
from keras import layers, ops

from gan_core.models.networks.reparametrised import Reparametrised


@keras.saving.register_keras_serializable("gan_core")
class MaskedConv2D(Reparametrised, layers.Conv2D):
    """Convolution of odd ``size`` over the pixels before the centre, at equal height and width.

    The rows below the centre would be masked altogether, so the kernel does not have them.  Features are in as many
    groups as the image has ``channels``; at the centre itself a group sees the groups before it, and its own where
    ``sees_itself`` (the paper's mask B; without, its mask A).
    """

    def __init__(self, filters, size, *, channels=1, sees_itself=True, **kwargs):
        super().__init__(filters, (size // 2 + 1, size), padding="valid", **kwargs)
        self.size, self.channels, self.sees_itself = size, channels, sees_itself

    def build(self, input_shape):
        super().build(input_shape)
        self.mask = _mask(self.size, input_shape[-1], self.filters, self.channels, self.sees_itself)

    @property
    def kernel(self):
        return super().kernel * ops.cast(self.mask, self.compute_dtype)

    def call(self, x):
        around = self.size // 2
        return super().call(ops.pad(x, ((0, 0), (around, 0), (around, around), (0, 0))))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.filters)

    def get_config(self):
        config = super().get_config()
        del config["kernel_size"], config["padding"]
        return config | {"size": self.size, "channels": self.channels, "sees_itself": self.sees_itself}


def _mask(size, n_in, n_out, channels, sees_itself):
    """Ones and zeros, (size // 2 + 1, size, n_in, n_out)."""
    mask = np.ones((size // 2 + 1, size, n_in, n_out), np.float32)
    before = np.arange(n_in)[:, None] * channels // n_in - np.arange(n_out) * channels // n_out
    mask[-1, size // 2] = before <= 0 if sees_itself else before < 0
    mask[-1, size // 2 + 1:] = 0.0
    return mask


def pixel_network(shape, levels, filters, blocks):
    """(N, H, W, C) in [-1, 1] -> logits (N, H, W, C, levels) of each value given those before it."""
    height, width, channels = shape
    image = keras.Input(shape, name="image")

    def convolve(x, features, size=1, sees_itself=True):
        if features is None:
            return MaskedConv2D(channels * levels, size, channels=channels, dtype="float32", name="logits")(x)
        features = -(-features // channels) * channels  # as many in each group
        return MaskedConv2D(features, size, channels=channels, sees_itself=sees_itself)(x)

    flat = _flow(image, convolve, ops.relu, filters, blocks)
    logits = layers.Reshape((height, width, channels, levels), dtype="float32")(flat)
    return keras.Model(image, logits, name="network")


def _flow(x, convolve, relu, filters, blocks):
    """The network, in whatever way its parts are computed (van den Oord 2016, table 1 and figure 5)."""
    x = convolve(x, filters, 7, sees_itself=False)
    for _ in range(blocks):
        inner = convolve(relu(x), filters // 2)
        inner = convolve(relu(inner), filters // 2, 3)
        x = x + convolve(relu(inner), filters)
    x = convolve(relu(x), filters)
    return convolve(relu(x), None)


def draw(network, uniform, blocks, progress):
    """Images from a :func:`pixel_network` and uniform numbers in [0, 1), both (N, H, W, C); images in [-1, 1].

    A layer's output at a pixel depends on its inputs at pixels before, which are kept: each layer is computed once a
    pixel and channel, with NumPy.  ``progress`` is told the share that is done after each row.
    """
    n, height, width, channels = uniform.shape
    levels = network.output.shape[-1]
    steps = [_Cached(layer, n, width) for layer in network.layers if isinstance(layer, MaskedConv2D)]
    image = np.zeros(uniform.shape, np.float32)
    for row in range(height):
        for column in range(width):
            for channel in range(channels):
                turn = iter(steps)
                logits = _flow(image[:, row, column], lambda x, *_, **__: next(turn)(x, column), _relu, 0, blocks)
                chosen = pick(logits[:, channel * levels:(channel + 1) * levels], uniform[:, row, column, channel])
                image[:, row, column, channel] = 2.0 * chosen / (levels - 1) - 1.0
            steps[0].see(image[:, row, column], column)  # complete now, for the pixels after it
        for step in steps:
            step.next_row()
        progress((row + 1) / height)
    return image


def pick(logits, uniform):
    """The level at which the cumulative probability exceeds ``uniform``: logits (N, levels), uniform (N,) -> (N,)."""
    heights = np.cumsum(np.exp(logits - logits.max(axis=-1, keepdims=True), dtype=np.float64), axis=-1)
    return (heights[:, :-1] <= uniform[:, None] * heights[:, -1:]).sum(axis=-1)


class _Cached:
    """One masked convolution, computed at a pixel from what it was given at pixels before."""

    def __init__(self, layer, n, width):
        kernel = np.asarray(ops.cast(layer.kernel, "float32"))
        rows, self.size, self.n_in, n_out = kernel.shape
        self.bias = np.asarray(layer.bias)
        # The inputs of the last rows, so that the window of a pixel lies in one piece: column, then row, then feature.
        self.kernel = kernel.swapaxes(0, 1).reshape(-1, n_out)
        self.kept = np.zeros((n, width + self.size - 1, rows * self.n_in), np.float32)

    def __call__(self, x, column):
        if self.size > 1:
            self.see(x, column)
            x = self.kept[:, column:column + self.size].reshape(len(x), -1)
        return x @ self.kernel + self.bias

    def see(self, x, column):
        self.kept[:, column + self.size // 2, -self.n_in:] = x

    def next_row(self):
        self.kept[..., :-self.n_in] = self.kept[..., self.n_in:]
        self.kept[..., -self.n_in:] = 0.0


def _relu(x):
    return np.maximum(x, 0.0)
