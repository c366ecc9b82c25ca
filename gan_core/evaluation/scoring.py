"""Scores of one set of samples against real ones: extractor -> metrics -> one dict of plain values."""

from dataclasses import dataclass, replace

import numpy as np

from gan_core.data import characters as letters, columns as described, floats, to_float
from gan_core.data.arrays import as_images
from gan_core.errors import BadInput, Stopped
from gan_core.evaluation import baselines, metrics
from gan_core.evaluation.extractors import Extractor
from gan_core.evaluation.metrics import answers
from gan_core.evaluation.metrics.base import CLASS, Alike, Answered, Described, Judged, Predicted, Tables, Texts
from gan_core.evaluation.metrics.copying import COPY_SAMPLES, COPY_TRAIN
from gan_core.pretrained import lite, perceptual

PAIRS_AT_ONCE = 64
SHOWN = 12  # columns that a sentence names


@dataclass(frozen=True, eq=False)
class Reference:
    """The real side of scores, measured once and lent to every set of fakes.

    ``real`` (N, d) are the features that fakes are compared with, ``held_out`` (H, d) those of further real samples,
    the floor, or None.  ``probabilities`` are a classifier's answers to real samples, held-out ones if there are.
    ``train`` (T, d) is what the generator was trained on and ``fresh`` (F, d) what it has never seen, or None: for
    the scores of copying.  ``modes`` is the mixture that points come from, :class:`gan_core.data.sets.points.Modes`.
    """

    extractor: Extractor
    real: np.ndarray
    held_out: np.ndarray | None = None
    probabilities: np.ndarray | None = None
    train: np.ndarray | None = None
    fresh: np.ndarray | None = None
    modes: object = None
    modes_seen: np.ndarray | None = None


def reference(extractor, real, held_out=None, *, train=None, unseen=0, modes=None, progress=None,
              should_stop=None):
    """A :class:`Reference` of samples, each (N, *shape): uint8 images, or floats in [-1, 1], or points.

    Args:
        real: what fakes are compared with.
        held_out: further real samples, for the floors.
        train: all that the generator was trained on, for the scores of copying; None leaves them out.
        modes: counts them, see :mod:`gan_core.evaluation.mode_counting`; None where nobody knows the modes.
        unseen: how many of ``held_out``, its first ones, were kept from the generator; without any there is no copy test.
        progress: called with ``(share, what)``.
    """
    sets = {"real": real, "held-out": held_out, "training": None if train is None else train[:COPY_TRAIN]}
    sets = {name: samples for name, samples in sets.items() if samples is not None}
    phases = Phases(progress, {f"features of {name} samples": len(samples) for name, samples in sets.items()})
    extracted = {name: extractor.outputs(samples, phases.part(f"features of {name} samples"), should_stop)
                 for name, samples in sets.items()}
    features = {name: outputs[0] for name, outputs in extracted.items()}
    fresh = features["held-out"][:min(unseen, COPY_SAMPLES)] if unseen and train is not None else None
    return Reference(extractor, features["real"], features.get("held-out"),
                     extracted["held-out" if held_out is not None else "real"][1], features.get("training"), fresh, modes,
                     modes.seen(held_out) if modes is not None and held_out is not None else None)


