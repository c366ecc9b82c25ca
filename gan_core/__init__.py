"""The workbench without its pages: rooms that import downwards alone; docs/architecture.md is the plan of the house.

Every process of ours begins here, long before Keras.
"""

import os
import sys
from importlib.abc import MetaPathFinder


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


if not any(isinstance(finder, _NotForKeras) for finder in sys.meta_path):
    sys.meta_path.insert(0, _NotForKeras())
