"""People as judges: real or generated?  Trials, verdicts, and the human error rate with its interval (no Keras).

After HYPE (Zhou 2019, "HYPE: A Benchmark for Human eYe Perceptual Evaluation of Generative Models"): a judge sees one
image at a time, as often real as generated, and says which it is.  HYPE is the share of wrong verdicts: 50 % is guessing,
and above it generated images look more real than real ones.  Without a limit of time it is HYPE_infinity; HYPE_time flashes
images and searches for the time at which they are told apart.  Here the time is chosen and stays, and rates at different
times are not put together.

In a run's folder, ``judging/<step>.npz`` holds the images that are shown of it and ``judging/<session>.json`` the
verdicts of one session on it.
"""

import contextlib
import json
import math
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.errors import BadInput, StoreError
from gan_core.runs import files

REAL, GENERATED = "real", "generated"
POOL = 200  # images of a kind that a run's trials are drawn from
MOST = 100  # images of a run in one session: as many as HYPE shows of a model
SHOWN = (None, 1000, 500, 250)  # milliseconds that an image is shown; None is without a limit
GUESSING = 0.5  # the error of those who cannot tell, and so of real images against real ones
Z = NormalDist().inv_cdf(0.975)  # of a two-sided interval of 95 %


# Rates


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
    """The :class:`Rates` of some records, see :func:`kept`."""
    wrong = {(truth, is_wrong): 0 for truth in (REAL, GENERATED) for is_wrong in (False, True)}
    for each in (verdict for record in records for verdict in record["verdicts"]):
        wrong[each["truth"], each["verdict"] != each["truth"]] += 1
    fooling, mistaken = (Rate(wrong[truth, True], wrong[truth, True] + wrong[truth, False]) for truth in (GENERATED, REAL))
    return Rates(Rate(fooling.wrong + mistaken.wrong, fooling.n + mistaken.n), fooling, mistaken, len(records))


class Condition(NamedTuple):
    """What sessions must share to be one measurement: the weights, the time, and whether judges were told at once what
    was right, by which they learn."""

    step: int
    shown_ms: int | None
    feedback: bool

    @classmethod
    def of(cls, record):
        return cls(record["step"], record["shown_ms"], bool(record.get("feedback")))


def by_condition(records):
    """``{Condition: Rates}``, those of judges who were not told apart from those of judges who were.

    Without a limit of time first, then from long to short; the newest step first.
    """
    groups = {}
    for record in records:
        groups.setdefault(Condition.of(record), []).append(record)
    order = sorted(groups, key=lambda each: (-each.step, -math.inf if each.shown_ms is None else -each.shown_ms,
                                             each.feedback))
    return {each: rates(groups[each]) for each in order}


def comparable(by_run):
    """Records of several runs that may stand beside each other: ``(shown_ms, {run id: records})``.

    Args:
        by_run: ``{run id: records}``, see :func:`kept`.

    Returns:
        Of each run's newest judged step those records whose time, and whether judges were told at once what was right, is
        what most runs share, of several that with the most verdicts; ``(None, {})`` when nothing was judged.
    """
    newest = {run: [each for each in records if each["step"] == max(r["step"] for r in records)]
              for run, records in by_run.items() if records}
    ways = {Condition.of(record)[1:] for records in newest.values() for record in records}
    if not ways:
        return None, {}
    chosen = {way: {run: alike for run, records in newest.items()
                    if (alike := [each for each in records if Condition.of(each)[1:] == way])} for way in ways}
    most = max(chosen, key=lambda each: (len(chosen[each]), sum(rates(records).overall.n
                                                                 for records in chosen[each].values())))
    return most[0], chosen[most]


# Images to judge


@dataclass(frozen=True, eq=False)
class Pool:
    """Images of a run's last checkpoint and of its data: uint8 (N, H, W, C) each."""

    step: int
    generated: np.ndarray
    real: np.ndarray


