"""Trains what benchmarks/alarms.py looks at, and keeps each run's curves and what a yardstick said of it meanwhile.

The yardstick shares nothing with the alarms: samples from other noise, beside real ones that no run has learned from.
"""

import functools
import gzip
import json
import os
import sys
import time

import numpy as np
from verbs import ROOT

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import kept  # noqa: E402
from alarm_runs import SPOILT, USUAL  # noqa: E402

PROBES, LOOKS = 20, 25  # of a run: the first as one of some minutes has them, the second for hindsight
DRAWN, DIRECTIONS, COMPONENTS, REGIONS = 1000, 64, 20, 50
STILLNESS = 1e-2  # of a pitch's power, see loudness
WATCHING = ("gan_core.training.live_scores", "gan_core.training.recorder")


class Yardstick:
    """How far samples are from real ones, and whether they are of the classes that were asked for.

    ``distance`` is a sliced Wasserstein distance (Rabin 2011): the mean, over random directions, of how far sorted
    projections lie apart, of the leading principal components of the pixels, or of points; as a share of what the mean
    sample, drawn over and over, has.  Of text it looks at which character follows which, of sound at how loud each pitch is
    on the whole: the same tune begun a moment later has other values everywhere.  ``covered`` is the share of regions of
    the data (clusters, as Richardson 2018 bins them) that get at least a quarter of the samples that are due to them.
    ``label_error`` is the share of samples that five real neighbours call otherwise than was asked.
    """

    def __init__(self, whole):
        from sklearn.cluster import KMeans
        from sklearn.decomposition import PCA
        from sklearn.neighbors import KNeighborsClassifier

        rng = np.random.default_rng(0)
        self._spec = whole.spec
        # At random: the first half of MNIST's test set was written by other people than the second.
        x = self._looked_at(whole.x_test[rng.permutation(len(whole.x_test))[:DRAWN]])
        rows = rng.permutation(len(whole))[:4000]
        train = self._looked_at(whole.x[rows])
        self._components = PCA(COMPONENTS, random_state=0).fit(train) if x.shape[1] > COMPONENTS else None
        x = self._features(np.concatenate([x, train])[:DRAWN])  # digits have 299 to test on
        self._directions = rng.standard_normal((DIRECTIONS, x.shape[1]))
        self._directions /= np.linalg.norm(self._directions, axis=1, keepdims=True)
        self._real = self._sorted(x)
        self._nothing = self._from(np.repeat(x.mean(axis=0, keepdims=True), len(x), axis=0))
        self.floor = self._from(self._features(train[-len(x):])) / self._nothing
        self._regions = KMeans(REGIONS, n_init=1, random_state=0).fit(self._features(train))
        self._due = np.bincount(self._regions.labels_, minlength=REGIONS) / len(train)
        self._named = None
        if whole.y is not None:
            self._named = KNeighborsClassifier(5).fit(self._features(train), whole.y[rows])

    def __call__(self, samples, asked=None):
        """``{"distance": ..., "label_error": ...}`` of samples (N, *shape), asked for as classes (N,)."""
        if not np.isfinite(samples).all():
            return {}
        features = self._features(self._looked_at(samples))
        share = np.bincount(self._regions.predict(features), minlength=REGIONS) / len(features)
        said = {"distance": self._from(features) / self._nothing, "covered": float((share >= self._due / 4).mean())}
        if asked is not None and self._named is not None:
            said["label_error"] = float((self._named.predict(features) != asked).mean())
        return said

    def _looked_at(self, samples):
        """What is looked at of samples (N, *shape): (N, d)."""
        from gan_core.data import SOUND, TEXT, floats

        if self._spec.kind == TEXT:
            return followed(samples, 1 + len(self._spec.trait("characters")))
        if self._spec.kind == SOUND:
            return loudness(floats(samples)[..., 0])
        return floats(samples).reshape(len(samples), -1)

    def _features(self, flat):
        return flat if self._components is None else self._components.transform(flat)

    def _sorted(self, x):
        return np.sort(x @ self._directions.T, axis=0)

    def _from(self, x):
        drawn = self._sorted(x[:len(self._real)])
        if len(drawn) < len(self._real):  # as many places of both distributions
            places = (np.arange(len(self._real)) + 0.5) / len(self._real)
            known = (np.arange(len(drawn)) + 0.5) / len(drawn)
            drawn = np.stack([np.interp(places, known, column) for column in drawn.T], axis=1)
        return float(np.abs(drawn - self._real).mean())


def followed(codes, symbols):
    """How often each symbol follows each, as a share of a text's pairs: (N, symbols²) of codes (N, T); 0 ends a text."""
    codes = np.asarray(np.rint(codes), int)
    pairs = codes[:, :-1] * symbols + codes[:, 1:]
    shares = np.zeros((len(codes), symbols * symbols), np.float32)
    for row, text in enumerate(pairs):
        said = text[codes[row, :-1] > 0]
        shares[row] = np.bincount(said, minlength=symbols * symbols) / max(len(said), 1)
    return shares


