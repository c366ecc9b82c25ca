"""Projected GAN: the discriminators judge what a network that knows photographs makes of an image (Sauer 2021)."""

from dataclasses import dataclass

from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.models import flops
from gan_core.models.adversarial import ToldWhereLabelled
from gan_core.models.losses import HINGE
from gan_core.models.networks import fastgan, projected
from gan_core.models.shared_knobs import Adaptive, ConvDiscriminator, Sharing, Steadying, TwoPlayers
from gan_core.models.zoo.fastgan import GeneratorKnobs
from gan_core.pretrained import maps


@dataclass(frozen=True, kw_only=True)
class Config(GeneratorKnobs, Sharing, Adaptive, Steadying, TwoPlayers):
    r1 = r2 = 0.0  # no penalty goes through the network of others
    penalty_every, packing = 1, 1

    # The authors' settings: Adam 2e-4, beta 0 and 0.99.  At ten times that rate small sets collapse.
    beta_1: float = inherit(TwoPlayers, "beta_1", default=0.0)
    beta_2: float = inherit(TwoPlayers, "beta_2", default=0.99)
    batch_size: int = inherit(TwoPlayers, "batch_size", default=16)
    augment: str = inherit(Adaptive, "augment", default="diffaugment")
    generator: str = knob("fastgan", choices=("fastgan", "stylegan"),
                          help="Whose generator: FastGAN's learns quickly; StyleGAN's is slower and more varied.")
    convolutions: int = inherit(GeneratorKnobs, "convolutions", when={"generator": ("fastgan",)})
    excitation: bool = inherit(GeneratorKnobs, "excitation", when={"generator": ("fastgan",)})
    seen_side: int = knob(128, low=32, high=256, tiny=32, label="Seen at (pixels)",
                          help="Images are enlarged to this for the network that looks at them, which knows large ones. "
                               "Less is faster, and it sees less.")
    head_width: int = knob(64, low=8, high=256, log=True, tiny=8, label="Width of the discriminators",
                           help="Channels of the mixtures that the four discriminators judge.")
    minibatch_std: bool = inherit(ConvDiscriminator, "minibatch_std",
                                  help="Tells each discriminator how much the samples of a batch differ, so that a lack of "
                                       "variety is seen (Karras 2018).")
    mixed_scales: bool = knob(True, label="Mix the scales",
                              help="Coarse features are added to fine ones, so that each discriminator knows of the whole.")


class Projected(ToldWhereLabelled):
    Config = Config
    title = "Projected GAN"
    paper = "Sauer 2021, Projected GANs Converge Faster"
    link = "https://arxiv.org/abs/2111.01007"
    builds_on = ("fastgan",)
    summary = ("For photographs: four small discriminators judge the features of a network that knows a thousand kinds of "
               "things, so that shapes come in minutes.")
    story = ("A discriminator has to learn to see before it can judge. Here EfficientNet-lite0, trained on photographs of a "
             "thousand kinds, sees for it and never changes; its maps of four sizes are mixed at random, once and for all, "
             "and a small network judges each mixture. The generator is FastGAN's, or StyleGAN's.")
    formula = (r"\min_G \max_{\{D_l\}} \sum_l \mathbb{E}_x [-1 + D_l(P_l(x))]_- + \mathbb{E}_z [-1 - D_l(P_l(G(z)))]_-, "
               r"\qquad P_l \text{ fixed}")
    strengths = ("Recognisable things after minutes, from a few hundred photographs",
                 "One learning rate suits most data", "Told the class where there are labels")
    weaknesses = ("Faces fall apart while scores by ImageNet's features fall, so it is never scored by what it saw through",
                  "Small sets collapse in long runs: keep the best", "Drawings and symbols are foreign to its eyes")
    size_multiple = 4
    largest = 256
    channels = (1, 3)
    looks_through = maps.NETWORK
    objective = HINGE
    wiring = (("latent", "generator"), ("label", "generator"), ("data", "discriminator"), ("generator", "discriminator"),
              ("label", "discriminator"))
    # Minutes on a processor: the smaller generator, and a rate at which it gets as far in half of the steps; it goes down
    # where a run goes on, for small sets collapse at ten times the authors' rate.
    presets = {"Quick look": {"steps": 1500, "filters": 16, "convolutions": 1, "seen_side": 96, "generator_rate": 5e-4,
                              "discriminator_rate": 5e-4},
               "Few photographs": {"steps": 10_000, "filters": 16, "convolutions": 1, "seen_side": 96,
                                   "generator_rate": 5e-4, "discriminator_rate": 5e-4, "schedule": "exponential",
                                   "schedule_steps": 10_000,
                                   "ema_decay": 0.995},
               "Full": {"steps": 20_000, "ema_decay": 0.999}}

    def networks(self):
        c, shape = self.config, self.data.shape
        self._seen = maps.Seen(shape, c.seen_side)
        told = {"classes": self.classes, "embedding": c.embedding}
        if c.generator == "stylegan":
            generator = projected.style_generator(c.latent, shape, c.filters, **told)
        else:
            generator = fastgan.generator(c.latent, shape, c.filters, convolutions=c.convolutions, excitation=c.excitation,
                                          **told)
        return {"generator": generator,
                "discriminator": projected.discriminator(self._seen.shapes, c.head_width, mixed=c.mixed_scales,
                                                         minibatch_std=c.minibatch_std, classes=self.classes)}

    def flops_beside(self):
        """Of what sees: real images, generated ones, and the way back."""
        return flops.flops(self._seen.network) * (2 * self.config.discriminator_updates + 2 * self.config.generator_updates)

    def make(self, batch):
        """Generated samples, and what the network sees of them as the discriminators get to see them: the same for both
        turns, since it takes longer than all else."""
        samples, drawn = super().make(batch)
        return [samples, *self._seen(self.seen(samples))], drawn

    def judge(self, samples, batch, training=True):
        """Logits (N, 4) of images, or of what the network sees of them: a list of maps."""
        seen = samples if isinstance(samples, list) else self._seen(samples)
        return {"logits": self.discriminator([*seen, *self.discriminator_condition(batch)], training=training)}

    def discriminate(self, samples, batch):
        return ops.mean(super().discriminate(samples, batch), axis=-1, keepdims=True)

    def discriminator_loss(self, batch):
        batch = self.with_made(batch)
        return self.discriminator_objective(self._seen(self.seen(batch["real"])), batch["made"][1:], batch)

    def generator_loss(self, batch):
        batch = self.with_made(batch)
        return ops.mean(self.objective.generator(None, self.judge(batch["made"][1:], batch)["logits"])), {}
