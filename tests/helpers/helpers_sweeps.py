"""What the tests of sweeps share: sweeps whose runs are simulated, each a curve of its settings; nothing is trained."""

import contextlib
import math
import time

from gan_core.config.spec import make_spec
from gan_core.data import described
from gan_core.models import cards
from gan_core.store.run import DIVERGED, FINISHED, QUEUED, RUNNING, STOPPED, STOPPING
from gan_core.sweeps import driving
from gan_core.sweeps.plan import Wanted

GOOD = 1e-3  # the generator's rate at which it is best
VARY = ["generator_rate=1e-5..1e-1"]


def begin(store, vary=VARY, architecture="gan", data="ring", values=None, **wanted):
    card = cards.card(architecture)
    spec = make_spec(card, data, described(data).spec(None), values, backend="tensorflow")
    return driving.begin(store, card, spec, vary, Wanted.parse({"minutes": 20, "seeds": 2} | wanted))


class World:
    """Plays the queue and the workers of a store: each turn waiting runs begin, and those that work go on by a share of
    their time.

    ``distance(knobs, share, seed)`` is what a run measures; None diverges.
    """

    def __init__(self, store, distance=None, shares=(0.0, 0.25, 0.5, 0.75, 1.0), parallel=1):
        self.store, self.shares, self.parallel = store, shares, parallel
        self.distance, self.places, self.begun = distance or usual, {}, []

    def turn(self):
        working = self.store.list([RUNNING, STOPPING])
        waiting = sorted(self.store.list([QUEUED]), key=lambda run: (run.queued, run.id))
        for run in waiting[:self.parallel - len(working)]:
            if self.store.claim(run.id, parallel=self.parallel, handle={"launcher": "none"}):
                self.begun.append(run.id)
        for run in self.store.list([RUNNING, STOPPING]):
            self._go_on(run)

    def _go_on(self, run):
        train = 60 * run.settings["minutes"]
        place = self.places.get(run.id, 0)
        if run.status == STOPPING:
            return self._end(run, STOPPED, self.shares[place - 1] * train)
        share = self.shares[place]
        value = self.distance(run.knobs, share, run.settings["seed"])
        if value is None:
            return self._end(run, DIVERGED, share * train)
        at, step = 1e9 + share * train, 1 + int(1000 * share)
        # A row of the losses every five seconds, so that nothing looks like a pause.
        before = self.shares[place - 1] * train if place else 0.0
        losses = [(1 + int(1000 * t / train), "g_loss", 1.0, 1e9 + t) for t in _every(before, share * train)]
        self.store.add_rows(run.id, [*losses, (step, "kernel", value, at)])
        self.places[run.id] = place + 1
        self.store.update(run.id, step=step, heartbeat=time.time(), seconds=share * train,
                          facts=run.facts | {"main_curve": "g_loss"})
        if place + 1 == len(self.shares):
            self._end(run, FINISHED, share * train)

    def _end(self, run, status, seconds):
        now = self.store.get(run.id)
        self.store.move(run.id, status, only_from=(RUNNING, STOPPING), ended=now.started + seconds + 12.0, seconds=seconds,
                        handle={})


def _every(first, last, each=5.0):
    return [first + i * each for i in range(int((last - first) / each) + 1)] + [last]


def usual(knobs, share, seed):
    """Nearer the good rate is better, sooner worse; seeds differ a little."""
    off = abs(math.log10(knobs["generator_rate"] / GOOD))
    return (0.02 + 0.1 * off) * (2 - share) * (1 + 0.02 * ((seed * 7919) % 5 - 2))


def through(store, sweep, world, most=3000, driver=None):
    """Play until the sweep has ended.  Returns the last :class:`driving.Known`."""
    driver = driver or driving.Driver(store, sweep.id, tend=lambda store: None)
    for _ in range(most):
        now = driver.look()
        if now.sweep.ended:
            return now
        with contextlib.suppress(StopIteration):
            world.turn()
    raise AssertionError("it does not come to its end")
