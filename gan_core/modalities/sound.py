"""Sound: clips of one length, waves (T, 1) in [-1, 1] at a rate that is a trait, drawn as spectrograms."""

import json
import struct

import numpy as np
from PIL import Image, ImageDraw

from gan_core.data import SOUND, DataSpec, array_files as files
from gan_core.errors import BadInput
from gan_core.modalities import arrays, drawing
from gan_core.modalities.base import Artifact, Headline, Loaded, Modality
from gan_core.sound import spectra, waves

LOG_MEL = "log_mel"
STEPS = 32768  # of 16 bits
HEARD = 8  # samples at most, and so many seconds of them
SECONDS = 12.0
PAUSE = 0.15  # seconds between them
LOOKED_AT = 8
WIDTH, HEIGHT, WAVE, LEFT, UNDER, SPACE = 220, 110, 44, 46, 24, 10  # pixels of a sample's parts
MOST_DRAWN = 64  # on a sheet
LOUDEST, RANGE = -10.0, 70.0  # dB that are brightest, and how much below them is dark
WINDOW = 256
NOISY = 0.3  # flatness of a spectrum: half of what white noise has
MARK = b"ICMT"  # the chunk of a WAV file that is for comments


class Sound(Modality):
    name = SOUND
    icon = ":material/graphic_eq:"
    words = ("clip", "clips")
    learned = "sound"
    example, example_name = DataSpec(SOUND, (4000, 1), traits=(("rate", 8000),)), "half a second of sound"
    grid = (3, 3)
    shown = (4, 16)
    company = 1
    suffixes = (".wav", ".npz")
    wide = True
    extractor = live_extractor = LOG_MEL
    scores = frozenset({"bits_per_sample", "bits_linear", "bits_adaptive", "bits_unigram", "kernel", "frechet",
                        "precision", "recall", "density", "coverage", "vendi", "authenticity", "copy_test"})
    headline = Headline("bits_per_sample", "number of bits per sample", from_zero=False)
    bits = "bits_per_sample"
    abilities = frozenset()
    probed, scored = 64, 400  # number by number takes its time

    def rounded(self, samples, spec):
        """To 16 bits, as files have them."""
        return (np.clip(np.rint(np.nan_to_num(samples) * STEPS), -STEPS, STEPS - 1) / STEPS).astype(np.float32)

    def draw(self, samples, spec, grid=None, beside=None):
        """Of each sample its spectrogram, and below it its wave; Hz and seconds at the edges."""
        samples = samples[:MOST_DRAWN]
        rows, columns = grid or drawing.grid_for(len(samples), 3 if len(samples) > 4 else 2)
        rows = min(rows, -(-len(samples) // columns))
        return Artifact(drawing.png(_sheet(samples[..., 0], spec.trait("rate"), rows, columns)), "image/png",
                        f"Spectrograms and waves of {_number(len(samples))} of {samples.shape[1] / spec.trait('rate'):.2f} "
                        f"seconds, from 0 to {spec.trait('rate') // 2:,} Hz")

    def cells(self, grid, beside=None):
        return tuple(grid)

    def sized(self, spec):
        return f"{spec.shape[0] / spec.trait('rate'):g} seconds at {spec.trait('rate'):,} Hz"

    def look(self, dataset):
        """Of each class as many."""
        if dataset.y is None:
            return self.draw(dataset.x[:LOOKED_AT], dataset.spec, (LOOKED_AT // 2, 2))
        rows = [np.flatnonzero(dataset.y == label)[:2] for label in range(min(dataset.n_classes, LOOKED_AT))]
        return self.draw(dataset.x[np.concatenate(rows)], dataset.spec)

    def portrait(self, samples, spec):
        return self.draw(samples[:1], spec, (1, 1))

    def heard(self, samples, spec):
        rate = spec.trait("rate")
        each = samples.shape[1] / rate + PAUSE
        some = samples[:max(1, min(HEARD, int(SECONDS / each)))]
        pause = np.zeros((len(some), round(PAUSE * rate)), np.float32)
        row = np.concatenate([some[..., 0], pause], axis=1).reshape(-1)[:round(2 * SECONDS * rate)]
        return Artifact(waves.as_wav(row, rate), "audio/wav", f"{_number(len(some))}, one after the other")

    def figures(self, samples, dataset):
        """``loudness``, the deviation of a usual clip from its mean; ``noise``, the share of moments at which something is
        heard and all frequencies are about as strong; and both of real clips."""
        real = _figures(dataset.x[:LOOKED_AT ** 2])
        return _figures(samples) | {f"{name}_real": value for name, value in real.items()}

    def save(self, file, samples, spec, labels=None, beside=None, suffix=".wav"):
        if suffix == ".npz":
            arrays.write(file, samples, spec, labels, kind=self.name, rate=spec.trait("rate"))
            return
        told = {"clips": len(samples)} | ({} if labels is None else {
            "labels": np.asarray(labels).tolist(), "classes": list(spec.classes)})
        file.write(_with_comment(waves.as_wav(samples.reshape(-1), spec.trait("rate")), json.dumps(told)))

    def load(self, path, spec):
        if str(path).lower().endswith(".npz"):
            content = files.read(path)
            samples = np.asarray(content.get("samples"), np.float32)
            if samples.shape[1:] != tuple(spec.shape):
                raise BadInput(f"The samples in {path} are of shape {samples.shape}: (count, {spec.shape[0]}, 1) numbers "
                               "are needed.")
            return Loaded(samples, arrays.labels_in(content, len(samples), path))
        with open(path, "rb") as file:
            content = file.read()
        wave, rate = waves.read(content, str(path))
        wave = waves.at_rate(wave, rate, spec.trait("rate"))
        clips = len(wave) // spec.shape[0]
        if not clips:
            raise BadInput(f"{path} is shorter than a clip of {spec.shape[0] / spec.trait('rate'):g} seconds; give a longer "
                           "one.")
        told = _comment(content)
        labels = np.array(told["labels"], np.int32) if len(told.get("labels", ())) == clips else None
        return Loaded(wave[:clips * spec.shape[0]].reshape(clips, *spec.shape), labels)


def _figures(samples):
    power = spectra.power(samples[..., 0], WINDOW, WINDOW)
    noisy = (spectra.flatness(power) > NOISY) & (power.sum(axis=-1) > spectra.QUIETEST * WINDOW)
    return {"loudness": float(np.median(samples[..., 0].std(axis=1))), "noise": float(noisy.mean())}


def _number(count):
    return f"{count} clip" + ("" if count == 1 else "s")


# Files


def _with_comment(wav, text):
    """A WAV file's bytes with a comment, which players pass over."""
    text = text.encode("ascii")
    text += b"\0" * (2 - len(text) % 2)
    chunk = b"INFO" + MARK + struct.pack("<I", len(text)) + text
    chunk = b"LIST" + struct.pack("<I", len(chunk)) + chunk
    return wav[:4] + struct.pack("<I", len(wav) + len(chunk) - 8) + wav[8:] + chunk


def _comment(wav):
    """What :func:`_with_comment` has put there, a dict; {} of any other file."""
    place = wav.rfind(b"INFO" + MARK)
    if place < 0 or len(wav) < place + 12:
        return {}
    size, = struct.unpack("<I", wav[place + 8:place + 12])
    try:
        told = json.loads(wav[place + 12:place + 12 + size].rstrip(b"\0"))
    except ValueError:
        return {}
    return told if isinstance(told, dict) and isinstance(told.get("labels", []), list) else {}


# Sheets


def _sheet(samples, rate, rows, columns):
    """A picture of waves (N, T): spectrograms with the names of frequencies and moments, and waves in orange below them."""
    width, height = LEFT + WIDTH + SPACE, HEIGHT + WAVE + UNDER
    picture = Image.new("RGBA", (columns * width, rows * height), (0, 0, 0, 0))
    draw, font = ImageDraw.Draw(picture), drawing.small_font()
    for place, wave in enumerate(samples[:rows * columns]):
        left, top = place % columns * width + LEFT, place // columns * height + 4
        picture.paste(_spectrogram(wave), (left, top))
        middle = top + HEIGHT + WAVE // 2
        draw.line(_outline(wave, left, middle), fill=drawing.ORANGE)
        for hertz in _ticks(rate / 2):
            y = top + HEIGHT - 1 - round(hertz / (rate / 2) * (HEIGHT - 1))
            draw.line((left - 4, y, left - 1, y), drawing.GREY)
            draw.text((left - 6, min(max(y, top + 4), top + HEIGHT - 6)), f"{hertz / 1000:g}k" if hertz else "0 Hz",
                      drawing.GREY, font, anchor="rm")
        seconds = len(wave) / rate
        for moment in _ticks(seconds):
            x = left + round(moment / seconds * (WIDTH - 1))
            draw.line((x, top + HEIGHT + WAVE, x, top + HEIGHT + WAVE + 3), drawing.GREY)
            draw.text((x, top + HEIGHT + WAVE + 4), f"{moment:g} s" if moment else "0", drawing.GREY, font,
                      anchor="la" if not moment else "ra" if x > left + WIDTH - 12 else "ma")
    return picture


def _ticks(most):
    """0 and up to four round numbers above it, to ``most``."""
    step = next(step for power in range(-4, 6) for step in (10.0 ** power, 2 * 10.0 ** power, 5 * 10.0 ** power)
                if 4 * step >= most * 0.999)
    return [round(number * step, 6) for number in range(int(most / step * 1.001) + 1)]


def _spectrogram(wave):
    """Dark where nothing is, then violet, orange and light; low frequencies at the bottom."""
    window = min(WINDOW, max(2, len(wave) // 2 * 2))
    hop = max(1, (len(wave) - window) // (WIDTH // 2) or 1)
    power = spectra.power(np.nan_to_num(wave, posinf=0.0, neginf=0.0)[None], window, hop)[0]
    share = np.clip((10.0 * np.log10(power + 1e-12) - LOUDEST) / RANGE + 1.0, 0.0, 1.0)
    stops = np.array([[12, 10, 34], [88, 30, 110], [200, 70, 60], [245, 160, 60], [252, 246, 190]], float)
    colours = np.stack([np.interp(share.T[::-1], np.linspace(0, 1, len(stops)), channel) for channel in stops.T], axis=-1)
    return Image.fromarray(colours.astype(np.uint8)).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)


def _outline(wave, left, middle):
    """Points of a line through the lowest and the highest number of each column of pixels."""
    parts = np.array_split(np.clip(np.nan_to_num(wave), -1.0, 1.0), min(WIDTH, len(wave)))
    reach, by = WAVE // 2 - 2, WIDTH / len(parts)
    return [(left + column * by, middle - end * reach) for column, part in enumerate(parts)
            for end in (float(part.min()), float(part.max()))]
