"""Layers whose kernel is computed from their weights at each call: spectral normalisation, equalised learning rate.

Keras's own ``SpectralNormalization`` overwrites the kernel instead; here the gradient passes through the division,
as in the paper, and only the estimate of the singular vector is state.
"""

import keras
import numpy as np
from keras import layers, ops

# Each time a layer is called in training, W^T W is squared so many times: that is 2 ** 6 power iterations in one, where the
# paper has a single one.  Singular values lie close together and move fast at the beginning: with three iterations the norm
# of kernels of 64 channels strayed by 5 % in the first ten updates, with 64 by 1 %.
SQUARINGS = 6


class SingularVector(layers.Layer):
    """The singular vector u of a kernel's largest singular value, kept up by power iteration (Miyato 2018, alg. 1)."""

    def build(self, kernel_shape):
        self.u = self.add_weight(name="u", shape=(kernel_shape[-1],), initializer="random_normal", trainable=False,
                                 dtype="float32")
        self.built = True

    def start(self, kernel):
        """Be that of a kernel (..., out) that is known, as it is when a layer is built."""
        matrix = ops.convert_to_numpy(_matrix(kernel)).astype(np.float64)
        self.u.assign(np.linalg.eigh(matrix.T @ matrix)[1][:, -1])

    def follow(self, kernel):
        """Come nearer to that of a kernel (..., out) that has moved."""
        matrix = _matrix(kernel)
        power = ops.matmul(ops.transpose(matrix), matrix)
        diagonal = ops.convert_to_tensor(np.eye(power.shape[0], dtype=bool))
        for _ in range(SQUARINGS):
            # By its trace, to the last bit as ``ops.trace`` has it, which makes fifteen operations of these two.
            power = power / (ops.sum(ops.where(diagonal, power, 0.0)) + 1e-30)
            power = ops.matmul(power, power)
        self.u.assign(_unit(ops.matmul(power, self.u.value[:, None])[:, 0]))

    def sigma(self, kernel):
        """The largest singular value; its gradient is u v^T."""
        matrix = _matrix(kernel)
        u = ops.stop_gradient(ops.convert_to_tensor(self.u))
        v = ops.stop_gradient(_unit(ops.matmul(matrix, u)))
        return ops.sum(v * ops.matmul(matrix, u))


def _matrix(kernel):
    return ops.cast(ops.reshape(kernel, (-1, kernel.shape[-1])), "float32")


def _unit(vector):
    return vector / (ops.sqrt(ops.sum(ops.square(vector))) + 1e-12)


class Reparametrised:
    """A kernel that is computed from a weight: Keras would save what ``kernel`` returns and load it as the weight."""

    def save_own_variables(self, store):
        layers.Layer.save_own_variables(self, store)

    def load_own_variables(self, store):
        layers.Layer.load_own_variables(self, store)


class _Spectral(Reparametrised):
    """Divides the kernel by its largest singular value (Miyato 2018, equation 8)."""

    def build(self, input_shape):
        super().build(input_shape)
        self.singular = SingularVector(name="singular")
        self.singular.build(self._kernel.shape)
        self.singular.start(self._kernel)

    @property
    def kernel(self):
        kernel = super().kernel
        return ops.cast(kernel / ops.cast(self.singular.sigma(self._kernel), kernel.dtype), self.compute_dtype)

    def call(self, inputs, training=False):
        if training:
            self.singular.follow(ops.stop_gradient(ops.convert_to_tensor(self._kernel)))
        return super().call(inputs)


@keras.saving.register_keras_serializable("gan_core")
class SpectralDense(_Spectral, layers.Dense):
    """Dense with a kernel of spectral norm 1."""


@keras.saving.register_keras_serializable("gan_core")
class SpectralConv2D(_Spectral, layers.Conv2D):
    """Conv2D whose kernel, as a matrix (height * width * in, out), has spectral norm 1."""


class _Equalised(Reparametrised):
    """Weights N(0, 1), scaled at run time by He's constant: every layer learns at the same speed (Karras 2018, 4.1)."""

    def __init__(self, *args, gain=2.0 ** 0.5, rate=1.0, **kwargs):
        kwargs["kernel_initializer"] = keras.initializers.RandomNormal(stddev=1.0 / rate)
        super().__init__(*args, **kwargs)
        self.gain, self.lr_multiplier = gain, rate

    def get_config(self):
        config = super().get_config()
        config.pop("kernel_initializer")
        return config | {"gain": self.gain, "rate": self.lr_multiplier}

    @property
    def kernel(self):
        kernel = super().kernel
        scale = self.gain * self.lr_multiplier / np.sqrt(np.prod(self._kernel.shape[:-1]))
        return ops.cast(kernel * scale, self.compute_dtype)


@keras.saving.register_keras_serializable("gan_core")
class EqualDense(_Equalised, layers.Dense):
    """Dense with an equalised learning rate; ``rate`` multiplies it (StyleGAN's mapping network learns at 0.01)."""

    def call(self, inputs, training=None):
        x = ops.matmul(inputs, self.kernel)
        if self.use_bias:
            x = x + ops.cast(self.lr_multiplier * self.bias, x.dtype)
        return x if self.activation is None else self.activation(x)


@keras.saving.register_keras_serializable("gan_core")
class EqualConv2D(_Equalised, layers.Conv2D):
    """Conv2D with an equalised learning rate."""
