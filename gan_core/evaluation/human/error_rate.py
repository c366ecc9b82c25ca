"""The human error rate with its interval, and which verdicts may be put together."""

import math
from statistics import NormalDist
from typing import NamedTuple

from gan_core.errors import BadInput
from gan_core.evaluation.human.trials import GENERATED, REAL

GUESSING = 0.5  # the error of those who cannot tell, and so of real images against real ones
Z = NormalDist().inv_cdf(0.975)  # of a two-sided interval of 95 %


class Rate(NamedTuple):
    """``wrong`` verdicts of ``n``."""

    wrong: int
    n: int

    @property
    def share(self):
        """0 to 1; None when there are no verdicts."""
        return self.wrong / self.n if self.n else None

    @property
    def interval(self):
        return wilson(self.wrong, self.n)

    @property
    def error(self):
        """The standard error that the interval implies; unlike sqrt(p (1 - p) / n) it is not 0 where all are right."""
        low, high = self.interval
        return (high - low) / (2 * Z)


def wilson(wrong, n, z=Z):
    """The score interval of a binomial share (Wilson 1927): ``(low, high)`` within 0 to 1.

    It holds its 95 % near 0 and 1 and for few verdicts, where the normal approximation does not.  Verdicts count as
    independent; those of one judge are not quite.

    Raises:
        BadInput: unless 0 <= wrong <= n.
    """
    if not 0 <= wrong <= n:
        raise BadInput(f"{wrong} of {n} is no share; give counts with 0 <= wrong <= n.")
    if n == 0:
        return 0.0, 1.0
    p, shrink = wrong / n, 1 + z * z / n
    centre = (p + z * z / (2 * n)) / shrink
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / shrink
    return max(0.0, centre - half), min(1.0, centre + half)


class Rates(NamedTuple):
    """What some sessions say: ``overall`` is the human error rate, ``fooling`` the share of generated images taken for
    real, ``mistaken`` that of real images taken for generated."""

    overall: Rate
    fooling: Rate
    mistaken: Rate
    sessions: int


def rates(records):
    """The :class:`Rates` of some records, see :mod:`gan_core.store.judgements`."""
    wrong = {(truth, is_wrong): 0 for truth in (REAL, GENERATED) for is_wrong in (False, True)}
    for verdict in (verdict for record in records for verdict in record["verdicts"]):
        wrong[verdict["truth"], verdict["verdict"] != verdict["truth"]] += 1
    fooling, mistaken = (Rate(wrong[truth, True], wrong[truth, True] + wrong[truth, False]) for truth in (GENERATED, REAL))
    return Rates(Rate(fooling.wrong + mistaken.wrong, fooling.n + mistaken.n), fooling, mistaken, len(records))


class Manner(NamedTuple):
    """How images were shown: for how long, and whether judges were told at once what was right, by which they learn."""

    shown_ms: int | None = None
    feedback: bool = False

    @classmethod
    def of(cls, record):
        return cls(record["shown_ms"], bool(record.get("feedback")))


class Condition(NamedTuple):
    """What sessions must share to be one measurement: the weights, and the manner of showing."""

    step: int
    shown_ms: int | None
    feedback: bool

    @classmethod
    def of(cls, record):
        return cls(record["step"], *Manner.of(record))


def by_condition(records):
    """``{Condition: Rates}``, those of judges who were not told apart from those of judges who were.

    Without a limit of time first, then from long to short; the newest step first.
    """
    groups = {}
    for record in records:
        groups.setdefault(Condition.of(record), []).append(record)
    order = sorted(groups, key=lambda condition: (
        -condition.step, -math.inf if condition.shown_ms is None else -condition.shown_ms, condition.feedback))
    return {condition: rates(groups[condition]) for condition in order}


def comparable(by_run):
    """Records of several runs that may stand beside each other: ``(Manner, {run id: records})``.

    Args:
        by_run: ``{run id: records}``, see :mod:`gan_core.store.judgements`.

    Returns:
        Of each run's newest judged step those records whose manner is what most runs share, of several that with the most
        verdicts; ``(Manner(), {})`` when nothing was judged.
    """
    newest = {run: [record for record in records if record["step"] == max(r["step"] for r in records)]
              for run, records in by_run.items() if records}
    manners = dict.fromkeys(Manner.of(record) for records in newest.values() for record in records)  # ties: the first
    if not manners:
        return Manner(), {}
    chosen = {manner: {run: alike for run, records in newest.items()
                       if (alike := [record for record in records if Manner.of(record) == manner])} for manner in manners}
    most = max(chosen, key=lambda manner: (len(chosen[manner]), sum(rates(records).overall.n
                                                                     for records in chosen[manner].values())))
    return most, chosen[most]
