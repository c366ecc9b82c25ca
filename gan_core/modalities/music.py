"""Music: phrases of several voices as piano rolls, (steps, pitches, voices) in [-1, 1]; what the axes are say the traits.

One rule makes notes of what a network draws.  A number x stands for the chance (x + 1) / 2 that a pitch sounds.  Where no
voice of the data sounds two pitches at once, the likeliest of a voice's pitches sounds, unless silence, which has the rest
of 1, is likelier; everywhere else a pitch sounds that is more likely than not.  Equal pitches that follow each other are
one held note.
"""

import json
import re
from pathlib import Path

import numpy as np

from gan_core.data import MUSIC, DataSpec, array_files as files, floats, rolls, to_float
from gan_core.errors import BadInput
from gan_core.modalities import arrays, drawing
from gan_core.modalities.base import BY_HEART, PLACES, Artifact, Loaded, Modality
from gan_core.modalities.images import some_rows
from gan_core.sound import midi, notes, waves

VOICES = ("soprano", "alto", "tenor", "bass")
# Of voices: seen apart on white, by people who tell no red from green, too (after Okabe and Ito 2008).
COLOURS = (("blue", "#0072b2"), ("orange", "#d55e00"), ("green", "#009e73"), ("pink", "#cc79a7"), ("yellow", "#e0a400"),
           ("light blue", "#56b4e9"), ("grey", "#6b6b6b"), ("red", "#a50026"))
PAPER, BAR_LINE, OCTAVE_LINE = (251, 251, 249), (188, 190, 196), (226, 228, 232)
WIDE, TALL = 190, 92  # pixels of a phrase on a sheet, about
HEARD_SECONDS, HEARD_RATE = 20.0, 11_025  # of what is kept with every sheet; the harmonics of a voice need no more
LONGEST_SECONDS = 900.0  # of a WAV that is written
LOOKED_AT = 16  # phrases of a dataset
_MARK = re.compile(r"phrase (\d+)(?:: (.*))?", re.DOTALL)


