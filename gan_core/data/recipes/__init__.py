"""Ways to make pairs of any set of images, one file each, found by themselves: the image is what is to come out, and what a
recipe leaves of it is what a model is given.

Light: NumPy alone; what else a recipe needs it imports when it is used.
"""

import functools
import sys

from gan_core.data import domains, finding
from gan_core.data.choices import LAYOUTS
from gan_core.data.recipes.base import Recipe
from gan_core.errors import BadInput

__all__ = ["Recipe", "broken", "check", "joined", "recipes", "split"]

JOINT = "+"  # between the name of the images and the recipe's: mnist+edges


def recipes():
    """``{name: Recipe}``; the name is the file's."""
    return _found()[0]


def split(name):
    """``(name of the images, name of the recipe)`` of what a dataset is called, or the two domains that were made of it,
    "a,b"; "" where neither was."""
    of, joint, by = str(name).rpartition(JOINT)
    return (of, by) if joint and (by in recipes() or domains.two(by)) else (str(name), "")


def joined(of, by):
    """What is called so that a recipe, or two domains, make of images; the images themselves where it is ""."""
    return f"{of}{JOINT}{by}" if by else of


def check(name):
    """BadInput, with the names there are, unless there is a recipe of that name."""
    if name not in recipes():
        sentence = (f"There is no recipe {str(name)!r} for pairs; choose from {', '.join(recipes())}, or, where pairs "
                    f"lie in files, from {', '.join(LAYOUTS)}.")
        raise BadInput(" ".join([sentence, *broken().values()]), {"pairs": sentence})


def broken():
    """``{file: sentence}`` of the files that cannot be used."""
    return _found()[1]


@functools.cache
def _found():
    return finding.modules(sys.modules[__name__], _recipe_of)


def _recipe_of(module):
    recipe = getattr(module, "RECIPE", None)
    if recipe is not None and not isinstance(recipe, Recipe):
        raise ImportError(f"its RECIPE must be a Recipe, not {type(recipe).__name__}")
    return recipe
