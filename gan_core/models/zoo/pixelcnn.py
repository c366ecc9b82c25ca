"""PixelCNN: an image drawn pixel by pixel, each given those before (van den Oord 2016)."""

import math
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.models.base import GenerativeModel, Player
from gan_core.models.inputs import Uniform
from gan_core.models.likelihoods import categorical, held_out_levels, images_of, levels_of
from gan_core.models.networks import masked
from gan_core.models.shared_knobs import OnePlayer


@dataclass(frozen=True, kw_only=True)
class Config(OnePlayer):
    """Adam 3e-3 and batches of 64: for a few thousand steps, where the paper has RMSprop 1e-3 and 16."""

    levels: str = knob("auto", choices=("auto", "2", "4", "8", "16", "32", "64", "128", "256"), tiny="4",
                       help="Values that a pixel can have. Images are rounded to them by chance, anew each time they "
                            "are seen. auto: 2 for grey images, as likelihoods on MNIST are usually given, 32 for "
                            "colour.")
    filters: int = knob(32, low=4, high=256, log=True, tiny=6,
                        help="Features of each pixel; inside a block there are half as many.")
    blocks: int = knob(5, low=1, high=16, tiny=1,
                       help="Residual blocks. Each lets a pixel see one row and one column further back.")
    batch_size: int = inherit(OnePlayer, "batch_size", default=64)
    beta_1: float = inherit(OnePlayer, "beta_1", default=0.9)
    learning_rate: float = inherit(OnePlayer, "learning_rate", default=3e-3)


class PixelCNN(GenerativeModel):
    Config = Config
    title = "PixelCNN-lite"
    paper = "van den Oord 2016, Pixel Recurrent Neural Networks"
    link = "https://arxiv.org/abs/1601.06759"
    summary = ("Says of each pixel how likely each value is, given the pixels before. No opponent and a likelihood "
               "that can be compared; samples are drawn pixel by pixel, so slowly. Lite: 5 blocks of 32 features, where the "
               "paper has 15 of 128 for CIFAR-10.")
    story = ("An image is read like a text, from the upper left to the lower right. A convolution that is blind to "
             "what comes later says how likely each value of the next pixel is. Training shows it all pixels of real "
             "images at once; a sample is thrown pixel by pixel, each after those before.")
    formula = (r"p(x) = \prod_{i=1}^{n^2} p(x_i \mid x_1, \ldots, x_{i-1}), \quad "
               r"\min_\theta \; \mathbb{E}_{x \sim p_{data}}\Big[-\sum_i \log p_\theta(x_i \mid x_{<i})\Big]")
    strengths = ("An exact likelihood, so models can be compared", "Training is steady: no opponent",
                 "Misses no mode: what is left out costs likelihood")
    weaknesses = ("Samples come pixel by pixel", "No latent code to move in",
                  "Sharp strokes, but few of them add up to a whole")
    largest = 64
    averaged = ("network",)
    not_a_graph = ("PixelCNN draws a sample pixel by pixel, each from those before it, which takes too long outside of the "
                   "workbench.")
    presets = {"Quick look": {"steps": 600}, "Full": {"steps": 20_000, "filters": 64, "ema_decay": 0.999}}

    @property
    def levels(self):
        asked, colour = self.config.levels, self.data.shape[-1] > 1
        return int(asked) if asked != "auto" else 32 if colour else 2

    def networks(self):
        c = self.config
        return {"network": masked.pixel_network(self.data.shape, self.levels, c.filters, c.blocks)}

    def inputs(self):
        return (Uniform(tuple(self.data.shape), low=0.0),)

    def players(self):
        return (Player("network", "g", ("network",), self.negative_log_likelihood),)

    def negative_log_likelihood(self, batch):
        """-log p(x) in nats per image."""
        uniform = keras.random.uniform(batch["real"].shape, seed=self.random)
        nats = ops.mean(self.nats(self.network, levels_of(batch["real"], self.levels, uniform), training=True))
        return nats, {"bits_per_dim": nats / (math.log(2.0) * math.prod(self.data.shape))}

    def nats(self, network, chosen, training=False):
        """-log p of images of levels (N, H, W, C): (N,)."""
        return categorical(chosen, network(images_of(chosen, self.levels), training=training))

    def log_likelihood(self, images, seed=0, batch=250):
        """Mean log p in nats of held-out images (N, H, W, C) in [-1, 1], rounded to levels by this seed."""
        chosen, network = held_out_levels(images, self.levels, seed), self.sampler("network")
        parts = [ops.convert_to_numpy(self.nats(network, chosen[i:i + batch])) for i in range(0, len(chosen), batch)]
        return -float(np.concatenate(parts).mean())

    def sample(self, inputs, training=False):
        return self.sample_with_progress(inputs, lambda share: None)

    def sample_with_progress(self, inputs, progress):
        uniform = ops.convert_to_numpy(inputs["uniform"])
        return masked.draw(self.sampler("network"), uniform, self.config.blocks, progress)
