"""SRGAN: a small picture becomes a large one, with detail that it may have had (Ledig 2017)."""

import dataclasses
from dataclasses import dataclass

from keras import ops

from gan_core.config.knobs import ABOVE_0, inherit, knob
from gan_core.data import PAIRS
from gan_core.models import flops
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.inputs import SourceImage
from gan_core.models.networks import translation
from gan_core.models.shared_knobs import Filters, Objective, Sharing, TwoPlayers
from gan_core.pretrained import perceptual


@dataclass(frozen=True, kw_only=True)
class Config(Objective, Sharing, TwoPlayers):
    # Both images of a pair would have to be changed alike: the run's settings shift and mirror them.
    augment, packing, instance_noise, r1, r2, penalty_every = "none", 1, 0.0, 0.0, 0.0, 1

    batch_size: int = inherit(TwoPlayers, "batch_size", default=16)
    filters: int = inherit(Filters, "filters", default=32, only=PAIRS, help="Channels of all layers of the generator.")
    blocks: int = knob(4, low=1, high=32, tiny=1, label="Residual blocks",
                       help="How deep the generator is, and how far around a pixel it looks. The paper has 16.")
    distance_steps: int = knob(
        2000, low=0, high=1_000_000, tiny=2, group="Objective", label="Steps before the game",
        when={"adversarial": ABOVE_0},
        help="So many steps the generator learns by the squared difference alone. A game from the start hardly ever works.")
    adversarial: float = knob(0.003, low=0.0, high=1.0, group="Objective", tiny=0.1, label="Weight of the game",
                              help="How much it counts to fool the discriminator. 0: no game, soft pictures that are as "
                                   "near as can be.")
    pixels: float = knob(1.0, low=0.0, high=100.0, group="Objective", label="Weight of pixels",
                         when={"adversarial": ABOVE_0},
                         help="How much the squared difference of pixels counts once the game has begun.")
    look: float = knob(0.05, low=0.0, high=10.0, tiny=0.1, group="Objective", label="Weight of the look",
                       when={"adversarial": ABOVE_0},
                       help="How much it counts, once the game has begun, that a network that knows photographs sees the "
                            "same in both.")
    looker: str = knob("lite0", choices=tuple(perceptual.LOOKERS), group="Objective", label="Who looks",
                       when={"look": ABOVE_0},
                       help="lite0: EfficientNet-lite0. vgg19: the paper's, of which you give the file of weights in "
                            "$GAN_VGG19.")
    patch: str = knob("34", choices=tuple(translation.PATCHES), tiny="16", label="Patch (pixels)",
                      when={"adversarial": ABOVE_0},
                      help="Each verdict of the discriminator looks at a square of so many pixels a side.")
    loss: str = inherit(Objective, "loss", when={"adversarial": ABOVE_0})
    label_smoothing: float = inherit(Objective, "label_smoothing", when={"adversarial": ABOVE_0})
    shared_samples: bool = inherit(Sharing, "shared_samples", when={"adversarial": ABOVE_0})
    generator_rate: float = inherit(TwoPlayers, "generator_rate", default=5e-4)
    beta_1: float = inherit(TwoPlayers, "beta_1", default=0.9)


