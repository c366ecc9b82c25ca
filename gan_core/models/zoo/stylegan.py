"""StyleGAN2: a style for every layer, from a mapping network (Karras 2020), for small machines."""

from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from gan_core.config.knobs import ABOVE_0, inherit, knob
from gan_core.engine.autodiff import input_gradient
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.inputs import Dial, Latent, Shift
from gan_core.models.losses import NON_SATURATING
from gan_core.models.networks import style
from gan_core.models.shared_knobs import Filters, Game, Latents, Smoothing

MEMORY = 0.99  # of the running means: of w for truncation, of path lengths for their regularisation


@dataclass(frozen=True, kw_only=True)
class Config(Smoothing, Filters, Latents, Game):
    # Appendix B: Adam 2e-3, beta 0 and 0.99, path lengths every 8 rounds.  For a run of a few thousand steps, R1 every
    # 8 rounds instead of 16, styles mixed for half of the samples instead of 90 %, and as in the authors' settings for
    # CIFAR-10 a mapping of two layers instead of eight.
    generator_rate: float = inherit(Game, "generator_rate", default=2e-3)
    discriminator_rate: float = inherit(Game, "discriminator_rate", default=2e-3)
    beta_1: float = inherit(Game, "beta_1", default=0.0)
    beta_2: float = inherit(Game, "beta_2", default=0.99)
    batch_size: int = inherit(Game, "batch_size", default=64)
    r1: float = inherit(Game, "r1", default=3.0)
    penalty_every: int = inherit(Game, "penalty_every", default=8, tiny=2)
    latent: int = inherit(Latents, "latent", default=64)
    filters: int = inherit(Filters, "filters", default=16,
                           help="Channels at full resolution; each smaller one has twice as many, up to eight times.")
    mapping_depth: int = knob(2, low=1, high=8, tiny=2, label="Mapping depth",
                              help="Layers of the mapping network, which turns the noise z into the style w.")
    mixing: float = knob(
        0.5, low=0.0, high=1.0, tiny=0.5, group="Stability", label="Style mixing",
        help="The share of training samples whose coarse layers take one style and whose fine layers another, so that "
             "layers learn not to rely on each other.")
    path_length: float = knob(
        0.0, low=0.0, high=100.0, tiny=1.0, group="Stability", label="Path length weight",
        help="Draws the generator to equal steps in the image for equal steps in w, in every direction. 2 is usual; "
             "0: off.")
    path_every: int = knob(8, low=1, high=64, tiny=2, group="Stability", label="Path lengths every (rounds)",
                           when={"path_length": ABOVE_0},
                           help="Path lengths are looked at every so many rounds only, and count as many times as much.")


