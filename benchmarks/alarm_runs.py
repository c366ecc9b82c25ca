"""The runs that benchmarks/alarms.py tries alarms on: some that die, each in a way of its own, and healthy ones of every
family.  Small networks, small images and points; whatever is not named here is at the architecture's default."""

import dataclasses
from typing import NamedTuple

import numpy as np

DENSE = {"latent": 16, "width": 64}
SMALL = {"latent": 16, "filters": 8}
QUICK = {"generator_rate": 1e-3, "discriminator_rate": 1e-3}
# What keeps samples of a class from becoming alike: little room for the class beside the noise.
VARIED = {"latent": 64, "embedding": 4, "filters": 16, "generator_rate": 5e-4, "discriminator_rate": 5e-4}
USUAL = {"batch_size": 32, "xla": "off", "precision": "float32", "steps_per_call": 10, "ema_decay": 0.95}
POINTS = {"batch_size": 128, "points_width": 64, "points_depth": 2, "latent": 4, "ema_decay": 0.99}


class Case(NamedTuple):
    """One way to train: ``spoil`` makes of the data what is learned from, see :data:`SPOILT`."""

    family: str
    data: str
    steps: int
    knobs: dict
    spoil: str = ""
    size: int | None = None
    drawn: int = 1000  # samples at each look of the yardstick

    @property
    def place(self):
        """The data as a table calls them."""
        return f"{self.data} {self.size}" if self.size else self.data


def _with(data, **changed):
    return dataclasses.replace(data, whole=None, **changed)


def _labels_shuffled(data):
    rng = np.random.default_rng(1)
    return _with(data, y=rng.permutation(data.y), y_test=rng.permutation(data.y_test))


