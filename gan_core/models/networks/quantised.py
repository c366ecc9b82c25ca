"""An autoencoder whose code is made of few vectors (van den Oord 2017, "Neural Discrete Representation Learning"; Esser
2021, "Taming Transformers", appendix A): convolutions to a quarter of the side and back, and the codebook between."""

import math

import keras
import numpy as np
from keras import layers, ops

TIMES = 4  # smaller than the image is the map of codes


@keras.saving.register_keras_serializable("gan_core")
class Codebook(layers.Layer):
    """Vectors (N, h, w, d) -> the numbers of the nearest of ``codes`` vectors, int32 (N, h, w), and these, (N, h, w, d).

    Gradients of ``nearest`` go to the codes alone.
    """

    def __init__(self, codes, width, **options):
        super().__init__(**options)
        self.codes, self.width = codes, width

    def build(self, shape):
        self.vectors = self.add_weight(shape=(self.codes, self.width), name="vectors",
                                       initializer=keras.initializers.RandomUniform(-1.0, 1.0))

    def call(self, x):
        vectors = ops.convert_to_tensor(self.vectors)
        flat = ops.reshape(ops.cast(x, "float32"), (-1, self.width))
        # The square of x itself is the same for all codes.
        apart = ops.sum(ops.square(vectors), axis=1) - 2.0 * ops.matmul(flat, ops.transpose(vectors))
        codes = ops.argmin(apart, axis=1)
        # A product, of which the gradient is one too: sums of rows that are met several times would have no fixed order.
        nearest = ops.matmul(ops.one_hot(codes, self.codes, dtype="float32"), vectors)
        return ops.reshape(ops.cast(codes, "int32"), (-1, *x.shape[1:3])), ops.reshape(nearest, (-1, *x.shape[1:]))

    def compute_output_shape(self, shape):
        return tuple(shape[:3]), tuple(shape)

    def compute_output_spec(self, x):
        return keras.KerasTensor(tuple(x.shape[:3]), "int32"), keras.KerasTensor(tuple(x.shape), "float32")

    def flops(self, input_shape, output_shape):
        """Of the distances to all codes, for one sample."""
        return 2 * input_shape[1] * input_shape[2] * self.codes * self.width

    def get_config(self):
        return super().get_config() | {"codes": self.codes, "width": self.width}


def codebook(shape, codes):
    """Vectors (N, *shape) -> ``{"codes", "nearest"}`` of :class:`Codebook`, which is the last layer."""
    vectors = keras.Input(shape, name="vectors")
    numbers, nearest = Codebook(codes, shape[-1], dtype="float32", name="codebook")(vectors)
    return keras.Model(vectors, {"codes": numbers, "nearest": nearest}, name="codebook")


def encoder(shape, filters, width, blocks):
    """Images (N, *shape) -> vectors (N, h / 4, w / 4, width), each for a square of four pixels a side and what
    lies around it."""
    image = x = keras.Input(shape, name="image")
    x = layers.Conv2D(filters, 3, padding="same")(x)
    for times in (2, 4):
        x = layers.Conv2D(times * filters, 4, strides=2, padding="same")(layers.Activation("silu")(x))
        for _ in range(blocks):
            x = _block(x, times * filters)
    x = layers.Activation("silu")(_norm(x))
    return keras.Model(image, layers.Conv2D(width, 1, dtype="float32", name="to_codes")(x), name="encoder")


def decoder(shape, filters, width, blocks):
    """The way back: vectors (N, h, w, width) -> ``{"features": (N, H, W, filters), "image": (N, *shape)}``.

    The image is linear in the features, pixel by pixel, so that the gradient at its last layer is known from that at the
    image.
    """
    vectors = x = keras.Input((shape[0] // TIMES, shape[1] // TIMES, width), name="vectors")
    x = layers.Conv2D(4 * filters, 3, padding="same")(x)
    for times in (2, 1):
        for _ in range(blocks):
            x = _block(x, 2 * times * filters)
        x = layers.UpSampling2D()(layers.Activation("silu")(x))
        x = layers.Conv2D(times * filters, 3, padding="same")(x)
    x = _block(x, filters)
    features = layers.Activation("silu", dtype="float32", name="features")(_norm(x))
    image = layers.Conv2D(shape[-1], 1, dtype="float32", name="to_image")(features)
    return keras.Model(vectors, {"features": features, "image": image}, name="decoder")


def perplexity(codes, count):
    """exp of the entropy of numbers below ``count``, of any shape: how many would be in use if all were alike often."""
    share = np.bincount(np.asarray(codes).ravel(), minlength=count) / np.size(codes)
    share = share[share > 0]
    return float(np.exp(-(share * np.log(share)).sum()))


def _norm(x):
    return layers.GroupNormalization(math.gcd(8, x.shape[-1]))(x)


def _block(x, width):
    """x + f(x), two convolutions (He 2016, in the order of Esser 2021)."""
    y = layers.Conv2D(width, 3, padding="same")(layers.Activation("silu")(_norm(x)))
    y = layers.Conv2D(width, 3, padding="same")(layers.Activation("silu")(_norm(y)))
    return layers.Add()([x, y])
