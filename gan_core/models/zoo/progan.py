"""ProGAN: both networks grow from few pixels to many (Karras 2018), for small machines."""

from dataclasses import dataclass

from keras import ops, tree

from gan_core.config.knobs import inherit, knob
from gan_core.data import IMAGES
from gan_core.models.networks import progressive
from gan_core.models.networks.progressive import blend, enlarged, shrunk
from gan_core.models.shared_knobs import Filters, PlainGame, Latents
from gan_core.models.zoo.wgan_gp import WGANGP, Config as Penalised


@dataclass(frozen=True, kw_only=True)
class Config(Filters, Latents, PlainGame):
    # Appendix A.1: Adam 1e-3, beta 0 and 0.99, lambda 10, epsilon 0.001, one critic update.
    generator_rate: float = inherit(PlainGame, "generator_rate", default=1e-3)
    discriminator_rate: float = inherit(Penalised, "discriminator_rate", default=1e-3)
    beta_1: float = inherit(PlainGame, "beta_1", default=0.0)
    beta_2: float = inherit(PlainGame, "beta_2", default=0.99)
    batch_size: int = inherit(PlainGame, "batch_size", default=64)
    filters: int = inherit(Filters, "filters", default=16,
                           help="Channels at full resolution; each smaller one has twice as many, up to eight times.")
    stage_steps: int = knob(
        600, low=1, high=1_000_000, log=True, tiny=2, group="Growth", label="Steps a stage",
        help="Steps in each resolution before the next, twice as fine, joins; the last one stays.")
    fade_share: float = knob(
        0.5, low=0.01, high=1.0, tiny=1.0, group="Growth", label="Fading share",
        help="The share of a stage in which its new layers fade in; in the rest they stand alone.")
    penalty_weight: float = inherit(Penalised, "penalty_weight",
                                    help="How hard the critic's gradient norm is drawn to 1.")
    drift: float = knob(1e-3, low=0.0, high=1.0, group="Objective", label="Drift weight (epsilon)",
                        help="How much the critic pays for the square of its outputs on real samples, so that they "
                             "stay near 0.")