SPOILT = {
    "250 images": lambda data: _with(data, x=data.x[:250], y=data.y[:250]),
    "30 images": lambda data: _with(data, x=data.x[:30], y=data.y[:30]),
    "labels shuffled": _labels_shuffled,
    "one label for all": lambda data: _with(data, y=np.full_like(data.y, 3), y_test=np.full_like(data.y_test, 3)),
    "one class only": lambda data: _with(data, x=data.x[data.y == 1], y=data.y[data.y == 1]),
    "scaled twice": lambda data: _with(data, x=data.x // 255, x_test=data.x_test // 255),
}

DYING = {
    "ten to fifty times the rates": Case("gan", "mnist", 2000, {
        "batch_size": 64, "ema_decay": 0.99, "generator_rate": 5e-3, "discriminator_rate": 5e-3}),
    "twice the rates, and classes": Case("cgan", "digits", 900, SMALL | QUICK | {"conditioning": "projection"}),
    "twice the rates, and named classes": Case("acgan", "digits", 900, SMALL | QUICK),
    "high rates": Case("gan", "mnist", 1500, DENSE | {"generator_rate": 5e-3, "discriminator_rate": 5e-3}, size=16),
    "higher rates": Case("gan", "digits", 1200, DENSE | {"generator_rate": 2e-2, "discriminator_rate": 2e-2}),
    "high rates, convolutions": Case("dcgan", "digits", 800, SMALL | {"generator_rate": 2e-2, "discriminator_rate": 2e-2}),
    "no normalisation": Case("dcgan", "digits", 800, SMALL | {
        "generator_rate": 5e-3, "discriminator_rate": 1e-4, "discriminator_norm": False, "dropout": 0.0}),
    "a frozen discriminator": Case("dcgan", "digits", 600, SMALL | {
        "generator_rate": 5e-3, "discriminator_rate": 1e-6, "discriminator_norm": False, "dropout": 0.0}),
    "a frozen generator": Case("dcgan", "digits", 700, SMALL | {"generator_rate": 1e-6, "discriminator_rate": 1e-3}),
    "250 images": Case("gan", "mnist", 2500, DENSE | QUICK, "250 images", size=16),
    "30 images": Case("dcgan", "digits", 900, SMALL | QUICK, "30 images"),
    "gradients clipped to 1e-6": Case("gan", "digits", 1000, DENSE | QUICK | {"clip": "norm", "clip_at": 1e-6}),
    "weights clipped to 1e-4": Case("wgan", "digits", 500, {"latent": 16, "filters": 8, "clip_weights": 1e-4}),
    "a critic with hardly a bound": Case("wgan", "digits", 500, {
        "latent": 16, "filters": 8, "clip_weights": 10.0, "generator_rate": 1e-3, "discriminator_rate": 1e-2}),
    "penalty 0": Case("wgan_gp", "digits", 600, SMALL | {
        "penalty_weight": 0.0, "discriminator_rate": 1e-2, "discriminator_updates": 2}),
    "penalty 1,000": Case("wgan_gp", "ring", 1500, POINTS | {"penalty_weight": 1000.0, "discriminator_updates": 2}),
    "R1 and R2 of 1,000": Case("r3gan", "digits", 600, {"latent": 16, "filters": 8, "hidden": 32, "r1": 1000.0, "r2": 1000.0}
                               | QUICK),
    "labels shuffled": Case("cgan", "digits", 800, SMALL | QUICK | {"conditioning": "projection"}, "labels shuffled"),
    "one label for all": Case("acgan", "digits", 800, SMALL | QUICK, "one label for all"),
    "momentum 0.99": Case("gan", "ring", 2000, POINTS | QUICK | {"beta_1": 0.99}),
    "momentum 0.99, convolutions": Case("dcgan", "digits", 800, SMALL | QUICK | {"beta_1": 0.99}),
    "batches of 4": Case("gan", "digits", 3000, DENSE | {
        "generator_rate": 5e-3, "discriminator_rate": 5e-3, "batch_size": 4}),
    "ten turns of the discriminator": Case("gan", "mnist", 800, DENSE | {
        "discriminator_updates": 10, "discriminator_rate": 2e-3, "generator_rate": 1e-4}, size=16),
    "minimax against a sure judge": Case("gan", "digits", 1000, DENSE | {
        "loss": "minimax", "generator_rate": 1e-5, "discriminator_rate": 1e-3}),
    "scaled twice": Case("lsgan", "digits", 600, SMALL | QUICK, "scaled twice"),
    "long steps of SGD": Case("lsgan", "digits", 600, SMALL | {
        "optimizer": "sgd", "generator_rate": 0.1, "discriminator_rate": 0.1, "beta_1": 0.9}),
    "high rates, spectral norm": Case("sngan", "digits", 500, SMALL | {
        "discriminator_updates": 1, "generator_rate": 2e-2, "discriminator_rate": 2e-2}),
    "a classifier with a rate of 0.1": Case("cnn", "digits", 400, {
        "filters": 8, "blocks": 2, "width": 32, "learning_rate": 0.1, "batch_norm": False}),
    "a VAE with a rate of 0.1": Case("vae", "digits", 1000, {"latent": 8, "width": 64, "learning_rate": 0.1}),
    "a latent of 2": Case("gan", "grid", 2000, POINTS | QUICK | {"latent": 2, "points_width": 8, "points_depth": 1}),
}

HEALTHY = {
    "gan": Case("gan", "digits", 1500, DENSE | {"generator_rate": 5e-4, "discriminator_rate": 5e-4}),
    "dcgan": Case("dcgan", "digits", 900, SMALL | QUICK),
    "lsgan": Case("lsgan", "digits", 900, SMALL | QUICK),
    "wgan": Case("wgan", "digits", 500, {"latent": 16, "filters": 8, "generator_rate": 1e-3, "discriminator_rate": 5e-4}),
    "wgan_gp": Case("wgan_gp", "digits", 1000, SMALL | QUICK | {"discriminator_updates": 2}),
    "sngan": Case("sngan", "digits", 500, SMALL | QUICK | {"discriminator_updates": 1}),
    "cgan": Case("cgan", "digits", 1200, VARIED | {"conditioning": "projection"}),
    "acgan": Case("acgan", "digits", 1200, VARIED),
    "biggan": Case("biggan", "digits", 1200, SMALL | {"generator_rate": 5e-4, "discriminator_rate": 1e-3}),
    "infogan": Case("infogan", "digits", 900, SMALL | {"hidden": 128}),
    "pacgan": Case("pacgan", "mnist", 900, DENSE | {"generator_rate": 5e-4, "discriminator_rate": 5e-4}, size=16),
    "unrolled": Case("unrolled", "ring", 1200, {}),
    "r3gan": Case("r3gan", "ring", 2000, POINTS | QUICK | {"r1": 0.05, "r2": 0.05, "penalty_every": 8, "points_depth": 3,
                                                            "schedule": "cosine", "schedule_steps": 2000}),
    "lapgan": Case("lapgan", "mnist", 700, SMALL | QUICK, size=16),
    "gran": Case("gran", "mnist", 600, SMALL | QUICK, size=16),
    "progan": Case("progan", "mnist", 900, SMALL | {"stage_steps": 200}, size=16),
    "stylegan": Case("stylegan", "digits", 1400, {"generator_rate": 5e-4, "discriminator_rate": 5e-4, "r1": 0.3}),
    "fastgan": Case("fastgan", "mnist", 1000, {"latent": 16, "filters": 16, "decoder_filters": 8, "class_conditional": False,
                                               "generator_rate": 5e-4, "discriminator_rate": 5e-4}, size=16),
    "projected": Case("projected", "digits", 400, {"latent": 16, "filters": 8, "seen_side": 64} | QUICK),
    "pix2pix": Case("pix2pix", "digits+noisy", 600, {"filters": 8} | QUICK),
    "lstm": Case("lstm", "tunes", 300, {"units": 64, "embedding": 16, "learning_rate": 3e-3}),
    "adain": Case("adain", "digits", 500, {"filters": 8}, size=16),
    "cyclegan": Case("cyclegan", "mnist+3,8", 500, {"filters": 8, "blocks": 2} | QUICK, size=16),
    "srgan": Case("srgan", "digits+small2", 600, {"filters": 8, "blocks": 2, "distance_steps": 300, "looker": "lite0"},
                  size=16),
    "ctgan": Case("ctgan", "breast_cancer", 1500, {"width": 64, "latent": 16, "batch_size": 200, "packing": 1, "xla": "off",
                                                   "generator_rate": 5e-4, "discriminator_rate": 5e-4}),
    "tvae": Case("tvae", "breast_cancer", 800, {"width": 64, "latent": 16, "batch_size": 100, "xla": "off"}),
    "medgan": Case("medgan", "digits", 1500, {"latent": 32, "width": 64, "batch_size": 64, "coding_steps": 500,
                                                "xla": "off"}),
    "musegan": Case("musegan", "chorales", 600, {"filters": 8, "discriminator_updates": 2, "steps_per_call": 1}, drawn=500),
    "graf": Case("graf", "boxes", 1200, {"width": 32, "samples": 12, "patch": 8, "filters": 16, "batch_size": 16,
                                         "shape": 16, "appearance": 16, "coarse_steps": 400}, size=16),
    "vqgan": Case("vqgan", "digits", 600, {"filters": 8, "codes": 64, "code_width": 8, "look": 0.0,
                                            "adversarial_steps": 300}, size=16),
    "clip": Case("clip", "captions", 300, {"filters": 8, "hidden": 32, "batch_size": 64}, size=16),
    "vae": Case("vae", "digits", 1000, {"latent": 8, "width": 64}),
    "vaegan": Case("vaegan", "digits", 700, SMALL | QUICK),
    "wavenet": Case("wavenet", "tones", 1500, {"channels": 16, "skips": 32, "stretch": 512, "batch_size": 16,
                                               "learning_rate": 4e-3}, drawn=100),
    "pixelcnn": Case("pixelcnn", "digits", 500, {"filters": 16, "blocks": 2}),
    "cnn": Case("cnn", "digits", 600, {"filters": 16, "blocks": 2, "width": 64}),
}
