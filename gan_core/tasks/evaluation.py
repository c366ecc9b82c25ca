"""A run's checkpoint, scored against its data; the result is kept with the run (needs Keras)."""

import time

import numpy as np

from gan_core import data, engine
from gan_core.data import palettes, to_uint8
from gan_core.data.arrays import as_images
from gan_core.errors import BadInput
from gan_core.evaluation import extractors, label_reading, mode_counting, pose_reading, score_names, scoring
from gan_core.evaluation.metrics import paired
from gan_core.evaluation.metrics.evaluate import FEWEST
from gan_core.evaluation.tstr import train_on_synthetic
from gan_core.launch import same_data
from gan_core.modalities.base import RIGHT, TSTR, abilities_of, headline_of, modality
from gan_core.models import inputs
from gan_core.models.registry import architecture
from gan_core.store import scores
from gan_core.tasks import checkpoints, models, sampling, targets
from gan_core.tasks.answering import AnswerScorer
from gan_core.tasks.checkpoints import BEST, LAST

N = 10_000      # samples, or as many as there are held-out real ones: then the floor has the counts of the score
FULL_N = 2_000  # of a checkpoint that is scored unasked: all scores, in half a minute
LIVE_N = 1_000  # two subsets of 500 for the kernel distance
BITS = 100      # held-out samples whose bits are counted, of thousands of numbers each
LEARNED = 1_000  # samples that what costs no training learns from
PAIRS = 1_000   # held-out samples that are reconstructed, by models that can
TEXTS = 2_000   # held-out ones that are told their likelihood
SEED = 0        # of every choice: scores differ by their samples' number and the weights, and by nothing else


def evaluate(store, run, *, n=None, checkpoint=LAST, extractor=None, live=False, tstr=False,
             real_per_class=None, target="", progress=None, should_stop=None, tell=None):
    """Score a checkpoint of a run and keep the result with it, see :mod:`gan_core.store.scores`.

    Args:
        n: how many samples to draw; None takes 10,000, or as many as the data have for the floor.
        checkpoint: "last", a step, or "best": by the headline of its modality, for which all are scored first,
            with few samples, unless all have been scored alike.
        extractor: a name of :func:`gan_core.evaluation.extractors.names`; None takes the one that suits the data.
        live: few samples and no copying, for use during training.
        tstr: also train classifiers on generated and real samples, see :mod:`gan_core.evaluation.tstr`, with
            ``real_per_class`` of the latter.
        target: of a table the column that is told from the others, "" the usual one.
        progress: called with ``(share, what)``.
        should_stop: asked often; raises Stopped once it answers True, and nothing of this score is kept.
        tell: called with a sentence about what is done unasked.

    Returns:
        The dict of :func:`gan_core.evaluation.scoring.score` with ``run``, ``step``, ``scored`` (seconds since the epoch),
        ``seconds`` that it took, and what ``tstr`` adds.

    Raises:
        BadInput: for a run with no checkpoint, an unknown one, or samples that cannot be scored.
        RunFailed: when there is no extractor to be trusted.
    """
    held, whole = store.artifacts(run.id), checkpoints.whole(store, run)
    checkpoints.resolve(store, run, LAST if checkpoint == BEST else checkpoint)  # is there one, before all else
    first = list(whole) if checkpoint == BEST and not scores.best(held, headline_of(run.kind), whole)[1] else []
    if tstr:
        _check_labelled(run)
    targets.check(run, target)
    engine.configure()  # before Keras takes all memory of a GPU on which a run may be training
    scorer = _scorer(run)(store, run, extractor, should_stop)
    phases = scoring.Phases(progress, {"extractor": 30, "first": 8 * len(first), "scores": 30,
                                       "recognition": 180 * tstr})
    scorer.prepare(phases.part("extractor"))
    if first and tell is not None:
        tell(f"To find the best checkpoint, all of them (step {', '.join(map(str, first))}) are scored first, with few "
             "samples.")
    for index, step in enumerate(first):
        phases.part("first", f"step {step}")(index / len(first))
        scorer.score(step, live=True)
    step, _ = checkpoints.resolve(store, run, checkpoint)
    return scorer.score(step, n, live=live, tstr=tstr, real_per_class=real_per_class, target=target,
                        progress=phases.part("scores"), tstr_progress=phases.part("recognition"))


