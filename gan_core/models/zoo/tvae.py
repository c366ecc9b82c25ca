"""TVAE: a variational autoencoder for rows of a table (Xu 2019)."""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers, ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import TABLE
from gan_core.errors import BadInput
from gan_core.models.base import GenerativeModel, Player
from gan_core.models.inputs import Label, Latent, Uniform
from gan_core.models.likelihoods import gaussian, kl_to_normal
from gan_core.models.networks import rows
from gan_core.models.shared_knobs import ClassesWhereLabelled, Latents, OnePlayer, Training

NARROWEST, WIDEST = 0.01, 1.0  # deviation of a place


@dataclass(frozen=True, kw_only=True)
class Config(Latents, OnePlayer):
    # Section 4.5 and the authors' code: batches of 500, Adam 1e-3 (0.9, 0.999), two layers of 128, a reconstruction that
    # counts twice.  Weights are not shrunk; theirs were, by 1e-5.
    batch_size: int = inherit(Training, "batch_size", default=500)
    latent: int = inherit(Latents, "latent", default=128)
    beta_1: float = inherit(OnePlayer, "beta_1", default=0.9)
    width: int = knob(128, low=8, high=1024, log=True, tiny=8, help="Units in each hidden layer of both networks.")
    depth: int = knob(2, low=1, high=6, tiny=1, help="Hidden layers in both networks.")
    reconstruction_weight: float = knob(2.0, low=0.1, high=100.0, log=True, group="Objective", label="Reconstruction weight",
                                        help="How much it counts that a row comes back, beside that its latent is near the "
                                             "normal distribution.")
    class_conditional: bool = inherit(ClassesWhereLabelled, "class_conditional")