class ProGAN(WGANGP):
    Config = Config
    title = "ProGAN-lite"
    paper = "Karras 2018, Progressive Growing of GANs for Improved Quality, Stability, and Variation"
    link = "https://arxiv.org/abs/1710.10196"
    builds_on = ("wgan_gp",)
    summary = ("Learns tiny images first and doubles their size stage by stage, fading new layers in. Lite: 8 to 128 "
               "pixels instead of 1024, a few thousand steps instead of 12 million images, and far fewer channels.")
    story = ("Both networks start with images of a few pixels and learn their rough shape. When that is learned, "
             "layers for twice the resolution are faded in on both sides, a little more of them each step. So coarse "
             "structure comes first, and most of the training is cheap.")
    formula = (r"\min_G \max_D \; \mathbb{E}_x D(x) - \mathbb{E}_z D(G(z)) "
               r"- \lambda\, \mathbb{E}_{\hat x} (\lVert \nabla D(\hat x) \rVert_2 - 1)^2 "
               r"- \epsilon\, \mathbb{E}_x D(x)^2, \quad "
               r"G(z) = (1-\alpha)\, \mathrm{up}(G_{k-1}(z)) + \alpha\, G_k(z)")
    strengths = ("Steady: each stage is a small problem", "Early stages are many times cheaper")
    weaknesses = ("The number of steps a stage must be chosen", "Details may stick to their place in the image")
    kinds = (IMAGES,)
    dense = ()
    judges_plainly = False
    size_multiple = 4
    presets = {"Quick look": {"steps": 1200, "stage_steps": 300, "generator_rate": 5e-3, "discriminator_rate": 5e-3},
               "Full": {"steps": 20_000, "stage_steps": 3000, "filters": 32, "ema_decay": 0.999}}
    defaults_for = {}
    stage = 0

    def networks(self):
        c, shape = self.config, self.data.shape
        return {"generator": progressive.generator(c.latent, shape, c.filters),
                "discriminator": progressive.discriminator(shape, c.filters)}

    # Growth

    @property
    def resolutions(self):
        return progressive.resolutions(self.data.shape[0])

    def stages(self):
        return tuple(self.config.stage_steps * stage for stage in range(1, len(self.resolutions)))

    def enter(self, stage):
        self.stage = stage

    def fade(self):
        """alpha: how far the layers of this stage have been faded in, 0 to 1."""
        if self.stage == 0:
            return ops.ones(())
        c = self.config
        played = ops.cast(self.rounds - self.stage * c.stage_steps, "float32")
        return ops.clip(played / (c.fade_share * c.stage_steps), 0.0, 1.0)

    def draw(self, network, latent, training):
        """Images of this stage's resolution, the former stage's blended with its own (figure 2)."""
        # Keras unwraps a list of one.
        *former, own = tree.flatten(progressive.generator_at(network, self.stage)(latent, training=training))
        return blend(enlarged(former[0], 2), own, self.fade()) if former else own

    def shown(self, real):
        """Real images at this stage's resolution, as much of their finest detail faded in as in generated ones."""
        real = shrunk(real, real.shape[1] // self.resolutions[self.stage])
        return blend(enlarged(shrunk(real, 2), 2), real, self.fade()) if self.stage else real

    # The game

    def generate(self, batch):
        return self.draw(self.generator, batch["latent"], training=True)

    def judge(self, samples, batch):
        """Samples of any stage's resolution; a stage other than the present one is judged as if it stood alone."""
        stage = self.resolutions.index(samples.shape[1])
        part = progressive.discriminator_at(self.discriminator, stage)
        return {"logits": part([samples, *self._fades(stage, samples.shape[0])], training=True)}

    def _fades(self, stage, n):
        """For each of ``n`` samples alpha, a stage other than the present one standing alone; the first has none."""
        return [ops.broadcast_to(self.fade() if stage == self.stage else 1.0, (n,))] if stage else []

    # A look at it from outside

    def score(self, samples, batch):
        return self.discriminate(self._seen_now(samples, batch), batch)

    def _seen_now(self, samples, batch):
        """Samples of the data's size as the discriminator sees them in this stage; generated ones were faded already."""
        return self.shown(samples) if "real" in batch else shrunk(samples, samples.shape[1] // self.resolutions[self.stage])

    def at_work(self, name):
        part = {"generator": progressive.generator_at, "discriminator": progressive.discriminator_at}[name]
        return part(self.sampler(name), self.stage)

    def given(self, name, samples, batch):
        if name == "generator":
            return [ops.convert_to_tensor(batch["latent"])]
        seen = self._seen_now(ops.convert_to_tensor(samples), batch)
        return [seen, *self._fades(self.stage, len(samples))]

    def discriminator_loss(self, batch):
        loss, logs = super().discriminator_loss(batch | {"real": self.shown(batch["real"])})
        return loss, logs | {"fade": self.fade(), "resolution": self.resolutions[self.stage]}

    def more_for_discriminator(self, real, fake, batch):
        """epsilon D(x)^2 (appendix A.1)."""
        return self.config.drift * ops.mean(ops.square(real["logits"])), {}

    def sample(self, inputs, training=False):
        images = self.draw(self.sampler("generator"), inputs["latent"], training)
        return self._finished(images)

    def views(self, inputs, real):
        """What each resolution that has been reached looks like by itself."""
        images = self.sampler("generator")(inputs["latent"], training=False)[:self.stage + 1]
        return {"Resolutions": [(f"{size} x {size}", self._finished(image))
                                for size, image in zip(self.resolutions, images)]}

    def _finished(self, images):
        """At the data's size."""
        return enlarged(images, self.data.shape[0] // images.shape[1])
