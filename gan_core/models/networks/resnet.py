"""Residual networks for images, after Miyato 2018 (table 4), and what Brock 2019 made of them.

An image is built up from the base of :func:`gan_core.models.networks.dcgan.doublings`, one block for each doubling.
"""

import keras
from keras import layers, ops

from gan_core.models.networks.attention import SelfAttention
from gan_core.models.networks.dcgan import doublings, likeness, logit
from gan_core.models.networks.reparametrised import SpectralConv2D

ATTENTION_SIDE = 14  # self-attention stands where maps are at most this wide: its cost grows with the fourth power


def plain_norm(x):
    return layers.BatchNormalization(momentum=0.9)(x)


def upsample(x, shape, filters, *, norm=plain_norm, attention=False, widths=None, inject=None):
    """Features (N, d) -> image (N, *shape) in [-1, 1].

    Args:
        norm: maps features to normalised features; a conditional one knows the class.
        widths: channels of each block; all ``filters`` by default.
        inject: called with the number of a block, gives the norm of that block instead.
    """
    n, base = doublings(shape[0])
    widths = widths or [filters] * n
    x = layers.Dense(base * base * widths[0], kernel_initializer="glorot_uniform")(x)
    x = layers.Reshape((base, base, widths[0]))(x)
    attended = False
    for number, width in enumerate(widths):
        x = up_block(x, width, inject(number) if inject else norm)
        if attention and not attended and (x.shape[1] * 2 > ATTENTION_SIDE or number == n - 1):
            x, attended = SelfAttention(name="attention")(x), True
    x = layers.ReLU()(norm(x) if not inject else plain_norm(x))
    x = layers.Conv2D(shape[-1], 3, padding="same", kernel_initializer="glorot_uniform")(x)
    return layers.Activation("tanh", dtype="float32")(x)


def up_block(x, width, norm):
    """Twice the side: nearest neighbour, then convolution; the shortcut has a 1x1 convolution."""
    inner = layers.UpSampling2D()(layers.ReLU()(norm(x)))
    inner = _convolution(layers.Conv2D, width)(inner)
    inner = _convolution(layers.Conv2D, width)(layers.ReLU()(norm(inner)))
    return layers.Add()([inner, _convolution(layers.Conv2D, width, 1)(layers.UpSampling2D()(x))])


def features(sample, filters, *, attention=False, widths=None):
    """Image -> features (N, d): residual blocks with spectral normalisation, summed over the pixels.

    As many halving blocks as an image of this size has doublings, but two, then two that keep the size.
    """
    n, _ = doublings(sample.shape[1])
    widths = widths or [filters] * (n + 2)
    x, attended = sample, False
    for number, width in enumerate(widths):
        x = down_block(x, width, halve=number < n, first=number == 0)
        if attention and not attended and x.shape[1] <= ATTENTION_SIDE:
            x, attended = SelfAttention(name="attention")(x), True
    return SumOfPixels()(layers.ReLU()(x))


def down_block(x, width, *, halve, first=False):
    """Two convolutions beside a shortcut.  The first block of a network has no activation before: pixels are data."""
    inner = x if first else layers.ReLU()(x)
    inner = _convolution(SpectralConv2D, width)(inner)
    inner = _convolution(SpectralConv2D, width)(layers.ReLU()(inner))
    shortcut = x
    if halve and first:  # pooling first is cheaper, and the same
        shortcut = layers.AveragePooling2D(2)(shortcut)
    if halve or x.shape[-1] != width:
        shortcut = _convolution(SpectralConv2D, width, 1)(shortcut)
    if halve:
        inner = layers.AveragePooling2D(2)(inner)
        shortcut = shortcut if first else layers.AveragePooling2D(2)(shortcut)
    return layers.Add()([inner, shortcut])


def _convolution(kind, width, side=3):
    return kind(width, side, padding="same", kernel_initializer="glorot_uniform")


def critic(sample, filters, **options):
    """Sample -> logits (N, 1)."""
    return logit(features(sample, filters, **options), spectral=True)


def projected(features, label, classes):
    """Logits of a projection discriminator: psi(phi(x)) + <V y, phi(x)> (Miyato and Koyama 2018, equation 3)."""
    return layers.Add(dtype="float32")([logit(features, spectral=True), likeness(features, label, classes, spectral=True)])


@keras.saving.register_keras_serializable("gan_core")
class SumOfPixels(layers.Layer):
    """(N, H, W, C) -> (N, C)."""

    def call(self, x):
        return ops.sum(x, axis=(1, 2))


@keras.saving.register_keras_serializable("gan_core")
class ConditionalNorm(layers.Layer):
    """Batch normalisation whose scale and shift come from a vector: ``[(N, H, W, C), (N, d)] -> (N, H, W, C)``.

    Brock 2019, section 3 and appendix B: the scale is 1 plus a linear map of the vector.
    """

    def __init__(self, momentum=0.9, **options):
        super().__init__(**options)
        self.momentum = momentum

    def get_config(self):
        return super().get_config() | {"momentum": self.momentum}

    def build(self, shapes):
        maps, told = shapes
        self.norm = layers.BatchNormalization(momentum=self.momentum, center=False, scale=False, name="norm")
        self.norm.build(maps)
        self.scale = layers.Dense(maps[-1], use_bias=False, name="scale")
        self.shift = layers.Dense(maps[-1], use_bias=False, name="shift")
        self.scale.build(told)
        self.shift.build(told)

    def flops(self, input_shape, output_shape):
        (told,) = input_shape[1]
        return 2 * 2 * told * output_shape[-1]

    def call(self, inputs, training=False):
        maps, told = inputs
        scale, shift = (ops.expand_dims(ops.expand_dims(layer(told), 1), 1) for layer in (self.scale, self.shift))
        return self.norm(maps, training=training) * (1.0 + scale) + shift
