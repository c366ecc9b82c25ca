"""Verbs that train: train, resume, fork, stop, bench, and those with which jobs start processes."""

import contextlib
import signal
import sys

from gan_core.cli.terminal import (add_domains, add_import_choices, add_pairs, bars, one_line, pairs, print_json, spec_of,
                                   tell,
                                   whole)
from gan_core.errors import BadInput
from gan_core.launch.loading import loading_keras
from gan_core.store import DIVERGED, FAILED, LOST, QUEUED, open_store, weights, workspace_path
from gan_core.tasks import checkpoints
from gan_core.tasks.checkpoints import LAST


def add_to(verb):
    parser = verb("train", train, "Train in the foreground; the last line printed is the run's id.")
    parser.add_argument("architecture", metavar="ARCH")
    parser.add_argument("--data", required=True, metavar="NAME",
                        help="a dataset, a folder or a zip of images, of pairs, of music or of sound, a .csv, .parquet, "
                             ".mid, .wav or .txt file")
    parser.add_argument("--size", type=whole, metavar="N", help="image side in pixels")
    add_import_choices(parser)
    add_pairs(parser)
    add_domains(parser)
    parser.add_argument("--steps", metavar="N")
    parser.add_argument("--seed", metavar="S")
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", dest="knobs")
    parser.add_argument("--name", default="", metavar="TEXT")
    parser.add_argument("--deterministic", action="store_true", help="bit for bit the same each time, slower")

    parser = verb("resume", resume, "Go on with an ended run, in the foreground.", run=True)
    parser.add_argument("--steps", metavar="N", help="steps in all")
    parser.add_argument("--other-data", action="store_true", help="go on even if its data are not what they were")
    parser = verb("fork", fork, "Train a new run that goes on from a checkpoint of another, with some settings changed.",
                  run=True)
    parser.add_argument("--from", default=LAST, metavar="WHICH", dest="origin",
                        help='the checkpoint: its step, "last" (the usual one) or "best"; what comes after it stays behind')
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", dest="knobs")
    parser.add_argument("--steps", metavar="N", help="steps in all")
    parser.add_argument("--seed", metavar="S", help="another order of the data, and other chance, from there on")
    parser.add_argument("--name", default="", metavar="TEXT")
    parser.add_argument("--deterministic", action="store_true", help="bit for bit the same each time, slower")
    parser.add_argument("--other-data", action="store_true", help="go on even if its data are not what they were")
    verb("stop", stop, "Stop a run; it saves a checkpoint first.", run=True)

    parser = verb("bench", bench, "Measure training speed, bare and with recording.", json=True)
    parser.add_argument("architecture", metavar="ARCH")
    parser.add_argument("--data", required=True, metavar="NAME")
    parser.add_argument("--size", type=whole, metavar="N")
    add_import_choices(parser)
    add_pairs(parser)
    add_domains(parser)
    parser.add_argument("--batch-size", type=whole, metavar="B")
    parser.add_argument("--steps", type=whole, default=40, metavar="N")
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", dest="knobs")

    # What jobs start; not for people.
    parser = verb("work", work, run=True)
    parser.add_argument("--attempt", type=whole, required=True)
    verb("dispatch", dispatch)


def train(args):
    from gan_core.launch import queue
    from gan_core.store.run import new_run

    store = open_store(args.workspace)
    spec = spec_of(args, store.workspace, _values(args), name=args.name)
    run = store.create(new_run(spec.as_dict(), spec.name, handle=queue.ownership(), foreground=True))
    return _foreground(store, run)


def _values(args):
    """The knobs and settings that were given, as texts."""
    run_settings = {name: value for name, value in (("steps", args.steps), ("seed", args.seed)) if value is not None}
    return pairs(args.knobs) | run_settings | ({"deterministic": True} if args.deterministic else {})


