"""Pairwise distances in blocks of bounded memory: what precision, recall, density, coverage and copying share.

Squared distances come from one matrix product.  In float64: two cores multiply 10,000 x 10,000 x 128 in about 0.3 s,
so float32 would save little, and its rounding moves samples across the edges of neighbourhood balls.
"""

import numpy as np

# Entries of one block.  4 million float64 are 32 MB, whatever the number of samples.
BLOCK = 2 ** 22

# A float64 product leaves about 1e-15 of |x|^2 where the distance should be 0, and as much between distances that
# should be equal.  This share of |x|^2 counts as nothing, or exact copies, and ties among features that are whole
# numbers, would fall in or out of each other's balls by rounding alone.
ROUNDING = 1e-13


def squared_distance_blocks(queries, points):
    """Yields ``(rows, block)``: a slice of ``queries`` and its squared distances to all ``points``.

    queries: (M, d) float64.  points: (N, d) float64.  block: (rows, N) float64, never negative, owned by the caller.
    """
    centre = points.mean(axis=0)  # distances do not see a shift, rounding does
    queries, points = queries - centre, points - centre
    query_norms, point_norms = (queries ** 2).sum(axis=1), (points ** 2).sum(axis=1)
    # [-2x, |x|^2, 1] . [y, 1, |y|^2] = |x - y|^2: the product writes each block once, with no passes to add the norms.
    left = np.column_stack([-2 * queries, query_norms, np.ones(len(queries))])
    right = np.column_stack([points, np.ones(len(points)), point_norms]).T
    step = max(1, BLOCK // len(points))
    for start in range(0, len(queries), step):
        rows = slice(start, min(start + step, len(queries)))
        block = left[rows] @ right
        block[block < ROUNDING * query_norms[rows, None]] = 0
        np.maximum(block, 0, out=block)
        yield rows, block


def squared_neighbour_radii(points, ks):
    """Squared distance of each point to its k-th nearest other point, for each k in ``ks``.

    points: (N, d) float64, N > max(ks).  Returns (len(ks), N) float64.  O(N^2 d) time, one block of memory.
    """
    radii = np.empty((len(ks), len(points)))
    kth = [k - 1 for k in ks]
    for rows, block in squared_distance_blocks(points, points):
        block[np.arange(len(block)), np.arange(rows.start, rows.stop)] = np.inf  # a point is not its own neighbour
        block.partition(sorted(set(kth)), axis=1)
        radii[:, rows] = block[:, kth].T
    return radii


def tie_width(points, centre, squared_radii):
    """(N,) how far rounding may part a squared distance from the squared radius that it equals.

    Closed balls widen by it and open ones shrink, so that a tie is always inside the ones and outside the others.
    centre: (d,), the mean of the second argument of ``squared_distance_blocks``.
    """
    return ROUNDING * (((points - centre) ** 2).sum(axis=1) + squared_radii)
