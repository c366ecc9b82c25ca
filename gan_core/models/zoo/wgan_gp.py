"""WGAN-GP: a critic held to slope 1 by a penalty on its gradient (Gulrajani 2017)."""

from dataclasses import dataclass

import keras
from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import IMAGES, POINTS
from gan_core.engine.autodiff import input_gradient
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.losses import WASSERSTEIN, gradient_penalty
from gan_core.models.networks import dcgan, mlp
from gan_core.models.shared_knobs import Convolutions, PlainGame, Latents, PointLayers


@dataclass(frozen=True, kw_only=True)
class Config(PointLayers, Convolutions, PlainGame):
    # Algorithm 1: Adam 1e-4, beta 0 and 0.9, five critic updates, lambda 10.  Batches of 64 there, of 128 here, as in all
    # of the zoo that is built on DCGAN.
    generator_rate: float = inherit(PlainGame, "generator_rate", default=1e-4)
    discriminator_rate: float = inherit(
        PlainGame, "discriminator_rate", default=1e-4, label="Critic learning rate",
        help="Step size of Adam for the critic. Higher than the generator's is the two time-scale update rule (TTUR).")
    beta_1: float = inherit(PlainGame, "beta_1", default=0.0)
    beta_2: float = inherit(PlainGame, "beta_2", default=0.9)
    discriminator_updates: int = inherit(
        PlainGame, "discriminator_updates", default=5, tiny=2, label="Critic updates",
        help="Updates of the critic for each of the generator, each on fresh real samples.")
    penalty_weight: float = knob(10.0, low=0.0, high=1000.0, group="Objective", label="Penalty weight (lambda)",
                                 help="How hard the critic's gradient norm is drawn to 1. Small values suit points.")
    latent: int = inherit(Latents, "latent", default=128)


class WGANGP(AdversarialModel):
    Config = Config
    title = "WGAN-GP"
    paper = "Gulrajani 2017, Improved Training of Wasserstein GANs"
    link = "https://arxiv.org/abs/1704.00028"
    builds_on = ("wgan",)
    summary = ("A critic estimates how far generated samples are from real ones; a penalty keeps its slope at 1. "
               "Steady, with a loss that means something, at five critic updates a step.")
    story = ("A critic scores samples instead of judging them, and the gap between its scores of real and of generated "
             "ones estimates the Wasserstein distance. That holds only while its slope is at most 1, so a penalty draws "
             "the norm of its gradient to 1 between real and generated samples. The generator raises its scores.")
    formula = r"""\begin{aligned}
        L_D &= \mathbb{E}_{\tilde x \sim \mathbb{P}_g}[D(\tilde x)] - \mathbb{E}_{x \sim \mathbb{P}_r}[D(x)]
        + \lambda\, \mathbb{E}_{\hat x \sim \mathbb{P}_{\hat x}}
        \big[(\lVert \nabla_{\hat x} D(\hat x) \rVert_2 - 1)^2\big] \\
        L_G &= -\mathbb{E}_{z \sim p(z)}[D(G(z))], \qquad
        \hat x = \epsilon x + (1 - \epsilon)\, \tilde x, \quad \epsilon \sim U[0, 1] \end{aligned}"""
    strengths = ("the critic's estimate falls as samples improve", "steady across networks and settings",
                 "seldom collapses to a few modes")
    weaknesses = ("slow: five critic updates a step, each with a second backward pass",
                  "no batch normalisation in the critic",
                  "the slope is held only where it is sampled, between real and generated samples")
    kinds = (IMAGES, POINTS)
    dense = (POINTS,)
    size_multiple = 4
    objective = WASSERSTEIN
    presets = {"Quick look": {"steps": 700, "filters": 32, "batch_size": 64, "discriminator_updates": 2,
                              "generator_rate": 1e-3, "discriminator_rate": 1e-3, "ema_decay": 0.95},
               "Full": {"steps": 10_000, "ema_decay": 0.999}}
    # At lambda 10 the penalty drowns the small distances between points.
    defaults_for = {POINTS: {"batch_size": 256, "penalty_weight": 0.1}}

    def networks(self):
        c, shape = self.config, self.data.shape
        # No batch normalisation in the critic: the penalty is on each sample's own gradient (section 4).
        if self.data.flat:
            return mlp.point_networks(c.latent, shape, c.points_widths)
        return {"generator": dcgan.generator(c.latent, shape, c.filters),
                "discriminator": dcgan.discriminator(shape, c.filters, **dcgan.asked(c))}

    def penalty(self, real, fake, batch):
        """lambda (||grad D(x^)|| - 1)^2 at x^ between real and generated samples (equation 3)."""
        alpha = keras.random.uniform((real.shape[0],) + (1,) * (len(real.shape) - 1), seed=self.random)
        between = alpha * real + (1.0 - alpha) * fake
        gradient = input_gradient(lambda x: self.discriminate(x, batch), between)
        penalty = ops.mean(gradient_penalty(gradient))
        return self.config.penalty_weight * penalty, {"gradient_penalty": penalty}
