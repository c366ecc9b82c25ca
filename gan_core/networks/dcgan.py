"""Strided convolutions, after Radford 2016 (DCGAN), for square images of 8 to 128 pixels.

An image is built up from a base of 4 to 7 pixels (an odd side stops the halving earlier): 28 is 7 doubled
twice, 32 is 4 doubled three times, 64 is 4 doubled four times.
"""

import keras
from keras import layers


def doublings(size):
    """How often the generator doubles its base to reach ``size``, and the base: ``(n, base)``."""
    n = 0
    while size >= 8 and size % 2 == 0:
        size, n = size // 2, n + 1
    return n, size


def _normal():
    return keras.initializers.RandomNormal(stddev=0.02)  # Radford 2016, section 4


def upsample(x, shape, filters, *, norm=True):
    """Features (N, d) -> image (N, *shape) in [-1, 1].

    Project to base x base x 4 ``filters``, then transposed 4x4 convolutions that halve the channels down to
    ``filters``, then to the image.  Small images need fewer doublings than layers: the first layers keep the size.
    """
    n, base = doublings(shape[0])
    depth = max(n, 3)
    widths = [filters * min(2 ** (depth - 1 - i), 8) for i in range(depth)]
    x = layers.Dense(base * base * widths[0], use_bias=not norm, kernel_initializer=_normal())(x)
    x = _activate(layers.Reshape((base, base, widths[0]))(x), norm)
    strides = [1] * (depth - n) + [2] * n
    for width, stride in zip(widths[1:], strides):
        x = layers.Conv2DTranspose(width, 4, strides=stride, padding="same", use_bias=not norm,
                                   kernel_initializer=_normal())(x)
        x = _activate(x, norm)
    x = layers.Conv2DTranspose(shape[-1], 4, strides=strides[-1], padding="same", kernel_initializer=_normal())(x)
    return layers.Activation("tanh", dtype="float32")(x)


def downsample(x, filters, *, norm=False, dropout=0.0, slope=0.2):
    """Image (N, H, W, C) -> features (N, d): strided 4x4 convolutions that double the channels from ``filters``."""
    for i in range(max(doublings(x.shape[1])[0], 2)):
        x = layers.Conv2D(filters * min(2 ** i, 8), 4, strides=2, padding="same", kernel_initializer=_normal())(x)
        if norm and i > 0:  # not on the first layer: Radford 2016, section 3
            x = layers.BatchNormalization()(x)
        x = layers.LeakyReLU(negative_slope=slope)(x)
    x = layers.Flatten()(x)
    # At the end only: before a normalised layer, dropout changes the variance that the layer has learned to expect,
    # and on MNIST the generator collapsed.
    return layers.Dropout(dropout)(x) if dropout else x


def generator(latent, shape, filters):
    """(N, latent) -> (N, *shape) in [-1, 1]."""
    z = keras.Input((latent,), name="latent")
    return keras.Model(z, upsample(z, shape, filters), name="generator")


def discriminator(shape, filters, *, norm=False, dropout=0.0):
    """(N, *shape) -> logits (N, 1)."""
    sample = keras.Input(shape, name="sample")
    x = downsample(sample, filters, norm=norm, dropout=dropout)
    return keras.Model(sample, layers.Dense(1, dtype="float32", name="logit")(x), name="discriminator")


def _activate(x, norm):
    if norm:
        # Samples use the moving statistics: at Keras's momentum of 0.99 they lag hundreds of steps behind a
        # generator that changes quickly, and early samples look alike.
        x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.ReLU()(x)