def pool(folder):
    """The :class:`Pool` of a run's last checkpoint, None until :func:`keep_pool` was called for it."""
    kept = files.checkpoints(folder)
    if not kept:
        return None
    step = max(kept)
    path = _pool_path(folder, step)
    try:
        # A run that was resumed may have come to the same step with other weights.
        if path.stat().st_mtime_ns < kept[step].stat().st_mtime_ns:
            return None
        found = npz_arrays(path, (GENERATED, REAL))
    except (OSError, DamagedNpz):
        return None
    if any(each.dtype != np.uint8 or each.ndim != 4 or not len(each) for each in found.values()):
        return None
    return Pool(step, **found)


def keep_pool(folder, pool):
    """Write a run's :class:`Pool` in the place of older ones."""
    path = _pool_path(folder, pool.step)
    with _kept_in(folder), files.replacing(path) as partial, open(partial, "wb") as file:
        np.savez_compressed(file, **{GENERATED: pool.generated, REAL: pool.real})
    for old in files.by_step(path.parent, ".npz").values():
        if old != path:
            old.unlink(missing_ok=True)


def some_real(dataset, n=POOL):
    """``n`` images at random, or as many as there are, of those held out where there are any: uint8 (N, H, W, C).

    Always the same ones: which are shown must not decide between runs.
    """
    x = dataset.x if dataset.x_test is None else dataset.x_test
    return x[np.random.default_rng(0).permutation(len(x))[:n]]


def _pool_path(folder, step):
    return files.step_path(Path(folder) / "judging", step, ".npz")


# Sessions


class Trial(NamedTuple):
    """One image: of which run, whether ``truth`` is real or generated, and its place in the run's :class:`Pool`."""

    run: str
    truth: str
    index: int


class Verdict(NamedTuple):
    """What the judge said, after how many seconds, and for how many seconds the image was seen (None: till then)."""

    verdict: str
    seconds: float | None
    shown: float | None


@dataclass
class Session:
    """One judge's trials and the verdicts so far; made by :func:`begin`.

    ``images`` are those of the trials, uint8 (H, W, C), and may differ in size; ``steps`` are the runs' checkpoints.
    """

    id: str
    began: float
    seed: int
    shown_ms: int | None
    feedback: bool
    steps: dict
    trials: list
    images: list
    verdicts: list = field(default_factory=list)

    @property
    def number(self):
        """Of the trial that waits for its verdict, from 0."""
        return len(self.verdicts)

    @property
    def done(self):
        return self.number >= len(self.trials)

    def answer(self, number, verdict, seconds=None, shown=None):
        """Take the verdict on a trial; whether it was taken.

        One on another trial than the one that waits is not: a second click is no verdict on the next image.

        Args:
            verdict: "real" or "generated".
            seconds: from when the image was there to the verdict.
            shown: seconds that the image was to be seen.

        Raises:
            BadInput: for any other verdict.
        """
        if verdict not in (REAL, GENERATED):
            raise BadInput(f"A verdict is {REAL!r} or {GENERATED!r}, not {verdict!r}.")
        if self.done or number != self.number:
            return False
        self.verdicts.append(Verdict(verdict, _duration(seconds), _duration(shown)))
        return True

    def right(self, number):
        return self.verdicts[number].verdict == self.trials[number].truth

    def record(self, run_id):
        """The verdicts on one run, as they are kept."""
        mine = [(trial, verdict) for trial, verdict in zip(self.trials, self.verdicts) if trial.run == run_id]
        return {"session": self.id, "run": run_id, "step": self.steps[run_id], "began": self.began, "seed": self.seed,
                "shown_ms": self.shown_ms, "feedback": self.feedback,
                "asked": sum(trial.run == run_id for trial in self.trials),
                "verdicts": [{"truth": trial.truth, "index": trial.index} | verdict._asdict() for trial, verdict in mine]}


