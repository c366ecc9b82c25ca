"""Named feature extractors: what turns samples into the numbers that scores are made of.  One file each, found by itself.

| name | for | features |
|---|---|---|
| ``classifier`` | labelled images | the last hidden layer of a small network trained on them; class probabilities |
| ``lite0`` | grey and colour images | EfficientNet-lite0, which knows ImageNet |
| ``random`` | any images | a fixed random network |
| ``inception`` | any images, with torch-fidelity installed | what published scores use |
| ``coordinates`` | points, rows of a table | the samples themselves |

See :class:`gan_core.evaluation.extractors.base.Offer`.  Every extractor has an ``id``, name and hash; numbers of different
ids are never compared.  Keras is imported when an extractor is made, not before.
"""

import functools
import sys

from gan_core.data import finding
from gan_core.errors import BadInput, RunFailed
from gan_core.evaluation.extractors.base import Extractor, Offer
from gan_core.modalities.base import modality

__all__ = ["Extractor", "Offer", "broken", "for_dataset", "live", "names", "offers"]


def offers():
    """``{name: Offer}`` of all that there are, in their order."""
    return _found()[0]


def names():
    """Those that can be asked for."""
    return tuple(name for name, offer in offers().items() if offer.by_name)


def broken():
    """``{file: sentence}`` of the files that cannot be used."""
    return _found()[1]


@functools.cache
def _found():
    files, wrong = finding.modules(sys.modules[__name__], _offer_of)
    known = {}
    for file, offer in files.items():
        if offer.name in known:
            wrong[file] = f"{__name__}.{file} cannot be used: there is an extractor {offer.name!r} already."
        else:
            known[offer.name] = offer
    return dict(sorted(known.items(), key=lambda item: item[1].order)), wrong


def _offer_of(module):
    offer = getattr(module, "EXTRACTOR", None)
    if offer is not None and not isinstance(offer, Offer):
        raise ImportError(f"its EXTRACTOR must be an Offer, not {type(offer).__name__}")
    return offer


def for_dataset(dataset, name=None, *, workspace=None, progress=None, should_stop=None):
    """The extractor of that name for samples of a dataset; with no name, the one that suits it.

    That is what its modality names, where the data can have it (the classifier for labelled images), else the first that
    stands in for it, which is the random network so far.  A classifier that does not reach its accuracy
    (``classifier.REQUIRED``) is an error where one is known to work, and when it was asked for by name; for the user's own
    data one that stands in takes its place, and a note says so.

    Args:
        workspace: where trained classifiers are kept.
        progress, should_stop: of the training of a classifier that is not kept yet; see there.

    Raises:
        BadInput: for an unknown name, or one that does not fit the data.
        RunFailed: when a classifier fails to reach its accuracy, or weights cannot be fetched.
    """
    kind = modality(dataset.kind)
    offer = _offer(kind.extractor)
    if name is not None:
        if not offer.by_name:
            raise BadInput(f"{kind.words[1].capitalize()} need no extractor, for they are their own features; leave out "
                           f"{name!r}.")
        offer = _offer(name, names())
    if why := offer.refusal(dataset):
        if name is not None:
            raise BadInput(why)
        offer = _stand_in(dataset)
    extractor = offer.make(dataset, workspace, progress, should_stop)
    if trouble := offer.problem(dataset, extractor):
        offer_instead = _stand_in(dataset)
        if name is not None or offer.is_known(dataset):
            raise RunFailed(f"{trouble}; choose --extractor {offer_instead.name}.")
        extractor = offer_instead.make(dataset, workspace, progress, should_stop)
        extractor.notes.append(f"{trouble}, so {offer_instead.title} scored instead.")
    return extractor


def live(dataset):
    """The extractor of figures that a run shows while it trains: one that needs no training itself."""
    return _offer(modality(dataset.kind).live_extractor).make(dataset, None, None, None)


def _stand_in(dataset):
    """The first that takes the place of one that this data cannot have."""
    return next(offer for offer in offers().values() if offer.stands_in(dataset) and not offer.refusal(dataset))


def _offer(name, among=None):
    if name not in (offers() if among is None else among):
        raise BadInput(" ".join([f"There is no extractor {name!r}; choose from {', '.join(names())}.", *broken().values()]),
                       {"extractor": name})
    return offers()[name]
