"""GRAN: a recurrent generator adds to a canvas, step by step (Im 2016)."""

from dataclasses import dataclass

from gan_core.config.knobs import inherit, knob
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.networks import dcgan
from gan_core.models.networks.canvas import writer
from gan_core.models.shared_knobs import ConvDiscriminator, Filters, Game, Objective, Packing


@dataclass(frozen=True, kw_only=True)
class Config(Objective, Packing, ConvDiscriminator, Game):
    canvas_steps: int = knob(3, low=1, high=6, tiny=2, label="Canvas steps (T)",
                             help="How often the generator adds to the canvas. Each step costs as much as a generator "
                                  "of one step; the number of weights stays.")
    # Later steps can take back what makes samples differ: without this all became one image, on MNIST within 400 steps.
    minibatch_std: bool = inherit(ConvDiscriminator, "minibatch_std", default=True)
    filters: int = inherit(Filters, "filters", default=32)


class GRAN(AdversarialModel):
    Config = Config
    title = "GRAN"
    paper = "Im 2016, Generating Images with Recurrent Adversarial Networks"
    link = "https://arxiv.org/abs/1602.05110"
    builds_on = ("dcgan",)
    summary = "A recurrent generator looks at what it drew last and adds to the canvas, a few times for each image."
    story = ("The generator does not draw its image at once. At each step it looks at what it has just written and adds "
             "something to a canvas, always from the same noise. The discriminator sees the finished canvas alone, so "
             "the generator is free in how it shares out the work.")
    formula = (r"h_z = \tanh(W z), \quad h_{c,t} = g(\Delta C_{t-1}), \quad \Delta C_t = f([h_z, h_{c,t}]), \quad "
               r"G(z) = \tanh\Big(\sum_{t=1}^{T} \Delta C_t\Big); \quad "
               r"\min_G \max_D \; \mathbb{E} \log D(x) + \mathbb{E} \log (1 - D(G(z)))")
    strengths = ("Shows how an image comes about", "More computation with no more weights")
    weaknesses = ("Each step costs a whole generator", "Later steps may learn to add little", "Collapses easily")
    size_multiple = 4
    wiring = (("latent", "generator"), ("data", "discriminator"), ("generator", "discriminator"))
    presets = {"Quick look": {"steps": 500, "filters": 24, "batch_size": 64}, "Full": {"steps": 8000, "ema_decay": 0.999}}

    def networks(self):
        c, shape = self.config, self.data.shape
        return {"generator": writer(c.latent, shape, c.filters, c.canvas_steps),
                "discriminator": dcgan.discriminator(shape, c.filters, packing=c.packing, **dcgan.asked(c))}

    def generate(self, batch):
        return self.generator(batch["latent"], training=True)[:, -1]

    def sample(self, inputs, training=False):
        return self._canvases(inputs, training)[:, -1]

    def views(self, inputs, real):
        canvases = self._canvases(inputs)
        return {"Canvas": [(f"step {t + 1}", canvases[:, t]) for t in range(canvases.shape[1])]}

    def _canvases(self, inputs, training=False):
        """(N, T, H, W, C) in [-1, 1]."""
        return self.sampler("generator")(inputs["latent"], training=training)
