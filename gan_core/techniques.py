"""Knobs that several architectures share, each declared once, and what they do."""

from dataclasses import dataclass

import keras

from gan_core.data import IMAGES, POINTS
from gan_core.knobs import Config, knob
from gan_core.losses import LOSSES


@dataclass(frozen=True, kw_only=True)
class Training(Config):
    """How any model is trained, whatever its game."""

    batch_size: int = knob(128, low=2, high=2048, log=True, tiny=8, group="Training",
                           help="Samples per update. Larger batches give steadier gradients and cost more memory.")
    ema_decay: float = knob(
        0.99, low=0.0, high=0.9999, label="Averaging (EMA decay)", group="Training",
        help="Samples come from a running average of the generator's weights, which is steadier than the generator "
             "itself. 0 turns it off; 0.99 averages over about 100 steps, 0.999 over 1,000.")
    precision: str = knob(
        "auto", choices=("auto", "float32", "mixed_bfloat16"), group="Device",
        help="mixed_bfloat16 computes in half the bits on recent GPUs; auto uses it there and float32 on a CPU.")
    xla: str = knob(
        "auto", choices=("auto", "on", "off"), label="XLA compilation", group="Device",
        help="Fuses operations. auto: on for GPUs and for dense networks, off for convolutions on a CPU, where it "
             "is slower.")
    steps_per_call: int = knob(
        0, low=0, high=200, tiny=1, label="Steps per call", group="Device",
        help="Steps played between two looks at the losses. More is faster when steps are short; 0 chooses.")


@dataclass(frozen=True, kw_only=True)
class TwoPlayers(Training):
    """Adam for a generator and a discriminator, with a rate each (TTUR, Heusel 2017)."""

    generator_rate: float = knob(2e-4, low=1e-6, high=1e-1, log=True, label="Generator learning rate",
                                 group="Optimizer", help="Step size of Adam for the generator.")
    discriminator_rate: float = knob(
        2e-4, low=1e-6, high=1e-1, log=True, label="Discriminator learning rate", group="Optimizer",
        help="Step size of Adam for the discriminator. Higher than the generator's is the two time-scale update "
             "rule (TTUR).")
    beta_1: float = knob(0.5, low=0.0, high=0.999, label="Adam beta 1", group="Optimizer",
                         help="Momentum. GANs oscillate with the usual 0.9; 0.5 or 0 is calmer.")
    beta_2: float = knob(0.999, low=0.5, high=0.9999, label="Adam beta 2", group="Optimizer",
                         help="Memory of the squared gradient.")
    discriminator_updates: int = knob(
        1, low=1, high=10, label="Discriminator updates", group="Optimizer", tiny=1,
        help="Updates of the discriminator for each of the generator, each on fresh real samples.")

    def optimizer(self, player):
        rate = self.generator_rate if player.name == "generator" else self.discriminator_rate
        return keras.optimizers.Adam(rate, beta_1=self.beta_1, beta_2=self.beta_2)


@dataclass(frozen=True, kw_only=True)
class Objective(Config):
    """Which of the adversarial losses, and its smoothing."""

    loss: str = knob("non-saturating", choices=("non-saturating", "minimax", "least-squares"), group="Objective",
                     help="What the players minimise. Non-saturating gives the generator gradients even while it "
                          "loses; minimax is the original game; least squares penalises by distance.")
    label_smoothing: float = knob(
        0.0, low=0.0, high=0.5, tiny=0.1, group="Objective", label="Label smoothing",
        help="The discriminator's target for real samples is 1 minus this (one-sided), which curbs its confidence.")

    @property
    def objective(self):
        return LOSSES[self.loss]


@dataclass(frozen=True, kw_only=True)
class Latents(Config):
    """Noise that samples are made from."""

    latent: int = knob(100, low=2, high=512, tiny=6, label="Latent size",
                       help="Numbers in the noise vector z that a sample is made from.")


@dataclass(frozen=True, kw_only=True)
class Convolutions(Latents):
    """Strided convolutions for images."""

    filters: int = knob(64, low=4, high=128, log=True, tiny=4, only=IMAGES,
                        help="Channels of the widest feature map; deeper, smaller maps have up to eight times as many.")


@dataclass(frozen=True, kw_only=True)
class ConvDiscriminator(Convolutions):
    """A convolutional discriminator that keeps to its task."""

    dropout: float = knob(0.3, low=0.0, high=0.8, tiny=0.1,
                          help="Share of the discriminator's features hidden at random in training.")
    discriminator_norm: bool = knob(
        True, label="Discriminator batch norm",
        help="Batch normalisation in the discriminator. Real and generated samples are normalised apart, so a "
             "generator that draws one thing only is easily told: without it, mode collapse is likely.")


@dataclass(frozen=True, kw_only=True)
class PointLayers(Latents):
    """Small fully connected networks for points."""

    points_width: int = knob(128, low=8, high=1024, log=True, tiny=8, only=POINTS, label="Width",
                             help="Units in each hidden layer of both networks.")
    points_depth: int = knob(3, low=1, high=6, tiny=2, only=POINTS, label="Depth",
                             help="Hidden layers in both networks.")

    @property
    def points_widths(self):
        return [self.points_width] * self.points_depth
