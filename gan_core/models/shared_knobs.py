"""Knobs that several architectures share, each declared once, and what they do to the players.

What they do to the game stands in :mod:`gan_core.models.adversarial`, what they do to networks in ``gan_core/networks``.
"""

from dataclasses import dataclass

import keras
from keras import ops

from gan_core.config.knobs import ABOVE_0, Config, inherit, knob
from gan_core.data import FLAT, IMAGES
from gan_core.models.losses import LOSSES

ADAMS = ("adam", "adamw")
RATE = dict(low=1e-6, high=1e-1, log=True, group="Optimizer")


@dataclass(frozen=True, kw_only=True)
class Training(Config):
    """How any model is trained, whatever its game."""

    batch_size: int = knob(128, low=4, high=2048, log=True, tiny=8, group="Training",
                           help="Samples per update. Larger batches give steadier gradients and cost more memory.")
    ema_decay: float = knob(
        0.99, low=0.0, high=0.9999, label="Averaging (EMA decay)", group="Training",
        help="Samples come from a running average of the generator's weights, which is steadier than the generator "
             "itself. 0 turns it off; 0.99 averages over about 100 steps, 0.999 over 1,000.")
    precision: str = knob(
        "auto", choices=("auto", "float32", "mixed_bfloat16"), group="Device",
        help="mixed_bfloat16 multiplies in half the bits. auto: on GPUs, and for convolutions on CPUs that have "
             "instructions for it (AVX-512 BF16, AMX); else float32.")
    xla: str = knob(
        "auto", choices=("auto", "on", "off"), label="XLA compilation", group="Device",
        help="Fuses operations. auto: on for GPUs and for dense networks, off for convolutions on a CPU, where it "
             "is slower.")
    steps_per_call: int = knob(
        0, low=0, high=200, tiny=1, label="Steps per call", group="Device",
        help="Steps played between two looks at the losses. More is faster when steps are short; 0 chooses.")


@dataclass(frozen=True, kw_only=True)
class Optimizers(Training):
    """How a player's weights follow its gradient."""

    optimizer: str = knob("adam", choices=("adam", "adamw", "rmsprop", "sgd"), group="Optimizer",
                          help="Adam is the usual one; AdamW also shrinks the weights; RMSprop is what WGAN was made "
                               "with; SGD is the plainest.")
    beta_1: float = knob(0.5, low=0.0, high=0.999, label="Momentum (beta 1)", group="Optimizer",
                         help="Memory of the gradient's direction. GANs oscillate with the usual 0.9; 0.5 or 0 is "
                              "calmer.")
    beta_2: float = knob(0.999, low=0.5, high=0.9999, label="Memory of squares (beta 2)", group="Optimizer",
                         when={"optimizer": (*ADAMS, "rmsprop")},
                         help="Memory of the squared gradient, which scales each weight's step.")
    weight_decay: float = knob(1e-3, low=0.0, high=0.5, group="Optimizer", when={"optimizer": ("adamw",)},
                               help="How much AdamW shrinks the weights, times the learning rate, each step.")
    schedule: str = knob("constant", choices=("constant", "linear", "late linear", "cosine", "exponential"),
                         group="Optimizer",
                         label="Learning rate schedule",
                         help="How the rates go down over the steps: in a line or half a cosine to 0, late: after half of "
                              "them at full rate, or by a factor of ten each time.")
    schedule_steps: int = knob(
        10_000, low=1, high=10_000_000, log=True, tiny=10, group="Optimizer", label="Schedule length (steps)",
        when={"schedule": ("linear", "late linear", "cosine", "exponential")},
        help="Steps until the rates have gone down; for the exponential one, to a tenth.")
    clip: str = knob("none", choices=("none", "norm", "value"), group="Optimizer", label="Gradient clipping",
                     help="norm shortens a player's gradient, all its weights together; value cuts each component.")
    clip_at: float = knob(1.0, low=1e-6, high=1000.0, log=True, group="Optimizer", label="Clip at",
                          when={"clip": ("norm", "value")}, help="The longest gradient, or the largest component.")

    def rate(self, player):
        """The learning rate of a player."""
        raise NotImplementedError

    def schedule_for(self, player):
        """A player's learning rate: a number, or a function of its updates, which are what an optimizer counts."""
        return _scheduled(self.schedule, self.rate(player), self.schedule_steps * player.updates)

    def optimizer_for(self, player):
        """A fresh Keras optimizer for a player."""
        rate = self.schedule_for(player)
        clip = {"none": {}, "norm": {"global_clipnorm": self.clip_at}, "value": {"clipvalue": self.clip_at}}[self.clip]
        if self.optimizer == "rmsprop":
            # Keras adds epsilon under the root: its 1e-7 there stops every gradient below 3e-4, as those that come
            # through clipped weights are.  This is 1e-8 outside of it, with which WGAN was made.
            return keras.optimizers.RMSprop(rate, rho=self.beta_2, momentum=self.beta_1, epsilon=1e-16, **clip)
        if self.optimizer == "sgd":
            return keras.optimizers.SGD(rate, momentum=self.beta_1, **clip)
        if self.optimizer == "adamw":
            return keras.optimizers.AdamW(rate, beta_1=self.beta_1, beta_2=self.beta_2,
                                          weight_decay=self.weight_decay, **clip)
        return keras.optimizers.Adam(rate, beta_1=self.beta_1, beta_2=self.beta_2, **clip)