def score(reference, fake, labels=None, *, live=False, floor=True, seed=0, progress=None, should_stop=None):
    """Everything that can be said of ``fake`` (M, *shape), and of the labels (M,) it was asked for, if any.

    Returns a dict of plain values, ready for JSON: what :func:`gan_core.evaluation.metrics.evaluate_features` gives, and

    - ``extractor``, name and hash, and ``live``;
    - with labels and a classifier of the data ``label_accuracy``, the share of fakes that it takes for what they were
      to be; its floor is the classifier's accuracy on held-out real samples;
    - where modes are known ``modes``, how many there are, ``modes_captured``, ``reverse_kl`` and, of points,
      ``high_quality``;
    - unless live, with training samples ``authenticity`` and, with unseen ones, ``copy_test``, both on
      ``n_copy`` fakes against ``n_train`` training samples;

    each with its ``_floor``, the same of held-out real samples.  A score that does not apply is absent.

    Args:
        live: fewer subsets and no copying, for use during training.
        floor: False leaves out what costs time; an earlier result against the same reference lends its own.
        progress: called with ``(share, what)``.

    Raises:
        BadInput: for samples that cannot be scored.
        Stopped: when ``should_stop`` answered True.
    """
    extractor = reference.extractor
    judged = Judged(fake, live, labels, extractor.accuracy, reference.train, reference.fresh, reference.modes,
                    reference.modes_seen)
    families = [family for family in metrics.families(Judged) if family.applies(judged)]
    phases = Phases(progress, {"features of generated samples": 2, "scores": 8}
                    | {family.name: family.weight for family in families})
    features, probabilities = extractor.outputs(fake, phases.part("features of generated samples"), should_stop)
    scores = metrics.evaluate_features(
        reference.real, features, real_b=reference.held_out, probabilities_fake=probabilities,
        probabilities_real=reference.probabilities, seed=seed, live=live, floor=floor, few=True,
        progress=lambda share, what: phases.part("scores", what)(share), should_stop=should_stop)
    if scores.pop("stopped"):
        raise Stopped
    scores = {"extractor": extractor.id, "live": live} | scores
    scores["notes"] = [*extractor.notes, *scores["notes"]]
    for family in families:
        judged = replace(judged, features=features, probabilities=probabilities, progress=phases.part(family.name))
        values = family.measure(judged)
        scores |= values
        if remark := family.remark(judged, values):
            scores["notes"].append(remark)
    return scores


def score_features(real, fake, *, probabilities=(None, None), seed=0, progress=None, should_stop=None):
    """The same of features (N, d) and (M, d) that someone else extracted, and class probabilities of both."""
    scores = metrics.evaluate_features(real, fake, probabilities_real=probabilities[0], probabilities_fake=probabilities[1],
                                       seed=seed, progress=progress, should_stop=should_stop)
    if scores.pop("stopped"):
        raise Stopped
    return {"extractor": "given features", "live": False} | scores


def score_pairs(real, again, but=""):
    """``n_pairs``, ``l1``, ``psnr``, ``ssim`` and ``perceptual`` of images and what should be the same ones: (N, H, W, C),
    uint8 or floats in [-1, 1].  What does not apply is absent: SSIM of images that are too small, PSNR when a pair is
    equal, the perceptual distance where the network is not installed, or is the one that a model learned ``but`` by.

    Raises:
        BadInput: unless both are images of one shape.
    """
    real, again = as_images(real, "images"), as_images(again, "images that should be the same")
    looks = None if but == perceptual.NETWORK else _looks(real)
    scores = {"n_pairs": len(real)} | _measured(Alike(real, again, looks))
    return {key: value for key, value in scores.items() if np.isfinite(value)}


def _looks(images):
    """The perceptual distance of pairs of such images, as a function; None where there is no network for them."""
    if images.shape[-1] not in (1, 3) or lite.missing(perceptual.NETWORK):
        return None

    def looks(images, others):
        distance, size = perceptual.Perceptual(images.shape[1:]), PAIRS_AT_ONCE
        return np.concatenate([np.asarray(distance(to_float(images[i:i + size]), to_float(others[i:i + size])))
                               for i in range(0, len(images), size)])

    return looks


def score_bits(kind, learned, fresh, surprise):
    """What real samples cost by a model, beside what they cost without one: see
    :class:`gan_core.evaluation.metrics.base.Predicted`."""
    return _measured(Predicted(kind, learned, fresh, surprise))


def check_target(columns, wanted, classes=()):
    """BadInput where the column that is ``wanted`` as the target cannot be told from the others; ``classes`` are the names
    of labels that stand beside the rows."""
    if not wanted or classes and wanted == CLASS:
        return
    column = next((column for column in columns if column.name == wanted), None)
    if column is None:
        names = [*([CLASS] if classes else []), *(column.name for column in columns)]
        some = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
        sentence = f"There is no column {wanted!r} that could be told from the others; choose one of {some}."
    elif len(columns) < 2:
        sentence = f"{wanted!r} is the only column, and there are no others from which it could be told."
    elif column.kind == described.CATEGORY and len(column.categories) < 2 or \
            column.kind != described.CATEGORY and not column.high > column.low:
        sentence = f"The column {wanted!r} has one value in all rows, so that there is nothing to tell; choose another."
    else:
        return
    raise BadInput(sentence, {"target": sentence})


