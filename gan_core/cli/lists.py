"""Verbs that look something up: zoo, datasets, modalities, runs, show, metrics, views."""

import csv
import faulthandler
import io
import json
import sys
import traceback
from dataclasses import asdict
from pathlib import Path

from gan_core.cli.terminal import (add_import_choices, import_choices, one_line, print_json,
                                   tell, whole)
from gan_core.config.import_knobs import ImportKnobs
from gan_core.errors import BadInput, Broken, UserError
from gan_core.launch.loading import loading_keras
from gan_core.store import damage, lineage, open_store, saved_views, weights, workspace_path
from gan_core.store.addresses import catalogue_url
from gan_core.whole_files import write_whole

WRITTEN = 20_000  # rows of a run that are text at a time


def add_to(verb):
    parser = verb("zoo", zoo, "List the architectures.", json=True)
    parser.add_argument("architectures", metavar="ARCH", nargs="*", help="only these")
    parser = verb("datasets", datasets, "List the datasets, import files of your own, delete what is kept.", json=True)
    parser.add_argument("--size", type=whole, metavar="N", help="image side in pixels, of what is imported")
    add_import_choices(parser)
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--add", metavar="PATH", help="import a folder, a zip or a file, and keep it under the name printed")
    one.add_argument("--choices", action="store_true", help="tell what --import may choose")
    one.add_argument("--kept", action="store_true",
                     help="what the workspace keeps of data: sizes, runs that need it, uploads and classifiers, too")
    one.add_argument("--delete", metavar="NAME", help="delete what is kept under a name")
    parser.add_argument("--force", action="store_true", help="delete it even if runs that have ended need it")
    verb("modalities", modalities, "List the kinds of samples.", json=True)
    verb("runs", runs, "List the runs, newest first.", json=True)
    verb("show", show, "Show a run: status, step, settings.", json=True, run=True)
    parser = verb("metrics", metrics, "Print a run's curves: step, key, value, time.", run=True)
    parser.add_argument("--csv", action="store_true", help="comma-separated")
    parser = verb("views", views, "List the saved views of the Compare and Runs pages.", json=True)
    parser.add_argument("--delete", metavar="KEY", help="forget the view of a key")

    parser = verb("describe", describe)  # makes cards; not for people, but for who changes the zoo
    parser.add_argument("architecture", nargs="?")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--limit", type=float)
    parser.add_argument("--write", action="store_true")


def zoo(args):
    from gan_core.models import cards

    cache = workspace_path(args.workspace) / "cache"
    broken = {}
    if args.architectures:
        shown = [cards.card(name, cache) for name in args.architectures]
    else:
        known, broken, _ = cards.look(cache)
        shown = list(known.values())
    for sentence in broken.values():
        print(sentence, file=sys.stderr)
    if args.json:
        return print_json([card.as_dict() for card in shown])
    for card in shown:
        sizes = ", ".join(f"{name} {n:,}" for name, n in card.parameters.items())
        print(f"{card.name:<12} {card.title:<18} {' or '.join(card.data):<18} {sizes} ({card.example})")
        if card.paper:
            print(f"{'':<12} {card.paper}")


def describe(args):
    """Make a card, or with ``--write`` all that are shipped."""
    from gan_core.models import own_zoo

    if args.limit:  # an architecture's code may hang
        faulthandler.dump_traceback_later(args.limit, exit=True)
    try:
        if own := own_zoo.files()[0].get(args.architecture):
            own_zoo.load(own)  # before anything heavy: what fails here is known at once
        with loading_keras():
            from gan_core.models import describe
        if args.write:
            return print(f"{len(describe.write_shipped())} cards are written to {describe.SHIPPED}.")
        if not args.architecture:
            raise BadInput("Say what to describe: the name of an architecture, or --write.")
        text = json.dumps(describe.card(args.architecture).as_dict())
    except Broken as error:
        return _tell(error.__cause__)
    except UserError:
        raise
    except (Exception, SystemExit) as error:  # its code may also leave the process
        return _tell(error)
    write_whole(args.out, text.encode()) if args.out else print(text)


def _tell(error):
    """The whole story, and in its last line what the sentence about the file says."""
    from gan_core.models import own_zoo

    traceback.print_exception(error)
    print(own_zoo.in_words(error), file=sys.stderr)
    return 1


