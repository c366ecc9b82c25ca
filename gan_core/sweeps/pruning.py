"""What is hopeless: a run whose best so far lies behind that of others after as many seconds.

A game oscillates, and may collapse after its best: the lowest distance so far is what counts, and never the last one.
"""

import statistics

from gan_core.compare.noise import UNKNOWN
from gan_core.evaluation.score_names import LOWER

GRACE = 1 / 3  # of the time that a run has: before, nothing is given up
PEERS = 3  # others that must have come as far


def best_so_far(curve, seconds, better):
    """The best value of ``[(seconds, value)]`` up to a moment; None where there is none."""
    values = [value for at, value in curve if at <= seconds]
    return (min if better == LOWER else max)(values, default=None)


def hopeless(curve, others, train, title, better):
    """Why a run is to be given up, a sentence; "" where it is not.

    It is where the best that it has measured is worse than the median of what the others had after as many seconds, by more
    than a difference that means nothing.

    Args:
        curve: what it has measured, ``[(seconds, value)]``.
        others: the same of other runs, those that were given up too.
        train: seconds that a run has in all.
        title: of the score.
        better: "lower" or "higher".
    """
    if not curve or curve[-1][0] < GRACE * train:
        return ""
    now = curve[-1][0]
    peers = [best for other in others if other and other[-1][0] >= now
             and (best := best_so_far(other, now, better)) is not None]
    if len(peers) < PEERS:
        return ""
    mine, median = best_so_far(curve, now, better), statistics.median(peers)
    behind = mine - median if better == LOWER else median - mine
    if behind <= UNKNOWN * max(abs(mine), abs(median)):
        return ""
    return (f"Given up after {now:.0f} s: its best {title} by then was {mine:.3g}, and half of the others had {median:.3g} "
            "or better.")
