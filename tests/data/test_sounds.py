"""Sound as data: tones by a formula, and WAV files of one's own, whatever they hold."""

import io
import struct
import tarfile

import numpy as np
import pytest
from scipy.io import wavfile

from gan_core import data
from gan_core.data import SOUND, library
from gan_core.data.choices import Choices
from gan_core.data.sets import own_sounds, tones
from gan_core.errors import BadInput, StoreError
from gan_core.sound import waves
from helpers_data import noise as picture, write_folder, write_zip
from helpers_runs import is_a_sentence

RATE, LENGTH = own_sounds.RATE, own_sounds.LENGTH


def tone(seconds=1.0, rate=RATE, hertz=440.0, loudness=0.5):
    return (loudness * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def wav(seconds=1.0, rate=RATE, hertz=440.0, loudness=0.5):
    return waves.as_wav(tone(seconds, rate, hertz, loudness), rate)


def loudest_hertz(clip):
    return np.fft.rfftfreq(len(clip), 1 / RATE)[np.abs(np.fft.rfft(clip)).argmax()]


def load(path, workspace=None, **choices):
    return data.load(str(path), workspace=workspace, choices=Choices(**choices))


# Tones


def test_tones_are_the_same_notes_for_everyone():
    made = data.load("tones")
    assert made.kind == SOUND and made.x.shape == (tones.N_TRAIN, LENGTH, 1) and made.x.dtype == np.float32
    assert made.spec.trait("rate") == RATE and made.spec == library.described("tones").spec()
    assert len(made.x_test) == tones.N_TEST and set(made.y) == set(made.y_test) == {0, 1, 2, 3}
    assert np.array_equal(made.x * 32768, np.rint(made.x * 32768)), "numbers of 16 bits"
    assert 0.5 < np.abs(made.x).max() < 1 and (made.x.std(axis=(1, 2)) > 0.01).all()
    assert len(np.unique(np.concatenate([made.x, made.x_test]).reshape(-1, LENGTH)[:, 600:700], axis=0)) > 2300
    with pytest.raises(BadInput, match="sound and has no size"):
        data.load("tones", size=32)


def test_timbres_are_what_they_are_called():
    made = data.load("tones")
    spectra = np.abs(np.fft.rfft(made.x[..., 0], axis=1))
    breath = np.median(spectra[:, 1900:], axis=1) / spectra.max(axis=1)  # above 3.8 kHz, where no partial is
    assert all(breath[made.y == 2].mean() > 2 * breath[made.y == other].mean() for other in (0, 1, 3)), "a flute has breath"
    loud = np.abs(made.x[..., 0]).reshape(len(made), 10, -1).max(axis=2)
    fading = loud[:, 4] / loud.max(axis=1)
    assert fading[made.y == 3].mean() < 0.6 < 0.8 < fading[made.y == 1].mean(), "a bell fades, and a reed does not"


# Files of one's own


@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_class_folders_of_wav_files_become_labelled_clips(tmp_path, write):
    path = tmp_path / ("birds" if write is write_folder else "birds.zip")
    files = {f"{name}/{number}.wav": wav(1.0, hertz=hertz + number) for name, hertz in (("wren", 900), ("owl", 300))
             for number in range(6)}
    write(path, files | {"notes.txt": b"words"})
    made = load(path, tmp_path / "workspace")
    assert made.kind == SOUND and made.classes == ("owl", "wren") and made.x.shape[1:] == (LENGTH, 1)
    assert len(made) + len(made.x_test) == 24 and made.name.startswith("birds-")
    assert all(abs(loudest_hertz(clip[:, 0]) - (300 if label == 0 else 900)) < 10 for clip, label in zip(made.x, made.y))
    assert "12 files became 24 clips of 0.5 seconds at 8,000 Hz" in made.note
    assert "Every tenth file is the test set" in made.note
    assert all(not (test == made.x).all(axis=(1, 2)).any() for test in made.x_test)
    again = data.load(made.name, workspace=tmp_path / "workspace")
    assert np.array_equal(again.x, made.x) and np.array_equal(again.y_test, made.y_test) and again.note == made.note
    assert again.identity == made.identity and again.spec == made.spec
    info = next(info for info in data.catalogue(tmp_path / "workspace") if info.name == made.name)
    assert info.spec() == made.spec and info.count == len(made) and info.available


def test_whole_files_are_held_out_and_only_of_few_files_clips(tmp_path):
    write_folder(tmp_path / "many", {f"{n}.wav": wav(2.0, hertz=200 + 50 * n) for n in range(20)})
    many = load(tmp_path / "many")
    heard, new = ({round(loudest_hertz(clip[:, 0]) / 50) for clip in clips} for clips in (many.x, many.x_test))
    assert len(new) == 2 and not heard & new
    write_folder(tmp_path / "one", {"long.wav": wav(20.0)})
    one = load(tmp_path / "one")
    assert (len(one), len(one.x_test)) == (36, 4) and "Every tenth clip" in one.note
    write_folder(tmp_path / "few", {"short.wav": wav(2.0)})
    few = load(tmp_path / "few")
    assert (len(few), few.x_test) == (4, None) and "Too few clips" in few.note
    write_folder(tmp_path / "split", {f"{part}/{n}.wav": wav(hertz=300 + n) for part in ("train", "test") for n in range(4)})
    split = load(tmp_path / "split")
    assert (len(split), len(split.x_test), split.y) == (8, 8, None)


def bytes_of(levels, rate=RATE):
    file = io.BytesIO()
    wavfile.write(file, rate, levels)
    return file.getvalue()


def bits24(wave):
    body = b"".join(struct.pack("<i", int(level * (2**23 - 1)))[:3] for level in wave)
    return struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(body), b"WAVE", b"fmt ", 16, 1, 1, RATE, 3 * RATE, 3, 24,
                       b"data", len(body)) + body


