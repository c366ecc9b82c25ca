"""One judge's session: trials in an order that gives nothing away, and the verdicts on them."""

import secrets
import time
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from gan_core.errors import BadInput
from gan_core.evaluation.human.trials import GENERATED, REAL, SHOWN

LONGEST = 86_400  # seconds that a judge may look
MOST = 100  # images of a run in one session: as many as HYPE shows of a model


class Trial(NamedTuple):
    """One image: of which run, whether ``truth`` is real or generated, and its place in the run's pool."""

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


def begin(pools, per_run, *, shown_ms=None, feedback=False, seed=None):
    """A new :class:`Session`.

    Args:
        pools: ``{run id: Pool}``; the images of all are mixed.
        per_run: images of each run, half of them real and half generated: even, 2 to 100.  No image comes twice as long as
            there are others, for one that does is real.
        shown_ms: one of :data:`SHOWN`.
        feedback: whether the judge is told at once what was right, which is kept with the verdicts: judges learn by it.
        seed: of the choice and the order; None takes a new one.

    Raises:
        BadInput: for no runs, or numbers that cannot be had.
    """
    if not pools:
        raise BadInput("Choose a run to judge.")
    if per_run % 2 or not 2 <= per_run <= MOST:
        raise BadInput(f"Each run needs an even number of images from 2 to {MOST}, not {per_run}.")
    if shown_ms not in SHOWN:
        raise BadInput(f"Images are shown for {', '.join(map(str, SHOWN[1:]))} ms or without a limit, not {shown_ms}.")
    for run, held in pools.items():
        if (most := min(len(held.real), len(held.generated))) < per_run // 2:
            raise BadInput(f"There are only {most} images of a kind for the run {run}; choose at most {2 * most} a run.")
    seed = secrets.randbits(32) if seed is None else seed
    rng = np.random.default_rng(seed)
    trials, seen = [], set()
    for run, held in pools.items():
        for truth in (REAL, GENERATED):
            images = getattr(held, truth)
            order = sorted(rng.permutation(len(images)).tolist(), key=lambda index: images[index].tobytes() in seen)
            trials += [Trial(run, truth, index) for index in order[:per_run // 2]]
            seen |= {images[index].tobytes() for index in order[:per_run // 2]}
    trials = [trials[place] for place in rng.permutation(len(trials))]
    images = [getattr(pools[trial.run], trial.truth)[trial.index] for trial in trials]
    now = time.time()
    stamp = time.strftime("%y%m%d-%H%M%S", time.localtime(now))
    return Session(f"{stamp}-{secrets.token_hex(3)}", now, seed, shown_ms, feedback,
                   {run: held.step for run, held in pools.items()}, trials, images)


def _duration(seconds):
    """Seconds as the browser told them, rounded to milliseconds; None for what can be none."""
    real = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    return round(float(seconds), 3) if real and 0 <= seconds <= LONGEST else None
