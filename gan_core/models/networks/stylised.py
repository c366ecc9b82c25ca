"""Fixed random features and the way back from them: what AdaIN is made of (Huang 2017, section 5), small."""

import keras
import numpy as np
from keras import layers, ops


def features(shape, filters, seed=2017):
    """Images (N, *shape) -> maps of two sizes and four: a quarter of the side last, by convolutions of random weights that
    never move and are the same on every machine.

    Random ones can be inverted better than trained ones (He, Wang and Hopcroft 2016, section 3).
    """
    rng = np.random.RandomState(seed)
    image = x = keras.Input(shape, name="image")
    outputs = []
    for place, width in enumerate((filters, 2 * filters, 4 * filters)):
        if place:
            x = layers.AveragePooling2D(2)(x)
        for _ in range(2 if place < 2 else 1):
            layer = layers.Conv2D(width, 3, padding="same", activation="relu", use_bias=False, kernel_initializer="zeros",
                                  dtype="float32")
            before, x = x, layer(x)
            drawn = rng.standard_normal((3, 3, before.shape[-1], width)) * np.sqrt(2 / (9 * before.shape[-1]))
            layer.set_weights([drawn.astype(np.float32)])
        outputs.append(x)
    network = keras.Model(image, outputs, name="features")
    network.trainable = False
    return network


def decoder(shape, channels, filters):
    """(N, h / 4, w / 4, ``channels``) -> images (N, *shape) in [-1, 1], up by nearest neighbour and without normalisation,
    which would take the style away again (Huang 2017, section 6.1).  h and w of ``shape`` may be None: of any size."""
    *sides, colours = shape
    given = x = keras.Input((*(side and side // 4 for side in sides), channels), name="maps")
    for place, wide in enumerate((2 * filters, filters)):
        x = layers.Conv2D(2 * wide if place == 0 else wide, 3, padding="same", activation="relu")(x)
        x = layers.Conv2D(wide, 3, padding="same", activation="relu")(layers.UpSampling2D()(x))
    x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(colours, 3, padding="same", name="to_image")(x)
    return keras.Model(given, layers.Activation("tanh", dtype="float32")(x), name="generator")


def statistics(maps):
    """Mean and deviation of each channel of each image, (N, 1, 1, C) both."""
    mean = ops.mean(maps, axis=(1, 2), keepdims=True)
    # Within the root, or the gradient of a channel that is the same everywhere is not a number.
    return mean, ops.sqrt(ops.mean(ops.square(maps - mean), axis=(1, 2), keepdims=True) + 1e-5)
