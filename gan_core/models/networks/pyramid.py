"""A Laplacian pyramid (Burt and Adelson 1983): an image as a smaller one and the detail that it lacks."""

import keras
from keras import layers, ops

from gan_core.models.networks.dcgan import initial


def halved(images):
    """Blurred and decimated: (N, H, W, C) -> (N, H / 2, W / 2, C), means of 2 x 2 pixels."""
    return ops.average_pool(images, 2, strides=2, padding="valid")


def doubled(images):
    """Expanded and smoothed: (N, H, W, C) -> (N, 2 H, 2 W, C), linear between pixels."""
    _, height, width, _ = images.shape
    return ops.image.resize(images, (2 * height, 2 * width), interpolation="bilinear")


def detailer(shape, filters):
    """[(N, *shape) blurred image, (N, H, W, 1) noise] -> (N, *shape), the detail to add.

    Where the paper's detail has no bounds, this leaves the sum of both in (-1, 1): a digit's pixels are exactly black or
    white, which a sum without bounds never is, and a discriminator sees little else.
    """
    blurred = keras.Input(shape, name="blurred")
    noise = keras.Input((*shape[:-1], 1), name="detail")
    x = layers.Concatenate()([blurred, noise])  # noise as one more colour (Denton 2015, appendix)
    for size in (5, 3, 3):
        x = layers.Conv2D(filters, size, padding="same", use_bias=False, kernel_initializer=initial())(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.Conv2D(shape[-1], 3, padding="same", dtype="float32", kernel_initializer=initial())(x)
    # Twice, so that tanh comes near an image that is black and white.
    full = layers.Activation("tanh", dtype="float32")(layers.Add(dtype="float32")([x, 2.0 * ops.cast(blurred, "float32")]))
    return keras.Model([blurred, noise], layers.Subtract(dtype="float32")([full, blurred]), name="generator")
