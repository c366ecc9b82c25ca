"""DCGAN: convolutions in both networks (Radford 2016)."""

from dataclasses import dataclass

from gan_core.adversarial import AdversarialModel
from gan_core.networks import dcgan
from gan_core.techniques import ConvDiscriminator, Game, Objective, Packing


@dataclass(frozen=True, kw_only=True)
class Config(Objective, Packing, ConvDiscriminator, Game):
    pass


class DCGAN(AdversarialModel):
    Config = Config
    title = "DCGAN"
    paper = "Radford 2016, Unsupervised Representation Learning with Deep Convolutional GANs"
    link = "https://arxiv.org/abs/1511.06434"
    summary = "Strided convolutions in both networks. The usual first choice for images."
    size_multiple = 4
    presets = {"Quick look": {"steps": 400, "filters": 32}, "Full": {"steps": 10_000, "ema_decay": 0.999}}

    def networks(self):
        c, shape = self.config, self.data.shape
        return {"generator": dcgan.generator(c.latent, shape, c.filters),
                "discriminator": dcgan.discriminator(shape, c.filters, packing=c.packing, **dcgan.asked(c))}
