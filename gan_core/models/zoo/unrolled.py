"""Unrolled GAN: the generator plays against what the discriminator is about to become (Metz 2017)."""

from dataclasses import dataclass

from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import POINTS
from gan_core.engine.autodiff import gradients_at, standing_in
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.networks import mlp
from gan_core.models.shared_knobs import Game, Latents, Objective, PointLayers, Training


@dataclass(frozen=True, kw_only=True)
class Config(Objective, PointLayers, Game):
    loss: str = inherit(Objective, "loss", default="minimax")
    # Appendix A: Adam with beta 0.5, the generator ten times as fast as the discriminator.  Batches of 512 and z of 256
    # there; a quarter of both covers the ring as well.
    unrolling: int = knob(5, low=0, high=20, tiny=2, group="Objective", label="Unrolled steps (k)",
                          help="Steps that the discriminator is thought ahead before the generator moves, with its own "
                               "learning rate. 0 is the original game; each costs about three discriminator updates.")
    # An unrolled step goes on from the optimizer's moments.
    optimizer: str = inherit(Game, "optimizer", choices=("adam", "adamw"))
    ema_decay: float = inherit(Training, "ema_decay", default=0.995)
    generator_rate: float = inherit(Game, "generator_rate", default=1e-3)
    discriminator_rate: float = inherit(Game, "discriminator_rate", default=1e-4)
    latent: int = inherit(Latents, "latent", default=64)
    points_depth: int = inherit(PointLayers, "points_depth", default=2)


class Unrolled(AdversarialModel):
    Config = Config
    title = "Unrolled GAN"
    paper = "Metz 2017, Unrolled Generative Adversarial Networks"
    link = "https://arxiv.org/abs/1611.02163"
    builds_on = ("gan",)
    summary = ("Before the generator moves, it works out how the discriminator would answer in its next steps. "
               "So it spreads over all modes instead of jumping between them.")
    story = ("A generator that puts all samples into one place wins only until the discriminator has noticed. Here it "
             "thinks ahead: the discriminator makes a few imagined steps, and the generator is judged by what comes out "
             "of them. Its gradient passes through these steps, so it learns what the discriminator would do about it.")
    formula = (r"\theta_D^{i+1} = \theta_D^i + \eta\, \mathrm{Adam}\Big("
               r"\frac{\partial f(\theta_G, \theta_D^i)}{\partial \theta_D^i}\Big), \quad "
               r"G: \min_{\theta_G} f\big(\theta_G, \theta_D^K(\theta_G, \theta_D)\big), \quad "
               r"D: \max_{\theta_D} f(\theta_G, \theta_D)")
    strengths = ("Covers the modes with a discriminator too small for the usual game", "The usual game with one knob at 0")
    weaknesses = ("Each unrolled step costs a gradient of a gradient", "Points only here: too slow for images")
    kinds = (POINTS,)
    dense = (POINTS,)
    presets = {"Quick look": {"steps": 2000}, "Full": {"steps": 25_000, "batch_size": 512, "latent": 256}}

    def networks(self):
        c = self.config
        return mlp.point_networks(c.latent, self.data.shape, c.points_widths)

    def generator_loss(self, batch):
        """f(theta_G, theta_D^K) (equation 10); its terms on real samples depend on the generator through theta_D^K."""
        batch = self.with_made(batch)
        real, fake = self.seen(batch["real"]), self.seen(batch["made"])
        with standing_in(self.discriminator.trainable_variables, self.unrolled(real, fake, batch)):
            on_real, on_fake = self.discriminate(real, batch), self.discriminate(fake, batch)
        if self.config.loss == "minimax":
            return -ops.mean(self.objective.discriminator(on_real, on_fake, self.config.label_smoothing)), {}
        return ops.mean(self.objective.generator(on_real, on_fake)), {}

    def unrolled(self, real, fake, batch):
        """theta_D^K: the discriminator's weights after K steps on these samples (equations 7 to 9), as tensors.

        The steps are those of the discriminator's optimizer, as in section 3.1, and go on from its moments.
        """
        c, time = self.config, ops.cast(self._optimizers["discriminator"].iterations, "float32")
        variables, optimizer = self.discriminator.trainable_variables, self._optimizers["discriminator"]
        places = [optimizer._get_variable_index(v) for v in variables]
        first = [ops.convert_to_tensor(optimizer._momentums[place]) for place in places]
        second = [ops.convert_to_tensor(optimizer._velocities[place]) for place in places]
        weights = [ops.convert_to_tensor(v) for v in variables]
        schedule = c.schedule_for(self.players()[0])
        for step in range(self.config.unrolling):
            gradients = gradients_at(lambda: self.discriminator_objective(real, fake, batch)[0], variables, weights)
            rate = schedule(time + step) if callable(schedule) else schedule
            gradients = _clipped(gradients, c.clip, c.clip_at)
            first = [c.beta_1 * m + (1 - c.beta_1) * g for m, g in zip(first, gradients)]
            second = [c.beta_2 * v + (1 - c.beta_2) * ops.square(g) for v, g in zip(second, gradients)]
            unbiased = ops.sqrt(1 - c.beta_2 ** (time + step + 1)) / (1 - c.beta_1 ** (time + step + 1))
            if c.optimizer == "adamw":
                weights = [w - rate * c.weight_decay * w for w in weights]
            # Epsilon stands under the root, too, which has no derivative at 0.
            weights = [w - rate * unbiased * m / (ops.sqrt(v + 1e-14) + 1e-7)
                       for w, m, v in zip(weights, first, second)]
        return weights


def _clipped(gradients, clip, at):
    """Gradients as Keras clips them before a step."""
    if clip == "norm":
        norm = ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients) + 1e-14)
        return [g * ops.minimum(at / norm, 1.0) for g in gradients]
    return [ops.clip(g, -at, at) for g in gradients] if clip == "value" else gradients
