"""Named feature extractors: what turns samples into the numbers that scores are made of.

| name | for | features |
|---|---|---|
| ``classifier`` | labelled images | the last hidden layer of a small network trained on them; class probabilities |
| ``random`` | any images | a fixed random network |
| ``inception`` | any images, with torch-fidelity installed | what published scores use |
| ``coordinates`` | points, rows of a table | the samples themselves |

Every extractor has an ``id``, name and hash; numbers of different ids are never compared.  Keras is imported when an
extractor is made, not before.
"""

from gan_core.errors import BadInput, RunFailed
from gan_core.evaluation.extractors import classifier, inception, random_network
from gan_core.evaluation.extractors.base import Coordinates, Extractor
from gan_core.modalities.base import COORDINATES, modality

CLASSIFIER, RANDOM, INCEPTION = classifier.NAME, random_network.NAME, inception.NAME
# Those that can be asked for; samples that are their own features leave no choice.
NAMES = (CLASSIFIER, RANDOM, INCEPTION)

__all__ = ["CLASSIFIER", "INCEPTION", "NAMES", "RANDOM", "Extractor", "for_dataset", "live"]


def for_dataset(dataset, name=None, *, workspace=None, progress=None, should_stop=None):
    """The extractor of that name for samples of a dataset; with no name, the one that suits it.

    That is what its modality names: the classifier for labelled images, else the random network.  A classifier that does
    not reach its accuracy (``classifier.REQUIRED``) is an error where one is known to work, and when it was asked for by
    name; for the user's own data the random network takes its place, and a note says so.

    Args:
        workspace: where trained classifiers are kept.
        progress, should_stop: of the training of a classifier that is not kept yet; see there.

    Raises:
        BadInput: for an unknown name, or one that does not fit the data.
        RunFailed: when a classifier fails to reach its accuracy, or weights cannot be fetched.
    """
    kind = modality(dataset.kind)
    if kind.extractor == COORDINATES:
        if name is not None:
            raise BadInput(f"{kind.words[1].capitalize()} need no extractor, for they are their own features; leave out "
                           f"{name!r}.")
        return Coordinates(dataset.x.shape[1])
    shape = dataset.x.shape[1:]
    if name not in (None, *NAMES):
        raise BadInput(f"There is no extractor {name!r}; choose from {', '.join(NAMES)}.", {"extractor": name})
    if name == RANDOM or (name is None and (dataset.y is None or kind.extractor == RANDOM)):
        return random_network.extractor(shape)
    if name == INCEPTION:
        return inception.extractor(shape)
    found = classifier.extractor(dataset, workspace, progress=progress, should_stop=should_stop)
    if trouble := classifier.problem(dataset, found):
        if name == CLASSIFIER or classifier.is_known(dataset):
            raise RunFailed(f"{trouble}; choose --extractor random.")
        found = random_network.extractor(shape)
        found.notes.append(f"{trouble}, so the random network scored instead.")
    return found


def live(dataset):
    """The extractor of figures that a run shows while it trains: one that needs no training itself."""
    name = modality(dataset.kind).live_extractor
    return for_dataset(dataset, None if name == COORDINATES else name)
