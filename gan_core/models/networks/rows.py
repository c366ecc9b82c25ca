"""Rows of a table as their generators see them: each number as a place within one of its modes, each category as a choice
(Xu 2019, Modeling Tabular Data using Conditional GAN, section 4.2)."""

import itertools
import warnings

import keras
import numpy as np
from keras import layers, ops

from gan_core.data.columns import CATEGORY, blocks, pieces
from gan_core.models.networks.ordered import ordered

MODES = 10  # of one column, at most
LEAST = 0.005  # the weight of a mode that counts
REACH = 4.0  # deviations of a mode that a place of 1 is away from its mean
WIDEST = 20_000  # numbers of a code: a critic of ten rows has 200,000 inputs then, and a gigabyte with its optimizer
LOOKED_AT, FEWEST = 200_000, 1000  # values of all columns that modes are found in, and of one at least
NEVER = -1e9  # the logit of what is not chosen
NARROWEST = 1e-4  # deviation of a mode, in deviations of its column


class Choices:
    """Several choices in one vector, stretch by stretch: logits (N, sum of the widths), of which each stretch is one choice
    among so many.

    Stretches of one width that stand beside each other are computed together: a graph of each of a thousand columns would
    take minutes to trace.  ``members`` (total, choices) says which choice each number belongs to.
    """

    def __init__(self, widths):
        self.widths, self.total = tuple(widths), sum(widths)
        self.members = np.repeat(np.eye(len(self.widths), dtype=np.float32), self.widths, axis=0)
        self._runs = [(width, len(list(run))) for width, run in itertools.groupby(self.widths)]

    def __len__(self):
        return len(self.widths)

    def softmax(self, logits):
        return self._each(_softmax, logits)

    def log_softmax(self, logits):
        return self._each(lambda part: ops.log_softmax(part, axis=-1) if part.shape[-1] > 1 else part * 0.0, logits)

    def chosen(self, logits, uniform):
        """What numbers in [0, 1), (N, choices), choose: a 1 in each stretch, as often as its softmax says.  Numbers (N, 1)
        choose in all of them."""
        return self._each(_at_share, logits, uniform)

    def _each(self, change, logits, uniform=None):
        parts, first, choice = [], 0, 0
        for width, count in self._runs:
            part = ops.reshape(logits[:, first:first + width * count], (-1, count, width))
            if uniform is None:
                part = change(part)
            else:
                part = change(part, (uniform[:, choice:choice + count] if uniform.shape[1] > 1 else uniform)[..., None])
            parts.append(ops.reshape(part, (-1, width * count)))
            first, choice = first + width * count, choice + count
        return ops.concatenate(parts, axis=1) if parts else logits


def _softmax(logits):
    """Of a choice without another, 1: Keras would warn whoever has a column of one category."""
    return ops.softmax(logits, axis=-1) if logits.shape[-1] > 1 else logits * 0.0 + 1.0


def one_of(logits, uniform=None):
    """A 1 for each vector of logits (..., K): chosen by a number in [0, 1), (N, 1), or where the logit is highest."""
    if uniform is None:
        return ops.one_hot(ops.argmax(logits, axis=-1), logits.shape[-1], dtype="float32")
    return _at_share(logits, uniform)


def _at_share(logits, uniform):
    """A 1 in each vector of logits (..., K), at the share of its softmax that a number in [0, 1) reaches.

    Told by products and comparisons alone, which exported models know.
    """
    size = logits.shape[-1]
    upper, shift = np.triu(np.ones((size, size), np.float32)), np.eye(size, k=1, dtype=np.float32)
    first, but_last = np.eye(size, dtype=np.float32)[0], 1.0 - np.eye(size, dtype=np.float32)[-1]
    cumulated = ops.matmul(_softmax(logits), upper)
    passed = ops.cast(uniform >= cumulated, "float32") * but_last
    return ops.matmul(passed, shift) + first - passed


def refusal(columns):
    """Why the code of a table with these columns is more than networks of ten rows hold, a sentence; "" where it is not."""
    wide = sum(column.width if column.kind == CATEGORY else 1 + MODES for column, *_ in pieces(columns))
    return "" if wide <= WIDEST else (
        f"A row of this table becomes {wide:,} numbers, {1 + MODES} for each column of numbers, and {WIDEST:,} are the "
        "limit here; leave columns out, or choose another architecture.")