def recognise(store, run, *, n=FULL_N, checkpoint=LAST, real_per_class=None, progress=None, should_stop=None):
    """Train classifiers on generated samples of each class in turn, on real ones and on both, and keep what came of it.

    Args:
        n, real_per_class: how many samples there are of the two, see :mod:`gan_core.evaluation.tstr`.
        checkpoint, progress, should_stop: as for :func:`evaluate`.

    Returns:
        The dict of :func:`gan_core.evaluation.tstr.train_on_synthetic` with ``run``, ``step``, ``scored`` and ``seconds``.

    Raises:
        BadInput: for a run with no checkpoint, or samples or data without labels.
        Stopped: when ``should_stop`` answered True; nothing is kept then.
    """
    step, _ = checkpoints.resolve(store, run, checkpoint)
    _check_labelled(run)
    engine.configure()
    began, phases = time.monotonic(), scoring.Phases(progress, {"samples": 10, "recognition": 90})
    same_data.must_be_there(store, run)
    dataset = data.load(run.spec["data"], size=run.spec["size"], workspace=store.workspace)
    same_data.check(run, dataset)
    samples, labels = sampling.draw(store, run, n, seed=SEED, step=step, label=inputs.EACH,
                                    progress=phases.part("samples", "drawing samples"), should_stop=should_stop)
    result = train_on_synthetic(dataset, samples, labels, real_per_class=real_per_class,
                                progress=phases.part("recognition"), should_stop=should_stop)
    result = {"run": run.id, "step": step, "scored": time.time(), "seconds": round(time.monotonic() - began, 2)} | result
    scores.keep_recognition(store.artifacts(run.id), result)
    return result


def _check_labelled(run):
    if TSTR not in abilities_of(run.kind):
        raise BadInput("Recognition needs labelled images and an architecture that is told the class, such as cgan; choose "
                       "another run.")
    told = architecture(run.spec["architecture"]).needs_labels or run.knobs.get("class_conditional")
    if not (told and run.classes):
        raise BadInput("Recognition needs an architecture that is told the class, such as cgan: the samples of "
                       f"{run.architecture} have no labels.")


def evaluate_all(store, run, *, n=FULL_N, target="", progress=None, should_stop=None):
    """Score every checkpoint that is kept and not scored in this way yet, the last one first, so that the best is known.

    Args:
        n, target, progress, should_stop: as for :func:`evaluate`.

    Returns:
        The steps that were scored.

    Raises:
        BadInput: for a run with no checkpoint, or samples that cannot be scored.
        Stopped: when ``should_stop`` answered True; what was scored before is kept.
    """
    checkpoints.resolve(store, run)
    targets.check(run, target)
    engine.configure()
    held, scorer = store.artifacts(run.id), _scorer(run)(store, run, should_stop=should_stop)
    steps = sorted(checkpoints.whole(store, run), reverse=True)
    phases = scoring.Phases(progress, {"extractor": 30} | {f"step {step}": 15 for step in steps})
    scorer.prepare(phases.part("extractor"))
    n = scorer.count(n)
    done = {result["step"] for result in scores.kept(held)
            if result["extractor"] == scorer.id and not result["live"] and result["n_fake"] == n
            and (not target or result.get("target") == target)}
    missing = [step for step in steps if step not in done]
    for step in missing:
        scorer.score(step, n, target=target, progress=phases.part(f"step {step}"))
    return missing


def _scorer(run):
    """What scores checkpoints of such a run."""
    return AnswerScorer if RIGHT in abilities_of(run.kind) else Scorer