class TVAE(GenerativeModel):
    Config = Config
    title = "TVAE"
    paper = "Xu 2019, Modeling Tabular Data using Conditional GAN"
    link = "https://arxiv.org/abs/1907.00503"
    builds_on = ("vae",)
    summary = "A VAE for rows of a table, with CTGAN's way of telling numbers. Steady, quick, and hard to beat."
    story = ("Each number is told as a place within one of the modes of its column, each category as a choice. The encoder "
             "says from which latents a row may come, the decoder what each place and choice was: a place is thrown by a "
             "normal distribution whose width is learned, a choice by its probabilities. New rows are thrown from new "
             "latents.")
    formula = r"""\begin{aligned} \mathcal{L} = \; & \mathbb{E}_{q(z \mid r)}\Big[
        \sum_i \log \mathcal{N}(\alpha_i; \bar\alpha_i, \delta_i)
        + \sum_i \log p(\beta_i \mid z) + \sum_j \log p(d_j \mid z)\Big] \\
        & - D_{KL}\big(q(z \mid r) \,\|\, p(z)\big) \end{aligned}"""
    strengths = ("steady: one loss, no opponent", "on many tables better than CTGAN", "encodes real rows")
    weaknesses = ("sees the data themselves, where a GAN's generator never does: mind what is private",
                  "rare categories are drawn too seldom")
    kinds = (TABLE,)
    dense = (TABLE,)
    averaged, passes = ("encoder", "decoder"), {"encoder": 0}
    wiring = (("data", "encoder"), ("encoder", "decoder"), ("latent", "decoder"), ("uniform", "decoder"),
              ("spread", "decoder"))
    presets = {"Quick look": {"steps": 1500}, "Full": {"steps": 20_000}}

    def networks(self):
        c = self.config
        if trouble := rows.refusal(self.data.columns):
            raise BadInput(trouble)
        self.code = rows.RowCode(self.data.columns, self.looked_up)
        widths = [c.width] * c.depth
        row = keras.Input((self.code.width + self.classes,), name="row")
        z = keras.Input((c.latent + self.classes,), name="latent")
        x = rows.hidden(row, widths)
        told = {"mean": layers.Dense(c.latent, dtype="float32", name="mean")(x),
                "log_variance": layers.Dense(c.latent, dtype="float32", name="log_variance")(x)}
        said = layers.Dense(self.code.width, dtype="float32")(rows.hidden(z, widths))
        deviation = Deviations(self.code.numbers, dtype="float32", name="deviations")(said)
        return {"encoder": keras.Model(row, told, name="encoder"),
                "decoder": keras.Model(z, {"code": said, "deviation": deviation}, name="decoder")}

    @property
    def classes(self):
        """How many the networks are told of; 0 where they are told none."""
        return self.data.n_classes if self.config.class_conditional else 0

    def inputs(self):
        chance = Uniform((len(self.code.choices),), low=0.0)  # how each choice falls
        spread = [Latent(self.code.numbers, name="spread")] if self.code.numbers else []  # how each place is thrown
        return (Latent(self.config.latent), chance, *spread, *([Label(self.data.classes)] if self.classes else []))

    def prepare(self, dataset, seed):
        return self.code.fit(dataset.x, seed)

    def players(self):
        return (Player("autoencoder", "g", ("encoder", "decoder"), self.negative_elbo),)

    def negative_elbo(self, batch):
        """In nats a row, places as densities, with the reconstruction as often as it counts."""
        count, numbers = batch["real"].shape[0], self.code.numbers
        code = self.code.encoded(batch["real"], keras.random.uniform((count, numbers), seed=self.random))
        q = self.encoder(self._told(code, batch), training=True)
        z = q["mean"] + ops.exp(0.5 * q["log_variance"]) * keras.random.normal(q["mean"].shape, seed=self.random)
        said = self.decoder(self._told(z, batch), training=True)
        places, choices = self.code.parts(said["code"])
        lost = gaussian(code[:, :numbers], places, 2.0 * ops.log(said["deviation"]))
        missed = -ops.sum(code[:, numbers:] * self.code.choices.log_softmax(choices), axis=1)
        kl, reconstruction = ops.mean(kl_to_normal(**q)), ops.mean(lost + missed)
        return (self.config.reconstruction_weight * reconstruction + kl,
                {"elbo": -(reconstruction + kl), "reconstruction": reconstruction, "kl": kl})

    def given(self, name, samples, batch):
        if name != "encoder":
            return super().given(name, samples, batch)
        batch = {key: ops.convert_to_tensor(values) for key, values in batch.items()}
        return [self._told(self.code.encoded(ops.convert_to_tensor(samples)), batch)]

    def _told(self, x, batch):
        """With the class beside it, where there is one."""
        if not self.classes:
            return x
        return ops.concatenate([x, ops.one_hot(batch["label"], self.classes, dtype="float32")], axis=1)

    def sample(self, inputs, training=False):
        inputs = {name: ops.convert_to_tensor(values) for name, values in inputs.items()}
        said = self.sampler("decoder")(self._told(inputs["latent"], inputs), training=training)
        code = self.code.thrown(said["code"], inputs["uniform"])
        if self.code.numbers:
            places = code[:, :self.code.numbers] + said["deviation"] * inputs["spread"]
            code = ops.concatenate([ops.clip(places, -1.0, 1.0), code[:, self.code.numbers:]], axis=1)
        return self.code.decoded(code)


@keras.saving.register_keras_serializable("gan_core")
class Deviations(layers.Layer):
    """(N, width) -> (N, count): one learned deviation for each place, whatever is put in."""

    def __init__(self, count, **options):
        super().__init__(**options)
        self.count = count

    def build(self, shape):
        self.log = self.add_weight(shape=(self.count,), initializer=keras.initializers.Constant(np.log(0.1)), name="log")

    def call(self, x):
        deviation = ops.clip(ops.exp(ops.convert_to_tensor(self.log)), NARROWEST, WIDEST)
        return ops.broadcast_to(deviation, (ops.shape(x)[0], self.count))

    def get_config(self):
        return super().get_config() | {"count": self.count}