def loudness(waves, window=256):
    """The logarithm of the mean power at each pitch: (N, window / 2 + 1) of (N, T) in [-1, 1].

    Below :data:`STILLNESS` all is equally still: at pitches where real tones have nothing, the 256 levels of a wave are
    louder by themselves, and real sound in those levels would be as ill as noise (.56 of the mean sound's distance; .10 so).
    """
    frames = waves[:, :waves.shape[1] // window * window].reshape(len(waves), -1, window) * np.hanning(window)
    return np.log10(STILLNESS + (np.abs(np.fft.rfft(frames)) ** 2).mean(axis=1)).astype(np.float32)


class Watching:
    """A probe for :func:`gan_core.training.loop.fit` that measures by steps, and lets the yardstick look."""

    def __init__(self, probe, yardstick, case, seed, data):
        self.probe, self.yardstick, self.case, self.seed, self.data, self.looks = probe, yardstick, case, seed, data, []
        self.every = {PROBES: _every(case.steps, PROBES), LOOKS: _every(case.steps, LOOKS)}

    def __call__(self, model):
        from gan_core.models import inputs

        step = int(model.rounds)
        if step % self.every[LOOKS] == 0 and (not self.looks or self.looks[-1]["step"] < step):
            if model.gives:  # it names, and draws nothing
                self.looks.append({"step": step, **self._wrong(model)})
                return self._probed(model, step)
            drawn = inputs.draw(model.inputs(), self.case.drawn, self.seed + 1000, self.data)
            parts = [np.asarray(model.sample({name: values[i:i + 250] for name, values in drawn.items()}))
                     for i in range(0, self.case.drawn, 250)]
            self.looks.append({"step": step, **self.yardstick(np.concatenate(parts), drawn.get("label"))})
        return self._probed(model, step)

    def _probed(self, model, step):
        return self.probe(model) if self.probe and step % self.every[PROBES] == 0 else {}

    def _wrong(self, model):
        """In the place of a distance the share of test samples that are named wrongly, as a share of what always naming the
        most frequent class has."""
        true = self.data.y_test[:DRAWN]
        wrong = (model.answered(self.data.x_test[:DRAWN]).argmax(axis=1) != true).mean()
        return {"distance": float(wrong / (1 - np.bincount(true).max() / len(true))), "covered": 1.0}


def _every(steps, times):
    """Steps between two of so many looks, in whole calls of ten steps."""
    return max(10, steps // times // 10 * 10)


def path_of(folder, title, seed):
    return folder / f"{title.replace(' ', '-').replace(',', '')}-{seed}.json.gz"


def record(title, case, seed, folder, train=True):
    """Train a run and keep it: plain values.  One that this code has trained already is not trained again, nor, without
    ``train``, one that other code has: then None where there is none of these knobs."""
    told = {"title": title, "seed": seed, "case": json.loads(json.dumps(case._asdict())),
            "code": kept.code_of(case.family, *WATCHING)}
    path = path_of(folder, title, seed)
    found = read(path) if path.exists() else {}
    if all(found.get(name) == value for name, value in told.items() if train or name != "code"):
        return found
    if not train:
        return None
    told |= _trained(case, seed, folder)
    path.write_bytes(gzip.compress(json.dumps(told).encode(), mtime=0))
    return told


def read(path):
    return json.loads(gzip.decompress(path.read_bytes()))


def _trained(case, seed, folder):
    import keras

    from gan_core import engine
    from gan_core.config.spec import make_spec
    from gan_core.models import cards
    from gan_core.training import loop
    from gan_core.training.live_scores import suited
    from gan_core.training.recorder import MemoryRecorder

    keras.backend.clear_session()
    device = engine.configure()
    loop.PROBE_SHARE = 0  # by steps, not by time: the same on every machine
    whole, yardstick = _measured(case.data, case.size)
    learned = SPOILT[case.spoil](whole) if case.spoil else whole
    card = cards.cards(folder / "cache")[case.family]
    usual = USUAL | {"steps": case.steps, "seed": seed, "probe_seconds": 1e-6, "checkpoint_seconds": 3600.0}
    known = {knob.name for knob in card.knobs} | usual.keys()
    spec = make_spec(card, case.data, learned.spec, {name: value for name, value in (usual | case.knobs).items()
                                                     if name in known}, size=case.size)
    began = time.perf_counter()
    model = loop.build(spec, device)
    watching = Watching(suited(model, learned, seed), yardstick, case, seed, learned)
    recorder = MemoryRecorder()
    outcome = loop.fit(model, spec, learned, recorder, device=device, probe=watching)
    rows = [[step, key, float(f"{value:.6g}")] for step, row in recorder.rows for key, value in row.items()
            if key != "images_per_second"]
    return {"spec": spec.as_dict(), "status": outcome.status, "message": outcome.message, "step": outcome.step,
            "rows": rows, "looks": watching.looks, "floor": watching.yardstick.floor,
            "seconds": round(time.perf_counter() - began, 1)}


@functools.cache
def _measured(name, size):
    """A dataset and its yardstick."""
    from gan_core import data

    whole = data.load(name, size=size)
    return whole, Yardstick(whole)
