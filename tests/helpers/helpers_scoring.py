"""What the tests of scoring share."""

import numpy as np
import pytest

from gan_core import data

SCORES = {"frechet", "kernel", "precision", "recall", "density", "coverage", "vendi"}


@pytest.fixture(scope="module")
def digits():
    return data.load("digits")


def write(path, **arrays):
    np.savez(path, **arrays)
    return path
