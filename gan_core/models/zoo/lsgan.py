"""LSGAN: DCGAN with another loss (Mao 2017)."""

from dataclasses import dataclass

from gan_core.models.losses import LEAST_SQUARES
from gan_core.models.shared_knobs import ConvDiscriminator, Game, Packing, Smoothing
from gan_core.models.zoo.dcgan import DCGAN


@dataclass(frozen=True, kw_only=True)
class Config(Smoothing, Packing, ConvDiscriminator, Game):
    pass


class LSGAN(DCGAN):
    Config = Config
    title = "LSGAN"
    paper = "Mao 2017, Least Squares Generative Adversarial Networks"
    link = "https://arxiv.org/abs/1611.04076"
    builds_on = ("dcgan",)
    summary = ("DCGAN that pays for the squared distance to a target instead of for a wrong verdict: samples that fool "
               "the discriminator, but lie far from real ones, still teach.")
    story = ("Two convolutional networks play the usual game. The discriminator is drawn to 1 on real images and to 0 "
             "on generated ones, the generator draws its verdict to 1. The square keeps a gradient where the "
             "logistic loss is satisfied already.")
    formula = (r"\min_D \tfrac12 \mathbb{E}_x (D(x)-1)^2 + \tfrac12 \mathbb{E}_z D(G(z))^2, \qquad "
               r"\min_G \tfrac12 \mathbb{E}_z (D(G(z))-1)^2")
    strengths = ("Gradients from samples that are right but far off", "As simple and quick as DCGAN")
    weaknesses = ("Collapses as DCGAN does", "Its logits are not odds: they have no scale of their own")
    objective = LEAST_SQUARES
