"""A recurrent generator that writes on a canvas, after Im 2016 (GRAN)."""

import keras
from keras import layers

from gan_core.models.networks.dcgan import doublings, downsample, initial


def writer(latent, shape, filters, steps):
    """(N, latent) -> (N, steps, *shape) in [-1, 1]: the canvas after each step.

        h_z = tanh(W z),  h_t = g(dC_(t-1)),  dC_t = f([h_z, h_t]),  C_t = tanh(dC_1 + ... + dC_t)

    The encoder g and the decoder f have the same kernels at each step.
    """
    z = keras.Input((latent,), name="latent")
    noise = layers.Dense(latent, activation="tanh", name="noise")(z)
    encode, decode = _encoder(shape, filters, latent), _decoder(shape, filters)
    written, total, canvases = None, None, []
    for step in range(steps):
        # Nothing is written yet: h_1 = 0.
        seen = encode(written) if step else layers.Rescaling(0.0, name="nothing")(noise)
        written = decode(layers.Concatenate()([noise, seen]))
        total = layers.Add(dtype="float32")([total, written]) if step else written
        canvas = layers.Activation("tanh", dtype="float32")(total)
        canvases.append(layers.Reshape((1, *shape), dtype="float32")(canvas))
    whole = layers.Concatenate(axis=1, dtype="float32")(canvases) if steps > 1 else canvases[0]
    return keras.Model(z, whole, name="generator")


def _encoder(shape, filters, size):
    """g: an image as (N, size) in [-1, 1]."""
    image = keras.Input(shape)
    # Normalised, or it saturates within hundreds of steps and says the same of every image.
    x = layers.LayerNormalization()(layers.Dense(size, use_bias=False)(downsample(image, filters)))
    return keras.Model(image, layers.Activation("tanh")(x), name="encoder")


def _decoder(shape, filters):
    """f, as a function that can be called at each step: features -> what is added to the canvas, without bounds.

    Batch normalisation is each step's own: what is written first and last differs, and samples use the moving
    statistics.
    """
    n, base = doublings(shape[0])
    depth = max(n, 3)
    widths = [filters * min(2 ** (depth - 1 - i), 8) for i in range(depth)]
    strides = [1] * (depth - n) + [2] * n
    start = layers.Dense(base * base * widths[0], use_bias=False, kernel_initializer=initial())
    middle = [layers.Conv2DTranspose(width, 4, strides=stride, padding="same", use_bias=False,
                                     kernel_initializer=initial()) for width, stride in zip(widths[1:], strides)]
    end = layers.Conv2DTranspose(shape[-1], 4, strides=strides[-1], padding="same", dtype="float32",
                                 kernel_initializer=initial())

    def decode(x):
        x = _normalised(layers.Reshape((base, base, widths[0]))(start(x)))
        for layer in middle:
            x = _normalised(layer(x))
        return end(x)
    return decode


def _normalised(x):
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
