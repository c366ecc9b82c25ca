"""Encoders to a normal distribution over latents, and decoders back, as in Kingma 2014."""

import keras
import numpy as np
from keras import layers, ops

FINEST = 2.0 * float(np.log(1.0 / 255.0))  # log variance of half a grey level: data have nothing finer


def posterior(features, latent):
    """Features (N, d) -> mean and log variance of q(z|x), (N, latent) each, in full precision."""
    return {name: layers.Dense(latent, dtype="float32", name=name)(features) for name in ("mean", "log_variance")}


def encoder(shape, widths, latent):
    """(N, *shape) -> :func:`posterior`, through dense layers."""
    sample = keras.Input(shape, name="sample")
    features = _dense(layers.Flatten()(sample), widths)
    return keras.Model(sample, posterior(features, latent), name="encoder")


def decoder(latent, shape, widths, *, bits):
    """(N, latent) -> of ``bits`` their logits (N, *shape); else a mean in [-1, 1] and one learned log variance."""
    z = keras.Input((latent,), name="latent")
    x = layers.Dense(int(np.prod(shape)), dtype="float32")(_dense(z, widths))
    x = layers.Reshape(shape, dtype="float32")(x)
    if bits:
        return keras.Model(z, {"logits": x}, name="decoder")
    mean = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(z, {"mean": mean, "log_variance": OneVariance(dtype="float32")(mean)}, name="decoder")


def _dense(x, widths):
    for width in widths:
        x = layers.Dense(width, activation="relu")(x)
    return x


@keras.saving.register_keras_serializable("gan_core")
class OneVariance(layers.Layer):
    """A log variance that all pixels of all images share, (N, ...) -> (N, 1, ..., 1)."""

    def build(self, input_shape):
        self.log_variance = self.add_weight(name="log_variance", shape=(), initializer="zeros")

    def call(self, x):
        first = ops.reshape(x, (-1, int(np.prod(x.shape[1:]))))[:, :1]
        one = ops.reshape(first, (-1, *[1] * (len(x.shape) - 1)))
        return ops.zeros_like(one) + ops.maximum(self.log_variance, FINEST)
