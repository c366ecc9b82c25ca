"""SNGAN: spectral normalisation and the hinge loss, on residual networks (Miyato 2018); attention by a knob."""

from dataclasses import dataclass

import keras

from gan_core.config.knobs import inherit, knob
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.losses import HINGE
from gan_core.models.networks import resnet
from gan_core.models.shared_knobs import Filters, Game, Latents


@dataclass(frozen=True, kw_only=True)
class Config(Latents, Filters, Game):
    # The authors' settings for residual networks on CIFAR-10: Adam 2e-4, beta 0 and 0.9, five discriminator updates.  Their
    # rate falls in a line to 0, which `schedule` does.
    beta_1: float = inherit(Game, "beta_1", default=0.0)
    beta_2: float = inherit(Game, "beta_2", default=0.9)
    discriminator_updates: int = inherit(Game, "discriminator_updates", default=5, tiny=2)
    batch_size: int = inherit(Game, "batch_size", default=64)
    latent: int = inherit(Latents, "latent", default=128)
    attention: bool = knob(False, label="Self-attention",
                           help="A layer in each network in which every place looks at every other (SAGAN, Zhang "
                                "2019): for shapes whose parts must agree.")


class SNGAN(AdversarialModel):
    Config = Config
    title = "SNGAN-lite"
    paper = "Miyato 2018, Spectral Normalization for Generative Adversarial Networks"
    link = "https://arxiv.org/abs/1802.05957"
    builds_on = ("dcgan",)
    summary = ("Residual networks and the hinge loss; each kernel of the discriminator is divided by its largest "
               "singular value, which bounds its slope.")
    story = ("The discriminator's kernels are divided by their largest singular value, so no layer can stretch its "
             "input. That bounds the slope without a penalty and without clipping. Lite: 64 channels in place of the "
             "paper's 128 and 256.")
    formula = (r"\min_D \mathbb{E}_x [1 - D(x)]_+ + \mathbb{E}_z [1 + D(G(z))]_+, \quad \min_G -\mathbb{E}_z D(G(z)), "
               r"\qquad \bar W = W / \sigma(W)")
    strengths = ("Steady over a wide range of learning rates", "Cheap: a few products of small matrices a step")
    weaknesses = ("Slower than DCGAN: residual blocks, five discriminator updates",
                  "Too tight a bound for very large networks")
    size_multiple = 4
    objective = HINGE
    presets = {"Quick look": {"steps": 700, "filters": 32, "batch_size": 32, "discriminator_updates": 1,
                              "generator_rate": 5e-4, "discriminator_rate": 5e-4, "ema_decay": 0.95},
               "Full": {"steps": 20_000, "ema_decay": 0.999}}

    def networks(self):
        c, shape = self.config, self.data.shape
        z, sample = keras.Input((c.latent,), name="latent"), keras.Input(shape, name="sample")
        return {"generator": keras.Model(z, resnet.upsample(z, shape, c.filters, attention=c.attention),
                                         name="generator"),
                "discriminator": keras.Model(sample, resnet.critic(sample, c.filters, attention=c.attention),
                                             name="discriminator")}
