"""FastGAN: a small generator, and a discriminator that also learns to remember what it has seen (Liu 2021)."""

from dataclasses import dataclass, replace

import keras
from keras import ops

from gan_core.config.knobs import ABOVE_0, inherit, knob
from gan_core.models.adversarial import ToldWhereLabelled
from gan_core.models.losses import HINGE
from gan_core.models.networks import fastgan
from gan_core.models.shared_knobs import ClassesWhereLabelled, Filters, Game, Latents


@dataclass(frozen=True, kw_only=True)
class GeneratorKnobs(ClassesWhereLabelled, Filters, Latents):
    """What FastGAN's generator can be told."""

    latent: int = inherit(Latents, "latent", default=128)
    filters: int = inherit(Filters, "filters", default=32,
                           help="Channels of the generator at full resolution; smaller maps have up to eight times as many.")
    convolutions: int = knob(
        2, low=1, high=2, tiny=2, label="Convolutions a doubling",
        help="Of the generator. 1 is the lite one: less to learn by heart with, for sets of a few hundred images.")
    excitation: bool = knob(
        True, label="Skip-layer excitation",
        help="Small maps of the generator scale the channels of large ones, so that both learn quickly. Off, where samples "
             "show grids.")


@dataclass(frozen=True, kw_only=True)
class Config(GeneratorKnobs, Game):
    # The authors' settings: Adam 2e-4, beta 0.5 and 0.999, batches of 8; latents of 256 there.
    batch_size: int = inherit(Game, "batch_size", default=16)
    augment: str = inherit(Game, "augment", default="diffaugment")
    reconstruction: float = knob(
        1.0, low=0.0, high=100.0, group="Objective", label="Reconstruction weight",
        help="The discriminator also has to redraw real images, whole and a quarter at a time, from what it makes of them: "
             "it looks at all of an image, and not at what gives generated ones away alone. 0: off.")
    decoder_filters: int = knob(16, low=4, high=64, log=True, tiny=4, label="Decoder channels",
                                when={"reconstruction": ABOVE_0}, help="Of what redraws the images.")


class FastGAN(ToldWhereLabelled):
    Config = Config
    title = "FastGAN-lite"
    paper = "Liu 2021, Towards Faster and Stabilized GAN Training for High-fidelity Few-shot Image Synthesis"
    link = "https://arxiv.org/abs/2101.04775"
    builds_on = ("sngan",)
    summary = ("For few images: a small generator whose coarse maps excite its fine ones, and a discriminator that has to "
               "redraw real images from its own features.")
    story = ("The generator's small maps, which know what the whole is to be, scale the channels of its large ones, so "
             "that gradients reach both at once. The discriminator gets a second task, to redraw what it has seen, which "
             "keeps it from learning a few images by heart. Lite: few channels, no noise in the layers, and redrawn "
             "images compared pixel by pixel, where the paper has a perceptual distance.")
    formula = (r"\min_D \mathbb{E} [1 - D(x)]_+ + \mathbb{E} [1 + D(G(z))]_+ "
               r"+ \lambda\, \mathbb{E} \lVert \mathcal{G}(D_{\text{features}}(x)) - \mathcal{T}(x) \rVert_1, "
               r"\qquad \min_G -\mathbb{E} D(G(z))")
    strengths = ("Made for a hundred to a few thousand images", "Few parameters, quick steps at 64 pixels and more",
                 "Told the class where there are labels")
    weaknesses = ("Few images are learned by heart in long runs", "Less varied than the data")
    size_multiple = 4
    largest = 256
    objective = HINGE
    wiring = (("latent", "generator"), ("label", "generator"), ("data", "discriminator"), ("generator", "discriminator"),
              ("label", "discriminator"), ("discriminator", "decoder"))
    presets = {"Quick look": {"steps": 1200},
               "Few photographs": {"steps": 10_000, "convolutions": 1, "ema_decay": 0.999},
               "Full": {"steps": 30_000, "ema_decay": 0.999}}

    def networks(self):
        c, shape = self.config, self.data.shape
        networks = {"generator": fastgan.generator(c.latent, shape, c.filters, classes=self.classes, embedding=c.embedding,
                                                   convolutions=c.convolutions, excitation=c.excitation),
                    "discriminator": fastgan.discriminator(shape, c.filters, classes=self.classes)}
        if c.reconstruction:
            networks["decoder"] = fastgan.decoder(*self._maps(networks["discriminator"]), shape, c.decoder_filters)
        return networks

    @staticmethod
    def _maps(discriminator):
        """Shapes of what is redrawn from: the coarse map, and a quarter of the fine one."""
        said = discriminator.output
        height, width, channels = said["fine"].shape[1:]
        return said["coarse"].shape[1:], (height // 2, width // 2, channels)

    def players(self):
        discriminator, generator = super().players()
        if self.config.reconstruction:
            discriminator = replace(discriminator, networks=("discriminator", "decoder"))
        return discriminator, generator

    def judge(self, samples, batch, training=True):
        return super().judge(samples, batch, training) | {"seen": samples}

    def given(self, name, samples, batch):
        if name != "decoder":
            return super().given(name, samples, batch)
        batch = {key: ops.convert_to_tensor(values) for key, values in batch.items()}
        said = super().judge(ops.convert_to_tensor(samples), batch, training=False)
        return [said["coarse"], _quarter(said["fine"], (0, 0))]

    def more_for_discriminator(self, real, fake, batch):
        """The mean difference of real images, as they were seen, from what is redrawn of them (equation 4)."""
        if not self.config.reconstruction:
            return 0.0, {}
        seen, coarse, fine = real["seen"], real["coarse"], real["fine"]
        corner = keras.random.randint((2,), 0, 2, seed=self.random)  # of the quarter
        part = _quarter(fine, corner)
        again = self.decoder([coarse, part], training=True)
        wanted = {"whole": seen, "part": _quarter(seen, corner)}
        error = sum(ops.mean(ops.abs(again[name] - _pooled(wanted[name], again[name].shape[1]))) for name in wanted) / 2
        return self.config.reconstruction * error, {"reconstruction": error}


def _quarter(maps, corner):
    """A quarter of maps (N, H, W, C): the upper, left one at (0, 0), the lower, right one at (1, 1)."""
    n, height, width, channels = maps.shape
    height, width = height // 2, width // 2
    return ops.slice(maps, [0, corner[0] * height, corner[1] * width, 0], (n, height, width, channels))


def _pooled(images, side):
    """Images of so many pixels a side, each the mean of those there were."""
    by = images.shape[1] // side
    return ops.average_pool(images, by) if by > 1 else images
