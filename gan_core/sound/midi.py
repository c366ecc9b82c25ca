"""MIDI files (Standard MIDI Files 1.0): read as notes by part, trusting nothing that they say, and written.

Times are in quarter notes, so that a tempo changes nothing of what is read.
"""

import io
from typing import NamedTuple

import mido

from gan_core.errors import BadInput

LARGEST = 2 * 10**6  # bytes of a file: an hour of an orchestra has a few hundred thousand
LONGEST_MINUTES, LONGEST_QUARTERS = 30, 12_000  # of a piece; the latter where a tempo hides how long it is
TICKS = 480  # a quarter note, in files that are written
DRUMS = 9  # the channel whose pitches are instruments
USUAL_TEMPO = 0.5  # seconds a quarter, where a file says nothing
MOST_MARKS = 200_000


class Sounded(NamedTuple):
    """A note of a file: when it begins, how long it is held, both in quarters, and its pitch."""

    start: float
    length: float
    pitch: int


class Part(NamedTuple):
    """What one voice plays: its name, "" where the file gives none, and its :class:`Sounded` notes by their start."""

    name: str
    notes: tuple[Sounded, ...]


class Piece(NamedTuple):
    """A file: its parts that sound, quarters a bar, seconds a quarter, both as they are at the beginning; ``marks``,
    ``(when, text)`` in the order of time; and how many notes of drums were left out."""

    parts: tuple[Part, ...]
    bar: float = 4.0
    seconds: float = USUAL_TEMPO
    marks: tuple[tuple[float, str], ...] = ()
    drums: int = 0

    @property
    def quarters(self):
        """How long it is, from the beginning to where the last note ends."""
        return max((note.start + note.length for part in self.parts for note in part.notes), default=0.0)


def read(content, label, silent=False) -> Piece:
    """The :class:`Piece` in a file's bytes.

    Args:
        silent: tracks without notes are voices, too, and the piece may be as long as it is: for what we have written.

    Raises BadInput, which calls the file ``label``, for what is no MIDI file or damaged; else also for what has no notes, or
    is too long.
    """
    if len(content) > LARGEST:
        raise BadInput(f"{label} has more than the {LARGEST / 10**6:g} MB that a MIDI file may have; give a part of it.")
    if not content:
        raise BadInput(f"{label} is empty; leave it out.")
    try:
        file = mido.MidiFile(file=io.BytesIO(content), clip=True)
        tracks = [_with_times(track) for track in file.tracks]
    except Exception as error:  # mido raises a dozen kinds on damaged files
        raise BadInput(f"{label} is no MIDI file that can be read: it is damaged or something else; export it anew as a "
                       "Standard MIDI File.") from error
    if file.type == 2 or file.ticks_per_beat <= 0:
        what = "several sequences instead of one" if file.type == 2 else "times in frames of a film"
        raise BadInput(f"{label} has {what}; export it as a Standard MIDI File of type 1, with times in beats.")
    return _piece(tracks, file.ticks_per_beat, label, silent)


def _with_times(track):
    """``(tick, message)`` of a track."""
    tick, timed = 0, []
    for message in track:
        tick += int(message.time)
        timed.append((tick, message))
    return timed


def _piece(tracks, ticks, label, silent):
    told = sorted((event for track in tracks for event in track if event[1].is_meta), key=lambda event: event[0])
    tempos = [(tick / ticks, message.tempo / 1e6) for tick, message in told if message.type == "set_tempo"]
    meters = [4.0 * message.numerator / message.denominator for _, message in told if message.type == "time_signature"]
    marks = [(tick / ticks, _text(message.text)) for tick, message in told if message.type == "marker"][:MOST_MARKS]
    parts, drums = [], 0
    for track in tracks:
        found, beaten = _parts(track, ticks, silent)
        parts, drums = parts + found, drums + beaten
    piece = Piece(tuple(parts), meters[0] if meters else 4.0, tempos[0][1] if tempos else USUAL_TEMPO, tuple(marks), drums)
    if silent:
        return piece
    if not parts:
        raise BadInput(f"{label} holds {'nothing but drums' if drums else 'no notes'}; leave it out.")
    minutes = _seconds(piece.quarters, tempos) / 60
    if minutes > LONGEST_MINUTES or piece.quarters > LONGEST_QUARTERS:
        raise BadInput(f"{label} lasts {minutes:,.0f} minutes ({piece.quarters:,.0f} quarter notes), and a piece may last "
                       f"{LONGEST_MINUTES} ({LONGEST_QUARTERS:,}); cut it into several files.")
    return piece


