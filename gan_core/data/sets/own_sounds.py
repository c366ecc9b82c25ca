"""The user's own sound: a WAV file, or a folder or an archive of them, cut into clips and kept in the workspace.

Kept files are ``datasets/<name>-<hash>.sound.npz``: x and labels y, x_test and y_test, meta as JSON.
"""

import contextlib
import dataclasses
import hashlib
import itertools
import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np

from gan_core.data import file_kinds, keeping, layout, texts
from gan_core.data.base import SOUND, Dataset
from gan_core.data.choices import NONE_MADE
from gan_core.data.kept import Kept
from gan_core.data.pixels import Unreadable
from gan_core.data.sources import open_source
from gan_core.errors import BadInput
from gan_core.sound import waves

ORDER, KIND = 130, SOUND
RATE, LENGTH = 8000, 4000  # samples a second, and of a clip
TRAITS = (("rate", RATE),)
MOST = 20_000  # clips: 2.8 hours, 320 MB
SILENT = 0.005  # of the loudest moment of all: what is never louder is silence
STILL = 4 / 32768  # what no recording is above when all of it is silence
QUIET, LOUD = 0.25, 0.9  # a set that never reaches the one is made so loud that it reaches the other
HELD_OUT = 10  # every tenth file, or clip where there are fewer files
LOOKED_AT = 5000  # files by whose names it is told what a folder holds
NAMED = 3  # files that a sentence names before it only counts
HOW = 2  # ways of making clips of files so far: raise it when a file may become other ones
HELD = ("y", "x_test", "y_test")  # arrays of a file beside x, where there are such


def _dataset(name, arrays, meta):
    return Dataset(name, SOUND, arrays["x"], classes=tuple(meta["classes"]), skipped=meta["skipped"], note=meta["note"],
                   traits=TRAITS, **{part: arrays.get(part) for part in HELD})


def _facts(meta):
    return {"classes": tuple(meta["classes"])} | FACTS


FACTS = {"shape": (LENGTH, 1), "traits": TRAITS}
KEPT = Kept(KIND, "sound", "its sound", _dataset, _facts, FACTS, meta=("classes", "skipped"), optional=HELD)
infos, load = KEPT.infos, KEPT.load


def claims(path, choices=NONE_MADE) -> bool:
    """Whether at least as many of its files are sounds as are pictures, by their names."""
    if _is_sound(path):
        return True
    names = [name for name in itertools.islice(_names_in(path), LOOKED_AT) if not layout.is_litter(name)]
    sounds = sum(file_kinds.is_sound(name, b"") for name in names)
    return 0 < sounds >= sum(file_kinds.is_image(name, b"") for name in names)


def load_path(path, size, workspace, choices=NONE_MADE) -> Dataset:
    """Clips of half a second at 8 kHz, mono, of all WAV files at a path; silent ones are left out."""
    path, label = os.path.abspath(path), texts.label(path)
    if size is not None:
        sentence = f"{label} is sound and has no size in pixels; leave the size out."
        raise BadInput(sentence, {"size": sentence})
    if made := dataclasses.replace(choices, rename="").made:
        raise BadInput(f"{label} is sound, of which only other names of classes can be chosen ({made}); leave that out.")
    if _is_sound(path):
        if (size := os.path.getsize(path)) > waves.LARGEST:
            raise waves.too_large(size, label)
        return _kept_or_made(path, hashlib.sha256(Path(path).read_bytes()).hexdigest(), workspace,
                             lambda: _made(label, {os.path.basename(path): Path(path).read_bytes}, {}, (), choices))
    with open_source(path, file_kinds.is_sound) as source:
        if not source.entries:
            raise BadInput(f"{label} holds no sounds; give WAV files.")
        files = {entry.name: lambda entry=entry: source.content(entry) for entry in source.entries}
        return _kept_or_made(path, source.fingerprint(), workspace,
                             lambda: _made(label, files, source.left_out, source.notes, choices), choices.made)


def _is_sound(path):
    with contextlib.suppress(OSError):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                return file_kinds.is_sound(os.fspath(path), file.read(file_kinds.SNIFFED))
    return False


def _names_in(path):
    """Names of the files of a folder, a zip or a tar; none of anything else."""
    if os.path.isdir(path):
        for folder, _, files in os.walk(path):
            yield from (os.path.relpath(os.path.join(folder, name), path) for name in files)
        return
    with contextlib.suppress(Exception):  # zipfile and tarfile raise many kinds on what is damaged; who reads it tells
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from archive.namelist()
        elif tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                yield from (member.name for member in archive if member.isfile())


def _kept_or_made(path, mark, workspace, make, made=""):
    mark = hashlib.sha256(f"{mark} {made} {HOW} {RATE} {LENGTH}".encode()).hexdigest()[:12]
    name = keeping.name_of(path, mark, KEPT.names(workspace), default="sound")
    if (kept := KEPT.again(name, workspace)) is not None:
        return kept
    dataset = dataclasses.replace(make(), name=name)
    if workspace is not None:
        held = {part: getattr(dataset, part) for part in HELD}
        KEPT.write(name, workspace, {"count": len(dataset), "classes": dataset.classes, "skipped": dataset.skipped,
                                     "note": dataset.note}, x=dataset.x,
                   **{part: values for part, values in held.items() if values is not None})
    return dataset


