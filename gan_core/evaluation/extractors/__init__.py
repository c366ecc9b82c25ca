"""Named feature extractors: what turns samples into the numbers that scores are made of.

| name | for | features |
|---|---|---|
| ``classifier`` | labelled images | the last hidden layer of a small network trained on them; class probabilities |
| ``random`` | any images | a fixed random network |
| ``inception`` | any images, with torch-fidelity installed | what published scores use |
| ``coordinates`` | points | the points themselves |

Every extractor has an ``id``, name and hash; numbers of different ids are never compared.  Keras is imported when an
extractor is made, not before.
"""

from gan_core.data import IMAGES, POINTS
from gan_core.errors import BadInput, RunFailed
from gan_core.evaluation.extractors import classifier, inception, random_network
from gan_core.evaluation.extractors.base import Coordinates, Extractor

CLASSIFIER, RANDOM, INCEPTION = classifier.NAME, random_network.NAME, inception.NAME
NAMES = (CLASSIFIER, RANDOM, INCEPTION)  # that can be asked for; points have no choice

__all__ = ["CLASSIFIER", "INCEPTION", "NAMES", "RANDOM", "Extractor", "for_dataset"]


def for_dataset(dataset, name=None, *, workspace=None, progress=None, should_stop=None):
    """The extractor of that name for samples of a dataset; with no name, the one that suits it.

    That is the classifier for labelled images, else the random network.  A classifier that does not reach its
    accuracy (``classifier.REQUIRED``) is an error where one is known to work, and when it was asked for by name;
    for the user's own data the random network takes its place, and a note says so.

    Args:
        workspace: where trained classifiers are kept.
        progress, should_stop: of the training of a classifier that is not kept yet; see there.

    Raises:
        BadInput: for an unknown name, or one that does not fit the data.
        RunFailed: when a classifier fails to reach its accuracy, or weights cannot be fetched.
    """
    if dataset.kind == POINTS:
        if name is not None:
            raise BadInput(f"Points need no extractor, for they are their own features; leave out {name!r}.")
        return Coordinates(dataset.x.shape[1])
    assert dataset.kind == IMAGES
    shape = dataset.x.shape[1:]
    if name not in (None, *NAMES):
        raise BadInput(f"There is no extractor {name!r}; choose from {', '.join(NAMES)}.", {"extractor": name})
    if name == RANDOM or (name is None and dataset.y is None):
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