def resume(args):
    from gan_core.launch import queue

    store = open_store(args.workspace)
    queue.reap(store)
    run = queue.resume(store, args.run, steps=args.steps, foreground=True, other_data=args.other_data)
    tell(weights.passed_over(store, run.id))
    return _foreground(store, run)


def fork(args):
    from gan_core.launch import forks, queue

    store = open_store(args.workspace)
    queue.reap(store)
    parent = store.get(args.run)
    step, _ = checkpoints.resolve(store, parent, args.origin)
    planned = forks.plan(store, parent, step, _values(args), name=args.name)
    with loading_keras(planned.spec.backend):
        from gan_core import engine
        from gan_core.launch import warm_start
    engine.configure(planned.spec.settings.deterministic)  # before the first operation
    warm_start.check(planned.spec, planned.changed)
    return _foreground(store, forks.begin(store, planned, foreground=True, other_data=args.other_data))


def _foreground(store, run):
    from tqdm import tqdm

    from gan_core.launch import dispatcher, queue
    from gan_core.launch.worker import work

    def waits(active):
        ahead = active or [other for other in store.list([QUEUED]) if other.queued < run.queued]
        print(f"Waiting for {', '.join(other.id for other in ahead) or 'another run'} to end.", file=sys.stderr)
        dispatcher.tend(store)  # what it waits for may itself wait, since the machine went down, for nobody

    with _abandoning(store, run):
        attempt = queue.wait_for_turn(store, run.id, waits)
        with loading_keras(run.spec["backend"]):  # a run goes on with the one it began with
            from gan_core.training import loop  # noqa: F401  the import is what is quiet
    with tqdm(total=run.steps, initial=run.step, unit="step", file=bars(), dynamic_ncols=True) as bar:
        def on_row(step, values):
            bar.update(step - bar.n)
            losses = {k: f"{v:.3f}" for k, v in values.items() if k.endswith("_loss") or k == "critic_estimate"}
            bar.set_postfix(losses, refresh=False)

        ended = work(store, run.id, attempt, queue.ownership(), on_row=on_row,
                     echo=(lambda line: bar.write(one_line(line), file=bars())) if sys.stderr.isatty() else None)
    if ended.message:
        print(ended.message, file=sys.stderr)
    print(ended.id)
    return 1 if ended.status in (DIVERGED, FAILED, LOST) else 0


@contextlib.contextmanager
def _abandoning(store, run):
    """A run whose foreground process is interrupted before it works is stopped, not lost."""
    from gan_core.launch import signals

    try:
        with signals.heard(signal.default_int_handler):
            yield
    except KeyboardInterrupt:
        from gan_core.launch import queue

        queue.stop(store, run.id)
        raise


def stop(args):
    from gan_core.launch import queue

    store = open_store(args.workspace)
    queue.reap(store)
    run = queue.stop(store, args.run, wait=120)
    print(f"{run.id} is {run.status} at step {run.step:,}.")


def bench(args):
    if not 5 <= args.steps <= 100_000:
        raise BadInput("--steps must lie between 5 and 100000.")
    values = pairs(args.knobs) | ({"batch_size": args.batch_size} if args.batch_size is not None else {})
    spec = spec_of(args, workspace_path(args.workspace), values | {"steps": args.steps})
    with loading_keras():
        from gan_core.launch import benchmark
    figures = benchmark.run(spec, workspace_path(args.workspace))
    if args.json:
        return print_json(figures)
    for name, value in figures.items():
        print(f"{name:<28} {value}")


def work(args):
    from gan_core.launch import launchers
    from gan_core.launch.worker import work

    ended = work(open_store(args.workspace), args.run, args.attempt, launchers.own_handle())
    return 1 if ended.status in (DIVERGED, FAILED, LOST) else 0


def dispatch(args):
    from gan_core.launch import dispatcher
    from gan_core.tasks import unasked

    dispatcher.dispatch(workspace_path(args.workspace), unasked.score_ended)