class RowCode:
    """The code of rows (N, d) of described columns: float32 (N, width), the places of all numbers in [-1, 1], then all
    choices: the mode of each number, and each category, by how many there are of it.

    ``choices`` are the :class:`Choices` of a code, ``of_columns`` those that are categories, which stand in a row at the
    places ``categories`` and are called ``named``, ``{column: categories}``; ``numbers`` is how many there are.

    Args:
        columns: :class:`gan_core.data.columns.Column` s.
        looked_up: makes a variable that a checkpoint keeps, :meth:`gan_core.models.base.GenerativeModel.looked_up`.
            Until :meth:`fit` each number has one mode, its column's.
    """

    def __init__(self, columns, looked_up):
        parts = pieces(columns)
        categories = sorted((part for part in parts if part[0].kind == CATEGORY), key=lambda part: part[0].width)
        self._names = [column.name for column, *_ in parts if column.kind != CATEGORY]
        self._numbers = np.array([first for column, first, _ in parts if column.kind != CATEGORY], int)
        # Beside a number that may be missing stands at which place of a row it says that it is known.
        self._known = [first + 1 if column.missing is not None else None for column, first, _ in blocks(columns)
                       if column.kind != CATEGORY]
        self.categories = np.array([place for _, first, end in categories for place in range(first, end)], int)
        self._back = np.argsort(np.concatenate([self._numbers, self.categories]))
        self.of_columns = Choices([column.width for column, *_ in categories])
        self.named = {column.name: column.categories for column, *_ in categories}
        self.choices = Choices([MODES] * len(self._numbers) + list(self.of_columns.widths))
        self.numbers, self.width = len(self._numbers), len(self._numbers) + self.choices.total
        one = np.full((self.numbers, MODES), NEVER, np.float32)
        one[:, 0] = 0.0
        self._log_weights = looked_up("mode_log_weights", one)
        self._means = looked_up("mode_means", np.zeros((self.numbers, MODES), np.float32))
        self._deviations = looked_up("mode_deviations", np.ones((self.numbers, MODES), np.float32))

    def fit(self, rows, seed):
        """Find the modes of each number in rows (N, d): a Gaussian mixture that says how many it needs (Bishop 2006,
        section 10.2).  Returns a sentence."""
        from sklearn.mixture import BayesianGaussianMixture  # here, for it takes seconds to import

        variables = (self._log_weights, self._means, self._deviations)
        log_weights, means, deviations = (np.array(ops.convert_to_numpy(variable)) for variable in variables)
        count = min(len(rows), max(FEWEST, LOOKED_AT // max(self.numbers, 1)))
        some = np.random.default_rng([seed, *b"modes"]).permutation(len(rows))[:count]
        for index, place in enumerate(self._numbers):
            known = rows[some]
            if self._known[index] is not None and known[:, self._known[index]].any():
                known = known[known[:, self._known[index]] > 0]  # the mean in the place of the others is no mode
            values = known[:, place].astype(np.float64)[:, None]
            mixture = BayesianGaussianMixture(
                n_components=min(MODES, len(np.unique(values))), weight_concentration_prior_type="dirichlet_process",
                weight_concentration_prior=0.001, n_init=1, random_state=seed)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that it might go on: the modes need not be the best ones
                mixture.fit(values)
            counts = mixture.weights_ > LEAST
            found = int(counts.sum())
            log_weights[index], log_weights[index, :found] = NEVER, np.log(mixture.weights_[counts])
            means[index, :found] = mixture.means_[counts, 0]
            deviations[index, :found] = np.maximum(np.sqrt(mixture.covariances_[counts, 0, 0]), NARROWEST)
        for variable, values in zip(variables, (log_weights, means, deviations)):
            variable.assign(values.astype(np.float32))
        found = [f"{name} {count}" for name, count in zip(self._names, (log_weights > NEVER).sum(axis=1))]
        more = f" and {len(found) - 12} more columns" if len(found) > 12 else ""
        return f"Modes of each number: {', '.join(found[:12])}{more}." if found else ""

    def parts(self, logits):
        """What a network says of a code, (N, width), apart: places (N, numbers) in [-1, 1], and the logits of all choices,
        without the modes that there are not."""
        weights = ops.reshape(ops.convert_to_tensor(self._log_weights), (1, -1))
        none = ops.pad(ops.where(weights <= NEVER, NEVER, 0.0), ((0, 0), (0, self.of_columns.total)))
        return ops.tanh(logits[:, :self.numbers]), logits[:, self.numbers:] + none

    def soft(self, logits, uniform, temperature):
        """A code whose choices are thrown, and nearly made: numbers in [0, 1), (N, choices.total), become Gumbel noise, and
        the lower the temperature, the nearer to 1 is what was chosen (Jang 2017)."""
        places, choices = self.parts(logits)
        noise = -ops.log(-ops.log(ops.clip(uniform, 1e-7, 1.0 - 1e-7)))
        return ops.concatenate([places, self.choices.softmax((choices + noise) / temperature)], axis=1)

    def thrown(self, logits, uniform):
        """A code whose choices are made by numbers in [0, 1), (N, choices)."""
        places, choices = self.parts(logits)
        return ops.concatenate([places, self.choices.chosen(choices, uniform)], axis=1)

    def encoded(self, rows, uniform=None):
        """The code of rows (N, d).  Numbers in [0, 1) (N, numbers) choose among the modes that a number may belong to;
        without them it is the likeliest."""
        categories = ops.take(rows, self.categories, axis=1)
        if not self.numbers:
            return categories
        values = ops.take(rows, self._numbers, axis=1)[..., None]
        means, deviations = ops.convert_to_tensor(self._means), ops.convert_to_tensor(self._deviations)
        away = (values - means) / deviations
        logits = ops.convert_to_tensor(self._log_weights) - ops.log(deviations) - 0.5 * ops.square(away)
        modes = one_of(logits, None if uniform is None else uniform[..., None])
        place = ops.clip(ops.sum(modes * away, axis=-1) / REACH, -0.99, 0.99)
        return ops.concatenate([place, ops.reshape(modes, (-1, self.numbers * MODES)), categories], axis=1)

    def decoded(self, code):
        """Rows (N, d) of a code with a 1 in each of its choices."""
        if not self.numbers:
            return ordered(code, self._back)
        places, choices = code[:, :self.numbers], code[:, self.numbers:]
        modes = ops.reshape(choices[:, :self.numbers * MODES], (-1, self.numbers, MODES))
        mean, deviation = (ops.sum(modes * ops.convert_to_tensor(each), axis=-1) for each in (self._means, self._deviations))
        values = ops.concatenate([places * REACH * deviation + mean, choices[:, self.numbers * MODES:]], axis=1)
        return ordered(values, self._back)


def hidden(x, widths, *, residual=False, slope=0.0, dropout=0.0):
    """Dense layers: ``residual`` ones with batch normalisation and their input beside their output, as CTGAN's generator has
    them (section 4.4), or plain ones with LeakyReLU of a ``slope`` and dropout."""
    for width in widths:
        out = layers.Dense(width)(x)
        if residual:
            out = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(out))
            x = layers.Concatenate()([out, x])
        else:
            x = layers.LeakyReLU(negative_slope=slope)(out) if slope else layers.ReLU()(out)
            x = layers.Dropout(dropout)(x) if dropout else x
    return x


def generator(latent, condition, code, widths):
    """(N, latent), (N, condition) where there is one -> (N, code): places and logits."""
    z = keras.Input((latent,), name="latent")
    told = keras.Input((condition,), name="condition") if condition else None
    x = hidden(layers.Concatenate()([z, told]) if condition else z, widths, residual=True)
    return keras.Model([z, told] if condition else z, layers.Dense(code, dtype="float32")(x), name="generator")


def critic(width, widths, *, dropout, packing):
    """(N, packing width) -> logits (N, 1)."""
    sample = keras.Input((packing * width,), name="sample")
    x = hidden(sample, widths, slope=0.2, dropout=dropout)
    return keras.Model(sample, layers.Dense(1, dtype="float32", name="logit")(x), name="discriminator")