def _made(label, files, left_out, notes, choices):
    """The :class:`Dataset` of files, ``{name: function that gives its bytes}``."""
    clips, of, rates, unused, reasons, total = [], [], set(), {}, [], 0
    for name, read in files.items():
        if file_kinds.is_sound(name, b"") and not name.lower().endswith(file_kinds.WAVES):
            unused.setdefault("no WAV files, as which they are to be saved", []).append(name)
            continue
        shown = texts.shown(os.path.basename(name))
        try:
            wave, rate = waves.read(read(), shown, MOST * LENGTH / RATE)
        except (BadInput, Unreadable) as error:
            unused.setdefault("that could not be used", []).append(name)
            reasons.append(str(error) if isinstance(error, BadInput) else f"{shown} cannot be read ({error}).")
            continue
        rates.add(rate)
        much = total + len(wave) * RATE // (rate * LENGTH) > MOST  # before it is brought to a higher rate
        parts = [] if much else _cut(waves.at_rate(wave, rate, RATE))
        total += len(parts)
        if much or total > MOST:
            raise BadInput(f"{label} holds more than {MOST * LENGTH / RATE / 3600:.1f} hours of sound, which are "
                           f"{MOST:,} clips; give fewer files.")
        clips.append(parts)
        of += [name] * len(parts)
    if not clips and len(files) == len(reasons) == 1:
        raise BadInput(reasons[0])
    if not clips:
        raise BadInput(" ".join([f"{label} holds no sound that can be used; give WAV files of 8 to 32 bits.",
                                 *_left_out(left_out, unused), *reasons[:NAMED]]))
    reach = np.concatenate([np.abs(part - part.mean(axis=1, keepdims=True)).max(axis=1) for part in clips])
    x, of = np.concatenate(clips), np.array(of)
    clips.clear()
    loud = reach > max(SILENT * reach.max(), STILL)
    silent = int((~loud).sum())
    x, of = x[loud], of[loud]
    if len(x) < 2:
        raise BadInput(f"Of {label} {keeping.number(len(x), 'clip')} of {LENGTH / RATE:g} seconds can be heard, and a "
                       f"dataset needs at least two ({silent:,} are silent); give more sound, or louder.")
    words, peak = [], float(np.abs(x).max())
    if peak < QUIET:
        x = x * np.float32(LOUD / peak)
        words.append(f"All of it was made {LOUD / peak:.3g} times as loud.")
    if silent:
        words.append(f"{keeping.number(silent, 'silent clip')} {'was' if silent == 1 else 'were'} left out.")
    x = (np.clip(np.rint(x * 32768), -32768, 32767) / 32768).astype(np.float32)[..., None]
    used = list(dict.fromkeys(of.tolist()))
    plan = layout.of(used, {})
    test, sentences = _held_out(of, plan)
    kept = np.isin(of, [*plan.train, *plan.test])
    classes, number = choices.renamed(plan.classes)
    y = np.array([number[plan.label[name]] if name in plan.label else 0 for name in of], np.int32) if plan.label else None
    train = kept & ~test
    resampled = ", ".join(f"{rate:,}" for rate in sorted(rates - {RATE}))
    cut = (f"{keeping.number(len(used), 'file')} became {keeping.number(int(kept.sum()), 'clip')} of {LENGTH / RATE:g} "
           f"seconds at {RATE:,} Hz, of one channel" + (f"; they had {resampled} Hz." if resampled else "."))
    note = " ".join([f"Imported from {label}.", cut, *words, *notes,
                     *(text.replace("image", "file") for text in plan.sentences), *sentences,
                     *choices.sentences, *_left_out(left_out, unused, plan.unused), *reasons[:NAMED]])
    held = {"x_test": x[test], "y_test": None if y is None else y[test]} if test.any() else {}
    return Dataset("", SOUND, x[train], None if y is None else y[train], classes, note=note, traits=TRAITS,
                   skipped=sum(map(len, unused.values())), **held)


def _cut(wave):
    """A wave (T,) as clips (n, LENGTH); the last one is filled up with silence, and left out where that is more than half
    of it, unless it is the only one."""
    whole, rest = divmod(len(wave), LENGTH)
    count = max(1, whole + (2 * rest >= LENGTH))
    return np.pad(wave[:count * LENGTH], (0, max(0, count * LENGTH - len(wave)))).reshape(count, LENGTH)


def _held_out(of, plan):
    """Which clips are the test set, (n,), and sentences: as folders say, else every tenth file; of fewer files every tenth
    clip, for sound that lies beside what was trained on is hardly new."""
    if plan.test:
        return np.isin(of, plan.test), []
    used = list(dict.fromkeys(of.tolist()))
    if len(used) >= HELD_OUT:
        order = np.random.RandomState(0).permutation(len(used))[::HELD_OUT]
        return np.isin(of, [used[place] for place in order]), ["Every tenth file is the test set and not trained on."]
    if len(of) >= HELD_OUT:
        return np.arange(len(of)) % HELD_OUT == HELD_OUT // 2, ["Every tenth clip is the test set and not trained on."]
    return np.zeros(len(of), bool), ["Too few clips to keep some from training."]


def _left_out(*parts):
    """A sentence on the files that were not used, ``{why: names}`` each."""
    files = {}
    for part in parts:
        for why, names in part.items():
            files.setdefault(why.replace("images", "sounds"), []).extend(names)
    told = [f"{len(names):,} {why} ({', '.join(texts.shown(name) for name in sorted(names)[:NAMED])}"
            f"{', ...' if len(names) > NAMED else ''})" for why, names in files.items()]
    return [f"Not used: {'; '.join(told)}."] if told else []