class Scorer:
    """Scores checkpoints of one run; its data, extractor and real features are there once for all of them."""

    def __init__(self, store, run, extractor=None, should_stop=None):
        self.store, self.run, self.should_stop = store, run, should_stop
        self.dataset = same_data.load(store, run)
        # An extractor is the data's and not the run's: the same for runs that hold out another share.
        self.whole = (data.load(run.spec["data"], size=run.spec["size"], workspace=store.workspace) if self.dataset.apart
                      else self.dataset)
        self._wanted, self.extractor, self.modes, self._references = extractor, None, None, {}

    def prepare(self, progress=None):
        """Make the extractor, which may have to be trained; :meth:`score` does it otherwise.

        BadInput for data of which there are too few to score anything by, before any work is done.
        """
        def told(share):
            if progress is not None:
                progress(share, "training the classifier")

        if self.extractor is None:
            if not architecture(self.run.spec["architecture"]).chooses:
                check_enough(self.dataset)
            self.extractor = extractors.for_dataset(
                self.whole, self._wanted, but=architecture(self.run.spec["architecture"]).looks_through,
                workspace=self.store.workspace, progress=told, should_stop=self.should_stop)
            self.modes = mode_counting.for_dataset(self.dataset, self.store.workspace, progress=told,
                                                   should_stop=self.should_stop)

    @property
    def id(self):
        """Of the extractor, once there is one."""
        return self.extractor.id

    def count(self, n):
        """How many samples to draw, ``n`` at most: so that the floor has the counts of the score."""
        n = min(n, modality(self.dataset.kind).scored)
        return max(min(n, len(real_sets(self.dataset, n)[1])), FEWEST)

    def score(self, step, n=None, *, live=False, tstr=False, real_per_class=None, target="", progress=None,
              tstr_progress=None):
        """Score the checkpoint of ``step`` and keep the result; see :func:`evaluate`."""
        began, kind = time.monotonic(), modality(self.dataset.kind)
        phases = scoring.Phases(progress, {"features of real samples": 10, "samples": 8, "scores": 12})
        self.prepare()
        real, held_out, unseen = real_sets(self.dataset, n or min(LIVE_N if live else N, kind.scored))
        n = n or max(len(held_out), FEWEST)
        if architecture(self.run.spec["architecture"]).chooses:
            result = {"extractor": self.extractor.id, "live": live, "n_real": len(real), "n_fake": n, "judges": True,
                      "notes": []} | sampling.measured(self.store, self.run, self.dataset, step=step)
            return self._kept(step, result, began)
        reference = self._reference(real, held_out, unseen, live, phases.part("features of real samples"))
        samples, labels = sampling.draw(self.store, self.run, n, seed=SEED, step=step,
                                        progress=phases.part("samples"), should_stop=self.should_stop)
        result = scoring.score(reference, samples, labels, live=live, seed=SEED, progress=phases.part("scores"),
                               should_stop=self.should_stop)
        if self.dataset.columns:
            result |= scoring.score_table(self.dataset.columns, real, samples, held_out, unseen=unseen, live=live,
                                          seed=SEED, labels=self._labels(labels, n), target=target,
                                          should_stop=self.should_stop)
        result |= scoring.score_described(self.dataset.spec, real, samples, held_out, live=live, seed=SEED,
                                          should_stop=self.should_stop)
        if kind.bits:
            result |= self._bits(kind, step, live, result["notes"])
        if known := dict(self.dataset.traits).get("characters"):
            new = held_out[:min(unseen, TEXTS)]
            surprise = sampling.surprise(self.store, self.run, new, step=step) if unseen else None
            result |= scoring.score_texts(known, self.dataset.x, samples, held_out, surprise, should_stop=self.should_stop)
        given = {} if live else sampling.beside(self.store, self.run, min(n, PAIRS), seed=SEED, step=step)
        but = architecture(self.run.spec["architecture"]).looks_through
        if {"source", "real"} <= given.keys():
            result |= scoring.score_pairs(given["real"], samples[:PAIRS], but) | self._labels_read(given, samples[:PAIRS])
        elif not live and kind.scores & {score.key for score in paired.FAMILY.scores}:
            again = sampling.reconstruct(self.store, self.run, held_out[:PAIRS], step=step)
            if again is not None:
                result |= scoring.score_pairs(held_out[:PAIRS], again, but)
        if "n_pairs" in result and self.dataset.x_test is None:
            result["notes"].append("Nothing was kept from training: what images became is compared with images that the run "
                                   "has learned from, which flatters it.")
        if not live:
            result |= self._poses_read(step)
        result |= sampling.measured(self.store, self.run, self.dataset, step=step)
        if tstr:
            result |= train_on_synthetic(self.dataset, samples, labels, real_per_class=real_per_class,
                                         progress=tstr_progress, should_stop=self.should_stop)
        result = self._kept(step, result, began)
        if tstr:
            scores.keep_recognition(self.store.artifacts(self.run.id), result)
        return result

    def _kept(self, step, result, began):
        """The result with all that belongs to it, as it is kept with the run."""
        kind = modality(self.dataset.kind)
        result = {"run": self.run.id, "step": step, "data": self.dataset.identity.hash, "scored": time.time(),
                  "seconds": round(time.monotonic() - began, 2)} | score_names.only(result, kind)
        scores.keep(self.store.artifacts(self.run.id), result)
        return result

    def _bits(self, kind, step, live, notes):
        """What held-out samples cost by the model, and unless live beside it what they cost without one; nothing where it
        has no likelihood."""
        model, _ = models.load(self.store, self.run, step)
        held, labels = self.dataset.x_test, self.dataset.y_test
        if held is None:
            notes.append("Nothing was kept from training, so no bits of held-out samples were counted.")
            return {}
        rows = np.linspace(0, len(held) - 1, min(BITS, len(held))).astype(int)
        surprise = model.surprise(held[rows], None if labels is None else labels[rows])
        if surprise is None:
            return {}
        return {kind.bits: float(surprise.mean())} if live else scoring.score_bits(
            kind.name, self.dataset.x[:LEARNED], held[rows], surprise)

    def _labels(self, drawn, n):
        """The classes, texts, of real, drawn and held-out samples; None where one of the three has none."""
        dataset = self.dataset
        if drawn is None or dataset.y is None or dataset.x_test is not None and dataset.y_test is None:
            return None
        real, held_out, _ = real_sets(dataset, n, of="labels")
        names = np.array(dataset.classes, object)
        return names[real], names[drawn], names[held_out]

    def _labels_read(self, given, samples):
        """What is read back of the label maps that samples were made of, and of the real pictures; nothing where the sources
        are no label maps."""
        colours = label_reading.colours_of(self.dataset)
        if colours is None:
            return {}
        read = label_reading.reader(self.dataset, self.store.workspace, should_stop=self.should_stop)
        asked = palettes.numbers(to_uint8(given["source"]), colours)
        found, ceiling = (label_reading.compare(read(as_images(images, "samples")), asked, len(colours))._asdict()
                          for images in (samples, given["real"]))
        return found | {f"{key}_floor": value for key, value in ceiling.items()}

    def _poses_read(self, step):
        """How well the turn that is asked for is read from samples; nothing where they cannot be turned, or nobody knows the
        poses of the data."""
        if not pose_reading.suits(self.dataset):
            return {}
        model, _ = models.load(self.store, self.run, step)
        choice = inputs.turning(model.inputs())
        if choice is None or not choice.round:
            return {}
        size = self.dataset.x.shape[1]
        read = pose_reading.reader(size, self.store.workspace, should_stop=self.should_stop)
        drawn = inputs.draw(model.inputs(), pose_reading.OBJECTS, SEED, self.dataset)
        views, _ = inputs.turned(drawn, choice, pose_reading.TURNS)
        return pose_reading.scores(read, sampling.computed(model, views, self.should_stop)) | pose_reading.floor(read, size)

    def _reference(self, real, held_out, unseen, live, progress):
        key = len(real), len(held_out), live
        if key not in self._references:
            self._references[key] = scoring.reference(
                self.extractor, real, held_out, train=None if live else self.dataset.x, unseen=unseen,
                modes=self.modes, progress=progress, should_stop=self.should_stop)
        return self._references[key]


