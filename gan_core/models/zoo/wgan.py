"""WGAN: a critic with clipped weights estimates the distance to the data (Arjovsky 2017)."""

from dataclasses import dataclass

import keras
from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import IMAGES, POINTS
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.losses import WASSERSTEIN
from gan_core.models.networks import dcgan, mlp
from gan_core.models.shared_knobs import Filters, PlainGame, PointLayers


@dataclass(frozen=True, kw_only=True)
class Config(PointLayers, Filters, PlainGame):
    # Algorithm 1: RMSprop 5e-5, five critic updates, c = 0.01; no momentum (section 4.3).  Batches of 64 there, of 128
    # here, as in all of the zoo that is built on DCGAN.
    optimizer: str = inherit(PlainGame, "optimizer", default="rmsprop")
    beta_1: float = inherit(PlainGame, "beta_1", default=0.0)
    beta_2: float = inherit(PlainGame, "beta_2", default=0.99)
    generator_rate: float = inherit(PlainGame, "generator_rate", default=5e-5)
    discriminator_rate: float = inherit(PlainGame, "discriminator_rate", default=5e-5, label="Critic learning rate")
    discriminator_updates: int = inherit(PlainGame, "discriminator_updates", default=5, tiny=2, label="Critic updates")
    # In miniature more: four channels of such small weights vanish beside the epsilon of a normalisation.
    clip_weights: float = knob(0.01, low=1e-4, high=10.0, log=True, tiny=0.1, group="Objective", label="Weight bound (c)",
                               help="Every weight of the critic is cut to plus or minus this after each update: its "
                                    "slope is bounded. Too small and gradients vanish, too large and it is slow.")


class WGAN(AdversarialModel):
    Config = Config
    title = "WGAN"
    paper = "Arjovsky 2017, Wasserstein GAN"
    link = "https://arxiv.org/abs/1701.07875"
    builds_on = ("dcgan",)
    summary = ("A critic with bounded weights estimates how far generated samples are from real ones; the estimate "
               "falls as samples improve.")
    story = ("The second network is no judge but a critic: it gives a number, and the difference of its means on real "
             "and on generated samples estimates the Wasserstein distance between them. For that its slope must be "
             "bounded, so every weight is cut to a small interval. The generator lowers the estimate.")
    formula = r"\min_G \max_{|w| \le c} \; \mathbb{E}_x D_w(x) - \mathbb{E}_z D_w(G(z))"
    strengths = ("A loss that means something: it falls as samples improve", "Seldom collapses")
    weaknesses = ("Slow: five critic updates a round, small steps", "Clipping makes the critic too simple")
    kinds = (IMAGES, POINTS)
    dense = (POINTS,)
    size_multiple = 4
    objective = WASSERSTEIN
    presets = {"Quick look": {"steps": 500, "filters": 32, "batch_size": 64, "generator_rate": 1e-3,
                              "discriminator_rate": 5e-4, "ema_decay": 0.95},
               "Full": {"steps": 20_000, "ema_decay": 0.999}}
    defaults_for = {POINTS: {"batch_size": 256, "clip_weights": 0.1}}

    def networks(self):
        c, shape = self.config, self.data.shape
        if self.data.flat:
            networks = mlp.point_networks(c.latent, shape, c.points_widths)
        else:
            # Batch normalisation in the critic, as the paper's have it: without it clipped weights tell the generator
            # little more than the mean image (after 400 steps all its samples looked like it).
            networks = {"generator": dcgan.generator(c.latent, shape, c.filters),
                        "discriminator": dcgan.discriminator(shape, c.filters, norm=True)}
        for variable in networks["discriminator"].trainable_variables:
            variable.constraint = Within(c.clip_weights)
        return networks


class Within(keras.constraints.Constraint):
    """Cuts a weight to [-bound, bound]; an optimizer does so after each update."""

    def __init__(self, bound):
        self.bound = bound

    def __call__(self, weight):
        return ops.clip(weight, -self.bound, self.bound)
