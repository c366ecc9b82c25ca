"""Verbs of what can be done with a trained model: tasks, do, end; and the process that does one."""

import dataclasses
import sys
import time
from pathlib import Path

from gan_core.cli.terminal import check_folder, pairs, print_json, progress, tell, written_to
from gan_core.errors import BadInput
from gan_core.launch.loading import loading_keras
from gan_core.store import FAILED, RUNNING, open_store, weights
from gan_core.tasks.checkpoints import BEST, LAST
from gan_core.whole_files import write_whole

RECENT = 10  # pieces of work that are listed


def add_to(verb):
    parser = verb("tasks", tasks, "List what can be done with a trained model, and what is being done.", json=True)
    parser.add_argument("--work", action="store_true", help="only the work: what waits, is being done and was done")

    parser = verb("do", do, "Do a task in the foreground.", json=True)
    parser.add_argument("task", metavar="TASK", help="see `tasks`")
    parser.add_argument("run", metavar="RUN", nargs="?", help="a run's id, or its first letters")
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", dest="knobs")
    parser.add_argument("--checkpoint", default="last", metavar="best|last|STEP")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write the files that it makes there")

    parser = verb("end", end, "End a task that waits or is being done; what it has kept stays.")
    parser.add_argument("id", metavar="ID", help="of the work, see `tasks`")

    parser = verb("task", task)  # what is started in the background; not for people
    parser.add_argument("id")


def tasks(args):
    from gan_core.tasks import registry

    known = [{"name": known_task.name, "title": known_task.title, "interactive": known_task.interactive,
              "knobs": [knob.as_dict() for knob in known_task.Config.knobs()]} for known_task in registry.tasks().values()]
    if args.work:
        return _print_work(args)
    if args.json:
        return print_json(known)
    for known_task in known:
        print(f"{known_task['name']:<14} {known_task['title']:<30} "
              f"{', '.join(knob['name'] for knob in known_task['knobs'])}")
    for sentence in registry.broken().values():
        print(sentence, file=sys.stderr)
    print()
    return _print_work(args)


def _print_work(args):
    from gan_core.tasks import background

    store = open_store(args.workspace)
    background.reap(store)
    work = store.tasks.list()
    if args.json:
        return print_json([dataclasses.asdict(record) for record in work])
    for record in work[:None if args.work else RECENT]:
        words = background.in_words(store, record) if record.open else record.words
        print(f"{record.id:<34} {record.status:<9} {100 * record.share:>3.0f} %  {record.run:<20} "
              f"{record.message or words}".rstrip())


def do(args):
    from gan_core.tasks import background, registry

    if args.out:
        check_folder(args.out)
    the_task, store = registry.task(args.task), open_store(args.workspace)
    run = store.get(args.run) if args.run else None
    record = background.asked(store, the_task, run, pairs(args.knobs), args.checkpoint, **_running())
    if run and args.checkpoint in (BEST, LAST):
        tell(weights.passed_over(store, run.id))
    with loading_keras(background.backend(store, record)):
        import keras  # noqa: F401  the import is what is quiet
    if the_task.interactive:
        return _answer(args, store, the_task, run, record)
    return _work(args, store, record)


def _running():
    from gan_core.launch import queue

    now = time.time()
    return {"status": RUNNING, "started": now, "heartbeat": now, "handle": queue.ownership()}


def _answer(args, store, the_task, run, record):
    """Somebody waits: it is done here, and not written down."""
    from gan_core.tasks.base import Context

    with progress(delay=1) as bar:
        result = the_task.run(Context(store, run, args.checkpoint), the_task.Config.parse(record.config), bar.told,
                              lambda: False)
    for name, content in result.files.items():
        if args.out:
            with written_to(args.out / name):
                write_whole(args.out / name, content)
    if args.json:
        return print_json(_plain(result.values))
    print(result.words)
    for name, value in result.values.items():
        print(f"{name:<24} {value}")


def _work(args, store, record):
    """Long work is in the list like that of others, and can be stopped from anywhere."""
    from gan_core.tasks import process

    if store.tasks.create(record) is None:
        raise BadInput("The same is being done already; `python -m gan_core tasks` shows how far it is.")
    with progress() as bar:
        ended = process.work(store, record.id, on_progress=bar.told)
    if args.json:
        print_json(ended.result)
    print(ended.message or ended.words, file=sys.stderr)
    return 1 if ended.status == FAILED else 0


def _plain(value):
    """For JSON: of an object, its fields."""
    if dataclasses.is_dataclass(value):
        return _plain(vars(value))
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def end(args):
    from gan_core.tasks import background

    store = open_store(args.workspace)
    background.reap(store)
    record = background.stop(store, args.id)
    print(f"{record.id} is {record.status}.")


def task(args):
    from gan_core.tasks import process

    return process.main(open_store(args.workspace), args.id)
