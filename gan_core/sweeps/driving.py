"""A sweep at work: what ended is written down, what is hopeless is stopped, what may begin is begun.

Whoever calls :func:`look` goes on with a sweep from its records, whatever became of who did so before; of several at once,
each run is begun by one.  The runs are ordinary ones, with the tags :data:`TAG` and the sweep's id.
"""

import contextlib
import dataclasses
import math
import time

import numpy as np

from gan_core.compare.curves import places
from gan_core.config.spec import RunSpec
from gan_core.errors import BadInput, RunFailed, Stopped
from gan_core.launch import dispatcher, launchers, queue
from gan_core.launch.eta import in_words
from gan_core.modalities.base import headline_of
from gan_core.store import records
from gan_core.store.curves import Series
from gan_core.store.run import ACTIVE, ENDED, FINISHED, LOST, QUEUED, new_run
from gan_core.store.sweep_records import SweepRun
from gan_core.sweeps import propose, pruning, race
from gan_core.sweeps.plan import BEST, CHANCE, LEARNING, Plan, plan
from gan_core.sweeps.space import Axis, Space, parse

TAG = "sweep"
STEPS = 100_000  # of a run whose end is a matter of time
POLL = 1.0  # seconds
ATTEMPTS = 3  # of a run that ends without a word, until it counts as one that cannot be done
OVER = 1.25  # times what a run may train, until it is stopped: one that was resumed has a clock of its own
SLACK = 1.05  # the same of what is measured
POINTS = 200  # of a curve that are kept
DELETED = "deleted"
NEAR = 1.1  # times the best: from there on a run was nearly there


def begin(store, card, spec, vary, wanted, *, steps=None):
    """Keep a new sweep, of which nothing is begun yet.  Returns its :class:`gan_core.store.sweep_records.Sweep`.

    Args:
        card: :class:`gan_core.models.card.Card` of the architecture.
        spec: :class:`gan_core.config.spec.RunSpec` of the defaults: what does not vary, and where what does begins.
        vary: texts, see :func:`gan_core.sweeps.space.parse`.
        wanted: :class:`gan_core.sweeps.plan.Wanted`.
        steps: after which a run ends though it has time left.

    Raises:
        BadInput: for what cannot be searched, or not in that time, or not so many runs at once; where Optuna is missing, or
            ``$GAN_LAUNCHER`` names no launcher.
    """
    propose.check()
    space = parse(vary, card.knobs, spec.knobs, spec.kind)
    planned = plan(wanted)
    if wanted.parallel > (room := queue.parallel(store)):
        raise BadInput(f"{wanted.parallel} runs at the same time have no room: the queue runs {room}; raise that on the "
                       "Runs page or by GAN_PARALLEL, or ask for fewer.", {"parallel": f"At most {room}."})
    if not spec.settings.probe_seconds:
        raise BadInput("A sweep goes by live scores, and probe_seconds=0 measures none; give it another value.")
    launchers.chosen()
    usual = card.defaults(spec.kind)
    return store.sweeps.create(spec.name, {
        "spec": _timed(spec, planned, steps or STEPS).as_dict(), "axes": [axis.as_dict() for axis in space.axes],
        "set": {name: value for name, value in spec.knobs.items() if value != usual.get(name)},
        "wanted": wanted.as_dict(), "plan": dataclasses.asdict(planned)})


def _timed(spec, planned, steps):
    """Equal seconds for all."""
    return dataclasses.replace(spec, settings=dataclasses.replace(
        spec.settings, steps=steps, minutes=max(planned.train / 60, 1e-3), stop_patience=0))


def _is_plan(plan):
    """Whether what is kept of a plan can be computed with."""
    return (all(map(records.is_number, (plan.total, plan.train, plan.overhead)))
            and all(records.is_whole(count) and count > 0 for count in (plan.seeds, plan.parallel, plan.trials)))


def _is_result(result):
    """Whether what is kept of a run can be computed with."""
    curve = result.get("curve", [])
    points = isinstance(curve, list) and all(isinstance(point, list) and len(point) == 2 for point in curve)
    figures = [*(result.get(name) for name in ("value", "took", "seconds", "soon")), *(sum(curve, []) if points else ())]
    return (points and all(figure is None or type(figure) in (int, float) for figure in figures)
            and all(records.is_text(result.get(name) or "") for name in ("status", "message")))


