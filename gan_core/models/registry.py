"""The architectures: every module in ``gan_core/models/zoo`` that defines a :class:`GenerativeModel`, and one's own.

Adding an architecture is adding one file there, or in the folder that ``$GAN_ZOO`` names.  A module that cannot be imported,
or defines none or several, fails loudly: a zoo that silently lacks an animal is worse than one that is closed.
"""

import functools
import importlib
import inspect

from gan_core.config.known import refuse_unknown
from gan_core.models import own_zoo, zoo
from gan_core.models.base import GenerativeModel


@functools.cache
def architectures():
    """``{name: class}`` of the project's, sorted by name; the name is the file's."""
    return {name: _only_model(importlib.import_module(f"{zoo.__name__}.{name}")) for name in own_zoo.projects_own()}


def architecture(name):
    """The class of that name, the project's or one's own; of one's own no other file is imported.

    Raises:
        BadInput: with the names there are when it does not exist, or with what is wrong with its file.
    """
    known = architectures()
    if name in known:
        return known[name]
    files, _ = own_zoo.files()
    own_zoo.refuse(name)
    refuse_unknown("architecture", [name], sorted({*known, *files}), "architecture")
    with own_zoo.guarded(f"{own_zoo.PACKAGE}.{name}"):
        return _only_model(own_zoo.load(files[name]))


def _only_model(module):
    models = [model for _, model in inspect.getmembers(module, inspect.isclass)
              if issubclass(model, GenerativeModel) and model.__module__ == module.__name__]
    if len(models) != 1:
        raise ImportError(f"{module.__name__} must define exactly one GenerativeModel, not {len(models)}")
    return models[0]
