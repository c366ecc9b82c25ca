"""A quick look at a generator in training: how far its samples are from real ones, and how much they vary."""

import contextlib

import keras
import numpy as np

from gan_core.data import floats
from gan_core.errors import BadInput
from gan_core.evaluation import extractors
from gan_core.evaluation.metrics.copied_text import repetition
from gan_core.evaluation.metrics.distances import squared_distance_blocks
from gan_core.evaluation.metrics.kernel import kernel_distance
from gan_core.modalities.base import BY_HEART, RIGHT, modality
from gan_core.models import inputs
from gan_core.models.adversarial import AdversarialModel, packed
from gan_core.training.live_answers import AnswersProbe

FEWEST = 200  # samples in a dataset that is probed
FEWEST_APART = 100  # other real ones, to be held against those: with fewer, a distance is mostly noise
SUBSETS, SIZE = 10, 500  # of the kernel distance; of fewer samples half
BATCH = 250  # samples computed at once
HELD_OUT = 32  # samples whose bits are counted, of thousands of numbers each
JUDGED = 64  # samples of each kind that a discriminator judges that sees by another network: that takes its time
TWIN = 0.2  # of the usual distance to the nearest real neighbour: nearer than this, two samples are as good as one


def suited(model, dataset, seed=0):
    """What looks at such a model now and then, :class:`AnswersProbe` or :class:`Probe`; None where samples are too few."""
    if RIGHT in modality(model.made.kind).abilities:
        return AnswersProbe(dataset)
    return Probe(dataset, seed, model.looks_through) if Probe.suits(dataset) else None