class Music(Modality):
    name = MUSIC
    icon = ":material/piano:"
    words = ("phrase", "phrases")
    learned = "music"
    example = DataSpec(MUSIC, (64, 46, 4), traits=rolls.Layout(VOICES, 36, 16, 0.15, True).traits)
    example_name = "four voices"
    grid = (4, 4)
    shown = (16, 64)
    company = 8
    suffixes = (".mid", ".npz")
    one_way = (".wav",)
    wide = True
    extractor = live_extractor = "phrases"
    scores = frozenset({"kernel", "frechet", "precision", "recall", "density", "coverage", "vendi", "authenticity",
                        "copy_test", "empty_bars", "used_pitch_classes", "qualified_notes", "tonal_distance",
                        "parallel_fifths"})
    abilities = frozenset({BY_HEART, PLACES})

    def refusal(self, requirements, spec):
        layout = rolls.Layout.of(spec.traits)
        if layout is None or len(spec.shape) != 3 or len(layout.voices) != spec.shape[2] or spec.shape[0] % layout.bar:
            return (f"{requirements['title']} needs to know the voices, the pitches and the bars of music; import it anew "
                    "from its MIDI files.")
        return ""

    def rounded(self, samples, spec):
        """Each pitch on, 1, or off, -1, by the rule above."""
        chances = (np.nan_to_num(np.asarray(samples, np.float32), nan=-1.0) + 1.0) / 2.0
        layout = rolls.Layout.of(spec.traits)
        if layout is None or not layout.single:
            return np.where(chances > 0.5, 1.0, -1.0).astype(np.float32)
        best = chances.argmax(axis=2)[:, :, None]
        silence = 1.0 - chances.clip(0.0, 1.0).sum(axis=2, keepdims=True)
        sounds = np.take_along_axis(chances, best, axis=2) > np.maximum(silence, 0.0)
        on = (np.arange(chances.shape[2])[:, None] == best) & sounds
        return np.where(on, 1.0, -1.0).astype(np.float32)

    def draw(self, samples, spec, grid=None, beside=None):
        layout = _layout(spec)
        panels = np.stack([_panel(roll, layout) for roll in self.rounded(samples, spec) > 0])
        picture = drawing.sheet(to_float(panels), grid or drawing.grid_for(len(panels)))
        return Artifact(drawing.png(picture), "image/png",
                        f"{len(samples)} {self.words[len(samples) != 1]} as piano rolls: time goes to the right, higher is "
                        f"higher. {_in_colours(layout)}")

    def legend(self, spec):
        layout = rolls.Layout.of(spec.traits)
        return "" if layout is None else _in_colours(layout)

    def sized(self, spec):
        layout = _layout(spec)
        return f"{spec.shape[0] // layout.bar} bars in {len(layout.voices)} voices"

    def look(self, dataset):
        rows = some_rows(len(dataset))[:LOOKED_AT]
        return self.draw(floats(dataset.x[rows]), dataset.spec)

    def portrait(self, samples, spec):
        layout = _layout(spec)
        panel = _panel(self.rounded(samples[:1], spec)[0] > 0, layout, larger=2)
        return Artifact(drawing.png(drawing.Image.fromarray(panel)), "image/png", f"A phrase. {_in_colours(layout)}")

    def heard(self, samples, spec):
        layout = _layout(spec)
        count = max(1, int(HEARD_SECONDS / (spec.shape[0] * layout.seconds)))
        first = self.rounded(samples[:count], spec) > 0
        return Artifact(_played(first, layout, HEARD_RATE), "audio/wav",
                        "The first phrase, played" if len(first) == 1 else f"The first {len(first)} phrases, played")

    def figures(self, samples, dataset):
        """``quietest_voice``: of the voices how much the one sounds that lacks the most, as a share of what it does in the
        data."""
        few = dataset.x[some_rows(len(dataset))]
        generated, real = ((each > 0).any(axis=2).mean(axis=(0, 1)) for each in (samples, few))
        shares = [sounds / usual for sounds, usual in zip(generated, real) if usual > 0]
        return {"quietest_voice": float(min(shares))} if shares else {}

    def save(self, file, samples, spec, labels=None, beside=None, suffix=".mid"):
        layout = _layout(spec)
        on = self.rounded(samples, spec) > 0
        if suffix == ".npz":
            arrays.write(file, rolls.as_samples(on), spec, labels, kind=self.name, traits=json.dumps(layout.traits))
            return
        if suffix == ".wav":
            lasts = len(on) * spec.shape[0] * layout.seconds
            if lasts > LONGEST_SECONDS:
                raise BadInput(f"{len(on):,} phrases last {lasts / 60:,.0f} minutes, and a WAV file of "
                               f"{LONGEST_SECONDS / 60:g} is the longest that is written; draw fewer, or write .mid.")
            file.write(_played(on, layout, notes.RATE))
            return
        quarters = spec.shape[0] / rolls.STEPS
        of = [""] * len(on) if labels is None else [f": {spec.classes[label]}" for label in labels]
        marks = [(number * quarters, f"phrase {number + 1}{label}") for number, label in enumerate(of)]
        parts = [midi.Part(name, tuple(
            midi.Sounded((number * spec.shape[0] + start) / rolls.STEPS, length / rolls.STEPS, int(layout.lowest + pitch))
            for number, roll in enumerate(on) for start, length, pitch in rolls.notes_of(roll[:, :, voice]).tolist()))
            for voice, name in enumerate(layout.voices)]
        piece = midi.Piece(tuple(parts), layout.bar / rolls.STEPS, rolls.STEPS * layout.seconds, tuple(marks))
        file.write(midi.written(piece))

    def load(self, path, spec):
        if str(path).lower().endswith(".npz"):
            content = files.read(path)
            samples = np.asarray(content.get("samples"))
            if samples.shape[1:] != tuple(spec.shape) or samples.dtype.kind not in "uif":
                raise BadInput(f"The samples in {path} are {samples.dtype} of shape {samples.shape}: "
                               f"(count, {', '.join(map(str, spec.shape))}) numbers are needed.")
            samples = floats(samples)
            return Loaded(samples, arrays.labels_in(content, len(samples), path))
        content = Path(path).read_bytes()
        piece = midi.read(content, path, silent=True)
        if not _marked(piece):  # somebody else's: what is silent there is no voice
            piece = midi.read(content, path)
        return _from_midi(piece, spec, path)


