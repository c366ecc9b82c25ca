"""What judges are shown, and the words for what they say."""

import numpy as np

REAL, GENERATED = "real", "generated"
POOL = 200  # images of a kind that a run's trials are drawn from
SHOWN = (None, 1000, 500, 250)  # milliseconds that an image is shown; None is without a limit


def some_real(dataset, n=POOL):
    """``n`` images at random, or as many as there are, of those held out where there are any: uint8 (N, H, W, C).

    Always the same ones: which are shown must not decide between runs.
    """
    x = dataset.x if dataset.x_test is None else dataset.x_test
    return x[np.random.default_rng(0).permutation(len(x))[:n]]