def datasets(args):
    from gan_core import data

    if args.kept or args.delete is not None:
        return _kept(args)
    workspace = workspace_path(args.workspace)
    if args.choices:
        return _print_choices(args.json)
    if args.add is not None:
        return _add(args, workspace)
    if args.import_choices or args.size:
        raise BadInput("--import and --size are for what is imported; say what by --add PATH.")
    infos = [info.as_dict() for info in data.catalogue(workspace)]
    if args.json:
        return print_json(infos)
    for info in infos:
        shape = " x ".join(map(str, info["shape"]))
        print(f"{info['name']:<16} {info['kind']:<8} {shape:<12} {info['classes']:>3} classes  "
              f"{'available' if info['available'] else 'not here: ' + info['note']}")
        if info["available"] and data.is_own(info["name"], workspace):
            print(f"{'':<16} {info['note']}")


def _print_choices(as_json):
    knobs = ImportKnobs.knobs()
    if as_json:
        return print_json([knob.as_dict() for knob in knobs])
    for knob in knobs:
        options = ", ".join(knob.choices) or "text"
        print(f"{knob.name:<10} {options}; {knob.default or 'nothing'} at first\n{'':<10} {knob.label}. {knob.help}")


def _add(args, workspace):
    from gan_core import data

    dataset = data.load(args.add, size=args.size, workspace=workspace, choices=import_choices(args))
    print(dataset.note, file=sys.stderr)
    if not args.json:
        return print(dataset.name)
    print_json(data.described(dataset.name, workspace).as_dict())


def _kept(args):
    from gan_core.store import kept_data

    store = open_store(args.workspace)
    if args.delete is not None:
        thing = kept_data.delete(store, args.delete, even_if_needed=args.force)
        return print(f"{thing.name} is deleted: {kept_data.in_words(thing.size)}.")
    kept_data.sweep(store)
    things = kept_data.kept(store)
    if args.json:
        return print_json([{"name": thing.name, "sort": thing.sort, "words": thing.words, "bytes": thing.size,
                            "runs": [run.id for run in thing.runs]} for thing in things])
    for thing in things:
        needed = f"  needed by {len(thing.runs):,} run{'s' * (len(thing.runs) != 1)}" if thing.runs else ""
        print(f"{thing.name:<32} {kept_data.in_words(thing.size):>12}  {thing.words}{needed}")


def modalities(args):
    from gan_core.modalities import base

    kinds = [{"name": kind.name, "title": kind.learned, "fields": list(kind.fields), "headline": kind.headline.key,
              "scores": sorted(kind.scores), "abilities": sorted(kind.abilities),
              "files": list(dict.fromkeys([kind.sheet_suffix, *kind.suffixes, *kind.one_way]))}
             for kind in base.modalities().values()]
    for sentence in base.broken():
        print(sentence, file=sys.stderr)
    if args.json:
        return print_json(kinds)
    for kind in kinds:
        print(f"{kind['name']:<8} {', '.join(kind['fields']):<14} ranked by {kind['headline']:<8} "
              f"{', '.join(kind['abilities'])}\n{'':<8} {', '.join(kind['scores'])}; {' '.join(kind['files'])}")


def _is_nowhere(path):
    """Whether a folder could be where there is none; what cannot be is told by whoever opens it."""
    try:
        path.stat()
    except (OSError, ValueError) as error:
        return isinstance(error, FileNotFoundError)
    return False


def runs(args):
    from gan_core.launch import queue

    if not catalogue_url() and _is_nowhere(place := workspace_path(args.workspace)):  # which looking must not make
        tell([f"There is no workspace {place} yet; the first `train` makes one."])
        return print_json([]) if args.json else None
    store = open_store(args.workspace)
    queue.reap(store)
    all_runs = store.list()
    tell(f"{run.id}: {run.message}" for run in all_runs if run.damaged)
    if args.json:
        return print_json([_as_dict(run) for run in all_runs])
    for run in all_runs:
        print(f"{run.id}  {run.status:<9} {run.step:>8,} / {run.steps:<8,}  {run.name}")