def _layout(spec):
    """The :class:`gan_core.data.rolls.Layout` of a spec; BadInput where it has none, as of an older run."""
    if (layout := rolls.Layout.of(spec.traits)) is None:
        raise BadInput("These phrases do not say what their voices and pitches are; import the music anew.")
    return layout


def _in_colours(layout):
    named = [f"{name} {colour}" for name, (colour, _) in zip(layout.voices, COLOURS)]
    return f"Voices: {', '.join(named)}."


def _panel(roll, layout, larger=1):
    """A phrase, bool (steps, pitches, voices), as a picture, uint8 (h, w, 3)."""
    steps, pitches, voices = roll.shape
    wide, tall = (larger * max(1, round(side / count)) for side, count in ((WIDE, steps), (TALL, pitches)))
    tall = max(tall, 2 * larger)  # two voices on one pitch are both seen
    picture = np.empty((pitches * tall, steps * wide, 3), np.uint8)
    picture[:] = PAPER
    for pitch in range(pitches):
        if (layout.lowest + pitch) % 12 == 0:  # every C
            picture[(pitches - pitch) * tall - 1] = OCTAVE_LINE
    picture[:, ::layout.bar * wide] = BAR_LINE
    taken = np.zeros((steps, pitches), bool)
    for voice in range(voices):
        colour = np.array([int(COLOURS[voice % len(COLOURS)][1][place:place + 2], 16) for place in (1, 3, 5)], np.uint8)
        for start, length, pitch in rolls.notes_of(roll[:, :, voice]).tolist():
            top, left, right = (pitches - 1 - pitch) * tall, start * wide, (start + length) * wide
            shared = taken[start:start + length, pitch].repeat(wide)
            picture[top + tall // 2:top + tall, left:right] = colour
            picture[top:top + tall // 2, left:right][:, ~shared] = colour
            picture[top:top + tall, left] = colour // 2  # where it begins
            taken[start:start + length, pitch] = True
    return picture


def _played(on, layout, rate):
    """Phrases, bool (n, steps, pitches, voices), one after the other, as the bytes of a WAV."""
    steps, second = on.shape[1], layout.seconds
    heard = [notes.Note((number * steps + start) * second, length * second, int(layout.lowest + pitch), voice)
             for number, phrase in enumerate(on) for voice in range(phrase.shape[2])
             for start, length, pitch in rolls.notes_of(phrase[:, :, voice]).tolist()]
    return waves.as_wav(notes.played(heard, rate, len(on) * steps * second + notes.RELEASE), rate)


def _marked(piece):
    """The marks that :meth:`Music.save` has set where a phrase begins."""
    return [match for _, text in piece.marks if (match := _MARK.fullmatch(text))]


def _from_midi(piece, spec, path):
    """The phrases of a file, those of :meth:`Music.save` or of anybody's: as many as it marks, or as it is long."""
    layout = _layout(spec)
    steps, pitches, voices = spec.shape
    if len(piece.parts) != voices:
        raise BadInput(f"{path} has {len(piece.parts)} voices, and these data have {voices}; give music of as many.")
    marks = _marked(piece)
    count = len(marks) or max(1, int(piece.quarters * rolls.STEPS) // steps)
    outside = [note.pitch for part in piece.parts for note in part.notes
               if not 0 <= note.pitch - layout.lowest < pitches]
    if outside:
        raise BadInput(f"{path} has the pitch {outside[0]}, and these data go from {layout.lowest} to "
                       f"{layout.lowest + pitches - 1}; transpose it.")
    on = np.stack([rolls.roll_of(part.notes, count * steps, layout.lowest, pitches) for part in piece.parts], axis=-1)
    samples = np.where(on, 1.0, -1.0).astype(np.float32).reshape(count, steps, pitches, voices)
    labels = None
    if marks and spec.classes and all(match[2] in spec.classes for match in marks):
        labels = np.array([spec.classes.index(match[2]) for match in marks], np.int32)
    return Loaded(samples, labels)