def test_every_rate_width_and_number_of_channels_is_the_same_sound(tmp_path):
    stereo = np.stack([tone(), tone()], axis=1)
    files = {"8.wav": bytes_of((tone() * 127 + 128).astype(np.uint8)), "24.wav": bits24(tone()),
             "32.wav": bytes_of((tone() * (2**31 - 1)).astype(np.int32)), "float.wav": bytes_of(tone()),
             "stereo.WAV": bytes_of((stereo * 32767).astype(np.int16)), "cd.wav": wav(rate=44_100),
             "low.wav": wav(rate=6_000)}
    write_folder(tmp_path / "all", files)
    made = load(tmp_path / "all")
    clips = np.concatenate([made.x, made.x_test])
    assert len(clips) == 14 and "they had 6,000, 44,100 Hz" in made.note and made.skipped == 0
    assert all(abs(loudest_hertz(clip[:, 0]) - 440) < 3 and abs(np.abs(clip).max() - 0.5) < 0.06 for clip in clips)


def test_what_cannot_be_used_is_named_with_why(tmp_path):
    files = {f"good {n}.wav": wav(hertz=300 + n) for n in range(3)}
    files |= {"empty.wav": b"", "no sound.wav": bytes_of(np.zeros(0, np.int16)), "cut.wav": wav()[:30],
              "renamed.wav": b"ID3\x03" + bytes(200), "song.mp3": b"ID3\x03" + bytes(200), "cover.png": picture()}
    write_folder(tmp_path / "mixed", files)
    made = load(tmp_path / "mixed")
    assert len(made) == 6 and made.skipped == 5
    assert "4 that could not be used (cut.wav, empty.wav, no sound.wav, ...)" in made.note
    assert "empty.wav is empty; leave it out." in made.note and "cut.wav is no WAV file" in made.note
    assert "1 no WAV files, as which they are to be saved (song.mp3)" in made.note and "cover.png" in made.note


@pytest.mark.parametrize("files, why", [
    ({"a.wav": b"", "b.wav": b"RIFF"}, "no sound that can be used"), ({"a.mp3": bytes(99)}, "song|sound that can be used"),
    ({"a.wav": wav(loudness=0.0), "b.wav": wav(loudness=0.0)}, "can be heard"), ({"a.wav": wav(0.5)}, "at least two")])
