"""The workbench without its pages: rooms that import downwards alone; docs/architecture.md is the plan of the house.

Every process of ours begins here, long before Keras: what Keras would take from a person's own settings is decided here.
"""

import os
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


_prepare_keras()
