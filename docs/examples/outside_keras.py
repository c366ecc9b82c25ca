"""A small GAN in plain Keras, on the digits of scikit-learn, that is watched in the workbench."""

import argparse
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

sys.path.append(str(Path(__file__).parents[2]))  # where gan_core is, if it is not installed

from gan_core.outside import Recorder  # noqa: E402  after Keras, which keeps the settings of this script so

LATENT = 32

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--steps", type=int, default=2000)
parser.add_argument("--rate", type=float, default=5e-4)
parser.add_argument("--workspace", default=None)
args = parser.parse_args()

keras.utils.set_random_seed(1)
digits = (load_digits().images[..., None] / 8 - 1).astype("float32")  # 8 x 8, in [-1, 1]
generator = keras.Sequential([
    keras.Input((LATENT,)), keras.layers.Dense(128, activation="relu"), keras.layers.Dense(64, activation="tanh"),
    keras.layers.Reshape((8, 8, 1))])
discriminator = keras.Sequential([
    keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(128), keras.layers.LeakyReLU(0.2),
    keras.layers.Dense(1)])
optimizers = {network: keras.optimizers.Adam(args.rate, beta_1=0.5) for network in ("generator", "discriminator")}
cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)


@tf.function
def play(real):
    latent = tf.random.normal((64, LATENT))
    with tf.GradientTape(persistent=True) as tape:
        on_real, on_fake = discriminator(real), discriminator(generator(latent))
        d_loss = cross_entropy(tf.ones_like(on_real), on_real) + cross_entropy(tf.zeros_like(on_fake), on_fake)
        g_loss = cross_entropy(tf.ones_like(on_fake), on_fake)
    for name, network, loss in (("discriminator", discriminator, d_loss), ("generator", generator, g_loss)):
        weights = network.trainable_variables
        optimizers[name].apply_gradients(zip(tape.gradient(loss, weights), weights))
    return {"d_loss": d_loss, "g_loss": g_loss, "d_accuracy_real": tf.reduce_mean(tf.cast(on_real > 0, tf.float32)),
            "d_accuracy_fake": tf.reduce_mean(tf.cast(on_fake < 0, tf.float32))}


rng, shown = np.random.default_rng(1), np.random.default_rng(0).normal(size=(64, LATENT)).astype("float32")
with Recorder("Plain Keras", knobs={"rate": args.rate, "seed": 1}, data="digits", steps=args.steps,
              workspace=args.workspace) as run:
    for step in range(1, args.steps + 1):
        figures = play(digits[rng.integers(0, len(digits), 64)])
        if step % 10 == 0 or step == args.steps:
            run.log(step, figures, samples=generator(shown) if step % 100 == 0 or step in (10, args.steps) else None)
        if run.stopped:
            break
