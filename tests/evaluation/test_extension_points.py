"""Extractors and scores are found by themselves, one file each: what each promises, and a broken file hides no other."""

import importlib
import sys

import numpy as np
import pytest

from gan_core.data import characters, tune_grammar
from gan_core.data.columns import category, encoded, number
from gan_core.errors import BadInput
from gan_core.evaluation import extractors, metrics, score_names
from gan_core.evaluation.extractors import classifier
from gan_core.evaluation.metrics import registry
from gan_core.data.rolls import Layout
from gan_core.evaluation.metrics.base import Alike, Answered, Described, Judged, OneSet, Pair, Predicted, Tables, Texts
from gan_core.evaluation.mode_counting import Mixture
from gan_core.modalities.base import modalities, modality
from helpers_runs import is_a_sentence

pytestmark = pytest.mark.settled

QUICK = classifier.Recipe(steps=2, features=4)


@pytest.fixture
def more(tmp_path, monkeypatch):
    """``more(package, found, **files)`` puts files beside a package's own; ``found`` is where it keeps what it found."""
    caches, added = [], []

    def put(package, found, **files):
        for name, source in files.items():
            (tmp_path / f"{name}.py").write_text(source)
            added.append((package, name))
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
        importlib.invalidate_caches()
        found.cache_clear()
        caches.append(found)

    yield put
    for found in caches:
        found.cache_clear()
    for package, name in added:
        if sys.modules.pop(f"{package.__name__}.{name}", None):
            delattr(package, name)


# Extractors


def test_the_extractors_there_are():
    ours = ["coordinates", "log_mel", "ngrams", "phrases", "classifier", "lite0", "lite1", "random", "inception"]
    assert [name for name in extractors.offers() if name in ours] == ours and extractors.broken() == {}
    assert [name for name in extractors.names() if name in ours] == ours[4:]
    assert all(name in extractors.offers() for kind in modalities().values()
               for name in (kind.extractor, kind.live_extractor))


@pytest.mark.parametrize("name", extractors.offers())
@pytest.mark.parametrize("kind", modalities())
def test_an_extractor_refuses_data_or_makes_features_of_them(kind, name, noise, monkeypatch):
    """Of every kind of data that it can be made for: one row of finite numbers for each sample."""
    if name == "inception":
        pytest.importorskip("torch_fidelity", reason="torch-fidelity is not installed")
    make = classifier.extractor
    monkeypatch.setattr(classifier, "extractor", lambda *given, **options: make(*given, **options, recipe=QUICK))
    dataset, offer = noise(kind, n=40), extractors.offers()[name]
    assert offer.name == name and isinstance(offer.order, int)
    usual = extractors.offers()[modality(kind).extractor]
    if offer.by_name != usual.by_name or not usual.by_name and offer is not usual:
        return  # numbers as they are suit no network, and images are not their own features
    if why := offer.refusal(dataset):
        assert is_a_sentence(why)
        return
    extractor = offer.make(dataset, None, None, None)
    assert extractor.name.split("-")[0] == name and len(extractor.hash) == 64
    assert extractor.id.startswith(extractor.name) and extractor.shape == dataset.x.shape[1:] and extractor.notes == []
    features, probabilities = extractor.outputs(dataset.x[:30])
    assert features.shape[0] == 30 and features.ndim == 2 and np.isfinite(features).all()
    assert (probabilities is None) == (extractor.classes == 0)
    assert probabilities is None or probabilities.shape == (30, extractor.classes)
    with pytest.raises(BadInput):
        extractor.check((3, 3, 3, 3))
    doubt = offer.problem(dataset, extractor)
    assert doubt == "" or is_a_sentence(f"{doubt}.")


MEAN = """
import numpy as np
from gan_core.evaluation.extractors.base import Extractor, Offer

class Mean(Extractor):
    def outputs(self, samples, progress=None, should_stop=None):
        return np.mean(samples, axis=(1, 2), dtype=np.float32), None

EXTRACTOR = Offer("mean", order=15, make=lambda dataset, workspace, progress, should_stop: Mean(
    "mean", 64 * "0", dataset.x.shape[1:]))
"""


def test_a_file_is_an_extractor_and_a_broken_one_hides_no_other(more, noise):
    more(extractors, extractors._found, mean=MEAN, bad="import nothing_of_this_name", wrong="EXTRACTOR = 3",
         other="x = 1", twice=MEAN.replace('"mean"', '"random"'))
    names = [name for name in extractors.names() if name in ("classifier", "mean", "lite0")]
    assert names == ["classifier", "mean", "lite0"], "in the order that they say"
    dataset = noise()
    assert extractors.for_dataset(dataset, "mean").features(dataset.x).shape == (len(dataset), dataset.x.shape[-1])
    assert extractors.for_dataset(dataset, "random").hash != 64 * "0"
    wrong = extractors.broken()
    assert list(wrong) == ["bad", "wrong", "twice"] and all(map(is_a_sentence, wrong.values()))
    assert "nothing_of_this_name" in wrong["bad"] and "an Offer, not int" in wrong["wrong"]
    assert "'random' already" in wrong["twice"]
    with pytest.raises(BadInput, match="classifier, mean, lite0.*nothing_of_this_name"):
        extractors.for_dataset(dataset, "vgg")


# Scores