@pytest.mark.parametrize("packed", [False, True])
def test_sets_without_sound_are_refused_with_a_sentence(tmp_path, files, why, packed):
    path = tmp_path / ("set.zip" if packed else "set")
    (write_zip if packed else write_folder)(path, files)
    with pytest.raises(BadInput, match=why) as refused:
        load(path)
    assert is_a_sentence(str(refused.value)) and str(tmp_path) not in str(refused.value)


def raw(tag, bits, content, rate=RATE, channels=1, promised=None):
    """A WAV file as its parts say, be they wrong."""
    align = max(1, channels * bits // 8)
    parts = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, tag, channels, rate, rate * align, align, bits)
    parts += b"data" + struct.pack("<I", len(content) if promised is None else promised) + content
    return b"RIFF" + struct.pack("<I", len(parts)) + parts


@pytest.mark.parametrize("content, why", [
    (raw(7, 8, bytes(4000)), "MULAW.*not compressed"), (raw(2, 4, bytes(4000)), "ADPCM.*not compressed"), (b"", "is empty"),
    (bytes_of(np.zeros(0, np.int16)), "holds no sound"), (raw(1, 16, wav()[44:], rate=1), "1 samples a second"),
    (b"ID3\x03" + bytes(200), "no WAV file"),
    (raw(1, 8, bytes(11_000_000), rate=1000), "lasts 3.1 hours and 2.8 are the limit")],
    ids=["mu-law", "adpcm", "empty", "no frames", "slow", "mp3", "long"])
def test_a_file_alone_is_refused_with_its_own_reason(tmp_path, content, why):
    (tmp_path / "one.wav").write_bytes(content)
    with pytest.raises(BadInput, match=why) as refused:
        load(tmp_path / "one.wav")
    assert is_a_sentence(str(refused.value)) and str(refused.value).startswith("one.wav ")


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "one.wav").write_bytes(wav())
    monkeypatch.setattr(waves, "LARGEST", 100)
    monkeypatch.setattr(own_sounds, "_made", None)
    with pytest.raises(BadInput, match="one.wav has 0 MB and a sound may have 0"):
        load(tmp_path / "one.wav")


def test_floats_that_were_meant_as_whole_numbers_stay_a_wave_and_a_glitch_is_cut():
    for scale in (1.0, 32768.0, 2.0**31):
        read, _ = waves.read(raw(3, 32, (tone(1.0) * np.float32(scale)).astype("<f4").tobytes()), "a.wav")
        np.testing.assert_allclose(read * np.abs(tone(1.0)).max() / np.abs(read).max(), tone(1.0), atol=1e-5)
    glitch = tone(1.0).astype("<f4")
    glitch[[5, 6, 7, 8]] = np.nan, np.inf, 1e9, -np.inf
    read, _ = waves.read(raw(3, 32, glitch.tobytes()), "a.wav")
    assert read[5:9].tolist() == [0.0, 1.0, 1.0, -1.0]
    assert np.array_equal(read[9:], glitch[9:]) and np.array_equal(read[:5], glitch[:5])


@pytest.mark.parametrize("missing", [1, 3, 5])
def test_what_a_broken_recording_has_is_used(tmp_path, missing):
    """Its header promises more than there is, and the last moment is not whole."""
    both = np.repeat((tone(2.0) * 32767).astype("<i2"), 2).tobytes()
    (tmp_path / "one.wav").write_bytes(raw(1, 16, both[:-missing], channels=2, promised=2**31))
    made = load(tmp_path / "one.wav")
    assert len(made) == 4 and np.abs(made.x).max() > 0.4


def test_silence_is_left_out_and_counted_and_quiet_sets_are_made_louder(tmp_path):
    still = np.concatenate([tone(0.5), np.zeros(LENGTH, np.float32), tone(0.5, hertz=600)])
    write_folder(tmp_path / "gaps", {"a.wav": waves.as_wav(still, RATE), "b.wav": wav(1.0, loudness=0.001)})
    made = load(tmp_path / "gaps")
    assert len(made) == 2 and "3 silent clips were left out." in made.note
    write_folder(tmp_path / "quiet", {"a.wav": wav(1.0, loudness=0.03)})
    quiet = load(tmp_path / "quiet")
    assert np.abs(quiet.x).max() == pytest.approx(0.9, abs=0.01) and "30 times as loud" in quiet.note


