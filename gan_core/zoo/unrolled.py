"""Unrolled GAN: the generator plays against what the discriminator is about to become (Metz 2017)."""

from dataclasses import dataclass

from keras import ops

from gan_core.adversarial import AdversarialModel
from gan_core.autodiff import gradients_at, standing_in
from gan_core.data import POINTS
from gan_core.knobs import inherit, knob
from gan_core.losses import MINIMAX
from gan_core.networks import mlp
from gan_core.techniques import Game, Latents, PointLayers, Smoothing, Training


@dataclass(frozen=True, kw_only=True)
class Config(Smoothing, PointLayers, Game):
    # Appendix A: Adam with beta 0.5, the generator ten times as fast as the discriminator, batches of 512, z of 256.
    unrolling: int = knob(5, low=0, high=20, tiny=2, group="Objective", label="Unrolled steps (k)",
                          help="Steps that the discriminator is thought ahead before the generator moves. 0 is the "
                               "original game; each step costs about as much as a discriminator update.")
    unrolled_rate: float = knob(
        0.1, low=1e-4, high=10.0, log=True, group="Objective", label="Unrolled step size (eta)",
        help="Step size of these steps, which are plain gradient descent whatever the optimizer is.")
    batch_size: int = inherit(Training, "batch_size", default=512)
    generator_rate: float = inherit(Game, "generator_rate", default=1e-3)
    discriminator_rate: float = inherit(Game, "discriminator_rate", default=1e-4)
    latent: int = inherit(Latents, "latent", default=256)
    points_depth: int = inherit(PointLayers, "points_depth", default=2)


class Unrolled(AdversarialModel):
    Config = Config
    title = "Unrolled GAN"
    paper = "Metz 2017, Unrolled Generative Adversarial Networks"
    link = "https://arxiv.org/abs/1611.02163"
    summary = ("Before the generator moves, it works out how the discriminator would answer in its next steps. "
               "So it spreads over all modes instead of jumping between them.")
    story = ("A generator that puts all samples into one place wins only until the discriminator has noticed. Here it "
             "thinks ahead: the discriminator makes a few imagined steps, and the generator is judged by what comes out "
             "of them. Its gradient passes through these steps, so it learns what the discriminator would do about it.")
    formula = (r"\theta_D^{i+1} = \theta_D^i + \eta\, \frac{\partial f(\theta_G, \theta_D^i)}{\partial \theta_D^i}, \quad "
               r"G: \min_{\theta_G} f\big(\theta_G, \theta_D^K(\theta_G, \theta_D)\big), \quad "
               r"D: \max_{\theta_D} f(\theta_G, \theta_D)")
    strengths = ("Covers the modes with a discriminator too small for the usual game", "The usual game with one knob at 0")
    weaknesses = ("Each unrolled step costs a gradient of a gradient", "Points only here: too slow for images")
    kinds = (POINTS,)
    dense = (POINTS,)
    objective = MINIMAX
    presets = {"Quick look": {"steps": 2000}, "Full": {"steps": 25_000, "ema_decay": 0.999}}

    def networks(self):
        c = self.config
        return mlp.point_networks(c.latent, self.data.shape, c.points_widths)

    def generator_loss(self, batch):
        """f(theta_G, theta_D^K) (equation 10); its terms on real samples depend on the generator through theta_D^K."""
        batch = batch | self.noise(batch["real"].shape[0])
        real, fake = self.seen(batch["real"]), self.seen(self.generate(batch))
        with standing_in(self.discriminator.trainable_variables, self.unrolled(real, fake, batch)):
            on_real, on_fake = self.discriminate(real, batch), self.discriminate(fake, batch)
        return -ops.mean(self.objective.discriminator(on_real, on_fake)), {}

    def unrolled(self, real, fake, batch):
        """theta_D^K: the discriminator's weights after K steps on these samples (equations 7 to 9), as tensors."""
        variables = self.discriminator.trainable_variables
        weights = [ops.convert_to_tensor(v) for v in variables]
        for _ in range(self.config.unrolling):
            gradients = gradients_at(lambda: self.discriminator_objective(real, fake, batch)[0], variables, weights)
            weights = [w - self.config.unrolled_rate * g for w, g in zip(weights, gradients)]
        return weights