class StyleGAN(AdversarialModel):
    Config = Config
    title = "StyleGAN2-lite"
    paper = "Karras 2020, Analyzing and Improving the Image Quality of StyleGAN"
    link = "https://arxiv.org/abs/1912.04958"
    builds_on = ("progan", "adain")
    summary = ("Turns the noise into a style that sets every layer, coarse to fine; styles can be mixed and drawn to "
               "the average. Lite: a shallow mapping, few channels, images through tanh, and plain resampling.")
    story = ("A small network turns the noise into a style. The style scales the channels of every layer of the "
             "generator, which starts from one learned picture; fresh noise adds the details that do not matter. "
             "Because each layer has its own style, two samples can be mixed: the shape of one, the stroke of the "
             "other.")
    formula = (r"\min_D \mathbb{E}\, \mathrm{softplus}(-D(x)) + \mathbb{E}\, \mathrm{softplus}(D(G(w))) "
               r"+ \tfrac{\gamma}{2} \mathbb{E} \lVert \nabla D(x) \rVert^2, \qquad "
               r"\min_G \mathbb{E}\, \mathrm{softplus}(-D(G(w))) "
               r"+ \lambda\, \mathbb{E}_{w, y} (\lVert J_w^{\mathsf T} y \rVert_2 - a)^2")
    strengths = ("Styles can be mixed, and traded for typicality by truncation", "A latent space that is smooth",
                 "Steady with R1")
    weaknesses = ("More machinery than small images need", "Slow on a CPU")
    size_multiple = 4
    objective = NON_SATURATING
    averaged, passes = ("mapping", "generator"), {"mapping": 2}  # a style of either latent
    wiring = (("latent", "mapping"), ("second", "mapping"), ("mapping", "generator"), ("truncation", "generator"),
              ("mixing", "generator"), ("style_shift", "generator"),
              ("data", "discriminator"), ("generator", "discriminator"))
    # A weaker penalty than r1 = 3 is too little here: with 1 samples were less varied after 600 steps, with 0.3 all alike.
    # Faster than the paper's rate, at which 800 steps of 32 reach a kernel distance of 0.22; at 8e-3 0.07.
    presets = {"Quick look": {"steps": 1500, "batch_size": 32, "generator_rate": 1e-2, "discriminator_rate": 1e-2},
               "Full": {"steps": 20_000, "filters": 32, "ema_decay": 0.999, "path_length": 2.0}}

    def __init__(self, config, data, seed=0):
        super().__init__(config, data, seed)
        self.mean_w = self.state("mean_w", np.zeros(config.latent))
        if config.path_length:
            self.mean_path = self.state("mean_path", 0.0)

    def networks(self):
        c, shape = self.config, self.data.shape
        return {"mapping": style.mapping(c.latent, c.mapping_depth),
                "generator": style.generator(c.latent, shape, c.filters),
                "discriminator": style.discriminator(shape, c.filters)}

    def players(self):
        discriminator, _ = super().players()
        return discriminator, self.generator_player("mapping")

    def inputs(self):
        size = self.config.latent
        return (Latent(size), Latent(size, "second"),
                Dial("truncation", 0.0, 1.0, 1.0, "How far styles may be from the average one: less is more typical "
                                                  "and less varied."),
                Dial("mixing", 0.0, 1.0, 0.0, "The share of layers, from the finest on, that take the second style."),
                Shift(size, "style_shift"))

    @property
    def layers_styled(self):
        return style.style_count(self.data.shape[0])

    # Styles

    def noise(self, n):
        c, count = self.config, self.layers_styled
        drawn = super().noise(n) | {
            "noise": keras.random.normal((n, style.noise_count(self.data.shape[0])), seed=self.random)}
        if not c.mixing:
            return drawn | {"second": drawn["latent"], "seconds": ops.zeros((n,), "int32")}
        mixed = keras.random.uniform((n,), seed=self.random) < c.mixing
        seconds = keras.random.randint((n,), 1, count, seed=self.random)
        return drawn | {"second": keras.random.normal((n, c.latent), seed=self.random),
                        "seconds": ops.where(mixed, seconds, 0)}

    def styles(self, mapping, drawn, training):
        """A w for each layer, (N, L, latent): the last ``seconds`` layers take the second one."""
        first = mapping(drawn["latent"], training=training)[:, None]
        second = mapping(drawn["second"], training=training)[:, None]
        place = ops.arange(self.layers_styled)[None]
        return ops.where((self.layers_styled - drawn["seconds"][:, None] <= place)[..., None], second, first)

    # The game

    def generate(self, batch):
        return self.generator([self.styles(self.mapping, batch, True), batch["noise"]], training=True)

    def more_for_generator(self, samples, fake, batch):
        # Of the mapping that samples go through, which is the averaged one.
        w = ops.mean(ops.cast(self.sampler("mapping")(batch["latent"], training=False), "float32"), axis=0)
        self.mean_w.assign(MEMORY * self.mean_w + (1.0 - MEMORY) * ops.stop_gradient(w))
        return self._path_length(samples, batch) if self.config.path_length else (0.0, {})

    def _path_length(self, samples, batch):
        """lambda (|| J_w^T y || - a)^2, a the running mean of the norms (equation 4), on half the batch as there."""
        c = self.config
        half = max(samples.shape[0] // 2, 1)
        drawn = {name: values[:half] for name, values in batch.items()}
        styles = self.styles(self.mapping, drawn, True)
        height, width = samples.shape[1:3]
        y = keras.random.normal((half, *samples.shape[1:]), seed=self.random) / (height * width) ** 0.5
        before = ops.convert_to_tensor(self.mean_path)

        def lengths():
            gradient = input_gradient(lambda w: self.generator([w, drawn["noise"]], training=True) * y, styles)
            return ops.sqrt(ops.mean(ops.sum(ops.square(ops.cast(gradient, "float32")), axis=2), axis=1) + 1e-12)

        # Between, every length is the mean: no penalty, and the mean stays.
        norms = ops.cond(self.rounds % c.path_every == 0, lengths, lambda: ops.broadcast_to(before, (half,)))
        mean = before + (1.0 - MEMORY) * (ops.mean(ops.stop_gradient(norms)) - before)
        self.mean_path.assign(mean)
        penalty = ops.mean(ops.square(norms - mean))
        return c.path_length * c.path_every * penalty, {"path_penalty": penalty, "path_length": mean}

    # Samples

    def sample(self, inputs, training=False):
        mapping, generator = self.sampler("mapping"), self.sampler("generator")
        seconds = ops.cast(ops.round(inputs["mixing"] * self.layers_styled), "int32")
        styles = self.styles(mapping, inputs | {"seconds": seconds}, training)
        truncation = ops.convert_to_tensor(inputs["truncation"])[:, None, None]
        styles = truncation * (ops.cast(styles, "float32") - self.mean_w) + self.mean_w
        styles = styles + ops.convert_to_tensor(inputs["style_shift"])[:, None]
        # Always the same noise, so that samples differ by their inputs alone.
        noise = np.random.default_rng(0).standard_normal(style.noise_count(self.data.shape[0]), dtype=np.float32)
        noise = ops.broadcast_to(ops.convert_to_tensor(noise), (styles.shape[0], len(noise)))
        return ops.cast(generator([styles, noise], training=training), "float32")

    def views(self, inputs, real):
        """The same samples truncated, and with more and more layers that take the second style."""
        def rows(name, shares):
            return [(f"{share:g}", self.sample(inputs | {name: np.full(len(real), share, np.float32)}))
                    for share in shares]

        return {"Truncation": rows("truncation", (0.0, 0.5, 1.0)), "Style mixing": rows("mixing", (0.0, 0.5, 1.0))}