def begin(pools, each, *, shown_ms=None, feedback=False, seed=None):
    """A new :class:`Session`.

    Args:
        pools: ``{run id: Pool}``; the images of all are mixed.
        each: images of each run, half of them real and half generated: even, 2 to 100.  No image comes twice as long as
            there are others, for one that does is real.
        shown_ms: one of :data:`SHOWN`.
        feedback: whether the judge is told at once what was right, which is kept with the verdicts: judges learn by it.
        seed: of the choice and the order; None takes a new one.

    Raises:
        BadInput: for no runs, or numbers that cannot be had.
    """
    if not pools:
        raise BadInput("Choose a run to judge.")
    if each % 2 or not 2 <= each <= MOST:
        raise BadInput(f"Each run needs an even number of images from 2 to {MOST}, not {each}.")
    if shown_ms not in SHOWN:
        raise BadInput(f"Images are shown for {', '.join(map(str, SHOWN[1:]))} ms or without a limit, not {shown_ms}.")
    for run, held in pools.items():
        if (most := min(len(held.real), len(held.generated))) < each // 2:
            raise BadInput(f"There are only {most} images of a kind for the run {run}; choose at most {2 * most} a run.")
    seed = secrets.randbits(32) if seed is None else seed
    rng = np.random.default_rng(seed)
    trials, seen = [], set()
    for run, held in pools.items():
        for truth in (REAL, GENERATED):
            images = getattr(held, truth)
            order = sorted(rng.permutation(len(images)).tolist(), key=lambda index: images[index].tobytes() in seen)
            trials += [Trial(run, truth, index) for index in order[:each // 2]]
            seen |= {images[index].tobytes() for index in order[:each // 2]}
    trials = [trials[place] for place in rng.permutation(len(trials))]
    images = [getattr(pools[trial.run], trial.truth)[trial.index] for trial in trials]
    now = time.time()
    stamp = time.strftime("%y%m%d-%H%M%S", time.localtime(now))
    return Session(f"{stamp}-{secrets.token_hex(3)}", now, seed, shown_ms, feedback,
                   {run: held.step for run, held in pools.items()}, trials, images)


def keep(folder, record):
    """Write what one session says of one run, in the place of what it said before.

    It is written after every verdict, so that a session that is left counts with what was answered.  Each session has
    a file of its own: two judges do not meet.

    Raises:
        StoreError: when it cannot be written, or the run is gone.
    """
    if not Path(folder).is_dir():
        raise StoreError(f"The run {record['run']} was deleted, so its verdicts cannot be kept; end this session.")
    with _kept_in(folder):
        files.write_whole(Path(folder) / "judging" / f"{record['session']}.json", json.dumps(record, indent=1).encode())


def kept(folder):
    """The records of all sessions on a run, oldest first; what cannot be read, or has no verdict yet, is left out."""
    found = []
    for path in sorted((Path(folder) / "judging").glob("[!.]*.json")):  # without those that are just being written
        try:
            record = json.loads(path.read_text())
        except (OSError, ValueError):  # of another program, or removed just now
            continue
        if _is_record(record):
            found.append(record)
    return found


def _is_record(record):
    return (isinstance(record, dict) and type(record.get("step")) is int and record.get("shown_ms", -1) in SHOWN
            and isinstance(record.get("verdicts"), list) and len(record["verdicts"]) > 0
            and all(isinstance(each, dict) and each.get(key) in (REAL, GENERATED)
                    for each in record["verdicts"] for key in ("truth", "verdict")))


def _duration(seconds):
    """Seconds as the browser told them, rounded to milliseconds; None for what can be none."""
    real = isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and math.isfinite(seconds)
    return round(float(seconds), 3) if real and seconds >= 0 else None


@contextlib.contextmanager
def _kept_in(folder):
    """Turns a failure to write into a sentence."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"Nothing could be kept in {folder} ({error.strerror or error}); make room on the disk and go "
                         "on.") from error