class Probe:
    """Looks at a model now and then; the real side is computed once.

    Features are those of :func:`gan_core.evaluation.extractors.live`: they need no training, and are the same for every run
    on images of this shape, unless it was trained by them, so runs can be compared by them.

    Args:
        dataset: :class:`gan_core.data.Dataset`, of at least 200 samples; smaller ones are not probed.
        seed: of the run.
        but: the name of the extractor by whose features the model trains.
        name: of the one by which the run was watched before.

    Raises:
        BadInput: where that one cannot be had any more.
    """

    def __init__(self, dataset, seed=0, but="", name=None):
        rng = np.random.default_rng(0)  # the same real samples for every run
        order = rng.permutation(len(dataset))
        self.modality, self.extractor = modality(dataset.kind), extractors.live(dataset, but, name)
        self.n = n = self.modality.probed
        self.seed, self.order, self.dataset = seed, order[:n], dataset
        self.real = self.extractor.features(dataset.x[self.order])
        self.size = SIZE if len(self.real) >= SIZE else len(self.real) // 2
        rest = dataset.x[order[n:2 * n]] if dataset.x_test is None else dataset.x_test[:n]
        if dataset.apart:  # few, and more of the same can be had
            rest = np.concatenate([rest, dataset.x[order[n:2 * n]]])[:n]
        self.floor = None
        if len(rest) >= FEWEST_APART:
            with contextlib.suppress(BadInput):  # the data are all alike: an alarm tells
                self.floor = self._distance(self.extractor.features(rest))
        self.variety, self.usual = _variety(self.real)
        self.labels = None if dataset.y is None else dataset.y[self.order]
        self.told = None if dataset.y is None else self._told_by_neighbours()

    @staticmethod
    def suits(dataset):
        return len(dataset) >= FEWEST

    def _distance(self, features):
        """Unbiased, whatever the size of the subsets: of fewer samples than usual it is only less sure."""
        return kernel_distance(self.real, features, subsets=SUBSETS, subset_size=min(self.size, len(features)), seed=0)

    def __call__(self, model):
        """Figures for the chart: ``{name: number}``; none when samples are not finite."""
        if model.chooses:
            return {key: float(value) for key, value in model.measured(self.dataset).items()}
        # As many as there are to be held against: of few images, drawing more would cost more than it tells.
        n = min(self.n, max(len(self.real), FEWEST))
        drawn = inputs.draw(model.inputs(), n, self.seed, self.dataset)
        samples = np.concatenate([np.asarray(keras.ops.convert_to_numpy(model.sample(
            {name: values[i:i + BATCH] for name, values in drawn.items()}))) for i in range(0, n, BATCH)])
        if not np.isfinite(samples).all():
            return {}
        handed_out = self.modality.rounded(samples, self.dataset.spec)
        fake = self.extractor.features(handed_out)
        # What is made of the same picture is the same one, and no lack of variety.
        different = min((each.different(self.dataset) or n for each in model.inputs()), default=n)
        variety, nearest = _variety(fake[:max(different, 2)])
        figures = {"duplicates": float((nearest < TWIN * np.median(self.usual)).mean())}
        if self.variety > 0:
            figures["spread"] = float(variety / self.variety)
        with contextlib.suppress(BadInput):  # all samples, or all data, are one: the other figures tell
            figures["kernel"] = self._distance(fake).mean
        if self.floor is not None:
            figures["kernel_floor"], figures["kernel_floor_std"] = self.floor
        figures |= self.modality.figures(handed_out, self.dataset) | self._bits(model)
        return figures | self._text(model, samples) | self._classes(fake, drawn.get("label")) | self._by_heart(
            model, samples, drawn)

    def _text(self, model, samples):
        """Of texts how many bits a character takes, of held-out ones and of as many that were learned, where the model says;
        and how much they repeat themselves, beside real ones."""
        if "characters" not in dict(self.dataset.traits):
            return {}
        figures = {"repetition": repetition(np.asarray(samples)), "repetition_real": repetition(self.dataset.x[self.order])}
        few = max(1, self.n // 2)
        if self.dataset.x_test is not None and (new := model.surprise(self.dataset.x_test[:few])) is not None:
            figures |= {"bits_per_character": float(np.nanmean(new)),
                        "bits_seen": float(np.nanmean(model.surprise(self.dataset.x[self.order[:few]])))}
        return figures

    def _bits(self, model):
        """What a number of held-out samples costs, where the kind of samples and the model have that."""
        held, labels = self.dataset.x_test, self.dataset.y_test
        if not self.modality.bits or held is None:
            return {}
        rows = np.linspace(0, len(held) - 1, min(HELD_OUT, len(held))).astype(int)
        surprise = model.surprise(held[rows], None if labels is None else labels[rows])
        return {} if surprise is None else {self.modality.bits: float(surprise.mean())}

    def _classes(self, fake, asked):
        """How evenly samples fall on the classes: the entropy of the classes of their nearest real neighbours, as a
        share of that of the real ones (ln K where classes are equally many).  Of a model that is ``asked`` for classes,
        (N,), also the share of samples whose neighbour is of that class, beside that of real ones and that of chance."""
        if self.labels is None:
            return {}
        blocks = squared_distance_blocks(np.asarray(fake, np.float64), np.asarray(self.real, np.float64))
        nearest = self.labels[np.concatenate([block.argmin(axis=1) for _, block in blocks])]
        usual = _entropy(self.labels)
        figures = {"class_entropy": float(_entropy(nearest) / usual)} if usual > 0 else {}
        if asked is not None:
            figures |= {"label_match": float((nearest == asked).mean()),
                        "label_match_real": self.told[0], "label_chance": self.told[1]}
        return figures

    def _told_by_neighbours(self):
        """The share of real samples whose nearest other one has their label, and that of two samples drawn at random."""
        nearest = np.empty(len(self.real), int)
        for rows, block in squared_distance_blocks(*[np.asarray(self.real, np.float64)] * 2):
            block[np.arange(len(block)), np.arange(rows.start, rows.stop)] = np.inf
            nearest[rows] = block.argmin(axis=1)
        share = np.bincount(self.labels) / len(self.labels)
        return float((self.labels[nearest] == self.labels).mean()), float((share ** 2).sum())

    def _by_heart(self, model, samples, drawn):
        """Karras 2020b, section 3: r_t, the mean sign of D on images it has learned from, and r_v, how much less it
        says to held-out ones, as a share of what it says more to them than to generated ones.  A critic's verdict has no
        zero, and so no r_t: where its real ones lie is a constant that its loss does not know."""
        if not isinstance(model, AdversarialModel) or self.dataset.x_test is None \
                or BY_HEART not in self.modality.abilities:
            return {}
        if not model.judges_plainly:
            return {}
        n = JUDGED if model.looks_through else self.n
        order, labels, dataset = self.order[:n], None, self.dataset
        if dataset.y is not None:
            labels = drawn.get("label", dataset.y[self.order])[:n]
        label = labels is not None
        seen = self._logits(model, floats(dataset.x[order]), dataset.y[order] if label else None)
        new = self._logits(model, floats(dataset.x_test[:n]), dataset.y_test[:n] if label else None)
        fake = self._logits(model, samples[:n], labels)
        between = float(seen.mean() - fake.mean())
        if between <= 0:
            return {}
        gap = {"held_out_gap": float(seen.mean() - new.mean()) / between}
        if not model.objective.accuracy:
            return gap
        return gap | {"sure_of_real": float(np.sign(seen - model.objective.threshold).mean())}

    @staticmethod
    def _logits(model, samples, labels):
        """Logits as they are outside training, which move nothing."""
        parts = []
        for i in range(0, len(samples), BATCH):
            batch = {"real": samples[i:i + BATCH]} | ({} if labels is None else {"label": labels[i:i + BATCH]})
            some = packed(keras.ops.convert_to_tensor(batch["real"]), model.config.packing)
            batch = {name: keras.ops.convert_to_tensor(values) for name, values in batch.items()}
            parts.append(keras.ops.convert_to_numpy(model.judge(some, batch, training=False)["logits"]).mean(axis=1))
        return np.concatenate(parts)


def _entropy(labels):
    """Of the distribution of labels (N,), nats."""
    share = np.bincount(labels) / len(labels)
    share = share[share > 0]
    return float(-(share * np.log(share)).sum())


def _variety(features):
    """Mean distance between two samples, and the distance of each to its nearest neighbour, (N,)."""
    features = np.asarray(features, np.float64)
    total, nearest = 0.0, np.empty(len(features))
    for rows, block in squared_distance_blocks(features, features):
        block = np.sqrt(block)
        total += block.sum()
        block[np.arange(len(block)), np.arange(rows.start, rows.stop)] = np.inf
        nearest[rows] = block.min(axis=1)
    return total / (len(features) * (len(features) - 1)), nearest