def test_short_files_and_ends_are_filled_up_with_silence(tmp_path):
    write_folder(tmp_path / "short", {"short.wav": wav(0.2), "more.wav": wav(0.8), "less.wav": wav(0.7)})
    made = load(tmp_path / "short")
    assert len(made) == 4, "0.2 s; 0.5 and 0.3 s; 0.5 s and not the 0.2 s behind it"
    ends = sorted(int(np.flatnonzero(clip[:, 0])[-1]) for clip in made.x)
    assert abs(ends[0] - 0.2 * RATE) < 20 and abs(ends[1] - 0.3 * RATE) < 20


def test_one_file_alone_is_a_set_and_so_is_a_tar(tmp_path):
    (tmp_path / "rain.wav").write_bytes(wav(3.0))
    rain = load(tmp_path / "rain.wav", tmp_path / "workspace")
    assert len(rain) == 6 and rain.name.startswith("rain-") and library.kind_at(str(tmp_path / "rain.wav")) == SOUND
    assert np.array_equal(data.load("rain", workspace=tmp_path / "workspace").x, rain.x)
    with tarfile.open(tmp_path / "words.tar.gz", "w:gz") as archive:
        for name in ("yes", "no"):
            for number in range(2):
                entry = tarfile.TarInfo(f"words/{name}/{number}.wav")
                entry.size = len(content := wav(hertz=300 + number))
                archive.addfile(entry, io.BytesIO(content))
    words = load(tmp_path / "words.tar.gz")
    assert words.classes == ("no", "yes") and len(words) == 8
    (tmp_path / "song.mp3").write_bytes(b"ID3" + bytes(300))
    with pytest.raises(BadInput, match="song.mp3 holds no sound that can be used") as refused:
        load(tmp_path / "song.mp3")
    assert is_a_sentence(str(refused.value))


def test_pictures_stay_pictures_and_choices_for_them_are_refused_for_sound(tmp_path):
    write_folder(tmp_path / "pets", {f"{n}.png": picture(seed=n) for n in range(3)} | {"purr.wav": wav()})
    assert load(tmp_path / "pets").kind == "images" and library.kind_at(str(tmp_path / "pets")) == "images"
    write_folder(tmp_path / "sounds", {f"{name}/{n}.wav": wav(hertz=300 + n) for name in "ab" for n in range(2)})
    assert load(tmp_path / "sounds", rename="a=alpha").classes == ("alpha", "b")
    with pytest.raises(BadInput, match="ground=white") as refused:
        load(tmp_path / "sounds", ground="white")
    assert is_a_sentence(str(refused.value))
    with pytest.raises(BadInput, match="no size in pixels"):
        data.load(str(tmp_path / "sounds"), size=32)


def test_more_than_can_be_held_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(own_sounds, "MOST", 3)
    write_folder(tmp_path / "long", {f"{n}.wav": wav() for n in range(2)})
    with pytest.raises(BadInput, match="give fewer files") as refused:
        load(tmp_path / "long")
    assert is_a_sentence(str(refused.value))


def test_what_changed_is_another_set_and_what_is_damaged_is_told(tmp_path):
    workspace = tmp_path / "workspace"
    write_folder(tmp_path / "set", {f"{n}.wav": wav(hertz=300 + n) for n in range(3)})
    first = load(tmp_path / "set", workspace)
    write_folder(tmp_path / "set", {"3.wav": wav(hertz=500)})
    second = load(tmp_path / "set", workspace)
    assert first.name != second.name and (len(first), len(second)) == (6, 8)
    file, = (workspace / "datasets").glob(f"{first.name}.sound.npz")
    file.write_bytes(file.read_bytes()[:200])
    info = next(info for info in data.catalogue(workspace) if info.name == first.name)
    assert not info.available and is_a_sentence(info.note)
    with pytest.raises(StoreError, match="import its sound again"):
        data.load(first.name, workspace=workspace)