def things():
    """Something of each class that a family of scores can be measured on."""
    rng = np.random.RandomState(0)
    real, fake = rng.standard_normal((2, 120, 4))
    images = rng.randint(0, 256, (6, 16, 16, 1), np.uint8)
    ks = sorted({family.neighbours for family in metrics.families(Pair)} - {0})
    return {Pair: Pair(real, fake, 0, True, ks), OneSet: OneSet(fake, rng.dirichlet(np.ones(3), 120), 0),
            Judged: Judged(fake[:, :2], labels=rng.randint(0, 3, 120), accuracy=0.9, train=real, fresh=real[:50] + 0.1,
                           modes=Mixture(np.eye(2), 0.3), modes_seen=real[:, :2], features=fake,
                           probabilities=rng.dirichlet(np.ones(3), 120)),
            Alike: Alike(images, images[::-1], lambda one, other: np.ones(len(one))),
            Tables: table(real, fake),
            Described: Described("music", np.where(np.arange(12)[:, None] == rng.randint(0, 13, (30, 16, 1, 2)), 1.0, -1.0),
                                 Layout(("high", "low"), 60, 4, 0.1, True).traits),
            Predicted: Predicted("sound", *np.tanh(rng.standard_normal((2, 12, 300, 1))), rng.random_sample((12, 300, 1))),
            Answered: Answered(rng.dirichlet(np.ones(3), 120), rng.randint(0, 3, 120)), Texts: tunes()}


def tunes():
    """Tunes, of which the generated ones are two again and again, and what a model of even chances would say of them."""
    codes = characters.encoded(tune_grammar.tunes(120, 3), tune_grammar.CHARACTERS, tune_grammar.LONGEST + 1)
    return Texts(tune_grammar.CHARACTERS, codes[:60], codes[:2].repeat(20, axis=0), codes[60:],
                 np.where(characters.counted(codes[60:]), 5.0, np.nan))


def table(real, fake):
    """Two columns of numbers and one of names, of which the generated rows have one."""
    columns = [number("height", real[:, 0]), number("weight", real[:, 1]), category("kind", ["a", "b", "c"])]
    rows = [encoded(columns, [*side[:, :2].T, names]) for side, names in ((real, ["a", "b", "c", "a"] * 30),
                                                                          (fake, ["b"] * 120))]
    return Tables(tuple(columns), rows[0][:90], rows[1], rows[0][90:], unseen=30)


@pytest.mark.parametrize("family", metrics.families(), ids=lambda family: family.name)
def test_a_family_computes_the_scores_that_it_declares(family):
    """Plain finite numbers under their keys, the same ones again, with what else they need to be read."""
    assert family.name and family.scores
    if family.of is None:
        assert family.measure is None, "what is measured is measured on something"
        return
    measured = things()[family.of]
    assert family.applies(measured) and family.fewest(4) <= 120
    values = family.measure(measured)
    assert values == family.measure(things()[family.of])
    wanted = {score.key for score in family.scores} | {score.spread for score in family.scores if score.spread}
    assert wanted <= values.keys()
    assert all(type(value) in (int, float) and np.isfinite(value) for value in values.values())
    if family.of in (Pair, OneSet):
        assert not any(key.endswith(("_floor", "_at_floor_counts")) for key in values), "who evaluates adds the floors"
    remark = family.remark(measured, values)
    assert remark == "" or is_a_sentence(remark)


def test_every_score_has_its_place_and_its_words():
    found = score_names.SCORES
    assert [score.key for score in found[:3]] == ["kernel", "frechet", "classifier_score"] and len(found) >= 19
    assert len({score.key for score in found}) == len({score.title for score in found}) == len(found)
    assert len({score.place for score in found}) == len(found)
    assert all(is_a_sentence(score.help) and score.better in ("", *score_names.BETTER) for score in found)
    named = set().union(*(kind.scores for kind in modalities().values()))
    assert all(score.key in named or score.kinds for score in found), "a score that is kept for no kind of samples"
    assert metrics.broken() == {}


FURTHER = """
from gan_core.evaluation.metrics.base import LOWER, Family, Pair, Score

FAMILY = Family("a radius", of=Pair, turn=35, neighbours=4, by_counts=True, scores=(
    Score("radius", "Radius", LOWER, "Of the real samples.", place=45, kinds=("points",)),),
    measure=lambda pair: {"radius": float(pair.real_radii(4).mean())})
"""


def test_a_file_is_a_score_and_a_broken_one_hides_no_other(more):
    real, fake = (np.random.RandomState(seed).standard_normal((60, 3)) for seed in (0, 1))
    before = metrics.evaluate_features(real, fake, live=True)
    more(metrics, registry._found, radius=FURTHER, bad="1 / 0", wrong="FAMILY = 3", other="x = 1",
         twice=FURTHER.replace('"radius"', '"kernel"'))
    told = []
    after = metrics.evaluate_features(real, fake, live=True, progress=lambda share, what: told.append(what))
    assert {"radius", "radius_floor", "radius_at_floor_counts"} == after.keys() - before.keys()
    assert all(after[key] == value for key, value in before.items() if key != "notes"), "and changes no other score"
    assert told[2:5] == ["precision and recall", "a radius", "density and coverage"]
    assert [score.key for score in metrics.scores()][3:6] == ["precision", "radius", "recall"]
    wrong = metrics.broken()
    assert list(wrong) == ["bad", "wrong", "twice"] and all(map(is_a_sentence, wrong.values()))
    assert "ZeroDivisionError" in wrong["bad"] and "a Family, not int" in wrong["wrong"]
    assert "'kernel' already" in wrong["twice"]
    assert after["notes"] == [*before["notes"], *wrong.values()]