def show(args):
    from gan_core.launch import queue

    store = open_store(args.workspace)
    queue.reap(store)
    run = store.get(args.run)
    tell(damage.told(store, run.id))
    alarms, trouble = _alarms(store, run)
    forks = lineage.children(store.list(), run)
    if args.json:
        return print_json(_as_dict(run) | {"children": [_descent(child) | {"id": child.id} for child in forks],
                                           "alarms": [asdict(alarm) for alarm in alarms]})
    print(f"{one_line(run.name)}\n{run.id}  {run.status}  step {run.step:,} of {run.steps:,}  {run.seconds:.0f} s")
    if run.message:
        print(run.message)
    if trouble:
        print(trouble)
    print(f"folder      {store.where(run.id)}")
    if note := run.facts.get("data_note"):
        print(f"data        {note}")
    for parent, ancestor in lineage.ancestors(store, run):
        print(f"fork of     {parent.id} at step {parent.step:,}{'' if ancestor else ' (deleted)'}; changed: "
              f"{lineage.in_words(parent.changed)}")
    for child in forks:
        print(f"forked to   {child.id} at step {child.parent['step']:,}  {one_line(child.name)}")
    for name, value in (_as_dict(run)["config"]).items():
        print(f"{name:<24} {value}")
    for alarm in alarms:
        print(f"{alarm.title}. {alarm.why}\n    {alarm.advice}")
        if alarm.change:
            print(f"    {' '.join(f'--set {name}={value}' for name, value in alarm.change.items())}")
        if alarm.back is not None and (step := weights.nearest(store, run.id, alarm.back)) is not None:
            print(f"    python -m gan_core sample {run.id} --checkpoint {step} --out samples.png")
            print(f"    python -m gan_core fork {run.id} --from {step}")


def _alarms(store, run):
    """``(alarms, trouble)`` of a run: what is wrong with it, or why nothing can be said."""
    from gan_core.evaluation import alarms
    from gan_core.models import cards
    from gan_core.store.curves import Series

    try:
        run.read_spec(cards.names())
        knobs = cards.card(run.architecture, store.workspace / "cache").knobs
    except UserError as error:
        if not run.elsewhere:
            return [], str(error)
        knobs, trouble = (), str(error)
    else:
        trouble = ""
    return alarms.raised(run.for_rules, Series(store, run.id).refresh(), knobs), trouble


def _as_dict(run):
    """A run as JSON: the catalogue's fields, with the knobs and settings flat in ``config``."""
    values = asdict(run)
    spec = values.pop("spec")
    spec = spec if isinstance(spec, dict) else {}
    config = {"architecture": run.architecture, "data": run.data, "size": spec.get("size"), "backend": spec.get("backend"),
              **run.settings, **run.knobs}
    return values | {"config": config, "parent": _descent(run)}


def _descent(run):
    """From where a fork began; None of another run."""
    parent = lineage.parent_of(run)
    return parent and parent.as_dict()


def metrics(args):
    store = open_store(args.workspace)
    run = store.get(args.run)
    rows = store.rows(run.id)
    # Without --csv the same columns, tab-separated: still one row a line, and readable.
    separator = "," if args.csv else "\t"
    print("step", "key", "value", "time", sep=separator)
    keys = {key: _quoted(key, separator) for key in rows.coded()[0]}
    for begin in range(0, len(rows), WRITTEN):
        part = slice(begin, begin + WRITTEN)
        columns = (column[part].tolist() for column in (rows.step, rows.key, rows.value, rows.time))
        sys.stdout.write("".join([f"{step}{separator}{keys[key]}{separator}{value!r}{separator}{time:.3f}\n"
                                  for step, key, value, time in zip(*columns)]))


def _quoted(text, separator):
    """As a field of a line of CSV."""
    line = io.StringIO()
    csv.writer(line, delimiter=separator, lineterminator="").writerow([text])
    return line.getvalue()


def views(args):
    store = open_store(args.workspace)
    if args.delete is not None:
        saved_views.forget(store.workspace, args.delete)
    known = {run.id for run in store.list()}
    found = [view | {"address": saved_views.address(view), "gone": saved_views.gone(view, known)}
             for view in saved_views.kept(store.workspace)]
    if args.json:
        return print_json(found)
    for view in found:
        gone = f"  {len(view['gone']):,} of {len(view['chosen']['runs']):,} runs are gone" if view["gone"] else ""
        print(f"{view['key']}  {one_line(view['title']):<40} /{view['address']}{gone}")
