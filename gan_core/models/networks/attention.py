"""Self-attention over the pixels of a feature map (Zhang 2019, SAGAN)."""

import keras
from keras import layers, ops

from gan_core.models.networks.reparametrised import SpectralConv2D


@keras.saving.register_keras_serializable("gan_core")
class SelfAttention(layers.Layer):
    """(N, H, W, C) -> the same: x + gamma o(softmax(f(x) g(x)^T) h(x)), with gamma 0 at the start.

    1x1 convolutions, C / 8 channels for queries and keys, C / 2 for values; keys and values are pooled by two, which
    costs a quarter (section 3, and the paper's code).
    """

    def __init__(self, spectral=True, **options):
        super().__init__(**options)
        self.spectral = spectral

    def get_config(self):
        return super().get_config() | {"spectral": self.spectral}

    def build(self, shape):
        convolution, channels = SpectralConv2D if self.spectral else layers.Conv2D, shape[-1]
        self.query = convolution(max(channels // 8, 1), 1, use_bias=False, name="query")
        self.key = convolution(max(channels // 8, 1), 1, use_bias=False, name="key")
        self.value = convolution(max(channels // 2, 1), 1, use_bias=False, name="value")
        self.out = convolution(channels, 1, use_bias=False, name="out")
        for layer in (self.query, self.key, self.value):
            layer.build(shape)
        self.out.build((*shape[:-1], max(channels // 2, 1)))
        self.gamma = self.add_weight(name="gamma", shape=(), initializer="zeros")

    def call(self, x, training=False):
        _, height, width, _ = x.shape
        queries = _rows(self.query(x, training=training))
        keys, values = (_rows(ops.max_pool(layer(x, training=training), 2, padding="same"))
                        for layer in (self.key, self.value))
        attention = ops.softmax(ops.matmul(queries, ops.transpose(keys, (0, 2, 1))), axis=-1)
        attended = ops.reshape(ops.matmul(attention, values), (-1, height, width, values.shape[-1]))
        return x + ops.cast(self.gamma, x.dtype) * self.out(attended, training=training)

    def flops(self, input_shape, output_shape):
        height, width, channels = input_shape
        places, pooled = height * width, -(-height // 2) * -(-width // 2)
        narrow, half = max(channels // 8, 1), max(channels // 2, 1)
        return 2 * places * (channels * (2 * narrow + 2 * half) + pooled * (narrow + half))


def _rows(maps):
    """(N, H, W, C) -> (N, H W, C)."""
    return ops.reshape(maps, (-1, maps.shape[1] * maps.shape[2], maps.shape[3]))