class Known:
    """What the records of a sweep say.

    Args:
        sweep: :class:`gan_core.store.sweep_records.Sweep`.
        runs: its :class:`gan_core.store.sweep_records.SweepRun` s.

    Raises:
        BadInput: where the records are damaged, or of another version.
    """

    def __init__(self, sweep, runs):
        self.sweep, self.runs = sweep, runs
        try:
            self.spec = RunSpec.from_dict(sweep.config["spec"])
            self.plan = Plan(**sweep.config["plan"])
            self.changed = dict(sweep.config["set"])
            self.space = Space(tuple(map(Axis.from_dict, sweep.config["axes"])), self.spec.knobs, self.spec.kind)
            sound = _is_plan(self.plan) and all(_is_result(run.result) for run in runs)
        except (KeyError, TypeError, AttributeError, BadInput):  # the last speaks of a run that there is not
            sound = False
        if not sound:
            raise BadInput(f"What is kept of {sweep.id} is damaged or of another version; begin a new sweep.")
        self.headline = headline_of(self.spec.gives or self.spec.kind)
        self.trials = race.trials(runs, self.headline.better)

    @property
    def tried(self):
        """``[(params, losses or None)]`` of the trials of which something is known."""
        return [(trial.params, None if trial.loss is None else self._losses(trial)) for trial in self.trials.values()]

    def _losses(self, trial):
        if self.plan.by == BEST:
            return (trial.loss,)
        return trial.loss, trial.seconds if trial.known and trial.seconds is not None else math.inf

    @property
    def waiting(self):
        """Params that are being tried for the first time."""
        return [run.params for run in self.runs if not run.ended and run.stage == race.EXPLORE]

    @property
    def importance(self):
        """``{knob: share}`` of what matters; empty where that is not known yet."""
        shares = self.sweep.told.get("importance")
        shares = shares if isinstance(shares, dict) else {}
        return {name: share for name, share in shares.items() if records.is_number(share)}

    @property
    def spent(self):
        return race.spent(self.plan, self.runs)

    @property
    def share(self):
        """Of the work that is done, judged by the budget and by the runs that are to come at least; 1 at the end."""
        if self.sweep.ended:
            return 1.0
        done = sum(run.result.get("took", 0.0) for run in self.runs if run.ended)
        finals = sum(bool(run.ended) for run in self.runs if run.stage == race.FINAL)
        left = (self.plan.finals - finals) * race.as_measured(self.plan, self.runs).cost
        if self.stage != race.FINAL:
            left = max(left, self.plan.total - done)
        return min(done / max(done + left, 1e-9), 0.99)

    @property
    def stage(self):
        return self.runs[-1].stage if self.runs else race.EXPLORE

    def in_words(self):
        """What is being done."""
        trials = f"{len(self.trials)} sets of settings" if len(self.trials) != 1 else "the defaults"
        runs = f"{len(self.runs)} {'run' if len(self.runs) == 1 else 'runs'}"
        return f"{race.STAGES.get(self.stage, self.stage)}: {trials}, {runs} so far"

    def spec_of(self, params, seed):
        """The :class:`RunSpec` of a trial with a seed."""
        return dataclasses.replace(self.spec, knobs=self.spec.knobs | params,
                                   settings=dataclasses.replace(self.spec.settings, seed=seed))


def known(store, sweep_id):
    """The :class:`Known` of a sweep."""
    sweep = store.sweeps.get(sweep_id)
    return Known(sweep, store.sweeps.runs(sweep.id))


