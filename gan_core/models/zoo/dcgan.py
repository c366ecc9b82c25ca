"""DCGAN: convolutions in both networks (Radford 2016)."""

from dataclasses import dataclass

from gan_core.models.adversarial import AdversarialModel
from gan_core.models.networks import dcgan
from gan_core.models.shared_knobs import ConvDiscriminator, Game, Objective, Packing


@dataclass(frozen=True, kw_only=True)
class Config(Objective, Packing, ConvDiscriminator, Game):
    pass


class DCGAN(AdversarialModel):
    Config = Config
    title = "DCGAN"
    paper = "Radford 2016, Unsupervised Representation Learning with Deep Convolutional GANs"
    link = "https://arxiv.org/abs/1511.06434"
    builds_on = ("gan",)
    summary = "Strided convolutions in both networks. The usual first choice for images."
    story = ("The generator builds an image up from a small one with transposed convolutions, and the discriminator "
             "takes it apart again with strided ones. Batch normalisation, and neither pooling nor hidden dense layers, "
             "make such deep networks trainable. The game is that of the original GAN.")
    formula = r"""\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_\text{data}}[\log D(x)]
        + \mathbb{E}_{z \sim p_z}[\log(1 - D(G(z)))]"""
    strengths = ("sharp images, for convolutions know what is near what", "a few minutes to good digits on a CPU",
                 "the discriminator's features serve other tasks too")
    weaknesses = ("mode collapse, above all in long runs", "a balance of rates and capacities that is easily lost",
                  "large images lack structure as a whole")
    size_multiple = 4
    # Many small steps at high rates: after 90 s of digits on one core the kernel distance was 0.07; with batches of 128 at
    # the paper's rates 0.23.  Averages over fewer steps, for weights that turn as fast.
    presets = {"Quick look": {"steps": 800, "filters": 32, "batch_size": 64, "generator_rate": 1e-3,
                              "discriminator_rate": 5e-4, "ema_decay": 0.95}, "Full": {"steps": 10_000, "ema_decay": 0.999}}

    def networks(self):
        c, shape = self.config, self.data.shape
        return {"generator": dcgan.generator(c.latent, shape, c.filters),
                "discriminator": dcgan.discriminator(shape, c.filters, packing=c.packing, **dcgan.asked(c))}
