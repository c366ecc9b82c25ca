"""Verbs of searches for good settings: sweep, sweeps, presets."""

import sys
import time

from gan_core.cli.terminal import (add_domains, add_import_choices, add_pairs, one_line, pairs, print_json, progress,
                                   spec_of, whole)
from gan_core.errors import BadInput
from gan_core.store import FAILED, RUNNING, open_store


def add_to(verb):
    parser = verb("sweep", sweep, "Look for good settings within a budget of time, in the foreground.", json=True)
    parser.add_argument("architecture", metavar="ARCH", nargs="?")
    parser.add_argument("--data", metavar="NAME")
    parser.add_argument("--size", type=whole, metavar="N", help="image side in pixels")
    add_import_choices(parser)
    add_pairs(parser)
    add_domains(parser)
    parser.add_argument("--vary", action="append", nargs="+", default=[], metavar="KNOB[=LOW..HIGH]",
                        help="knobs to vary, in their own ranges or in these, or KNOB=A,B,C")
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", dest="knobs",
                        help="of the defaults, for all runs")
    parser.add_argument("--minutes", metavar="M", help="budget of the whole sweep")
    parser.add_argument("--seeds", metavar="K", help="of the best third, and fresh ones at the end (3)")
    parser.add_argument("--parallel", metavar="P", help="runs at the same time (1)")
    parser.add_argument("--each", metavar="M", help="minutes that each run trains; by default what the budget allows")
    parser.add_argument("--by", metavar="best|time", help="best: the best live score; time: that, and how soon it comes")
    parser.add_argument("--search", metavar="learning|chance", help="chance: random search, to compare with")
    parser.add_argument("--seed", metavar="S", help="the first seed")
    parser.add_argument("--steps", metavar="N", help="of a run, though it has time left")
    parser.add_argument("--name", default="", metavar="TEXT")
    parser.add_argument("--go-on", metavar="SWEEP", help="with one that was stopped or killed")

    parser = verb("sweeps", sweeps, "List sweeps, or tell what one has found.", json=True)
    parser.add_argument("sweep", metavar="SWEEP", nargs="?", help="a sweep's id, or its first letters")

    parser = verb("presets", presets, "List the presets that are kept in the workspace.", json=True)
    parser.add_argument("--keep", metavar="SWEEP", help="make one of what a sweep has found")
    parser.add_argument("--name", default="", metavar="TEXT", help="of the one that is made")
    parser.add_argument("--forget", metavar="KEY")


def sweep(args):
    from gan_core.sweeps import driving

    store = open_store(args.workspace)
    if args.go_on:
        if args.architecture or args.vary or args.minutes:
            raise BadInput("--go-on takes a sweep as it was begun; leave the rest out.")
        return _work(args, store, store.sweeps.get(args.go_on))
    begun = _begun(args, store)
    print(one_line(driving.finishing(store, driving.known(store, begun.id).plan)), file=sys.stderr)
    return _work(args, store, begun)


def _begun(args, store):
    from gan_core.models import cards
    from gan_core.sweeps import driving
    from gan_core.sweeps.plan import Wanted

    missing = [name for name, given in (("ARCH", args.architecture), ("--data", args.data), ("--vary", args.vary),
                                        ("--minutes", args.minutes)) if not given]
    if missing:
        raise BadInput(f"A sweep needs {', '.join(missing)}; see `python -m gan_core sweep --help`.")
    wanted = Wanted.parse({name: given for name in ("minutes", "seeds", "parallel", "each", "by", "search")
                           if (given := getattr(args, name)) is not None})
    fixed = pairs(args.knobs)
    given = {name: value for name, value in (("steps", args.steps), ("seed", args.seed)) if value is not None}
    spec = spec_of(args, store.workspace, fixed | given, name=args.name)
    texts = [text for several in args.vary for text in several]
    return driving.begin(store, cards.card(args.architecture, store.workspace / "cache"), spec, texts, wanted,
                         steps=spec.settings.steps if "steps" in fixed | given else None)


def _work(args, store, begun):
    """As a task, so that it is in the list of what is being done and can be stopped from anywhere."""
    from gan_core.launch import queue
    from gan_core.sweeps import driving, told
    from gan_core.tasks import background, process
    from gan_core.tasks.registry import task

    background.reap(store)
    now = time.time()
    record = background.asked(store, task("sweep"), None, {"sweep": begun.id}, status=RUNNING, started=now, heartbeat=now,
                              handle=queue.ownership())
    if store.tasks.create(record) is None:
        raise BadInput(f"{begun.id} is being worked on already; `python -m gan_core tasks` shows how far it is.")
    with progress() as bar:
        ended = process.work(store, record.id, on_progress=bar.told)
    known = driving.known(store, begun.id)
    if args.json:
        print_json(told.as_dict(known))
    else:
        _print(known)
    if not known.sweep.ended:
        print(one_line(ended.message or f"Stopped; `python -m gan_core sweep --go-on {begun.id}` goes on with it."),
              file=sys.stderr)
    return 1 if ended.status == FAILED else 0


def _print(known):
    from gan_core.sweeps import told

    for line in told.as_text(known):
        print(line)


def sweeps(args):
    from gan_core.sweeps import driving, told

    store = open_store(args.workspace)
    if args.sweep:
        known = driving.known(store, args.sweep)
        return print_json(told.as_dict(known)) if args.json else _print(known)
    known, damaged = [], []
    for one in store.sweeps.list():
        try:
            known.append(driving.Known(one, store.sweeps.runs(one.id)))
        except BadInput as error:
            damaged.append(error)
    if args.json:
        return print_json([told.as_dict(one) for one in known])
    for one in known:
        state = "ended" if one.sweep.ended else f"{100 * one.share:.0f} %"
        print(f"{one.sweep.id:<28} {state:<6} {len(one.trials):>3} trials  {one_line(one.sweep.name)}: "
              f"{', '.join(axis.name for axis in one.space.axes)}; {told.last_round(one).outcome}")
    for error in damaged:
        print(one_line(error), file=sys.stderr)


def presets(args):
    from gan_core.store import presets as kept
    from gan_core.sweeps import driving, keeping, told

    store = open_store(args.workspace)
    if args.forget:
        kept.forget(store.workspace, args.forget)
    if args.keep:
        print(keeping.keep_as_preset(store, driving.known(store, args.keep), args.name))
        return
    found = kept.kept(store.workspace)
    if args.json:
        return print_json(found)
    for one in found:
        print(f"{one['key']}  {one_line(one['title']):<40} {one['architecture']:<12} {one['kind']:<10} "
              f"{one_line(told.in_words(one['values']))}")
