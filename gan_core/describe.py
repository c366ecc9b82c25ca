"""Descriptions of the zoo, made from the zoo itself (needs Keras; see :mod:`gan_core.families`)."""

import functools

from gan_core.data import IMAGES, DataSpec
from gan_core.families import Family
from gan_core.inputs import as_dict
from gan_core.registry import architectures

# What an architecture is described on: the kind of data it learns first, in the shape of MNIST.
EXAMPLES = {IMAGES: ("MNIST", DataSpec(IMAGES, (28, 28, 1), tuple("0123456789"))),
            "points": ("points", DataSpec("points", (2,)))}


@functools.cache
def families():
    return {name: describe(name, model) for name, model in architectures().items()}


def describe(name, model):
    """The :class:`Family` of one architecture."""
    example, data = EXAMPLES[model.kinds[0]]
    built = model(model.Config(), data)
    return Family(
        name=name, title=model.title, paper=model.paper, link=model.link, summary=model.summary,
        data=tuple(model.kinds), requirements=model.requirements(),
        inputs=tuple(as_dict(each) for each in built.inputs()), knobs=tuple(model.Config.knobs()),
        parameters=built.parameters(), example=example, presets=dict(model.presets),
        defaults_for=dict(model.defaults_for), players=tuple(player.name for player in built.players()),
    )
