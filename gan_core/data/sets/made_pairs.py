"""Pairs that are made of any set of images by a recipe: ``mnist+edges``.  Nothing is kept; they are made when they are
loaded, the same each time."""

import dataclasses

from gan_core.data.base import IMAGES, PAIRS, Dataset, DatasetInfo
from gan_core.data.recipes import joined, recipes, split
from gan_core.errors import BadInput

ORDER = 200
SEED, SEED_OF_TEST = 17, 18  # the same holes and noise for everyone


def infos(workspace=None) -> list[DatasetInfo]:
    return [info_of(info, name) for info in _images(workspace) for name in recipes()]


def info_of(info, name) -> DatasetInfo:
    """The line of the catalogue for pairs that the recipe of that name makes of images."""
    recipe, (height, width, channels) = recipes()[name], info.shape
    why = recipe.refusal(info.shape) if info.available else ""
    source = (height // recipe.smaller, width // recipe.smaller, 1 if recipe.channels == 1 else channels)
    return dataclasses.replace(info, name=joined(info.name, name), title=f"{info.title}: {recipe.title}", kind=PAIRS,
                               classes=(), available=info.available and not why, note=why or info.note, made_of=info.name,
                               beside=(("source", source),))


def load(name, size=None, workspace=None) -> Dataset:
    """The images as targets, and their sources; those held out alike.

    Raises:
        BadInput: where the images cannot be had, or the recipe does not suit them.
    """
    from gan_core.data import library

    of, by = split(name)
    images = library.load(of, size=size, workspace=workspace)
    refuse(images)
    recipe = recipes()[by]
    test = {} if images.x_test is None else {"source": recipe.sources(images.x_test, SEED_OF_TEST)}
    return dataclasses.replace(images, name=name, kind=PAIRS, y=None, y_test=None, classes=(),
                               more={"source": recipe.sources(images.x, SEED)}, more_test=test,
                               note=f"{images.note} Each pair is {recipe.source}, and the picture.".strip())


def refuse(described):
    """BadInput for data of which no recipe makes pairs."""
    if described.kind != IMAGES:
        what = "has pairs already" if described.kind == PAIRS else "is none"
        sentence = f"Pairs are made of images, and {described.name} {what}; choose other data."
        raise BadInput(sentence, {"dataset": sentence})


def _images(workspace):
    from gan_core.data import library

    return [info for source in library.sources()[0] if source.__name__ != __name__ for info in source.infos(workspace)
            if info.kind == IMAGES]
