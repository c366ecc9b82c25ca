"""Music from files: what MIDI says, what of it is learned, and what is said of files that cannot be used."""

import io
import json
import random
import zipfile

import mido
import numpy as np
import pytest

from gan_core import data
from gan_core.data import MUSIC, Choices, rolls
from gan_core.data.sets import chorales, midi_files
from gan_core.errors import BadInput, StoreError
from gan_core.modalities.base import modality, save_as
from gan_core.sound import midi
from gan_core.sound.midi import Part, Piece, Sounded
from helpers_runs import cli, is_a_sentence


def tune(bars=8, voices=2, seed=0, bar=4.0, name="voice"):
    """A note on every quarter of each voice."""
    rng = np.random.default_rng(seed)
    return Piece(tuple(Part(f"{name} {voice}", tuple(Sounded(float(beat), 1.0, int(pitch)) for beat, pitch in enumerate(
        rng.integers(50, 70, int(bars * bar))))) for voice in range(voices)), bar)


def put(path, piece):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(midi.written(piece))
    return str(path)


# Files


def test_what_is_written_is_read_again():
    piece = Piece((Part("one", (Sounded(0.0, 0.5, 60), Sounded(0.5, 0.25, 60), Sounded(1.0, 1.0, 64))),
                   Part("Zwei – é", (Sounded(0.0, 4.0, 40),))), 3.0, 0.6, ((0.0, "phrase 1"), (3.0, "phrase 2: Größe")))
    assert midi.read(midi.written(piece), "x.mid") == piece


def test_drums_are_left_out_and_open_notes_end_with_their_track():
    file, track = mido.MidiFile(type=0, ticks_per_beat=96), mido.MidiTrack()
    file.tracks.append(track)
    track += [mido.Message("note_on", channel=9, note=35, velocity=90),
              mido.Message("note_on", channel=1, note=60, velocity=9),
              mido.Message("note_on", channel=3, note=62, velocity=9, time=96),
              mido.Message("note_on", channel=3, note=62, velocity=0, time=48), mido.MetaMessage("end_of_track", time=48)]
    content = io.BytesIO()
    file.save(file=content)
    piece = midi.read(content.getvalue(), "x.mid")
    assert [part.notes for part in piece.parts] == [(Sounded(0.0, 2.0, 60),), (Sounded(1.0, 0.5, 62),)] and piece.drums == 1


def long(quarters, seconds=0.5):
    return midi.written(Piece((Part("a", (Sounded(quarters - 1.0, 1.0, 60),)),), seconds=seconds))


@pytest.mark.parametrize("content, says", [
    (b"", "is empty"), (b"RIFF" + bytes(100), "no MIDI file"), (midi.written(tune())[:60], "no MIDI file"),
    (midi.written(Piece(())), "no notes"), (long(7200), "lasts 60 minutes"), (long(12_001, 0.01), "12,001 quarter notes"),
    (bytes(3 * 10**6), "more than the 2 MB")], ids=["empty", "riff", "cut", "silent", "an hour", "hidden", "large"])
def test_files_that_cannot_be_used_are_told(tmp_path, content, says):
    (tmp_path / "bad.mid").write_bytes(content)
    with pytest.raises(BadInput, match=says) as refused:
        data.load(str(tmp_path / "bad.mid"))
    assert is_a_sentence(str(refused.value)) and "bad.mid" in str(refused.value)


def test_twenty_tracks_and_odd_bars_are_told(tmp_path):
    for piece, says in ((tune(voices=20), "has 20 tracks that sound, and 8 are learned"),
                        (tune(bar=0.5, bars=64), "bars of 2")):
        with pytest.raises(BadInput, match=says) as refused:
            data.load(put(tmp_path / "many.mid", piece))
        assert is_a_sentence(str(refused.value))


def test_damage_of_any_kind_is_a_sentence_or_music():
    rng, whole = random.Random(0), midi.written(tune())
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            assert midi.read(bytes(damaged[:rng.randrange(20, len(damaged) + 1)]), "x.mid").parts
        except BadInput as refused:
            assert is_a_sentence(str(refused))


# Rolls


