"""Takes in runs that were made elsewhere: files become runs beside one's own."""

import dataclasses
import itertools
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

from gan_core import visitors
from gan_core.errors import BadInput
from gan_core.outside import described, pictures
from gan_core.outside.readers import broken, readers
from gan_core.store import FINISHED, artifacts
from gan_core.store.line import Line
from gan_core.store.recorder import MAIN_CURVE
from gan_core.store.run import Run, new_run

MOST_FILES = 10_000  # of a folder that is looked through
MOST_RUNS = 50
MOST_SHEETS = 500  # of one name; of more, some that are evenly spread
MOST_VIEWS = 12
ROWS_AT_ONCE = 20_000
DRAWN = {"fake", "fakes", "generated", "generator", "gen", "sample", "samples", "g"}  # words of what a generator has drawn
ACCURACY = 1.5  # above it a figure is a percentage, and is not called as our shares are


@dataclass(frozen=True)
class Taken:
    """A run that was taken in: how many curves and sheets it has, what they are called here where that is another name, and
    sentences on what was decided or left out."""

    run: Run
    curves: dict[str, int]
    sheets: int
    notes: tuple[str, ...]


def take_in(store, path, *, name="", steps="", progress=lambda share, words: None):
    """The :class:`Taken` runs of a file or of a folder with all below it.

    Args:
        name: of the run; of several what their names begin with.
        steps: the column that counts steps, of a CSV.

    Raises:
        BadInput: when there is nothing to be had; nothing is kept then.
    """
    visitors.refuse()
    path = Path(os.path.expanduser(path))
    files = _files(path)
    groups = [(reader, group) for reader in readers().values()
              if (mine := [file for file in files if reader.takes(file)]) for group in reader.together(mine)]
    if not groups:
        refuse(path.name or path)
    if len(groups) > MOST_RUNS:
        raise BadInput(f"There are {len(groups):,} runs in {path.name} and {MOST_RUNS} are taken in at once; name folders "
                       "below it.")
    named = [(reader, group, _called(path, reader, group, name, len(groups))) for reader, group in groups]
    return take_groups(store, named, steps=steps, progress=progress)


def take_groups(store, groups, *, steps="", progress=lambda share, words: None):
    """The :class:`Taken` runs of ``(reader, files of one run, its name)``.

    Where some cannot be read, as a table of something else in a folder of logs, the first that can be says so.  What cannot
    be written takes all with it.
    """
    taken, refused = [], []
    try:
        for number, (reader, group, called) in enumerate(groups):
            progress(number / len(groups), f"reading {called}")
            try:
                read = reader.read(group, steps)
            except BadInput as error:
                refused.append(str(error))
                continue
            taken.append(_taken(store, read, reader.title, called, group))
        if not taken:
            raise BadInput(" ".join(refused[:3]))
    except BaseException:  # a full disk, an interrupt
        for one in taken:
            store.delete(one.run.id)
        raise
    progress(1.0, "done")
    return [dataclasses.replace(taken[0], notes=(*taken[0].notes, *refused)), *taken[1:]]


def refuse(name):
    """BadInput of what no reader takes."""
    kinds = " or ".join(reader.title for reader in readers().values())
    raise BadInput(" ".join([f"{name} holds no {kinds}; `unpack` takes packed runs, and `datasets --add` imports data.",
                             *broken().values()]))


def _files(path):
    try:
        if path.is_file():
            return [path]
        if not path.is_dir():
            raise BadInput(f"There is no file and no folder {str(path)!r}.")
        files = list(itertools.islice((file for file in path.rglob("*") if file.is_file()), MOST_FILES + 1))
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror or error}).") from None
    if len(files) > MOST_FILES:
        raise BadInput(f"{path} holds more than {MOST_FILES:,} files; name a folder below it.")
    return files


def _called(path, reader, group, name, count):
    """The name of a run of some files: what was asked for, else the folder's or the file's; where there are several, with
    the place below the folder."""
    if path.is_file():
        return described.clean_name(name or (path.resolve().parent.name if reader.whole else path.stem))
    place = group[0].parent if reader.whole else group[0].with_suffix("")
    below = place.relative_to(path).as_posix()
    whole = name or path.resolve().name
    return described.clean_name(whole if count == 1 or below == "." else f"{whole}/{below}")