@keras.saving.register_keras_serializable("gan_core")
class LateLinear(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that stays for half of the ``steps``, and goes down to 0 in a line over the others (Zhu 2017, section 4)."""

    def __init__(self, rate, steps):
        super().__init__()
        self.rate, self.steps = rate, steps

    def __call__(self, step):
        return self.rate * ops.clip(2.0 - 2.0 * ops.cast(step, "float32") / self.steps, 0.0, 1.0)

    def get_config(self):
        return {"rate": self.rate, "steps": self.steps}


def _scheduled(schedule, rate, steps):
    schedules = keras.optimizers.schedules
    if schedule == "linear":
        return schedules.PolynomialDecay(rate, steps, end_learning_rate=0.0)
    if schedule == "late linear":
        return LateLinear(rate, steps)
    if schedule == "cosine":
        return schedules.CosineDecay(rate, steps)
    if schedule == "exponential":
        return schedules.ExponentialDecay(rate, steps, decay_rate=0.1)
    return rate


@dataclass(frozen=True, kw_only=True)
class OnePlayer(Optimizers):
    """A model without an opponent."""

    learning_rate: float = knob(1e-3, label="Learning rate", help="Step size of the optimizer.", **RATE)

    def rate(self, player):
        return self.learning_rate


@dataclass(frozen=True, kw_only=True)
class TwoPlayers(Optimizers):
    """A generator's side and a discriminator's side, with a rate each (TTUR, Heusel 2017)."""

    generator_rate: float = knob(2e-4, label="Generator learning rate",
                                 help="Step size of the optimizer for the generator.", **RATE)
    discriminator_rate: float = knob(
        2e-4, label="Discriminator learning rate", **RATE,
        help="Step size of the optimizer for the discriminator. Higher than the generator's is the two time-scale "
             "update rule (TTUR).")
    discriminator_updates: int = knob(
        1, low=1, high=10, label="Discriminator updates", group="Optimizer", tiny=1,
        help="Updates of the discriminator for each round of the game, each on fresh real samples.")
    generator_updates: int = knob(
        1, low=1, high=10, label="Generator updates", group="Optimizer", tiny=1,
        help="Updates of the generator for each round of the game, each on fresh noise.")

    def rate(self, player):
        return self.discriminator_rate if player.side == "discriminator" else self.generator_rate


@dataclass(frozen=True, kw_only=True)
class Sharing(Config):
    """One draw of samples for two turns, where the generator moves after the discriminator."""

    shared_samples: bool = knob(
        True, group="Optimizer", label="Share generated samples",
        help="The generator is judged on the samples that the discriminator has just seen, which saves drawing them "
             "twice. Off: on fresh ones, as in Goodfellow's algorithm 1.")


@dataclass(frozen=True, kw_only=True)
class Steadying(Config):
    """What keeps the discriminator from winning too early."""

    instance_noise: float = knob(
        0.0, low=0.0, high=2.0, tiny=0.0, group="Stability", label="Instance noise",
        help="Noise of this standard deviation on everything the discriminator sees, going down to 0: real and "
             "generated samples overlap from the start (Sonderby 2017).")
    instance_noise_steps: int = knob(
        2000, low=1, high=10_000_000, log=True, tiny=10, group="Stability", label="Instance noise until step",
        when={"instance_noise": ABOVE_0}, help="The step at which the instance noise has gone.")


@dataclass(frozen=True, kw_only=True)
class ZeroCentred(Config):
    """R1 and R2: penalties on the discriminator's gradient at real and at generated samples (Mescheder 2018)."""

    r1: float = knob(0.0, low=0.0, high=1000.0, group="Stability", label="R1 weight (gamma)",
                     help="Half of this times the squared gradient of the discriminator at real samples: it keeps the "
                          "game from circling. 0: off. Batch normalisation in the discriminator disturbs it.")
    r2: float = knob(0.0, low=0.0, high=1000.0, group="Stability", label="R2 weight (gamma)",
                     help="The same at generated samples. 0: off.")
    penalty_every: int = knob(
        1, low=1, high=64, group="Stability", label="Penalty every (rounds)", when={"r1": ABOVE_0, "r2": ABOVE_0},
        help="Lazy regularisation: R1 and R2 are computed every so many rounds only, and count as many times as much "
             "(Karras 2020).")


@dataclass(frozen=True, kw_only=True)
class Augmentation(Config):
    """The discriminator sees real and generated images through the same random changes: it cannot learn few images
    by heart, and the generator does not learn the changes."""

    augment: str = knob("none", choices=("none", "diffaugment"), group="Stability", only=IMAGES, label="Augmentation",
                        help="For small datasets. DiffAugment shifts, cuts and recolours every image.")


@dataclass(frozen=True, kw_only=True)
class Adaptive(Augmentation):
    """ADA too, which goes by the sign of logits: for one discriminator that gives verdicts."""

    augment: str = inherit(
        Augmentation, "augment", choices=("none", "diffaugment", "ada"),
        help="For small datasets. DiffAugment shifts, cuts and recolours every image; ADA does so with a probability "
             "that rises while the discriminator learns images by heart.")
    ada_target: float = knob(
        0.6, low=0.0, high=1.0, group="Stability", only=IMAGES, when={"augment": ("ada",)}, label="ADA target",
        help="The share of sure verdicts on real images that ADA aims for; a higher one means learning by heart.")


@dataclass(frozen=True, kw_only=True)
class Rivals(Augmentation, ZeroCentred, Steadying, TwoPlayers):
    """What any generator and discriminator can be told, whatever the order of their turns."""

    packing, shared_samples = 1, False  # unless the architecture has the knobs: :class:`Packing`, :class:`Sharing`


@dataclass(frozen=True, kw_only=True)
class PlainGame(Sharing, Rivals):
    """The usual game without ADA: the sign of a logit is no verdict, or there are several discriminators."""


@dataclass(frozen=True, kw_only=True)
class Game(Sharing, Adaptive, Rivals):
    """The usual game: one discriminator, which says real or not."""


@dataclass(frozen=True, kw_only=True)
class Smoothing(Config):
    """For losses with a target for real samples."""

    label_smoothing: float = knob(
        0.0, low=0.0, high=0.5, tiny=0.1, group="Objective", label="Label smoothing",
        help="The discriminator's target for real samples is 1 minus this (one-sided), which curbs its confidence.")


@dataclass(frozen=True, kw_only=True)
class Objective(Smoothing):
    """Which of the adversarial losses, and its smoothing."""

    loss: str = knob("non-saturating", choices=("non-saturating", "minimax", "least-squares"), group="Objective",
                     help="What the players minimise. Non-saturating gives the generator gradients even while it "
                          "loses; minimax is the original game; least squares penalises by distance.")

    @property
    def objective(self):
        return LOSSES[self.loss]


@dataclass(frozen=True, kw_only=True)
class Packing(Config):
    """PacGAN (Lin 2018): the discriminator judges several samples at once."""

    packing: int = knob(1, low=1, high=4, group="Stability", label="Packing",
                        help="Samples that the discriminator judges together: a generator that draws one thing only is "
                             "told by the lack of variety. What does not fill a pack is left out.")


@dataclass(frozen=True, kw_only=True)
class Latents(Config):
    """Noise that samples are made from."""

    latent: int = knob(100, low=2, high=512, tiny=6, label="Latent size",
                       help="Numbers in the noise vector z that a sample is made from.")


@dataclass(frozen=True, kw_only=True)
class Filters(Config):
    """Width of convolutions."""

    filters: int = knob(64, low=4, high=128, log=True, tiny=4, only=IMAGES,
                        help="Channels of the widest feature map; deeper, smaller maps have up to eight times as many.")


@dataclass(frozen=True, kw_only=True)
class Convolutions(Filters, Latents):
    """Strided convolutions for images, in both networks."""

    minibatch_std, discriminator_norm, dropout = False, False, 0.0  # knobs of :class:`ConvDiscriminator`

    spectral_norm: bool = knob(
        False, label="Spectral normalisation", only=IMAGES, group="Stability",
        help="Divides each kernel on a sample's way through the discriminator by its largest singular value, so that its "
             "slope stays bounded (Miyato 2018).")


@dataclass(frozen=True, kw_only=True)
class ConvDiscriminator(Convolutions):
    """A convolutional discriminator that keeps to its task."""

    dropout: float = knob(0.3, low=0.0, high=0.8, tiny=0.1, only=IMAGES,
                          help="Share of the discriminator's features hidden at random in training.")
    discriminator_norm: bool = knob(
        True, label="Discriminator batch norm", only=IMAGES,
        help="Batch normalisation in the discriminator. Real and generated samples are normalised apart, so a "
             "generator that draws one thing only is easily told: without it, mode collapse is likely.")
    minibatch_std: bool = knob(
        False, label="Minibatch standard deviation", only=IMAGES, group="Stability",
        help="Shows the discriminator how much the samples of a batch differ, so that a lack of variety is seen "
             "(Karras 2018).")


@dataclass(frozen=True, kw_only=True)
class Classes(Config):
    """How a generator is told the class."""

    embedding: int = knob(32, low=2, high=256, tiny=4, label="Class embedding",
                          help="Numbers that stand for a class in the generator.")


@dataclass(frozen=True, kw_only=True)
class ClassesWhereLabelled(Classes):
    """For architectures that learn data with labels and without."""

    class_conditional: bool = knob(
        True, label="Tell the class",
        help="Where the data have labels, both networks are told the class, and one can be asked for. Off: labels are not "
             "looked at. Without labels it changes nothing.")
    embedding: int = inherit(Classes, "embedding", when={"class_conditional": (True,)})


@dataclass(frozen=True, kw_only=True)
class PointLayers(Latents):
    """Small fully connected networks for points and for rows of a table."""

    points_width: int = knob(128, low=8, high=1024, log=True, tiny=8, only=FLAT, label="Width",
                             help="Units in each hidden layer of both networks.")
    points_depth: int = knob(3, low=1, high=6, tiny=2, only=FLAT, label="Depth",
                             help="Hidden layers in both networks.")

    @property
    def points_widths(self):
        return [self.points_width] * self.points_depth