class Driver:
    """Goes on with one sweep.

    Args:
        store: :class:`gan_core.store.base.Store`.
        sweep_id: its id.
        tend: looks after the queue; called with the store.
    """

    def __init__(self, store, sweep_id, tend=dispatcher.tend):
        self._store, self._id, self._tend, self._series = store, sweep_id, tend, {}

    def look(self):
        """Do what is to be done now.  The :class:`Known` afterwards, whose sweep has ended when nothing is left.

        Raises:
            RunFailed: when runs end without a score to go by.
        """
        self._tend(self._store)
        now = known(self._store, self._id)
        if now.sweep.ended:
            return now
        ended = [run for run in now.runs if not run.ended and self._followed(now, run)]
        now = known(self._store, self._id)
        while isinstance(chosen := self._next(now), race.Begin):
            self._begin(now, chosen)
            now = known(self._store, self._id)
        if any(run.stage != race.FINAL for run in ended):
            self._store.sweeps.tell(self._id, {"importance": propose.importance(now.space, now.tried)})
        if chosen == race.DONE:
            self._store.sweeps.finish(self._id)
            return known(self._store, self._id)
        return now

    def _next(self, now):
        def values():
            if not now.runs:
                return now.space.at_base()
            seed = (1000 * now.spec.settings.seed + len(now.trials)) % 2**32
            return propose.ask(now.space, now.tried, now.waiting, seed, by_chance=now.plan.search == CHANCE)

        return race.following(now.plan, now.runs, now.headline.better, now.spec.settings.seed, values)

    def _begin(self, now, chosen):
        """Of two who choose at once, one begins the run of this number."""
        spec = now.spec_of(chosen.params, chosen.seed)
        name = "defaults" if chosen.trial == race.DEFAULT else f"trial {chosen.trial}"
        run = new_run(spec.as_dict(), f"{now.sweep.name[:50]} · {name}, seed {chosen.seed}", tags=(TAG, self._id))
        begun = SweepRun(self._id, len(now.runs), chosen.stage, chosen.trial, chosen.seed, chosen.params)
        if self._store.sweeps.begin(begun, run):
            self._tend(self._store)

    def _followed(self, now, begun):
        """Look at one run of the sweep.  Whether it has ended."""
        try:
            run = self._store.get(begun.run)
        except BadInput:
            self._store.sweeps.end(begun, {"status": DELETED, "message": "The run was deleted before it had ended."})
            return True
        if run.status == LOST and run.attempt < ATTEMPTS:
            with contextlib.suppress(BadInput):  # another was faster, or there is nothing to go on from
                queue.resume(self._store, run.id)
            run = self._store.get(run.id)
        curve, trained = self._curve(now, run)
        if run.status in ENDED:
            self._ended(now, begun, run, curve, trained)
            return True
        over = trained > OVER * now.plan.train
        if not begun.pruned and not over and self._may_be_pruned(now, begun):
            others = [other.result.get("curve", []) for other in now.runs if other.ended]
            why = pruning.hopeless(curve, others, now.plan.train, now.headline.title, now.headline.better)
            if why:
                self._store.sweeps.prune(begun, why)
                begun = dataclasses.replace(begun, pruned=why)
        if begun.pruned or over:
            with contextlib.suppress(BadInput):  # it has just ended
                queue.stop(self._store, run.id)
        return False

    @staticmethod
    def _may_be_pruned(now, begun):
        races = now.plan.by == BEST and now.plan.search == LEARNING
        return races and begun.stage == race.EXPLORE and begun.trial != race.DEFAULT

    def _ended(self, now, begun, run, curve, trained):
        best = pruning.best_so_far(curve, math.inf, now.headline.better)
        if best is None and run.status == FINISHED:
            raise RunFailed(f"The run {run.id} has no live {now.headline.title}, so that settings cannot be told apart; the "
                            "data may have too few samples to be measured.")
        took = max(run.ended - run.started, 0.0) if run.started else 0.0
        self._store.sweeps.end(begun, {
            "status": run.status, "value": best, "soon": _soon(curve, best, now.headline.better), "message": run.message,
            "seconds": trained, "took": took,
            "curve": _few(curve)})
        self._series.pop(run.id, None)

    def _curve(self, now, run):
        """``([[seconds of training, live score]], seconds)``: the curve within the time that all have, and how long it has
        trained.  What it takes to load and to build is none of it."""
        if run.status == QUEUED and not run.step:
            return [], 0.0
        series = self._series.setdefault(run.id, Series(self._store, run.id)).refresh()
        steps, values, _ = series.curve(now.headline.key)
        seconds = 60 * np.asarray(places(run, series, [*steps, run.step], "minutes"))
        seconds, trained = seconds[:-1], float(seconds[-1])
        good = np.isfinite(values) & (seconds <= SLACK * now.plan.train)
        return [[round(float(at), 2), float(value)] for at, value in zip(seconds[good], values[good])], trained


def _few(curve):
    """At most so many places of a curve, the last one among them."""
    return [curve[place] for place in sorted({round(i * (len(curve) - 1) / (POINTS - 1)) for i in range(POINTS)})] \
        if len(curve) > POINTS else curve


def _soon(curve, best, better):
    """Seconds until a run was nearly as good as at its best; None where nothing was measured."""
    if best is None:
        return None
    gap = (NEAR - 1) * abs(best)
    return next(at for at, value in curve if (value <= best + gap if better == "lower" else value >= best - gap))


def drive(store, sweep_id, progress, should_stop, tend=dispatcher.tend, poll=POLL):
    """Go on with a sweep until nothing is left to do.  Returns the last :class:`Known`.

    Raises:
        Stopped: when ``should_stop`` says so; runs that train come to their end by themselves, and are counted by whoever
            goes on.
        RunFailed: see :meth:`Driver.look`.
    """
    driver = Driver(store, sweep_id, tend)
    while True:
        now = driver.look()
        if now.sweep.ended:
            return now
        progress(now.share, now.in_words())
        deadline = time.monotonic() + poll
        while time.monotonic() < deadline:
            if should_stop():
                raise Stopped(f"The sweep {sweep_id} was stopped; `python -m gan_core sweep --go-on {sweep_id}` goes on "
                              "with it.")
            time.sleep(min(poll, 0.2))


def finishing(store, planned):
    """When a sweep is thought to end that begins now, a sentence."""
    at = time.strftime("%H:%M", time.localtime(time.time() + planned.seconds))
    others = len(store.list([QUEUED, *ACTIVE]))
    waits = f", once the {others} {'run' if others == 1 else 'runs'} before it {'has' if others == 1 else 'have'} ended" \
        if others else ""
    seeds = f"{planned.seeds} {'seed' if planned.seeds == 1 else 'seeds'}"
    return (f"About {planned.trials} sets of settings or more, each trained for {in_words(planned.train)}, the best third "
            f"with {seeds}, and the best three against the defaults: done by {at} ({in_words(planned.seconds)}){waits}.")