def _taken(store, read, title, name, files):
    """Keep what was read as a run."""
    keys = _keys(read.curves)
    notes = [f"Taken in from {title}: {', '.join(file.name[:80] for file in files[:3])}"
             + (f" and {len(files) - 3} more." if len(files) > 3 else "."), *read.notes]
    if renamed := [f"{theirs} is {key}" for theirs, key in keys.items() if key != theirs]:
        more = f", and {len(renamed) - 12} more" if len(renamed) > 12 else ""
        notes.append(f"What curves are called here: {', '.join(renamed[:12])}{more}.")
    last = max([int(curve.step[-1]) for curve in read.curves.values() if len(curve.step)]
               + [max(by_step) for by_step in read.pictures.values() if by_step], default=0)
    times = [float(pick(curve.time)) for curve in read.curves.values() for pick in (min, max)
             if len(curve.time) and math.isfinite(curve.time.min()) and curve.time.min() > 0 and curve.time.max() < 2**33]
    began, ended = (min(times), max(times)) if times else (0.0, 0.0)
    now = time.time()
    main = MAIN_CURVE if MAIN_CURVE in keys.values() else next((key for key in keys.values() if key.endswith("loss")), "")
    line = Line()
    for theirs, key in keys.items():
        if key == main:
            for value in read.curves[theirs].value.tolist():
                line.add(value)
    facts = {"line": line.points()} | ({"main_curve": main} if main else {})
    run = store.create(new_run(
        described.spec_of(name, data=described.clean_name(files[0].name, ""), steps=last), name, status=FINISHED, step=last,
        attempt=1, started=began or now, ended=ended or now, heartbeat=now, seconds=ended - began, facts=facts))
    try:
        for theirs, key in keys.items():
            curve = read.curves[theirs]
            rows = list(zip(curve.step.tolist(), itertools.repeat(key), curve.value.tolist(), curve.time.tolist()))
            for first in range(0, len(rows), ROWS_AT_ONCE):
                store.add_rows(run.id, rows[first:first + ROWS_AT_ONCE])
        sheets = _keep_pictures(store.artifacts(run.id), read.pictures, notes)
        store.artifacts(run.id).append(artifacts.LOG, "".join(f"{note}\n" for note in notes).encode(errors="replace"))
    except BaseException:
        store.delete(run.id)
        raise
    counts = {key: len(read.curves[theirs].step) for theirs, key in keys.items()}
    return Taken(store.get(run.id), counts, sheets, tuple(notes))


def _keys(curves):
    """``{their name: ours}``; percentages are not called as our shares are."""
    own = set()
    while True:
        keys = described.called(curves, own)
        percentages = {name for name, key in keys.items() if "_accuracy_" in key and key != name
                       and abs(curves[name].value).max(initial=0) > ACCURACY}
        if not percentages:
            return keys
        own |= percentages


def _keep_pictures(held, by_name, notes):
    """Keep pictures as sheets, those that a generator seems to have drawn as samples, others as views.  How many."""
    names = sorted(by_name, key=lambda name: not DRAWN & set(described.words(name)))
    if len(names) > MOST_VIEWS:
        notes.append(f"There are pictures of {len(names)} names; those of {MOST_VIEWS} are kept.")
    count, spoiled, taken = 0, 0, set()
    for number, name in enumerate(names[:MOST_VIEWS]):
        steps, title = sorted(by_name[name]), described.key_of(name)
        while artifacts.view_prefix(title) in taken:  # by signs that no file's name has
            title = f"{title[:70]} again"
        taken.add(artifacts.view_prefix(title))
        if len(steps) > MOST_SHEETS:
            notes.append(f"Of the {len(steps):,} pictures called {name[:80]} {MOST_SHEETS} are kept, evenly spread.")
            steps = sorted({steps[round(place * (len(steps) - 1) / (MOST_SHEETS - 1))] for place in range(MOST_SHEETS)})
        kept = 0
        for step in steps:
            try:
                png = pictures.from_files(by_name[name][step]())
            except BadInput:
                spoiled += 1
                continue
            if number == 0:
                held.put(artifacts.sheet_name(step), png)
            else:
                artifacts.put_rows(held, step, title, (title,))
                held.put(artifacts.step_name(artifacts.view_prefix(title), step, artifacts.SHEET), png)
            kept += 1
        count += kept
    if spoiled:
        notes.append(f"{spoiled:,} picture{'s' * (spoiled != 1)} could not be read and {'were' if spoiled != 1 else 'was'} "
                     "left out.")
    return count
