"""Extractors are found by themselves, one file each: what each promises, and a broken file hides no other."""

import importlib
import sys

import numpy as np
import pytest

from gan_core.errors import BadInput
from gan_core.evaluation import extractors
from gan_core.evaluation.extractors import classifier
from gan_core.modalities.base import modalities, modality
from helpers_runs import is_a_sentence

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
        sys.modules.pop(f"{package.__name__}.{name}", None)
        vars(package).pop(name, None)


# Extractors


def test_the_extractors_there_are():
    assert list(extractors.offers()) == ["coordinates", "classifier", "random", "inception"]
    assert extractors.names() == ("classifier", "random", "inception") and extractors.broken() == {}
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
    if offer.by_name == (modality(kind).extractor == "coordinates"):
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
    more(extractors, extractors._found, mean=MEAN, broken="import nothing_of_this_name", wrong="EXTRACTOR = 3",
         other="x = 1", twice=MEAN.replace('"mean"', '"random"'))
    assert extractors.names() == ("classifier", "mean", "random", "inception")
    dataset = noise()
    assert extractors.for_dataset(dataset, "mean").features(dataset.x).shape == (len(dataset), dataset.x.shape[-1])
    assert extractors.for_dataset(dataset, "random").hash != 64 * "0"
    wrong = extractors.broken()
    assert list(wrong) == ["broken", "wrong", "twice"] and all(map(is_a_sentence, wrong.values()))
    assert "nothing_of_this_name" in wrong["broken"] and "an Offer, not int" in wrong["wrong"]
    assert "'random' already" in wrong["twice"]
    with pytest.raises(BadInput, match="classifier, mean, random, inception.*nothing_of_this_name"):
        extractors.for_dataset(dataset, "vgg")
