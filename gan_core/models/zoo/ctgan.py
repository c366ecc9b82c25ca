"""CTGAN: rows of a table, with numbers of several modes and categories that are seldom alike (Xu 2019)."""

from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import TABLE
from gan_core.errors import BadInput
from gan_core.models.adversarial import packed
from gan_core.models.inputs import Label, Latent, Uniform
from gan_core.models.networks import rows
from gan_core.models.shared_knobs import ClassesWhereLabelled, Latents, Packing, PlainGame, Training
from gan_core.models.zoo import wgan_gp


NEVER_ASKED = 1e-6  # of the rows; a smaller share is none that single precision can tell


@dataclass(frozen=True, kw_only=True)
class Config(Packing, Latents, PlainGame):
    # Section 5.1 and the authors' code: batches of 500 in packs of ten, Adam 2e-4 (0.5, 0.9), one update of the critic.
    batch_size: int = inherit(Training, "batch_size", default=500)
    packing: int = inherit(Packing, "packing", default=10, high=20, tiny=2)
    latent: int = inherit(Latents, "latent", default=128)
    beta_2: float = inherit(PlainGame, "beta_2", default=0.9)
    discriminator_rate: float = inherit(PlainGame, "discriminator_rate", label="Critic learning rate",
                                        help="Step size of the optimizer for the critic.")
    width: int = knob(256, low=8, high=1024, log=True, tiny=8, help="Units in each hidden layer of both networks.")
    depth: int = knob(2, low=1, high=6, tiny=1, help="Hidden layers in both networks.")
    dropout: float = knob(0.5, low=0.0, high=0.8, tiny=0.1,
                          help="Share of the critic's features hidden at random in training.")
    temperature: float = knob(0.2, low=0.05, high=2.0, tiny=0.5, group="Objective", label="Gumbel temperature",
                              help="How undecided a generated choice may be in training: near 0 it is made, and hardly "
                                   "passes a gradient on.")
    by_categories: bool = knob(True, group="Training", label="Training by sampling",
                               help="Rows of rare categories are seen more often: by the logarithm of how many there are.")
    penalty_weight: float = inherit(wgan_gp.Config, "penalty_weight",
                                    help="How hard the critic's gradient norm is drawn to 1.")
    condition_weight: float = knob(1.0, low=0.0, high=10.0, tiny=0.5, group="Objective", label="Condition weight",
                                   help="How much it counts that a generated row has the category that was asked for.")
    class_conditional: bool = inherit(ClassesWhereLabelled, "class_conditional")


