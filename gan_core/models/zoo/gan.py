"""GAN: two fully connected networks, the game as it was first played (Goodfellow 2014)."""

from dataclasses import dataclass

from gan_core.config.knobs import knob
from gan_core.data import IMAGES, POINTS, TABLE
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.networks import mlp
from gan_core.models.shared_knobs import Game, Objective, Packing, PointLayers


@dataclass(frozen=True, kw_only=True)
class Config(Objective, Packing, PointLayers, Game):
    width: int = knob(256, low=8, high=1024, log=True, tiny=8, only=IMAGES,
                      help="Units in the generator's first layer; the next two have twice and four times as many, "
                           "and the discriminator mirrors them.")


class GAN(AdversarialModel):
    Config = Config
    title = "GAN (MLP)"
    paper = "Goodfellow 2014, Generative Adversarial Networks"
    link = "https://arxiv.org/abs/1406.2661"
    summary = "Fully connected generator and discriminator. The original game: quick on a CPU, grainy on images."
    story = ("A generator turns noise into samples, and a discriminator estimates the probability that a sample is "
             "real. Each learns from the other: the discriminator to tell them apart, the generator to be taken for real. "
             "Where the game ends, generated samples have the distribution of the data and the discriminator can only "
             "guess.")
    formula = r"""\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_\text{data}}[\log D(x)]
        + \mathbb{E}_{z \sim p_z}[\log(1 - D(G(z)))]"""
    strengths = ("the simplest game there is, and quick on a CPU", "learns points and tables as well as images",
                 "its optimum is known: the Jensen-Shannon divergence between data and samples is 0")
    weaknesses = ("mode collapse: it may draw a few things only",
                  "blind to neighbourhoods of pixels, so images come out grainy",
                  "the losses oscillate and do not tell how good the samples are")
    kinds = (IMAGES, POINTS, TABLE)
    dense = (IMAGES, POINTS, TABLE)
    presets = {"Quick look": {"steps": 1500, "batch_size": 64, "generator_rate": 5e-4, "discriminator_rate": 5e-4},
               "Full": {"steps": 20_000, "ema_decay": 0.999}}
    presets_for = dict.fromkeys((POINTS, TABLE), presets | {"Quick look": {"steps": 1000}})
    # R3GAN's two penalties, and rates that go to nothing: docs/modes.md.
    presets_for |= {POINTS: presets_for[POINTS] | {"All modes": {
        "steps": 16_000, "schedule": "cosine", "schedule_steps": 16_000, "generator_rate": 1e-3, "discriminator_rate": 1e-3,
        "beta_1": 0.0, "r1": 0.05, "r2": 0.05, "penalty_every": 8, "latent": 2, "points_width": 128, "points_depth": 4}}}
    defaults_for = dict.fromkeys((POINTS, TABLE), {"batch_size": 256})

    def networks(self):
        c, shape = self.config, self.data.shape
        if self.data.flat:
            return mlp.point_networks(c.latent, shape, c.points_widths, c.packing, self.data.categories)
        widths = [c.width, 2 * c.width, 4 * c.width]
        return {"generator": mlp.generator(c.latent, shape, widths, norm=0.8),
                "discriminator": mlp.discriminator(shape, widths[::-1], packing=c.packing)}
