"""PacGAN: a GAN whose discriminator judges several samples at once (Lin 2018)."""

from dataclasses import dataclass

from gan_core.config.knobs import inherit
from gan_core.models.shared_knobs import Packing
from gan_core.models.zoo import gan


@dataclass(frozen=True, kw_only=True)
class Config(gan.Config):
    packing: int = inherit(Packing, "packing", default=2)


class PacGAN(gan.GAN):
    Config = Config
    title = "PacGAN"
    paper = "Lin 2018, PacGAN: The Power of Two Samples in Generative Adversarial Networks"
    link = "https://arxiv.org/abs/1712.04086"
    builds_on = ("dcgan",)
    summary = "The discriminator judges two samples or more at once, so a generator that repeats itself is found out."
    story = ("It is the GAN it is built on, with one change: the discriminator sees packs of samples, all real or all "
             "generated. In a pack, a lack of variety is visible at once. Nothing else changes, and the cost hardly "
             "rises.")
    formula = (r"\min_G \max_D \; \mathbb{E}_{x_1..x_m} \log D(x_1,\dots,x_m) + "
               r"\mathbb{E}_{z_1..z_m} \log (1 - D(G(z_1),\dots,G(z_m)))")
    strengths = ("Covers more modes than the same GAN without packs", "Costs next to nothing")
    weaknesses = ("Fewer verdicts a batch: a larger batch helps", "Packs beyond four add little")