def test_notes_come_back_from_a_roll_but_equal_ones_that_touch_are_one():
    notes = [(0.0, 0.5, 60), (0.5, 0.5, 62), (1.0, 0.25, 62), (3.75, 0.25, 71)]
    roll = rolls.roll_of(notes, 16, 60, 12)
    assert rolls.notes_of(roll).tolist() == [[0, 2, 0], [2, 3, 2], [15, 1, 11]]
    assert not rolls.roll_of([(0.0, 1.0, 59), (0.0, 1.0, 72)], 16, 60, 12).any() and rolls.notes_of(roll[:0]).shape == (0, 3)


def test_a_note_sounds_for_a_step_at_least():
    assert rolls.notes_of(rolls.roll_of([(0.26, 0.01, 60)], 8, 60, 12)).tolist() == [[1, 1, 0]]


# Data of one's own


def test_a_folder_a_zip_and_a_file_become_phrases(tmp_path):
    folder, pieces = tmp_path / "tunes", [tune(seed=seed, bars=9) for seed in range(3)]
    for number, piece in enumerate(pieces):
        put(folder / "below" / f"{number}.MID", piece)
    (folder / "readme.txt").write_text("notes")
    with zipfile.ZipFile(tmp_path / "tunes.zip", "w") as pack:
        for file in sorted(folder.rglob("*.MID")):
            pack.write(file, file.name)
    dataset = data.load(str(folder), workspace=tmp_path / "ws")
    assert dataset.kind == MUSIC and dataset.x.dtype == np.uint8
    assert dataset.x.shape[:2] == (6, 64) and dataset.x.shape[3] == 2
    layout = rolls.Layout.of(dataset.traits)
    assert layout.voices == ("voice 0", "voice 1") and layout.bar == 16 and layout.seconds == 0.125 and layout.single
    assert is_a_sentence(dataset.note) and "3 pieces in 2 voices" in dataset.note
    first = [(note.start, note.pitch) for note in pieces[0].parts[1].notes if note.start < 16]
    sounding = (dataset.x[0, ::4, :, 1] > 0).argmax(axis=1) + layout.lowest
    assert list(enumerate(sounding)) == first
    packed = data.load(str(tmp_path / "tunes.zip"), workspace=tmp_path / "ws")
    assert packed.name == dataset.name and packed.identity == dataset.identity, "the same content"
    again = data.load(dataset.name, workspace=tmp_path / "ws")
    assert again.spec == dataset.spec and np.array_equal(again.x, dataset.x)
    info = next(info for info in data.catalogue(tmp_path / "ws") if info.name == dataset.name)
    assert info.spec() == dataset.spec and info.count == 6
    one = data.load(str(folder / "below" / "0.MID"), choices=Choices(bars="1"))
    assert len(one) == 9 and one.x.shape[1] == 16


def test_files_unlike_the_others_are_left_out_and_named(tmp_path):
    for number in range(3):
        put(tmp_path / "t" / f"{number}.mid", tune(seed=number))
    put(tmp_path / "t" / "trio.mid", tune(voices=3))
    put(tmp_path / "t" / "waltz.mid", tune(bar=3.0))
    put(tmp_path / "t" / "short.mid", tune(bars=1))
    (tmp_path / "t" / "broken.mid").write_bytes(b"nothing")
    dataset = data.load(str(tmp_path / "t"))
    assert len(dataset) == 6
    assert all(name in dataset.note for name in ("trio.mid", "waltz.mid", "short.mid", "broken.mid"))
    assert is_a_sentence(dataset.note)


def test_what_cannot_be_a_dataset_is_told(tmp_path):
    short = put(tmp_path / "short.mid", tune(bars=2))
    for ask, says in ((lambda: data.load(short, choices=Choices(bars="8")), "choose fewer bars"),
                      (lambda: data.load(short, size=32), "no size in pixels"),
                      (lambda: data.load(short, choices=Choices(fit="pad")), "fit=pad"),
                      (lambda: data.load(str(tmp_path), choices=Choices(bars="2", ground="white")), "ground=white")):
        with pytest.raises(BadInput, match=says) as refused:
            ask()
        assert is_a_sentence(str(refused.value))
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as pack:
        pack.writestr("a.mid", b"x")
        pack.writestr("b.mid", b"y")
    with pytest.raises(BadInput, match="None of the 2 MIDI files in bad.zip") as refused:
        data.load(str(tmp_path / "bad.zip"))
    assert is_a_sentence(str(refused.value))


