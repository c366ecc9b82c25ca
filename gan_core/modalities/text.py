"""Text: (T,) codes of characters, see :mod:`gan_core.data.characters`; tunes in ABC notation are heard, too."""

import re
from pathlib import Path

import numpy as np

from gan_core.data import TEXT, DataSpec, array_files as files, characters, code_pages
from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.data.sets import tunes
from gan_core.errors import BadInput
from gan_core.modalities import arrays, drawing
from gan_core.modalities.base import Artifact, Headline, Loaded, Modality
from gan_core.sound import notes, waves
from gan_core.sound.abc_notation import parsed

LOOKED_AT = 8  # passages of a dataset
RULE = "%" * 32  # between texts in a file: in ABC a remark
_RULES = re.compile(rf"(?m)^(\\*{RULE})$")  # such lines within a text have a stroke more before them
RATE, HEARD = 11_025, 16.0  # samples a second, and seconds, of what is kept to be heard


class Text(Modality):
    name = TEXT
    icon = ":material/article:"
    words = ("text", "texts")
    example, example_name = DataSpec(TEXT, (tunes.LENGTH,), traits=tunes.TRAITS), "tunes"
    grid = (6, 1)
    shown = (8, 64)
    company = 1
    suffixes = (".txt", ".npz")
    sheet_suffix = ".txt"
    probed = 200  # each is written character by character
    wide = True
    extractor = live_extractor = "ngrams"
    scores = frozenset({"bits_per_character", "tunes_parse", "bars_fit", "longest_copy", "repetition", "kernel"})
    headline = Headline("bits_per_character", "number of bits a character", from_zero=False)
    abilities = frozenset()

    def refusal(self, requirements, spec):
        if not dict(spec.traits).get("characters"):
            return f"{requirements['title']} needs to know the characters of a text; import it anew from its file."
        return ""

    def rounded(self, samples, spec):
        return characters.whole(samples, spec.trait("characters")).astype(np.float32)

    def draw(self, samples, spec, grid=None, beside=None):
        written = _texts(samples, spec)
        parts = [f"{'─' * 4} {number} {'─' * 4}\n{text or '(nothing)'}" for number, text in enumerate(written, 1)]
        return Artifact("\n\n".join(parts).encode(errors="replace"), "text/plain",
                        f"{len(written)} {self.words[len(written) != 1]}")

    def sized(self, spec):
        return f"up to {spec.shape[0]:,} characters, {len(spec.trait('characters')):,} different ones"

    def look(self, dataset):
        rows = np.random.default_rng(0).choice(len(dataset), min(LOOKED_AT, len(dataset)), replace=False)
        return self.draw(dataset.x[rows], dataset.spec)

    def portrait(self, samples, spec):
        """The notes of the first one where it is a tune, else the text."""
        text = _texts(samples[:1], spec)[0]
        tune = parsed(text)
        if tune is None:
            return Artifact((text or "(nothing)").encode(errors="replace"), "text/plain", "A text")
        return Artifact(drawing.png(drawing.roll(tune.notes())), "image/png",
                        f"The notes of a tune of {len(tune.bars)} bars: time from left to right, pitch upwards")

    def heard(self, samples, spec):
        """The first 16 seconds of the first that is a tune."""
        for text in _texts(samples, spec):
            if (tune := parsed(text)) is not None:
                wave = notes.played(tune.notes(), RATE)[:int(HEARD * RATE)]
                return Artifact(waves.as_wav(wave, RATE), "audio/wav", f"A tune of {len(tune.bars)} bars, its beginning")
        return None

    def save(self, file, samples, spec, labels=None, beside=None, suffix=".txt"):
        if suffix == ".npz":
            arrays.write(file, self.rounded(samples, spec).astype(np.uint16), spec, labels, kind=self.name,
                         characters=spec.trait("characters"))
            return
        written = [_RULES.sub(r"\\\1", text) for text in _texts(samples, spec)]
        file.write(f"\n{RULE}\n".join(written).encode(errors="replace"))

    def load(self, path, spec):
        if str(path).lower().endswith(".npz"):
            content = files.read(path)
            samples = arrays.vectors(content, spec, path)
            if _characters_in(path) != spec.trait("characters"):
                raise BadInput(f"The texts in {path} have other characters than the data; give texts that a run on these "
                               "data has written.")
            return Loaded(samples, arrays.labels_in(content, len(samples), path))
        with open(path, "rb") as file:
            content = file.read()
        known, most = set(spec.trait("characters")), spec.shape[0]
        try:
            text = content.decode()  # as it was written, to the last accent
        except UnicodeDecodeError:
            text = ""
        if not text or set(text) - known - {"\n", *RULE, "\\"}:
            text, _ = code_pages.read(content, str(path))
        texts = [re.sub(rf"(?m)^\\(\\*{RULE})$", r"\1", part) for part in re.split(rf"\n{RULE}\n", text)]
        if (longest := max(map(len, texts))) > most:
            raise BadInput(f"{path} has a text of {longest:,} characters, and those of these data have {most:,} at most; "
                           f"part texts by lines of {len(RULE)} percent signs.")
        try:
            return Loaded(characters.encoded(texts, spec.trait("characters"), most).astype(np.float32))
        except KeyError as error:
            raise BadInput(f"{path} has the character {error}, which the data have not; give texts of them.") from error


def _characters_in(path):
    """The vocabulary of an .npz file of texts; "" where it has none."""
    try:
        return str(npz_arrays(Path(path), ["characters"])["characters"])
    except DamagedNpz:
        return ""


def _texts(samples, spec):
    return characters.decoded(samples, spec.trait("characters"))