def _parts(track, ticks, silent=False):
    """``(parts of a track, one for each channel that sounds; notes of drums)``; ``silent``: one at least of each that has a
    name."""
    open_notes, notes, drums, name, end = {}, {}, 0, "", track[-1][0] if track else 0
    for tick, message in track:
        if message.type == "track_name" and not name:
            name = _text(message.name)
        if message.type not in ("note_on", "note_off"):
            continue
        key = message.channel, message.note
        begins = message.type == "note_on" and message.velocity > 0
        if message.channel == DRUMS:
            drums += begins
        elif begins:
            open_notes.setdefault(key, []).append(tick)
        elif open_notes.get(key):
            notes.setdefault(message.channel, []).append((open_notes[key].pop(0), tick, message.note))
    for (channel, pitch), starts in open_notes.items():  # never let go: until the track ends
        notes.setdefault(channel, []).extend((start, end, pitch) for start in starts)
    if silent and not notes and name:
        return [Part(name, ())], drums
    return [Part(name, tuple(Sounded(start / ticks, (stop - start) / ticks, pitch) for start, stop, pitch in sorted(these)))
            for _, these in sorted(notes.items())], drums


def _seconds(quarters, tempos):
    """How long the first ``quarters`` last; ``tempos`` are ``(from which quarter, seconds a quarter)``, in order."""
    total, at, tempo = 0.0, 0.0, USUAL_TEMPO
    for start, seconds in tempos:
        if start >= quarters:
            break
        total, at, tempo = total + (start - at) * tempo, start, seconds
    return total + (quarters - at) * tempo


def _text(raw):
    """A text of a file, which mido takes for Latin-1."""
    try:
        return raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return raw


def written(piece) -> bytes:
    """The bytes of a Standard MIDI File of type 1: a track for tempo, meter and marks, and one for each part."""
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS, charset="utf-8")
    # A meter has a power of two below: bars of an odd number of sixteenths are so many of them.
    below = next((below for below in (4, 8, 16) if float(piece.bar * below / 4).is_integer()), 16)
    events = [(0, mido.MetaMessage("set_tempo", tempo=round(piece.seconds * 1e6))),
              (0, mido.MetaMessage("time_signature", numerator=max(1, round(piece.bar * below / 4)), denominator=below))]
    events += [(round(when * TICKS), mido.MetaMessage("marker", text=text)) for when, text in piece.marks]
    file.tracks.append(_track(events))
    channels = [channel for channel in range(16) if channel != DRUMS]
    for place, part in enumerate(piece.parts):
        channel, events = channels[place % len(channels)], [(0, mido.MetaMessage("track_name", name=part.name))]
        for start, length, pitch in part.notes:
            events += [(round(start * TICKS), mido.Message("note_on", channel=channel, note=pitch, velocity=80)),
                       (round((start + length) * TICKS), mido.Message("note_off", channel=channel, note=pitch))]
        file.tracks.append(_track(events))
    content = io.BytesIO()
    file.save(file=content)
    return content.getvalue()


def _track(events):
    """Messages ``(tick, message)`` as a track; at one moment a note is let go before the next begins."""
    track, before = mido.MidiTrack(), 0
    for tick, message in sorted(events, key=lambda event: (event[0], event[1].type != "note_off")):
        message.time, before = tick - before, tick
        track.append(message)
    return track