def check_enough(dataset):
    """BadInput where there are too few real samples for any score."""
    if len(real_sets(dataset, FEWEST)[0]) < FEWEST:
        count = len(dataset) + (len(dataset.x_test) if dataset.apart else 0)
        raise BadInput(f"Scores need {2 * FEWEST} real samples, half of them to tell what real ones score, and there are "
                       f"{count:,}; give more, or judge by what stands beside the samples.")


def real_sets(dataset, n, of="samples"):
    """``(real, held_out, unseen)``: what fakes are compared with, and further real samples for the floor; their labels where
    these are asked for.

    At most ``n`` each, at random.  Real ones are training samples, as is usual for the Fréchet distance.  Further ones
    are the test set, which the generator has not seen; where there is none of the data's own, what was kept apart from
    training, if anything was, and training samples that are not in ``real``: half of all.  ``unseen`` is how many of
    ``held_out``, its first ones, the generator has not seen.
    """
    x, x_test = (dataset.x, dataset.x_test) if of == "samples" else (dataset.y, dataset.y_test)
    rng = np.random.RandomState(SEED)
    order = rng.permutation(len(dataset))
    if x_test is not None and not dataset.apart:
        held_out = x_test[rng.permutation(len(x_test))[:n]]
        return x[order[:n]], held_out, len(held_out)
    apart = x[:0] if x_test is None else x_test
    half = min(n, (len(dataset) + len(apart)) // 2)
    apart = apart[:half]
    more = half - len(apart)
    return x[order[more:more + n]], np.concatenate([apart, x[order[:more]]]), len(apart)
