"""What a budget of minutes buys: how long each run trains, how many are tried, and when all is done."""

import dataclasses
import math
from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.errors import BadInput
from gan_core.launch.eta import STARTUP

BEST, TIME = "best", "time"
LEARNING, CHANCE = "learning", "chance"
FINALISTS = 3  # that meet the defaults on fresh seeds
FEWEST, MOST = 3, 60  # trials that are planned, the defaults included
SHORTEST = 20.0  # seconds of training in which something can be told of settings


@dataclass(frozen=True, kw_only=True)
class Wanted(knobs.Config):
    """What a person says of a sweep beside what is searched."""

    minutes: float = knob(30.0, low=0.1, high=100_000.0, log=True, tiny=1.0, group="Sweep", label="Minutes in all",
                          help="Budget of the whole sweep. Longer ones try more settings, and train each for longer.")
    seeds: int = knob(3, low=1, high=10, tiny=1, group="Sweep",
                      help="The best third is tried with so many, and at the end the best meet the defaults on as many "
                           "fresh ones: with one, nobody knows how much a difference means.")
    parallel: int = knob(1, low=1, high=64, group="Sweep", label="Runs at the same time",
                         help="No more than the queue runs at once.")
    each: float = knob(0.0, low=0.0, high=10_000.0, group="Sweep", label="Minutes a run",
                       help="How long each run trains, all alike. 0: chosen so that the budget suffices.")
    by: str = knob(BEST, choices=(BEST, TIME), group="Sweep", label="What is better",
                   help="best: the best live score that a run has had. time: that, and how soon it came; nothing is given "
                        "up early then.")
    search: str = knob(LEARNING, choices=(LEARNING, CHANCE), group="Sweep", label="How settings are proposed",
                       help="learning: from what was tried, what is hopeless is given up, the best third gets more seeds. "
                            "chance: random search, which does none of this, to compare with.")


@dataclass(frozen=True)
class Plan:
    """``total`` seconds of machine time, of which ``parallel`` pass at once; each run trains for ``train`` of them."""

    total: float
    train: float
    seeds: int
    parallel: int
    by: str = BEST
    search: str = LEARNING
    overhead: float = dataclasses.field(default_factory=lambda: STARTUP)  # seconds of a run in which it does not train
    trials: int = FEWEST  # that the budget is thought to buy where nothing is given up

    @property
    def cost(self):
        """Seconds that a run takes that is not given up."""
        return self.train + self.overhead

    def reserve(self, trials):
        """Seconds to be kept for what follows when so many trials have been explored."""
        return (self.runs(trials) - trials) * self.cost

    def runs(self, trials):
        """How many runs so many trials lead to where nothing is given up."""
        repeats = (self.seeds - 1) * math.ceil(trials / 3) if self.search == LEARNING else 0
        return trials + repeats + self.finals

    @property
    def finals(self):
        return (FINALISTS + 1) * self.seeds

    @property
    def seconds(self):
        """From the first run to the last, where nothing else is in the queue."""
        return self.total / self.parallel


def plan(wanted):
    """The :class:`Plan` of a :class:`Wanted`.

    Raises:
        BadInput: for a budget in which no sweep can be done.
    """
    total = 60.0 * wanted.minutes * wanted.parallel
    made = Plan(total, 60 * wanted.each, wanted.seeds, wanted.parallel, wanted.by, wanted.search)
    if wanted.each:
        trials = max((n for n in range(MOST + 1) if n * made.cost + made.reserve(n) <= total), default=0)
        if trials < FEWEST:
            raise BadInput(_too_short(wanted, made))
        return dataclasses.replace(made, trials=trials)
    for trials in range(min(MOST, max(6, round(2 * math.sqrt(wanted.minutes * wanted.parallel)))), FEWEST - 1, -1):
        train = total / made.runs(trials) - STARTUP
        if train >= SHORTEST:
            return dataclasses.replace(made, trials=trials, train=train)
    raise BadInput(_too_short(wanted, dataclasses.replace(made, train=SHORTEST)))


def _too_short(wanted, made):
    runs, budget = made.runs(FEWEST), f"{wanted.minutes:g} {'minute' if wanted.minutes == 1 else 'minutes'}"
    least = math.ceil(10 * runs * made.cost / 60 / wanted.parallel) / 10
    if wanted.minutes * 60 < made.cost:
        said = (f"A budget of {budget} is shorter than one run, which trains for {made.train:.0f} s and takes "
                f"{STARTUP:.0f} s to begin")
    else:
        said = (f"A budget of {budget} is too short for a sweep: it has {runs} runs at least, which train for "
                f"{made.train:.0f} s each and take {STARTUP:.0f} s to begin")
    ways = ["fewer seeds"] * (wanted.seeds > 1) + ["shorter runs"] * bool(wanted.each)
    return f"{said}; give it {least:g} minutes or more{', or ' if ways else ''}{' or '.join(ways)}."
