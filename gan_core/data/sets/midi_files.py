"""Music of the user's own: a .mid file, or a folder or a zip of them, cut to phrases and kept in the workspace.

Kept files are ``datasets/<name>-<hash>.music.npz``: the bits of x, and meta, a JSON text.
"""

import collections
import contextlib
import hashlib
import itertools
import os
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_core.data import keeping, rolls, texts
from gan_core.data.base import MUSIC, Dataset
from gan_core.data.choices import AUTO, NONE_MADE
from gan_core.data.kept import Kept
from gan_core.data.npz import DamagedNpz
from gan_core.errors import BadInput
from gan_core.sound import midi

ORDER = 130
TAKES = ("bars",)  # of the choices
KIND = MUSIC
SUFFIXES = (".mid", ".midi")
BARS = 4  # of a phrase, unless a person chooses
SHORTEST_BAR, LONGEST_BAR = 4, 32  # steps
MOST_FILES = 5_000
MOST_BYTES = 2**30  # of all phrases
LOOKED_AT = 20_000  # files of a folder, to tell whether they are music
NAMED = 5  # files in a sentence
FEWEST = 2  # phrases


class _Unfit(NamedTuple):
    """A file that is not used, and why, in a sentence."""

    name: str
    why: str


def _dataset(name, arrays, meta):
    shape = (meta["count"], *meta["shape"])
    phrases = np.unpackbits(arrays["bits"], count=int(np.prod(shape))).reshape(shape)
    return Dataset(name, MUSIC, rolls.as_samples(phrases), None, note=meta["note"], traits=_traits(meta))


def _facts(meta):
    return {"shape": tuple(meta["shape"]), "traits": _traits(meta)}


def _traits(meta):
    layout = rolls.Layout.of(meta["traits"])
    if layout is None:
        raise DamagedNpz("its layout is not readable")
    return layout.traits


KEPT = Kept(KIND, "music", "its music", _dataset, _facts, {"shape": (1, 1, 1)}, meta=("shape", "traits"), arrays=("bits",))
infos, load = KEPT.infos, KEPT.load


def claims(path, choices=NONE_MADE) -> bool:
    """A file by its ending; a folder or a zip in which such files are most of those that have an ending."""
    return is_music(path)


def is_music(path) -> bool:
    if str(path).lower().endswith(SUFFIXES) and os.path.isfile(path):
        return True
    if os.path.isdir(path) or zipfile.is_zipfile(path) and str(path).lower().endswith(".zip"):
        with contextlib.suppress(Exception):  # zipfile raises many kinds on damaged ones, of which others tell
            names = [name.lower() for name, _ in itertools.islice(_listed(path), LOOKED_AT)]
            music = sum(name.endswith(SUFFIXES) for name in names)
            return music > 0 and 2 * music >= len(names)
    return False


def load_path(path, size, workspace, choices=NONE_MADE) -> Dataset:
    """Phrases of some bars, one after the other; of several files those of one number of voices and one meter.

    Raises BadInput where nothing of it can be used; of several files others are left out, and named in the note.
    """
    label = texts.label(path)
    if size is not None:
        sentence = f"{label} is music and has no size in pixels; leave the size out."
        raise BadInput(sentence, {"size": sentence})
    bars = BARS if choices.bars == AUTO else int(choices.bars)
    pieces, unfit = _pieces(path, label)
    pieces, more = _alike(pieces)
    phrases, layout, short = _cut(pieces, bars)
    unfit += more + short
    if len(phrases) < FEWEST:
        why = f" Not used: {_named(unfit)}." if unfit else ""
        raise BadInput(f"{label} gives {keeping.number(len(phrases), 'phrase')} of {bars} bars, and a dataset needs at "
                       f"least {FEWEST}; choose fewer bars or give longer pieces.{why}")
    used = len(pieces) - len(short)
    said = [f"Imported from {label}: {keeping.number(len(phrases), 'phrase')} of {keeping.number(bars, 'bar')} of "
            f"{layout.bar} sixteenths, of {keeping.number(used, 'piece')} in {keeping.number(len(layout.voices), 'voice')}.",
            "Held and repeated notes are not told apart."]
    if drums := sum(piece.drums for _, piece in pieces):
        said.append(f"{keeping.number(drums, 'note')} of drums left out.")
    if unfit:
        said.append(f"Not used: {_named(unfit)}.")
    x, note = rolls.as_samples(phrases), " ".join(said)
    mark = hashlib.sha256(np.packbits(phrases).tobytes() + repr((phrases.shape, layout)).encode()).hexdigest()[:12]
    name = keeping.name_of(path, mark, KEPT.names(workspace), default="music")
    if workspace is not None:
        if (kept := KEPT.again(name, workspace)) is not None:
            return kept
        KEPT.write(name, workspace, {"count": len(x), "shape": x.shape[1:], "traits": layout.traits, "note": note},
                   bits=np.packbits(phrases))
    return Dataset(name, MUSIC, x, None, note=note, traits=layout.traits)


def _listed(path):
    """``(name, how to read it)`` of the files in a folder or a zip, without those that systems keep for themselves."""
    if os.path.isdir(path):
        top = Path(path)
        for folder, below, files in os.walk(top):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(files):
                if not name.startswith("."):
                    yield os.path.relpath(os.path.join(folder, name), top), Path(folder, name)
        return
    with zipfile.ZipFile(path) as archive:
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            name = info.filename
            if not info.is_dir() and not name.startswith("__MACOSX/") and not os.path.basename(name).startswith("."):
                yield name, info


