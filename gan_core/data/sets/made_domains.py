"""Two domains that are made of two classes of a labelled set, ``mnist+3,8``, or of both sides of pairs.  Nothing is kept;
they are made when they are loaded."""

import dataclasses

from gan_core.data import domains
from gan_core.data.base import DOMAINS, IMAGES, PAIRS, Dataset, DatasetInfo
from gan_core.data.recipes import joined, split
from gan_core.errors import BadInput

ORDER = 210
STREAM = 1  # sources are shuffled by themselves


def infos(workspace=None) -> list[DatasetInfo]:
    return []  # there are as many as pairs of classes: they are found by their names


def find(name, workspace=None) -> DatasetInfo | None:
    of, by = split(name)
    names = domains.two(by)
    if names is None:
        return None
    from gan_core.data import library

    info = library.described(of, workspace)
    if info is None or not _numbers(info, names):
        return None
    return info_of(info, names)


def info_of(info, names) -> DatasetInfo:
    """What is known of the two domains that are made of a dataset."""
    shape = dict(info.beside).get("source", info.shape) if info.kind == PAIRS else info.shape
    first, second = _called(info, names)
    return dataclasses.replace(info, name=joined(info.name, ",".join(names)), title=f"{info.title}: {first} and {second}",
                               kind=DOMAINS, classes=(), count=None, made_of=info.name, beside=(("source", tuple(shape)),))


def name_of(info, names=None):
    """What the two domains are called that are made of a dataset; ``names`` are two of its classes, or None where it has
    just two.

    Raises:
        BadInput: where it has not these, or others, too.
    """
    if info.kind not in (IMAGES, PAIRS):
        sentence = f"Two domains are two sets of images, and {info.name} is none; choose other data."
        raise BadInput(sentence, {"domains": sentence})
    if names is None:
        names = domains.SIDES if info.kind == PAIRS else tuple(info.classes) if info.n_classes == 2 else ()
    if not names or not _numbers(info, names):
        sentence = domains.refusal(info.classes, paired=info.kind == PAIRS, labelled=info.labelled)
        raise BadInput(sentence, {"domains": sentence})
    return joined(info.name, ",".join(names) if info.kind == PAIRS else domains.called(names, info.classes))


def load(name, size=None, workspace=None) -> Dataset:
    """Images of the second domain as samples, and of the first as their sources; those held out alike.

    Raises:
        BadInput: where the data cannot be had, or a side has fewer than ten images.
    """
    from gan_core.data import library

    of, by = split(name)
    names = domains.two(by)
    whole = library.load(of, size=size, workspace=workspace)
    numbers = _numbers(whole, names)
    if whole.kind == PAIRS:
        both = ((whole.more["source"], whole.x), (whole.more_test.get("source"), whole.x_test))
        sides = [[images[number] for number in numbers] for images in both]
    else:
        sides = [[None if x is None else x[y == number] for number in numbers]
                 for x, y in ((whole.x, whole.y), (whole.x_test, whole.y_test))]
    (source, target), (source_test, target_test) = sides
    first, second = _called(whole, names)
    if small := [f"{title} has {len(images):,}" for title, images in ((first, source), (second, target))
                 if len(images) < domains.FEWEST]:
        sentence = f"A domain needs at least {domains.FEWEST} images: of {of} {' and '.join(small)}; add some."
        raise BadInput(sentence, {"domains": sentence})
    if source.shape[1:] != target.shape[1:]:
        raise BadInput(f"Images of both domains must have one size and as many channels: in {of} they are "
                       f"{' x '.join(map(str, source.shape[1:]))} and {' x '.join(map(str, target.shape[1:]))}.")
    held_out = target_test is not None and len(target_test) and len(source_test)
    return dataclasses.replace(
        whole, name=name, kind=DOMAINS, y=None, y_test=None, classes=(), x=target, x_test=target_test if held_out else None,
        more={"source": source}, more_test={"source": source_test} if held_out else {}, streams={"source": STREAM},
        domain_names=(first, second),
        note=f"{whole.note} Two domains: {len(source):,} images of {first}, {len(target):,} of {second}.".strip())


def _numbers(described, names):
    """Of classes their numbers, of pairs which sides; None of names that there are not."""
    if described.kind == PAIRS:
        return domains.of_sides(names)
    return domains.which(names, described.classes) if described.kind == IMAGES and described.labelled else None


def _called(described, names):
    """The names of two domains for people."""
    numbers = _numbers(described, names)
    known = domains.SIDES if described.kind == PAIRS else described.classes
    return tuple(known[number] for number in numbers)
