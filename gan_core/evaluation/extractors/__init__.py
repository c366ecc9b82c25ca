"""Named feature extractors: what turns samples into the numbers that scores are made of.  One file each, found by itself.

| name | for | features |
|---|---|---|
| ``classifier`` | labelled images | the last hidden layer of a small network trained on them; class probabilities |
| ``lite0`` | grey and colour images; what suits colour without labels | EfficientNet-lite0, which knows ImageNet |
| ``lite1`` | the same, for runs that were trained with lite0's eyes; watches colour images | EfficientNet-lite1 |
| ``random`` | any images | a fixed random network |
| ``inception`` | any images, with torch-fidelity installed | what published scores use |
| ``coordinates`` | points, rows of a table | the samples themselves |
| ``log_mel`` | sound | how loud bands of frequencies are |

See :class:`gan_core.evaluation.extractors.base.Offer`.  Every extractor has an ``id``, name and hash; numbers of different
ids are never compared.  Keras is imported when an extractor is made, not before.
"""

import functools
import sys

from gan_core.data import finding
from gan_core.errors import BadInput, RunFailed
from gan_core.evaluation.extractors.base import Extractor, Offer
from gan_core.modalities.base import COORDINATES, modality

__all__ = ["Extractor", "Offer", "broken", "for_dataset", "live", "names", "offers", "stand_in"]


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


def for_dataset(dataset, name=None, *, but="", workspace=None, progress=None, should_stop=None):
    """The extractor of that name for samples of a dataset; with no name, the one that suits it.

    That is what its modality names, where the data can have it (the classifier for labelled images), else the first that
    stands in for it: for colour images EfficientNet-lite0, which knows photographs, else the random network.  A classifier
    that does not reach its accuracy (``classifier.REQUIRED``) is an error where one is known to work, and when it was asked
    for by name; for the user's own data one that stands in takes its place, and a note says so.

    Args:
        but: the name of one that will not do: a model that was trained by its features looks better by it than it is.
        workspace: where trained classifiers are kept.
        progress, should_stop: of the training of a classifier that is not kept yet; see there.

    Raises:
        BadInput: for an unknown name, or one that does not fit the data, or will not do.
        RunFailed: when a classifier fails to reach its accuracy, or weights cannot be fetched.
    """
    kind = modality(dataset.kind)
    offer = _offer(kind.extractor)
    if name is not None:
        if not offer.by_name and offer.name != COORDINATES:
            raise BadInput(f"{kind.words[1].capitalize()} are scored by {offer.title or offer.name} alone; leave out "
                           f"{name!r}.")
        if not offer.by_name:
            raise BadInput(f"{kind.words[1].capitalize()} need no extractor, for they are their own features; leave out "
                           f"{name!r}.")
        offer = _offer(name, names())
        if name == but:
            raise BadInput(f"These samples come from a model that was trained by the features of {offer.title}, and look "
                           f"better by them than they are; choose --extractor {stand_in(dataset, but).name}.")
    notes = []
    if why := offer.refusal(dataset):
        if name is not None:
            raise BadInput(why)
        offer = stand_in(dataset, but, notes)
    extractor = offer.make(dataset, workspace, progress, should_stop)
    if trouble := offer.problem(dataset, extractor):
        offer_instead = stand_in(dataset, but, notes)
        if name is not None or offer.is_known(dataset):
            raise RunFailed(f"{trouble}; choose --extractor {offer_instead.name}.")
        extractor = offer_instead.make(dataset, workspace, progress, should_stop)
        notes.append(f"{trouble}, so {offer_instead.title} scored instead.")
    extractor.notes += notes
    return extractor


def live(dataset, but="", name=None):
    """The extractor of figures that a run shows while it trains: one that needs no training itself, and is quick.

    That is what the data's modality names, unless one that stands in for it has a quick form: of photographs the random
    network was seen to rank against the eye.

    Args:
        but: the name of one that will not do: the model trains by its features.
        name: of the one by which a run was watched before.

    Raises:
        BadInput: where that one cannot be had any more.
    """
    missing = []
    for offer in offers().values():
        if offer.quick and offer.name != but and offer.stands_in(dataset) and name in (None, offer.name):
            try:
                if not (why := offer.refusal(dataset)):
                    return offer.quick(dataset)
            except BadInput as error:  # its file is damaged: no reason not to train
                why = str(error)
            missing.append(why)
    usual = _offer(modality(dataset.kind).live_extractor)
    if name not in (None, usual.name):
        raise BadInput(" ".join(missing) or f"There is no extractor {name} to watch a run by any more.")
    extractor = usual.make(dataset, None, None, None)
    extractor.notes += [f"{why} Until then live scores are by {usual.title}." for why in missing]
    return extractor


def stand_in(dataset, but="", notes=None):
    """The first :class:`Offer` that takes the place of one that this data cannot have.

    Args:
        but: the name of one that will not do.
        notes: a list, to which sentences on those are added that would have been better.
    """
    better, is_missed = [], False
    for offer in offers().values():
        if not offer.stands_in(dataset):
            continue
        if offer.name == but:
            better.append(f"The model was trained by the features of {offer.title}, and would look better by them than it "
                          "is, so {} scored.")
        elif why := offer.refusal(dataset):
            if not is_missed:  # of several that are missing, the first would do
                better.append(why + " Until then {} scores.")
            is_missed = True
        else:
            if notes is not None:
                notes += [sentence.format(offer.title) for sentence in better]
            return offer
    raise BadInput("There is no extractor for such data.")


def _offer(name, among=None):
    if name not in (offers() if among is None else among):
        raise BadInput(" ".join([f"There is no extractor {name!r}; choose from {', '.join(names())}.", *broken().values()]),
                       {"extractor": name})
    return offers()[name]
