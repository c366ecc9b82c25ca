"""Does the generator copy its training set?  Nearest neighbours, authenticity and a data-copying test."""

import numpy as np

from gan_core.errors import BadInput
from gan_core.evaluation.metrics.base import Family, Judged, Score
from gan_core.evaluation.metrics.checks import at_least, feature_matrix, positive_integer, same_dimension
from gan_core.evaluation.metrics.distances import squared_distance_blocks

# Copying is looked for among this many fakes, against all training samples: 1 % of standard error is enough.
COPY_SAMPLES = 2000
COPY_TRAIN = 100_000  # training samples; more would take minutes


def nearest_neighbours(fake, train, k=1):
    """The k training samples nearest to each fake: ``(indices, distances)``, both (M, k), nearest first.

    fake: (M, d), train: (N, d) features.  Distances are Euclidean, in feature units, exactly 0 for an exact copy.
    Raises BadInput for unusable features and for k above N.
    """
    fake, train = _pair(fake, train, "fake features", "training features")
    k = positive_integer(k, "number of neighbours")
    if k > len(train):
        raise BadInput(f"{k} nearest neighbours were asked for, and there are only {len(train)} training samples.")
    return _nearest(fake, train, k)


def authenticity(real, fake):
    """Share of fakes that are farther from their nearest training sample than it is from its nearest fellow.

    Alaa et al. 2022, the authenticity score.  real: (N, d) features of the training set, fake: (M, d).  Returns a
    float in [0, 1]: 0 when every fake is a copy, towards 1 when none sits unusually close to a training sample.
    Raises BadInput for unusable features and for fewer than 2 training samples.
    """
    real, fake = _pair(real, fake, "training features", "fake features")
    at_least(2, "authenticity score", training=real)
    indices, distances = _nearest(fake, real, 1)
    # Of the training samples that are someone's nearest only: all of them would be N x N distances for M answers.
    nearest, which = np.unique(indices[:, 0], return_inverse=True)
    _, spacings = _nearest(real[nearest], real, 1, own=nearest)
    return float((distances[:, 0] > spacings[which, 0]).mean())


def copy_test(train, held_out, fake):
    """z-score of the data-copying test: are fakes nearer to the training set than fresh real samples are?

    Meehan, Chaudhuri and Dasgupta 2020, Z_U over the whole space (their C_T averages it over cells).  train: (N, d),
    held_out: (H, d), fake: (M, d) features.  Mann-Whitney U of the distances to the nearest training sample, fakes
    against held-out, standardised by its mean and deviation under the null hypothesis.

    Returns a float: about standard normal when fakes are like fresh samples, strongly negative (below -3) for
    copying, strongly positive for underfitting.  The normal approximation wants some 20 samples in each set.
    Raises BadInput for unusable features.
    """
    fake, train = _pair(fake, train, "fake features", "training features")
    held_out, _ = _pair(held_out, train, "held-out features", "training features")
    of_fakes = _nearest(fake, train, 1)[1][:, 0]
    of_reals = np.sort(_nearest(held_out, train, 1)[1][:, 0])
    # U counts the pairs in which the fake is the farther one, ties for a half.
    below = np.searchsorted(of_reals, of_fakes, side="left")
    below_or_equal = np.searchsorted(of_reals, of_fakes, side="right")
    u = (below + below_or_equal).sum() / 2
    pairs = len(of_fakes) * len(of_reals)
    deviation = np.sqrt(pairs * (len(of_fakes) + len(of_reals) + 1) / 12)
    return float((u - pairs / 2) / deviation)


def _pair(first, second, first_name, second_name):
    first, second = feature_matrix(first, first_name), feature_matrix(second, second_name)
    same_dimension(first, second, first_name, second_name)
    return first, second


def _nearest(queries, points, k, own=None):
    """``own``: where each query stands among the points, for no sample is its own neighbour."""
    indices = np.empty((len(queries), k), int)
    distances = np.empty((len(queries), k))
    for rows, block in squared_distance_blocks(queries, points):
        if own is not None:
            block[np.arange(len(block)), own[rows]] = np.inf
        neighbours = np.argpartition(block, k - 1, axis=1)[:, :k] if k > 1 else block.argmin(axis=1)[:, None]
        # The product finds the neighbours, differences measure them: an exact copy is at exactly 0.  One neighbour
        # at a time, or the differences would need k times the memory of the queries.
        exact = np.stack([np.linalg.norm(queries[rows] - points[column], axis=1) for column in neighbours.T], axis=1)
        order = np.lexsort((neighbours, exact), axis=1)  # equal distances by index, so that reruns agree
        indices[rows] = np.take_along_axis(neighbours, order, axis=1)
        distances[rows] = np.take_along_axis(exact, order, axis=1)
    return indices, distances


def measure(judged):
    """Both scores, and ``n_copy`` and ``n_train``, how many generated and training samples they looked at."""
    train, fresh, features = judged.train, judged.fresh, judged.features[:COPY_SAMPLES]
    values = {"n_copy": len(features), "n_train": len(train), "authenticity": authenticity(train, features)}
    judged.progress(0.3)
    if fresh is not None:
        values["authenticity_floor"] = authenticity(train, fresh)
        judged.progress(0.6)
        values["copy_test"] = copy_test(train, fresh, features)
    judged.progress(1.0)
    return values


def remark(judged, values):
    return "" if judged.fresh is not None else ("Nothing was kept from the generator, so there is no copy test against "
                                                "held-out samples.")


FAMILY = Family(
    "copying", of=Judged, turn=30, measure=measure, remark=remark, weight=4,
    applies=lambda judged: judged.train is not None and not judged.live, scores=(
        # Ranks nobody: the worse samples are, the farther they are from all training samples, and who mixes poor ones with
        # copies scores what real ones do.  It tells of copying where it is far below the floor, and of nothing else.
        Score("authenticity", "Authenticity", "", "Share of samples that sit on no training sample; far below that of real "
              "ones for copies, above it for poor samples.", place=130, share_of=("n_copy",)),
        Score("copy_test", "Copy test", "", "About 0 for new samples, below -3 for copies, far above 0 for poor ones.",
              place=140)))
