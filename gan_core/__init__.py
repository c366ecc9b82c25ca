"""The workbench without its pages: rooms that import downwards alone; docs/architecture.md is the plan of the house.

Every process of ours begins here, long before Keras: what Keras would take from a person's own settings, and what it
would load of their libraries, is decided here.
"""

import os
import sys
import warnings
from importlib.abc import MetaPathFinder
from pathlib import Path

KERAS_HOME = str(Path(__file__).parent / "engine" / "keras_home")  # has the settings that our networks are written for


def _prepare_keras():
    """Let Keras read our settings and not those of other projects: with channels first or another float type the same
    spec would be another network, or none.  Where its downloads lie is remembered, and stays the person's choice."""
    own = os.environ.get("KERAS_HOME")
    if own != KERAS_HOME:
        os.environ["GAN_KERAS_HOME"] = own or ""
        os.environ["KERAS_HOME"] = KERAS_HOME
    if not os.environ.get("KERAS_BACKEND"):
        os.environ["KERAS_BACKEND"] = "tensorflow"
    # Aids for debugging: they would end a run early without a word, or rest on another library.
    for name in ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH", "KERAS_NNX_ENABLED"):
        os.environ.pop(name, None)


def _bear_warnings():
    """What a person has made of warnings for projects of their own (``PYTHONWARNINGS=error``) must not end a run over a
    word of a library: then they are what they are where nothing was said."""
    actions = [option.partition(":")[0].strip() for option in sys.warnoptions]
    if any(action and "error".startswith(action) for action in actions):
        warnings.simplefilter("default")
        for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", category)


class _NotForKeras(MetaPathFinder):
    """Keras and TensorFlow import whole libraries, where they are installed, for wrappers and adapters that we do not use:
    a third of the time until a run has begun.  To them alone, these are not there, which both are prepared for."""

    UNUSED = frozenset({"sklearn", "pandas", "jax", "torch"})
    ASKING = ("keras", "tensorflow")

    def find_spec(self, fullname, path=None, target=None):
        if fullname in self.UNUSED and self._asked_for_by().partition(".")[0] in self.ASKING:
            if fullname != os.environ.get("KERAS_BACKEND"):
                raise ModuleNotFoundError(f"{fullname} is not loaded for Keras.", name=fullname)
        return None

    @staticmethod
    def _asked_for_by():
        frame = sys._getframe(2)
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        return "" if frame is None else frame.f_globals.get("__name__", "")


_prepare_keras()
_bear_warnings()
if not any(isinstance(finder, _NotForKeras) for finder in sys.meta_path):
    sys.meta_path.insert(0, _NotForKeras())