def test_bars_mean_nothing_for_images(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(4 * 64, dtype=np.uint8).reshape(4, 8, 8))
    with pytest.raises(BadInput, match="bars=2") as refused:
        data.load(str(tmp_path / "a.npy"), choices=Choices(bars="2"))
    assert is_a_sentence(str(refused.value))


def test_a_kept_file_that_is_damaged_is_told_and_made_again(tmp_path):
    path, workspace = put(tmp_path / "a.mid", tune()), tmp_path / "ws"
    dataset = data.load(path, workspace=workspace)
    kept = workspace / "datasets" / f"{dataset.name}.music.npz"
    kept.write_bytes(b"damaged")
    with pytest.raises(StoreError, match="damaged"):
        data.load(dataset.name, workspace=workspace)
    assert not next(info for info in data.catalogue(workspace) if info.name == dataset.name).available
    assert np.array_equal(data.load(path, workspace=workspace).x, dataset.x) and kept.stat().st_size > 100


# Chorales


@pytest.fixture
def placed(tmp_path, monkeypatch):
    """``placed(content)`` puts a chorales.json where it is looked for."""
    monkeypatch.setenv("GAN_DATA", str(tmp_path))
    monkeypatch.setattr(chorales.importlib.util, "find_spec", lambda name: None)

    def put_there(content):
        (tmp_path / chorales.FILE).write_text(content if isinstance(content, str) else json.dumps(content))
    return put_there


def chorale(steps, seed=0):
    return np.random.default_rng(seed).integers(60, 70, (steps, 1)).repeat(4, axis=1).tolist()


def test_chorales_are_read_with_their_own_test_set(placed):
    silent = [[60, 60, 60, -1]] * 64
    placed({"train": [chorale(100)], "valid": [chorale(64, 1)], "test": [silent]})
    dataset = data.load("chorales")
    assert dataset.x.shape == (4, 64, 46, 4) and dataset.x_test.shape == (1, 64, 46, 4)
    assert (dataset.x_test > 0).any(axis=2).all(axis=(0, 1)).tolist() == [True, True, True, False]
    assert ((dataset.x[1] > 0).argmax(axis=1) + 36).tolist() == chorale(100)[16:80], "one phrase from every bar on"
    info = next(info for info in data.catalogue() if info.name == "chorales")
    assert info.available and info.count == 4 and info.spec() == dataset.spec


@pytest.mark.parametrize("content, says", [
    (None, "GAN_DATA names, or `pip install music21`"), ("nonsense", "does not hold chorales"),
    ({"train": []}, "does not hold"),
    ({"train": [[[1, 2, 3]]], "test": []}, "does not hold"), ({"train": [[[60, 60, 60, 128]]], "test": []}, "does not hold"),
    ({"train": [chorale(16)], "test": [chorale(64)]}, "no chorale of 4 bars")])
def test_where_there_are_none_it_is_said(placed, content, says):
    if content is not None:
        placed(content)
    with pytest.raises(BadInput, match=says) as refused:
        data.load("chorales")
    assert is_a_sentence(str(refused.value))
    info = next(info for info in data.catalogue() if info.name == "chorales")
    assert not info.available and info.note == str(refused.value)


# Samples in files


def test_one_rule_makes_notes():
    kind, spec = modality(MUSIC), modality(MUSIC).example
    chances = np.full((1, 64, 46, 4), 0.0, np.float32)
    chances[0, 0, :3, 0] = 0.3, 0.4, 0.2  # the likeliest, though silence has 0.1 alone
    chances[0, 1, :2, 0] = 0.3, 0.3  # silence has 0.4
    on = kind.rounded(2 * chances - 1, spec)[0, :, :, 0] > 0
    assert np.argwhere(on).tolist() == [[0, 1]]
    many = rolls.Layout(("a", "b", "c", "d"), 36, 16, 0.1, False)
    on = kind.rounded(2 * chances - 1 + 0.3, data.DataSpec(MUSIC, (64, 46, 4), traits=many.traits)) > 0
    assert np.argwhere(on).tolist() == [[0, 0, 1, 0]], "each pitch that is more likely than not"