def score_table(columns, real, fake, held_out=None, *, unseen=0, labels=None, target="", live=False, seed=0,
                progress=None, should_stop=None):
    """Scores of rows of a table, (N, d) and (M, d), and of ``held_out`` real ones (H, d) in their place: ``<key>_floor``.

    Unless live also of rows that are made without a network (:data:`gan_core.evaluation.baselines.METHODS`):
    ``<key>_independent`` and ``<key>_copula``.  ``target`` names the column that ``tstr`` tells from the others.

    Args:
        held_out: None takes half of the real ones.
        unseen: how many of those, the first ones, were kept from the generator.
        labels: the classes, texts, of real, fake and held-out rows, where all three are known: they are the usual target.
        target: the column that is told from the others, "" the usual one.
        live: the scores that cost no training.
        progress, should_stop: as for :func:`score`.

    Raises:
        BadInput: where there is no such target, or it has one value.
    """
    check_target(columns, target, () if labels is None else (CLASS,))
    if held_out is None:
        order = np.random.RandomState(seed).permutation(len(real))
        parts = np.array_split(order, 2)
        if labels is not None:
            labels = (labels[0][parts[0]], labels[1], labels[0][parts[1]])
        real, held_out = (real[part] for part in parts)
    tables = Tables(tuple(columns), real, fake, held_out, seed, unseen, labels, target)
    floor = replace(tables, generated=held_out, labels=labels and (labels[0], labels[2], labels[2]))
    steps = [("", "", tables), ("_floor", " of real rows", floor)]
    for name, (title, made) in {} if live else baselines.METHODS.items():
        steps.append((f"_{name}", f" of {title[:1].lower()}{title[1:]}", _baseline(tables, made)))
    families = [family for family in metrics.families(Tables) if family.quick or not live]
    scores = {} if live or tables.target is None else {"target": tables.target_name}
    for index, (suffix, words, table) in enumerate(steps):
        for place, family in enumerate(families):
            if should_stop is not None and should_stop():
                raise Stopped
            if progress is not None:
                progress((index + place / len(families)) / len(steps), family.name + words)
            if not family.applies(table):
                continue
            if suffix == "_floor" and family.floor:
                scores |= family.floor(tables)
            else:
                scores |= {key + suffix: value for key, value in family.measure(table).items()}
    return scores


def _baseline(tables, made):
    """The same with rows in the place of the generated ones that are made without a network; labels are one more column."""
    columns, values = tables.columns, tables.real
    if tables.labels is not None:
        columns, values = (*columns, described.category(CLASS, tables.labels[0])), [*values, tables.labels[0]]
    rows = made(columns, values, len(tables.generated), tables.seed)
    labels = tables.labels and (tables.labels[0], np.asarray(rows[-1], object), tables.labels[2])
    return replace(tables, generated=described.encoded(tables.columns, rows[:len(tables.columns)]), labels=labels)


def score_described(spec, real, fake, held_out=None, *, live=False, seed=0, should_stop=None):
    """What can be said of samples (M, *shape) themselves, where a family of scores knows their kind: of ``fake`` ones, of
    ``held_out`` real ones, by default of ``real`` ones, ``<key>_floor``, and unless live of as many that are made of
    ``real`` ones without a network, ``<key>_<baseline>``.  Nothing of kinds that no family knows.

    Args:
        spec: the :class:`gan_core.data.DataSpec` that they are read by.
        should_stop: as for :func:`score`.
    """
    scores, generated = {}, Described(spec.kind, floats(fake), spec.traits)
    for family in metrics.families(Described):
        if not family.applies(generated):
            continue
        known = generated._replace(samples=floats(real))
        sets = [("", lambda: generated),
                ("_floor", lambda: known if held_out is None else known._replace(samples=floats(held_out)))]
        sets += [] if live else [(f"_{name}", lambda make=make: known._replace(samples=make(known, len(fake), seed)))
                                 for name, (_, make) in family.baselines.items()]
        for suffix, made in sets:
            if should_stop is not None and should_stop():
                raise Stopped
            scores |= {key + suffix: value for key, value in family.measure(made()).items()}
    return scores


ANSWERS = "answers"  # in the place of an extractor: they are scored by the truth
NAMED = 5  # classes, and pairs of them, in a sentence


