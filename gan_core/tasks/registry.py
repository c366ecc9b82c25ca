"""The tasks: every module in ``gan_core/tasks/kinds`` that defines a :class:`gan_core.tasks.base.Task`."""

import functools
import importlib
import inspect
import pkgutil

from gan_core.errors import BadInput
from gan_core.tasks import kinds
from gan_core.tasks.base import Task


def tasks():
    """``{name: Task}``, sorted by name; without those that are :func:`broken`."""
    return _found()[0]


def broken():
    """``{name: sentence}`` of the modules that cannot be used, and why."""
    return _found()[1]


def task(name):
    """The task of that name; :class:`BadInput` with the names there are when it does not exist, or is broken."""
    known, wrong = _found()
    if name in wrong:
        raise BadInput(wrong[name])
    if name not in known:
        raise BadInput(f"There is no task {name!r}; choose from {', '.join(known)}.")
    return known[name]


def title(name):
    """What a task is called; its name where there is none of that name any more."""
    known = _found()[0]
    return known[name].title if name in known else name


@functools.cache
def _found():
    known, wrong = {}, {}
    for name in sorted(module.name for module in pkgutil.iter_modules(kinds.__path__)):
        try:
            known[name] = _only_task(importlib.import_module(f"{kinds.__name__}.{name}"))(name)
        except Exception as error:  # whatever is wrong with it, the others are there
            line = (str(error).splitlines() or ["no message"])[0].rstrip(".")
            wrong[name] = f"The task {name} cannot be used ({type(error).__name__}: {line}); mend {name}.py."
    return known, wrong


def _only_task(module):
    classes = [member for _, member in inspect.getmembers(module, inspect.isclass)
               if issubclass(member, Task) and member.__module__ == module.__name__]
    if len(classes) != 1:
        raise ImportError(f"it must define exactly one Task, not {len(classes)}")
    return classes[0]