def test_anybodys_file_is_loaded_as_phrases(tmp_path):
    layout, kind = rolls.Layout(("a", "b"), 36, 16, 0.1, True), modality(MUSIC)
    spec = data.DataSpec(MUSIC, (64, 46, 2), traits=layout.traits)
    samples = kind.load(put(tmp_path / "a.mid", tune(bars=9)), spec).samples
    assert samples.shape == (2, 64, 46, 2) and (samples > 0).sum(axis=2).max() == 1
    for piece, says in ((tune(voices=3), "has 3 voices"), (Piece((Part("", (Sounded(0.0, 1.0, 99),)),) * 2), "pitch 99")):
        with pytest.raises(BadInput, match=says) as refused:
            kind.load(put(tmp_path / "b.mid", piece), spec)
        assert is_a_sentence(str(refused.value))


def test_a_wave_of_hours_is_refused(tmp_path, noise):
    dataset = noise(MUSIC, n=2)
    with pytest.raises(BadInput, match="draw fewer, or write .mid") as refused:
        save_as(modality(MUSIC), tmp_path / "long.wav", data.floats(dataset.x)[[0] * 2000], dataset.spec)
    assert is_a_sentence(str(refused.value))


def test_what_is_heard_is_what_is_drawn(noise):
    from scipy.io import wavfile

    dataset, kind = noise(MUSIC, n=8), modality(MUSIC)
    samples = -np.ones((1, *dataset.spec.shape), np.float32)
    samples[0, :, 9, 0] = 1  # A4, 440 Hz, for 0.8 seconds
    heard = kind.heard(samples, dataset.spec)
    rate, wave = wavfile.read(io.BytesIO(heard.data))
    assert heard.mime == "audio/wav" and 0.8 <= len(wave) / rate < 1
    assert abs(np.abs(np.fft.rfft(wave)).argmax() * rate / len(wave) - 440) < 3
    assert kind.figures(samples, dataset)["quietest_voice"] == 0.0
    again = kind.rounded(data.floats(dataset.x), dataset.spec)
    assert kind.figures(again, dataset)["quietest_voice"] == pytest.approx(1, abs=0.01)


def test_music_is_learned_scored_and_sampled_from_the_command_line(tmp_path):
    for number in range(3):
        put(tmp_path / "tunes" / f"{number}.mid", tune(seed=number, bars=40))
    workspace = tmp_path / "ws"
    trained = cli("train", "musegan", "--data", tmp_path / "tunes", "--import", "bars=1", "--steps", 3, "--set", "filters=2",
                  "--set", "latent=4", "--set", "batch_size=8", "--set", "discriminator_updates=1", "--set",
                  "probe_seconds=0.001", "--set", "precision=float32", workspace=workspace)
    assert trained.code == 0, trained.err
    run = trained.out.splitlines()[-1]
    for suffix, begins in ((".mid", b"MThd"), (".wav", b"RIFF"), (".png", b"\x89PNG")):
        assert cli("sample", run, "--n", 3, "--out", tmp_path / f"out{suffix}", workspace=workspace).code == 0
        assert (tmp_path / f"out{suffix}").read_bytes().startswith(begins)
    scores = json.loads(cli("evaluate", run, "--json", "--n", 30, workspace=workspace).out)
    keys = ("empty_bars", "used_pitch_classes", "qualified_notes", "tonal_distance", "parallel_fifths")
    ends = ("", "_floor", "_independent_voices", "_shuffled_voices")
    assert {key + end for key in keys[:4] for end in ends} <= scores.keys() and "kernel" in scores
    assert scores["used_pitch_classes_floor"] > 1 and 0 <= scores["qualified_notes"] <= 1
    assert "Independent voices" in cli("evaluate", run, "--n", 30, workspace=workspace).out
    assert cli("sample", run, "--n", 3, "--out", tmp_path / "out.csv", workspace=workspace).code == 2


def test_only_music_is_taken_for_music(tmp_path):
    assert midi_files.is_music(put(tmp_path / "a.mid", tune())) and midi_files.is_music(str(tmp_path))
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(b"")
    assert not midi_files.is_music(str(tmp_path)) and not midi_files.is_music(str(tmp_path / "0.png"))
