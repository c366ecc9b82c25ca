"""AdaIN: the content of one image in the style of another, in one pass (Huang 2017)."""

from dataclasses import dataclass

from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.models.base import GenerativeModel, Player
from gan_core.models.inputs import DataImage, Dial
from gan_core.models.networks import stylised
from gan_core.models.shared_knobs import Filters, OnePlayer


@dataclass(frozen=True, kw_only=True)
class Config(Filters, OnePlayer):
    batch_size: int = inherit(OnePlayer, "batch_size", default=16, low=2,
                              help="Contents per update; each gets the style of the next one in the batch.")
    learning_rate: float = inherit(OnePlayer, "learning_rate", default=5e-4)
    beta_1: float = inherit(OnePlayer, "beta_1", default=0.9)
    filters: int = inherit(Filters, "filters", default=32,
                           help="Channels of the features at full size; at a quarter there are four times as many.")
    style: float = knob(3.0, low=0.0, high=100.0, group="Objective", label="Weight of the style",
                        help="How much it counts that the features of what is made vary as those of the style.")
    keeping: float = knob(1.0, low=0.0, high=100.0, group="Objective", label="Weight of the way back",
                          help="How much it counts that an image in its own style stays as it is.")


class AdaIN(GenerativeModel):
    Config = Config
    title = "AdaIN-lite"
    paper = "Huang 2017, Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization"
    link = "https://arxiv.org/abs/1703.06868"
    builds_on = ("cnn",)
    summary = "Paints one image in the style of another, at once: it learns on your images, and takes any two of them."
    story = ("A fixed network makes features of both images. Each channel of the content's is shifted and scaled to the "
             "mean and deviation that the style's has, and a decoder learns to make an image of that, without an opponent. "
             "Lite: features of "
             "random weights, which need no download and can be inverted.")
    formula = (r"\min_g \; \lVert f(g(t)) - t \rVert^2 + \lambda \sum_i \left(\lVert \mu(\phi_i(g(t))) - \mu(\phi_i(s)) "
               r"\rVert^2 "
               r"+ \lVert \sigma(\phi_i(g(t))) - \sigma(\phi_i(s)) \rVert^2\right), \quad "
               r"t = \sigma(f(s)) \frac{f(c) - \mu(f(c))}{\sigma(f(c))} + \mu(f(s))")
    strengths = ("Any two images, in milliseconds", "How strong, and a mixture of two styles, are sliders")
    weaknesses = ("Knows colours and fine texture, not strokes", "What it draws is softer than by optimisation")
    size_multiple = 4
    largest = 256
    channels = (1, 3)
    wiring = (("data", "generator"), ("content", "generator"), ("style", "generator"), ("strength", "generator"))
    not_a_graph = "It is given two images of the data, which a demo does not have; restyle pictures on the Restyle page."
    presets = {"Quick look": {"steps": 1500}, "Full": {"steps": 40_000, "filters": 64, "schedule": "late linear",
                                                       "schedule_steps": 40_000}}

    def networks(self):
        c, shape = self.config, self.data.shape
        self._features = _Hidden(stylised.features(shape, c.filters))
        return {"generator": stylised.decoder(shape, 4 * c.filters, c.filters)}

    def inputs(self):
        return (DataImage(self.data.shape), DataImage(self.data.shape, name="style"),
                Dial("strength", 0.0, 1.0, 1.0, "How much of the style; 0 leaves the content as it is."))

    def players(self):
        return (Player("generator", "g", ("generator",), self.painting_loss),)

    def painting_loss(self, batch):
        """``(scalar, logs)``: each image in the style of the next one."""
        config, content = self.config, batch["real"]
        style = ops.roll(content, 1, axis=0)
        *_, of_content = self._maps(content)
        of_style = self._maps(style)
        goal = self._meant(of_content, of_style[-1])
        made = self._maps(self.generator(goal, training=True))
        content_loss = ops.mean(ops.square(made[-1] - goal))
        style_loss = sum(_apart(one, other) for one, other in zip(made, of_style))
        kept = ops.mean(ops.abs(self.generator(of_content, training=True) - content))
        return (content_loss + config.style * style_loss + config.keeping * kept,
                {"content": content_loss, "style": style_loss, "kept": kept})

    def _maps(self, images):
        return self._features.network(ops.cast(images, "float32"), training=False)

    def _meant(self, content, style, strength=None):
        """The content's features with the means and deviations of the style's (Huang 2017, equation 8)."""
        (mean, deviation), (wanted, spread) = stylised.statistics(content), stylised.statistics(style)
        goal = spread * (content - mean) / deviation + wanted
        return goal if strength is None else strength * goal + (1.0 - strength) * content

    def sample(self, inputs, training=False):
        inputs = {name: ops.convert_to_tensor(values) for name, values in inputs.items()}
        strength = ops.reshape(ops.cast(inputs["strength"], "float32"), (-1, 1, 1, 1))
        return self._painted(inputs["content"], [(inputs["style"], 1.0)], strength)

    def painted(self, content, styles, strength=1.0):
        """Images (N, H, W, C) in [-1, 1], of sides that are multiples of 4, in the mixture of some ``styles``,
        ``[(images (N, h, w, C), share), ...]``."""
        c, shape = self.config, (None, None, self.data.shape[-1])
        features, decoder = stylised.features(shape, c.filters), stylised.decoder(shape, 4 * c.filters, c.filters)
        decoder.set_weights(self.sampler("generator").get_weights())

        def maps(images):
            return features(ops.convert_to_tensor(images), training=False)

        return self._painted(ops.convert_to_tensor(content), styles, ops.cast(strength, "float32"), maps, decoder)

    def _painted(self, content, styles, strength, maps=None, decoder=None):
        maps, decoder = maps or self._maps, decoder or self.sampler("generator")
        *_, of_content = maps(content)
        total = sum(share for _, share in styles)
        goal = sum(self._meant(of_content, maps(style)[-1], strength) * (share / total) for style, share in styles)
        return ops.cast(decoder(goal, training=False), "float32")

    def views(self, inputs, real):
        return {"Content and style": [("content", ops.convert_to_tensor(inputs["content"])),
                                      ("style", ops.convert_to_tensor(inputs["style"])), ("together", self.sample(inputs))]}


class _Hidden:
    """A network that Keras does not see: it never moves, and no checkpoint need keep it."""

    def __init__(self, network):
        self.network = network


def _apart(maps, others):
    """How far means and deviations of channels are apart."""
    return sum(ops.mean(ops.square(one - other)) for one, other in zip(stylised.statistics(maps),
                                                                       stylised.statistics(others)))