class SRGAN(AdversarialModel):
    Config = Config
    title = "SRGAN-lite"
    paper = "Ledig 2017, Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network"
    link = "https://arxiv.org/abs/1609.04802"
    builds_on = ("dcgan",)
    summary = "It makes small pictures large, two or four times, and puts in the detail that such pictures usually have."
    story = ("The generator first learns to be near the large picture, pixel by pixel, which leaves it soft: of all that "
             "might have been there it makes the mean. Then a discriminator joins, which tells large pictures from enlarged "
             "ones, and a network that knows photographs says whether both look the same. Lite: fewer blocks without "
             "normalisation, and what is learned is added to the picture enlarged by itself.")
    formula = (r"\min_G \max_D \; \lVert y - G(x) \rVert_2^2 + \lambda_{\phi} \lVert \phi(y) - \phi(G(x)) \rVert^2 "
               r"+ \lambda_D \left( \mathbb{E}_y \log D(y) + \mathbb{E}_x \log(1 - D(G(x))) \right)")
    strengths = ("Pictures of any size and shape", "Crisp, where a distance alone gives blur", "A small network: seconds a "
                                                                                               "picture")
    weaknesses = ("Detail is invented: not for faces of suspects or X-rays", "Farther from the true picture than without a "
                                                                             "game",
                  "Knows one way in which pictures were made small")
    kinds = (PAIRS,)
    size_multiple = 4
    largest = 256
    channels = (1, 3)
    judges_plainly = False
    discriminator = None  # where there is no game
    looks_through = perceptual.NETWORK
    translations = {"large": "the same, larger"}
    wiring = (("source", "generator"), ("data", "discriminator"), ("generator", "discriminator"))
    presets = {"Quick look": {"steps": 3000, "distance_steps": 2000},
               "Full": {"steps": 100_000, "distance_steps": 40_000, "filters": 64, "blocks": 16, "patch": "70",
                        "schedule": "late linear", "schedule_steps": 100_000}}
    playing = True

    def __init__(self, config, data, seed=0):
        super().__init__(config, data, seed)
        self.enter(0)

    def networks(self):
        c, shape = self.config, self.data.shape
        self._looks = None
        networks = {"generator": self._enlarger(self.source_shape("large"))}
        if c.adversarial:
            if c.look:
                self._looks = perceptual.looker(c.looker, shape)
            networks["discriminator"] = translation.patches(shape, c.filters, c.patch)
        return networks

    def _enlarger(self, source):
        return translation.enlarger(source, self.data.shape[-1], self.times, self.config.filters, self.config.blocks)

    @property
    def times(self):
        """By how much it enlarges."""
        return self.data.shape[0] // self.source_shape("large")[0]

    def inputs(self):
        return (SourceImage(self.source_shape("large")),)

    # Its two stages

    def stages(self):
        return (self.config.distance_steps,) if self.config.adversarial and self.config.distance_steps else ()

    def enter(self, stage):
        self.playing = bool(self.config.adversarial) and stage == len(self.stages())

    # The game

    def players(self):
        if self.config.adversarial:
            return super().players()
        return (self.generator_player(),)

    def generator_player(self, *networks):
        player = super().generator_player(*networks)
        return player if self.playing else dataclasses.replace(player, makes=None, shown_to="")

    def flops_beside(self):
        """Of what looks at both pictures, and the way back."""
        return 4 * flops.flops(self._looks.network) * self.config.generator_updates if self._looks else 0

    def noise(self, n):
        return {}

    def generate(self, batch):
        return self.generator(batch["source"], training=True)

    def discriminate(self, samples, batch):
        """The mean over the patches, (N, 1)."""
        return ops.mean(ops.reshape(super().discriminate(samples, batch), (samples.shape[0], -1)), axis=1, keepdims=True)

    def discriminator_loss(self, batch):
        if self.playing:
            return super().discriminator_loss(batch)
        return ops.zeros(()), {}  # it does not move yet

    def generator_loss(self, batch):
        batch, config = self.with_made(batch), self.config
        made = ops.cast(batch["made"], "float32")
        squares = ops.mean(ops.square(made - batch["real"]))
        if not self.playing:
            return squares, {"squares": squares}
        fooled, logs = super().generator_loss(batch)
        loss, logs = config.pixels * squares + config.adversarial * fooled, logs | {"squares": squares}
        if self._looks is not None:
            looks = ops.mean(self._looks(made, batch["real"]))
            loss, logs = loss + config.look * looks, logs | {"look": looks}
        return loss, logs

    # What is made of it

    def source_shape(self, to):
        return dict(self.data.beside)["source"]

    def translate(self, pictures, to, seed=0):
        return self.sample({"source": pictures})

    def any_size(self, to):
        network = self._enlarger((None, None, self.source_shape(to)[-1]))
        network.set_weights(self.sampler("generator").get_weights())
        return network, translation.surroundings(self.config.blocks)

    def sample(self, inputs, training=False):
        made = self.sampler("generator")(ops.convert_to_tensor(inputs["source"]), training=training)
        return ops.clip(ops.cast(made, "float32"), -1.0, 1.0)