def score_answers(probabilities, labels, classes, *, unseen=True, live=False):
    """Scores of class probabilities (N, K) of real samples whose true classes (N,) are known.

    Returns a dict of plain values, ready for JSON: ``accuracy``, ``balanced_accuracy``, ``log_loss`` (nats) and ``ece``
    (:mod:`gan_core.evaluation.metrics.answers`); ``classes``, their names; ``confusion``, K lists of K counts, one for
    each true class; ``class_recall``, for each the share that is named rightly, None of one without samples; ``notes``.

    Args:
        unseen: whether none of the samples was learned from.

    Raises:
        BadInput: unless there are answers, finite ones, and a label for each.
    """
    if not len(probabilities) or len(probabilities) != len(labels):
        raise BadInput(f"Answers are scored by the true class of each; there are {len(probabilities):,} answers and "
                       f"{len(labels):,} classes.")
    if not np.isfinite(probabilities).all():
        raise BadInput("Some answers are NaN or infinite: the network has diverged, or the checkpoint is damaged; choose an "
                       "earlier one.")
    answered = Answered(np.asarray(probabilities), np.asarray(labels))
    counts, recall = answers.confusion(answered), answers.class_recall(answered)
    return ({"extractor": ANSWERS, "live": live, "n_real": len(labels), "n_fake": len(labels)} | _measured(answered)
            | {"classes": list(classes), "confusion": counts.tolist(),
               "class_recall": [None if np.isnan(share) else float(share) for share in recall],
               "notes": [*_of_answers(counts, recall, classes), *([] if unseen else [
                   "No samples were kept from training, so these are some that it has learned from: of others it says "
                   "nothing. Give data with a test set, or of at least 300 samples."])]})


def _of_answers(counts, recall, classes):
    """Sentences on what a confusion matrix (K, K) says."""
    usual = counts.sum(axis=1).max() / counts.sum()
    yield f"Always naming the most frequent class would be right for {usual:.1%}."
    if without := [classes[place] for place in np.flatnonzero(np.isnan(recall))]:
        more = f" and {len(without) - NAMED:,} more" if len(without) > NAMED else ""
        yield f"Held-out samples there are none of the classes {', '.join(without[:NAMED])}{more}: of them it says nothing."
    wrong = counts - np.diag(np.diagonal(counts))
    worst = [divmod(int(place), len(counts)) for place in np.argsort(-wrong, axis=None, kind="stable")[:NAMED]]
    if told := [f"{classes[true]} as {classes[named]} ({wrong[true, named]:,})" for true, named in worst
                if wrong[true, named]]:
        yield f"Taken most often for another: {', '.join(told)}."


def score_texts(characters, real, fake, held_out, surprise=None, should_stop=None):
    """Scores of texts, codes (N, T) and (M, T) of a vocabulary, and of ``held_out`` real ones (H, T) in their place:
    ``<key>_floor``; ``bits_per_character`` stands beside that of a unigram and a trigram model.

    Args:
        surprise: see :class:`gan_core.evaluation.metrics.base.Texts`; None where the model says no likelihoods, or has seen
            the held-out ones.
    """
    whole = [letters.whole(codes, characters) for codes in (real, fake, held_out)]
    texts, scores = Texts(characters, *whole, surprise), {}
    for family in metrics.families(Texts):
        if should_stop is not None and should_stop():
            raise Stopped
        if family.applies(texts):
            floor = family.floor(texts) if family.floor else family.measure(replace(texts, generated=texts.fresh))
            known = {score.key for score in family.scores}
            scores |= family.measure(texts) | {f"{key}_floor": value for key, value in floor.items() if key in known}
    return scores


def _measured(samples):
    """The values of all families of scores on such samples."""
    values = {}
    for family in metrics.families(type(samples)):
        values |= family.measure(samples) if family.applies(samples) else {}
    return values


class Phases:
    """One bar for several parts: ``weights`` says what share of the time each takes, roughly.

    ``part(name)`` is a function of the share of that part that is done; parts come in the order of ``weights``.
    """

    def __init__(self, progress, weights):
        self._progress, self._weights, self._total = progress, weights, sum(weights.values())

    def part(self, name, what=None):
        """``what`` is shown in the place of the part's name."""
        names = list(self._weights)
        before = sum(self._weights[earlier] for earlier in names[:names.index(name)])

        def told(share, inner=None):
            if self._progress is not None:
                self._progress((before + self._weights[name] * share) / self._total, inner or what or name)

        return told
