"""MuseGAN: several voices, bar by bar, from noise that they share and noise of their own (Dong 2018)."""

import math
from dataclasses import dataclass

import keras
from keras import layers, ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import MUSIC
from gan_core.data.rolls import Layout
from gan_core.engine.autodiff import input_gradient
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.inputs import Latent
from gan_core.models.losses import WASSERSTEIN, gradient_penalty
from gan_core.models.networks import phrases
from gan_core.models.shared_knobs import Latents, PlainGame

COMPOSER, JAMMING, HYBRID = "composer", "jamming", "hybrid"


@dataclass(frozen=True, kw_only=True)
class Config(Latents, PlainGame):
    # Section 5.3: Adam 1e-3 (0.5, 0.9), five critic updates, batches of 64 and penalty 10 as in WGAN-GP.
    batch_size: int = inherit(PlainGame, "batch_size", default=32)
    generator_rate: float = inherit(PlainGame, "generator_rate", default=1e-3)
    discriminator_rate: float = inherit(
        PlainGame, "discriminator_rate", default=1e-3, label="Critic learning rate",
        help="Step size of the optimizer for the critic. Higher than the generator's is the two time-scale update rule "
             "(TTUR).")
    beta_2: float = inherit(PlainGame, "beta_2", default=0.9)
    discriminator_updates: int = inherit(
        PlainGame, "discriminator_updates", default=5, tiny=2, label="Critic updates",
        help="Updates of the critic for each of the generator, each on fresh real samples.")
    # Of kernels as small as these halves are no faster on a processor that has them, and the penalty is less steady.
    precision: str = inherit(PlainGame, "precision", default="float32")
    penalty_weight: float = knob(10.0, low=0.0, high=1000.0, group="Objective", label="Penalty weight (lambda)",
                                 help="How hard the critic's gradient norm is drawn to 1.")
    latent: int = inherit(Latents, "latent", default=32, help="Numbers in each of the noise vectors: what lasts and what "
                                                              "changes from bar to bar, shared and each voice's own.")
    form: str = knob(
        HYBRID, choices=(HYBRID, COMPOSER, JAMMING),
        help="Who plays together. composer: one network writes all voices from shared noise. jamming: each voice has its "
             "own noise, generator and critic. hybrid: each has its own generator, shared and own noise, and one critic "
             "hears all.")
    filters: int = knob(16, low=2, high=128, log=True, tiny=2,
                        help="Channels of the widest maps; smaller ones have up to eight times as many.")