def _contents(path, label):
    """``(name, bytes)`` of each file of music at a path; BadInput in the place of bytes that cannot be had."""
    if os.path.isfile(path) and str(path).lower().endswith(SUFFIXES):
        yield label, _bytes(Path(path), label)
        return
    listed = [(texts.shown(name), how) for name, how in _listed(path) if name.lower().endswith(SUFFIXES)]
    if len(listed) > MOST_FILES:
        raise BadInput(f"{label} holds {len(listed):,} MIDI files, and {MOST_FILES:,} are read; give a part of them.")
    if os.path.isdir(path):
        for name, file in listed:
            yield name, _bytes(file, name)
        return
    with zipfile.ZipFile(path) as archive:
        for name, info in listed:
            yield name, _member(archive, info, name)


def _bytes(file, name):
    try:
        with open(file, "rb") as stream:
            return stream.read(midi.LARGEST + 1)
    except OSError as error:
        return BadInput(f"{name} cannot be read: {error.strerror}.")


def _member(archive, info, name):
    try:
        with archive.open(info) as stream:  # no more than so many, whatever the zip says
            return stream.read(midi.LARGEST + 1)
    except Exception as error:  # zipfile and zlib raise eight kinds on damaged members
        return BadInput(f"{name} cannot be unpacked ({type(error).__name__}); pack the zip anew.")


def _pieces(path, label):
    """``([(name, piece)], [_Unfit])``; BadInput where a file is alone and cannot be used, or none can."""
    pieces, unfit = [], []
    for name, content in _contents(path, label):
        try:
            if isinstance(content, BadInput):
                raise content
            piece = midi.read(content, name)
            if len(piece.parts) > rolls.MOST_VOICES:
                raise BadInput(f"{name} has {len(piece.parts)} tracks that sound, and {rolls.MOST_VOICES} are learned at "
                               "most; keep the tracks that matter and export it anew.")
            if not _fits(piece.bar * rolls.STEPS):
                raise BadInput(f"{name} has bars of {piece.bar * rolls.STEPS:g} sixteenths, and {SHORTEST_BAR} to "
                               f"{LONGEST_BAR} whole ones are learned; export it in another meter.")
            pieces.append((name, piece))
        except BadInput as error:
            unfit.append(_Unfit(name, str(error)))
    if not pieces:
        if len(unfit) == 1:
            raise BadInput(unfit[0].why)
        raise BadInput(f"None of the {len(unfit):,} MIDI files in {label} can be used. {unfit[0].why}" if unfit else
                       f"{label} holds no MIDI files (.mid or .midi).")
    return pieces, unfit


def _fits(steps):
    return SHORTEST_BAR <= steps <= LONGEST_BAR and float(steps).is_integer()


def _alike(pieces):
    """Those of the number of voices and the meter that most have, and the others."""
    kinds = collections.Counter((len(piece.parts), piece.bar) for _, piece in pieces)
    (voices, bar), _ = max(kinds.items(), key=lambda item: (item[1], item[0]))
    chosen, others = [], []
    for name, piece in pieces:
        if (len(piece.parts), piece.bar) == (voices, bar):
            chosen.append((name, piece))
        else:
            others.append(_Unfit(name, f"{name} has {keeping.number(len(piece.parts), 'voice')} in bars of "
                                       f"{piece.bar * rolls.STEPS:g} sixteenths, unlike most, which have {voices} in "
                                       f"bars of {bar * rolls.STEPS:g}."))
    return chosen, others


def _cut(pieces, bars):
    """``(phrases, layout, [_Unfit])``: bool (n, steps, pitches, voices) of all pieces that have as many ``bars``."""
    first = pieces[0][1]
    sounding = [note.pitch for _, piece in pieces for part in piece.parts for note in part.notes]
    lowest, highest = min(sounding), max(sounding)
    count = max(rolls.NARROWEST, highest - lowest + 1)
    lowest = min(lowest, 127 - count + 1)
    bar = round(first.bar * rolls.STEPS)
    steps, phrases, short = bars * bar, [], []
    total = sum(len(piece.parts) * count * round(piece.quarters * rolls.STEPS) for _, piece in pieces)
    if total > MOST_BYTES:
        raise BadInput(f"These pieces would take {total / 2**30:,.1f} GiB of memory, and {MOST_BYTES / 2**30:g} GiB are the "
                       "most; give fewer.")
    for name, piece in pieces:
        # The last bar is filled up with silence, as it is written.
        length = -(-max(1, round(piece.quarters * rolls.STEPS)) // bar) * bar
        roll = np.stack([rolls.roll_of(part.notes, length, lowest, count) for part in piece.parts], axis=-1)
        cut = rolls.phrases_of(roll, steps, steps)
        cut = cut[cut.any(axis=(1, 2, 3))]
        if not len(cut):
            short.append(_Unfit(name, f"{name} is shorter than {bars} bars."))
        phrases.append(cut)
    phrases = np.concatenate(phrases)
    # At the tempo of most pieces, in thousandths: floats of a thousand tempos would make as many datasets.
    seconds = float(np.round(np.median([piece.seconds for _, piece in pieces]) / rolls.STEPS, 3))
    names = _names([part.name for part in first.parts])
    return phrases, rolls.Layout(names, int(lowest), bar, min(max(seconds, 0.02), 1.0), rolls.is_single(phrases)), short


def _names(given):
    """Names of the voices, each another: those of the first piece, and a number where it has none."""
    names = []
    for place, name in enumerate(given, 1):
        name = texts.shown(name)[:40] or f"voice {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return tuple(names)


def _named(unfit):
    told = " ".join(each.why for each in unfit[:NAMED]).rstrip(".")
    return f"{keeping.number(len(unfit), 'file')}: {told}{', ...' if len(unfit) > NAMED else ''}"