class CTGAN(wgan_gp.WGANGP):
    Config = Config
    title = "CTGAN"
    paper = "Xu 2019, Modeling Tabular Data using Conditional GAN"
    link = "https://arxiv.org/abs/1907.00503"
    builds_on = ("wgan_gp", "pacgan", "cgan")
    summary = ("Rows of a table of numbers and categories: numbers with several peaks, rare categories, and a critic that "
               "sees ten rows at once.")
    story = ("Each number is told as a place within one of the modes of its column, each category as a choice. In training "
             "the generator is asked for a category of one column, rare ones nearly as often as common ones, and the critic "
             "sees real rows that have it beside generated ones. Choices are thrown with Gumbel noise, so that a gradient "
             "comes through.")
    formula = r"""\begin{aligned}
        L_D &= \mathbb{E}[D(\hat r, c)] - \mathbb{E}[D(r, c)]
        + \lambda\, \mathbb{E}\big[(\lVert \nabla D \rVert_2 - 1)^2\big] \\
        L_G &= -\mathbb{E}[D(\hat r, c)] + \mathbb{E}\big[H(c, \hat d_c)\big], \qquad \hat r = G(z, c) \end{aligned}"""
    strengths = ("numbers with several peaks, where a plain GAN draws what lies between",
                 "rare categories are learned, too", "can be told the class where the data have one")
    weaknesses = ("fine losses can hide bad tables: look at the scores", "learns slowly how columns depend on each other",
                  "on small tables a Gaussian copula is often better")
    kinds = (TABLE,)
    dense = (TABLE,)
    judges_plainly = False
    wiring = (("latent", "generator"), ("uniform", "generator"), ("data", "discriminator"), ("generator", "discriminator"))
    # Ten rows a pack are a tenth as many judgements: on a small table nothing is learned of the classes in so few steps.
    presets = {"Quick look": {"steps": 1500, "packing": 1}, "Full": {"steps": 20_000}}
    presets_for, defaults_for = {}, {}

    def networks(self):
        c = self.config
        if c.packing > c.batch_size:
            sentence = f"A pack of {c.packing} rows needs a batch of at least as many; make batches larger or packs smaller."
            raise BadInput(sentence, {"packing": sentence})
        if trouble := rows.refusal(self.data.columns):
            raise BadInput(trouble)
        self.code = rows.RowCode(self.data.columns, self.looked_up)
        categories = self.code.of_columns
        self.shares = self.looked_up("category_shares", np.zeros(categories.total, np.float32))
        self.odds = self.looked_up("category_odds", np.zeros(categories.total, np.float32))
        widths, told = [c.width] * c.depth, categories.total + self.classes
        return {"generator": rows.generator(c.latent, told, self.code.width, widths),
                "discriminator": rows.critic(self.code.width + told, widths, dropout=c.dropout, packing=c.packing)}

    @property
    def classes(self):
        """How many the networks are told of; 0 where they are told none."""
        return self.data.n_classes if self.config.class_conditional else 0

    def inputs(self):
        chance = Uniform((2 + len(self.code.choices),), low=0.0)  # what is asked for, and how each choice falls
        return (Latent(self.config.latent), chance, *([Label(self.data.classes)] if self.classes else []))

    # What it looks up in the data beforehand

    def prepare(self, dataset, seed):
        counts = self._counts(dataset)
        self.shares.assign(np.log(np.maximum(counts, 1e-9)))
        if self.config.by_categories:
            self.odds.assign(np.log(np.maximum(self._odds(counts), 1e-9)))
        return self.code.fit(dataset.x, seed)

    def row_weights(self, dataset):
        """A column is drawn, of that a category by the logarithm of its count, and of that a row (section 4.3)."""
        if not self.config.by_categories or not self.code.of_columns.total:
            return None
        return dataset.x[:, self.code.categories] @ self._odds(self._counts(dataset))

    def _counts(self, dataset):
        """How many rows have each category."""
        return dataset.x[:, self.code.categories].sum(axis=0, dtype=np.float64)

    def _odds(self, counts):
        """How often a row of each category is drawn for the sake of that category."""
        members, logs = self.code.of_columns.members, np.log1p(counts)
        return logs / np.maximum(members @ (members.T @ logs), 1e-9) / np.maximum(counts, 1.0)

    # The game

    def make(self, batch):
        """The logits of generated codes, and what they were made from."""
        count = batch["real"].shape[0]
        drawn = self.noise(count) | {"condition": self._asked(batch, self._uniform(count, 1))}
        return self.generate(batch | drawn), drawn

    def condition(self, batch):
        return [batch["condition"]] if self.code.of_columns.total + self.classes else []

    def discriminator_condition(self, batch):
        return []  # it stands in the rows that are seen

    def discriminator_loss(self, batch):
        batch = self.with_made(batch)
        chance = self._uniform(batch["real"].shape[0], self.code.numbers)
        real = self.seen(self._told(self.code.encoded(batch["real"], chance), batch))
        return self.discriminator_objective(real, self.seen(self._told(self._soft(batch["made"]), batch)), batch)

    def generator_loss(self, batch):
        batch = self.with_made(batch)
        on_fake = self.discriminate(self.seen(self._told(self._soft(batch["made"]), batch)), batch)
        loss = ops.mean(self.objective.generator(None, on_fake))
        if not self.code.of_columns.total:
            return loss, {}
        asked = batch["condition"][:, :self.code.of_columns.total]
        said = self.code.of_columns.log_softmax(batch["made"][:, -self.code.of_columns.total:])
        missed = -ops.mean(ops.sum(asked * said, axis=1))
        return loss + self.config.condition_weight * missed, {"condition_loss": missed}

    def score(self, samples, batch):
        samples = ops.convert_to_tensor(samples)
        told = batch | {"condition": self._asked(batch | {"real": samples})}
        return self.discriminate(packed(self._told(self.code.encoded(samples), told), self.config.packing), batch)

    def _uniform(self, *shape):
        return keras.random.uniform(shape, seed=self.random)

    def _soft(self, logits):
        return self.code.soft(logits, self._uniform(logits.shape[0], self.code.choices.total), self.config.temperature)

    def _asked(self, batch, chance=None):
        """For which category real rows of a batch were drawn, and of which class they are: (N, categories + classes).

        A number in [0, 1), (N, 1), chooses the column; without one it is the one of the rarest category.
        """
        parts, columns = [], self.code.of_columns
        if columns.total:
            found = ops.take(batch["real"], self.code.categories, axis=1)
            odds = ops.matmul(found * ops.convert_to_tensor(self.odds), columns.members)
            column = rows.one_of(odds, chance)
            parts.append(found * ops.matmul(column, columns.members.T))
        return ops.concatenate([*parts, *self._class(batch)], axis=1) if parts or self.classes else None

    def _class(self, batch):
        return [ops.one_hot(batch["label"], self.classes, dtype="float32")] if self.classes else []

    def _told(self, code, batch):
        return ops.concatenate([code, *self.condition(batch)], axis=1)

    # Samples

    def choose(self, drawn, chosen):
        """A category of one column that samples are asked for, as in training: most have it then.  The two numbers that
        decide what is asked for become those that lead there."""
        named = self.code.named
        asked = {name: value for name, value in chosen.items() if name in named}
        if len(asked) > 1:
            raise BadInput(f"Rows can be asked for a category of one column at a time, not of {' and '.join(asked)}.")
        for name, value in asked.items():
            if value not in named[name]:
                some = ", ".join(named[name][:12]) + (", ..." if len(named[name]) > 12 else "")
                raise BadInput(f"There is no {name} = {value!r} in the data; there are {some}.")
            column, place = list(named).index(name), named[name].index(value)
            first = sum(self.code.of_columns.widths[:column])
            counts = np.exp(ops.convert_to_numpy(self.shares)[first:first + len(named[name])].astype(np.float64))
            shares = counts / counts.sum()
            if shares[place] < NEVER_ASKED:
                raise BadInput(f"No row that this run was trained on has {name} = {value!r}, so it cannot be asked for.")
            drawn["uniform"][:, 0] = (column + 0.5) / len(named)
            drawn["uniform"][:, 1] = shares[:place].sum() + shares[place] / 2
        return {name: value for name, value in chosen.items() if name not in named}

    def sample(self, inputs, training=False):
        inputs = {name: ops.convert_to_tensor(values) for name, values in inputs.items()}
        chance, columns, parts = inputs["uniform"], self.code.of_columns, []
        if columns.total:  # as often as in the data
            each = columns.chosen(ops.convert_to_tensor(self.shares)[None], chance[:, 1:2])
            column = rows.one_of(np.zeros((1, len(columns)), np.float32), chance[:, :1])
            parts.append(each * ops.matmul(column, columns.members.T))
        inputs["condition"] = ops.concatenate([*parts, *self._class(inputs)], axis=1) if parts or self.classes else None
        logits = self._call(self.sampler("generator"), inputs["latent"], self.condition(inputs), training)
        return ops.cast(self.code.decoded(self.code.thrown(logits, chance[:, 2:])), "float32")