class MuseGAN(AdversarialModel):
    Config = Config
    title = "MuseGAN"
    paper = "Dong 2018, MuseGAN: Multi-track Sequential Generative Adversarial Networks"
    link = "https://arxiv.org/abs/1709.06298"
    builds_on = ("wgan_gp",)
    summary = ("Voices of music as piano rolls: noise that lasts and noise that changes from bar to bar, both shared by the "
               "voices and of each voice's own, become bars, and a critic listens to all of them together.")
    story = ("A temporal generator makes of one noise vector another for each bar; beside it stands one that is the same in "
             "every bar. What is shared keeps the voices together, what is a voice's own lets it differ, and a bar "
             "generator makes piano rolls of both: first the pitches and then their times, and the other way round. A "
             "critic with a gradient penalty scores whole phrases.")
    formula = r"""\begin{aligned}
        G(\bar z)_{i}^{(t)} &= G_{bar,i}\Big(z,\; G_{temp}(z_t)^{(t)},\; z_i,\; G_{temp,i}(z_{i,t})^{(t)}\Big) \\
        L_D &= \mathbb{E}[D(G(\bar z))] - \mathbb{E}_{x}[D(x)] + \lambda\, \mathbb{E}_{\hat x}
        \big[(\lVert \nabla_{\hat x} D(\hat x) \rVert_2 - 1)^2\big], \qquad L_G = -\mathbb{E}[D(G(\bar z))]
        \end{aligned}"""
    strengths = ("voices that go together, each of which can be drawn anew", "bars that belong to one phrase",
                 "steady, as WGAN-GP is")
    weaknesses = ("a phrase has a fixed length", "a held note and a repeated one are the same to it",
                  "no plan beyond a phrase: cadences come by chance")
    kinds = (MUSIC,)
    not_a_graph = "MuseGAN draws phrases of notes, which a demo neither shows nor plays."
    objective = WASSERSTEIN
    presets = {"Quick look": {"steps": 1500, "discriminator_updates": 3, "ema_decay": 0.95},
               "Full": {"steps": 20_000, "ema_decay": 0.999}}

    def __init__(self, config, data, seed=0):
        self.check(data)
        self.layout = Layout.of(data.traits)
        super().__init__(config, data, seed)

    @property
    def noises(self):
        """``{name: numbers}`` of the noise vectors: z and z_t of all voices, z_i and z_it of each, one behind the other."""
        size, own = self.config.latent, self.config.latent * len(self.layout.voices)
        shared, private = {"latent": size, "bars": size}, {"voices": own, "voice_bars": own}
        return {COMPOSER: shared, JAMMING: private, HYBRID: shared | private}[self.config.form]

    def networks(self):
        c, shape, count = self.config, tuple(self.data.shape), len(self.layout.voices)
        return {"generator": self._generator(shape, count),
                "discriminator": phrases.critic(shape, self.layout.bar, c.filters, apart=c.form == JAMMING)}

    def _generator(self, shape, count):
        c, layout = self.config, self.layout
        bars = shape[0] // layout.bar
        given = {name: keras.Input((size,), name=name) for name, size in self.noises.items()}
        size, shared, sequences = c.latent, [], []
        if "latent" in given:
            shared = [layers.RepeatVector(bars)(given["latent"]), phrases.temporal(given["bars"], bars, size)]
        for voice in range(count if "voices" in given else 0):
            own = [phrases.part(given[name], voice * size, size) for name in ("voices", "voice_bars")]
            sequences.append([*shared, layers.RepeatVector(bars)(own[0]), phrases.temporal(own[1], bars, size)])
        # The composer's one network has to know what several know elsewhere.
        sequences, outputs, width = (sequences, 1, c.filters) if sequences else ([shared], count, 2 * c.filters)
        logits = [phrases.bars(layers.Concatenate()(these), shape[1] + layout.single, outputs, layout.bar, width)
                  for these in sequences]
        logits = layers.Concatenate()(logits) if len(logits) > 1 else logits[0]
        return keras.Model(list(given.values()), phrases.sounding(logits, layout.single), name="generator")

    def inputs(self):
        return tuple(Latent(size, name) for name, size in self.noises.items())

    def noise(self, n):
        return {name: keras.random.normal((n, size), seed=self.random) for name, size in self.noises.items()}

    def generate(self, batch):
        return self.generator([batch[name] for name in self.noises], training=True)

    def sample(self, inputs, training=False):
        given = [ops.convert_to_tensor(inputs[name]) for name in self.noises]
        return ops.cast(self.sampler("generator")(given, training=training), "float32")

    def penalty(self, real, fake, batch):
        """lambda (||grad D(x^)|| - 1)^2 (Gulrajani 2017, equation 3); of several critics each at its own voice."""
        alpha = keras.random.uniform((real.shape[0], 1, 1, 1), seed=self.random)
        gradient = input_gradient(lambda x: self.discriminate(x, batch), alpha * real + (1.0 - alpha) * fake)
        if self.config.form == JAMMING:  # no critic's logit depends on another's voice
            gradient = ops.reshape(ops.transpose(gradient, (0, 3, 1, 2)), (-1, math.prod(real.shape[1:3])))
        penalty = ops.mean(gradient_penalty(gradient))
        return self.config.penalty_weight * penalty, {"gradient_penalty": penalty}
