"""Bach's chorales in four voices: from chorales.json in the folder that $GAN_DATA names, else from music21 where that is
installed."""

import functools
import importlib.util
import io
import json
import os
from pathlib import Path

import numpy as np

from gan_core.data import rolls
from gan_core.data.base import MUSIC, Dataset, DatasetInfo
from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.errors import BadInput
from gan_core.whole_files import write_whole

ORDER = 55
NAME, FILE = "chorales", "chorales.json"
BARS, BAR = 4, 16  # of a phrase, and steps of one
VOICES = ("soprano", "alto", "tenor", "bass")
SECONDS = 0.15  # a sixteenth, at 100 quarters a minute
LOWEST, PITCHES = 36, 46  # C2 to A5: what the voices sing
TITLE = "Bach's chorales, four voices"
EVERY = 5  # of music21's, which have no test set: so many are a fifth
_HOW = f"place {FILE} (JSB Chorales in sixteenths, as JSON) in a folder and set GAN_DATA to it, or `pip install music21`"


def infos(workspace=None) -> list[DatasetInfo]:
    try:
        (train, _), source = _pieces(workspace, look=True), _source()
        count, available, note = _count(train) or None, True, _note(source)
    except BadInput as error:
        count, available, note = None, False, str(error)
    return [DatasetInfo(NAME, TITLE, MUSIC, (BARS * BAR, PITCHES, len(VOICES)), (), count, available, note,
                        licence="none stated for the encodings; the music is free", traits=_layout().traits)]


def load(name, size=None, workspace=None) -> Dataset:
    """Phrases of four bars that begin with every bar; the test set are those of whole chorales that are in no other part.

    Raises BadInput where there is neither the file nor music21, and for a file that holds something else.
    """
    DatasetInfo(NAME, TITLE, MUSIC, (), (), None, True, "").without_size(size)
    train, test = _pieces(workspace)
    x, x_test = (rolls.as_samples(np.concatenate([_phrases(piece) for piece in pieces])) for pieces in (train, test))
    return Dataset(NAME, MUSIC, x, None, (), x_test, note=_note(_source()), traits=_layout().traits)


def _layout():
    return rolls.Layout(VOICES, LOWEST, BAR, SECONDS, True)


def _phrases(piece):
    return rolls.phrases_of(_sung(piece), BARS * BAR, BAR)


def _sung(piece):
    """Pitches (T, 4), -1 where a voice is silent, as bool (T, pitches, 4)."""
    return np.asarray(piece)[:, None] == LOWEST + np.arange(PITCHES)[:, None]


def _count(pieces):
    """Of the phrases of some pieces."""
    return sum(max(0, len(piece) // BAR - BARS + 1) for piece in pieces)


def _note(source):
    where = f"Read from {source}." if source else "Read from music21's corpus; every fifth chorale is held out."
    return (f"Phrases of {BARS} bars of {BAR} sixteenths, one from every bar on. {where} Held and repeated notes are not "
            "told apart.")


def _source():
    """The user's file; None where there is none."""
    folder = os.environ.get("GAN_DATA")
    file = Path(os.path.expanduser(folder)) / FILE if folder else None
    return file if file is not None and file.is_file() else None


def _pieces(workspace, look=False):
    """``(train, test)``: lists of int arrays (T, 4).  ``look`` at music21 does not read all that it has."""
    file = _source()
    if file is not None:
        info = file.stat()
        return _read(file, info.st_mtime_ns, info.st_size)
    if importlib.util.find_spec("music21") is None:
        raise BadInput(f"The chorales are not on this machine; {_how_to_get()}.")
    kept = Path(workspace) / "cache" / "chorales-music21.npz" if workspace is not None else None
    if kept is not None and kept.exists():
        try:
            arrays = npz_arrays(kept, ["pitches", "lengths"])
            return _apart(np.split(arrays["pitches"], np.cumsum(arrays["lengths"])[:-1]))
        except DamagedNpz:
            pass  # made anew
    if look:
        return [], []
    pieces = _from_music21()
    if kept is not None:
        content = io.BytesIO()
        np.savez_compressed(content, pitches=np.concatenate(pieces), lengths=np.array(list(map(len, pieces))))
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, content.getvalue())
    return _apart(pieces)


def _how_to_get():
    folder = os.environ.get("GAN_DATA")
    return (f"place {FILE} (JSB Chorales in sixteenths, as JSON) in the folder that GAN_DATA names, or `pip install music21`"
            if folder else _HOW)


def _apart(pieces):
    return ([piece for place, piece in enumerate(pieces) if place % EVERY != EVERY - 1], pieces[EVERY - 1::EVERY])


@functools.lru_cache(maxsize=1)
def _read(file, changed, size):
    """The parts of a file; training has its validation part, too, which nothing here is chosen by."""
    try:
        content = json.loads(file.read_bytes())
        parts = {name: [_checked(piece) for piece in content[name]]
                 for name in ("train", "valid", "test") if name in content}
        train, test = parts["train"] + parts.get("valid", []), parts["test"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{file} does not hold chorales: `train` and `test`, each a list of pieces, of lists of steps, of "
                       "four pitches (-1: silent), are needed; download it anew.") from error
    if not _count(train) or not _count(test):
        raise BadInput(f"{file} holds no chorale of {BARS} bars to train on or none to test on; download it anew.")
    return train, test


def _checked(piece):
    """A piece as int (T, 4); ValueError for what is none."""
    pitches = np.asarray(piece)
    if pitches.ndim != 2 or pitches.shape[1] != len(VOICES) or pitches.dtype.kind not in "iuf":
        raise ValueError("no four voices")
    sung = np.isfinite(pitches) & (pitches >= 0)
    if ((pitches < LOWEST) | (pitches >= LOWEST + PITCHES))[sung].any() or (pitches != np.rint(pitches))[sung].any():
        raise ValueError("pitches that no voice sings")
    return np.where(sung, pitches, -1).astype(np.int16)


def _from_music21():
    """Every chorale of four voices that music21 has; takes minutes."""
    from music21 import corpus

    pieces = []
    for path in corpus.getComposer("bach"):
        score = corpus.parse(path)
        if len(score.parts) != len(VOICES):
            continue
        steps = round(float(score.highestTime) * rolls.STEPS)
        sung = np.full((steps, len(VOICES)), -1, np.int16)
        for voice, part in enumerate(score.parts):
            for note in part.flatten().notes:
                if not note.quarterLength:  # a grace note
                    continue
                first, end = (round(float(when) * rolls.STEPS) for when in (note.offset, note.offset + note.quarterLength))
                sung[first:max(end, first + 1), voice] = max(pitch.midi for pitch in note.pitches)
        sung[(sung < LOWEST) | (sung >= LOWEST + PITCHES)] = -1
        if steps >= BARS * BAR:
            pieces.append(sung)
    if len(pieces) < EVERY:
        raise BadInput(f"music21 is installed without its corpus; {_how_to_get()}.")
    return pieces
