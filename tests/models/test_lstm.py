"""The character LSTM: likelihoods that see nothing of what comes, samples that follow from their inputs; and it learns."""

import io
import json

import numpy as np
import pytest
from keras import ops
from PIL import Image

from gan_core.data import TEXT, Dataset, characters, tune_grammar
from gan_core.errors import BadInput
from gan_core.modalities.base import modality
from gan_core.modalities.text import RULE
from gan_core.models import inputs
from gan_core.models.networks import recurrent
from gan_core.models.registry import architecture
from gan_core.sound import waves
from gan_core.tasks import sampling
from gan_core.training import loop
from gan_core.training.recorder import MemoryRecorder
from helpers_engine import array
from helpers_runs import cli, is_a_sentence
from helpers_zoo import built, trained

CELLS = [("lstm", 1), ("lstm", 2), ("gru", 1)]


def grown(noise, **knobs):
    """A miniature whose weights are as large as those of one that was trained."""
    model, rng = built("lstm", noise(TEXT).spec, **knobs), np.random.default_rng(1)
    for variable in model.variables:
        if "float" in variable.dtype:
            variable.assign(rng.normal(0, 0.8, variable.shape))
    return model


@pytest.mark.parametrize("cell, depth", CELLS)
def test_a_character_is_said_by_those_before_it_alone(noise, cell, depth):
    model, codes = grown(noise, cell=cell, depth=depth, dropout=0.0), noise(TEXT).x[:4].astype(np.int32)
    codes[:, :] = np.where(codes == 0, 1, codes)  # none of them ends
    said = model.surprise(codes)
    for place in (0, 5, 11):
        other = codes.copy()
        other[:, place] = codes[:, place] % 7 + 1
        again = model.surprise(other)
        np.testing.assert_allclose(again[:, :place], said[:, :place], rtol=1e-5)
        assert (np.abs(again[:, place:] - said[:, place:]) > 1e-4).any(axis=0).all(), "and by all of those"


@pytest.mark.parametrize("cell, depth", CELLS)
def test_what_is_drawn_step_by_step_is_what_the_network_says(noise, cell, depth):
    """Each code is where the cumulated probability, as the network gives it of all at once, passes its number."""
    model = grown(noise, cell=cell, depth=depth, dropout=0.0)
    drawn = inputs.draw(model.inputs(), 40, 0)
    codes = np.asarray(model.sample(drawn))
    logits = array(model.sampler("network")(recurrent.before(ops.convert_to_tensor(codes))))
    p = np.exp(logits - logits.max(axis=-1, keepdims=True)).astype(np.float64)
    heights = np.cumsum(p, axis=-1) / p.sum(axis=-1, keepdims=True)
    expected = (heights[..., :-1] <= drawn["uniform"][..., None]).sum(axis=-1)
    alive = characters.counted(codes)
    close = np.abs(heights - drawn["uniform"][..., None]).min(axis=-1) < 1e-5
    assert (expected == codes)[alive & ~close].all() and (codes[~alive] == 0).all()
    assert len(np.unique(codes)) > 4 and alive.sum() > 100


def test_the_bits_of_a_text_are_what_training_lowers(noise):
    model, codes = grown(noise, dropout=0.0), noise(TEXT).x[:30]
    loss, logs = model.negative_log_likelihood({"real": ops.convert_to_tensor(codes.astype(np.float32))})
    assert float(logs["training_bits"]) == pytest.approx(float(loss) / np.log(2), rel=1e-5)
    model.averages = {}
    bits = model.surprise(codes)
    assert np.array_equal(np.isnan(bits), ~characters.counted(codes))
    assert np.nanmean(bits) == pytest.approx(float(logs["training_bits"]), rel=1e-4)


def test_temperature_and_top_k_do_what_they_say(noise):
    model = grown(noise, dropout=0.0)
    usual = inputs.draw(model.inputs(), 200, 0)
    greedy = usual | {"top_k": np.ones(200, np.float32)}
    cold = usual | {"temperature": np.full(200, 0.05, np.float32)}
    likeliest = np.asarray(model.sample(greedy))
    assert (likeliest == likeliest[0]).all(), "of one character there is nothing to choose"
    same = [(np.asarray(model.sample(given)) == likeliest[0])[:, 0].mean() for given in (cold, usual)]
    assert same[0] > 0.95 > same[1]
    three = np.asarray(model.sample(usual | {"top_k": np.full(200, 3, np.float32)}))
    assert len(np.unique(three[:, 0])) == 3 < len(np.unique(np.asarray(model.sample(usual))[:, 0]))
    chosen, _ = sampling.draw_from(model, 5, chosen={"temperature": "0.8", "top_k": "2"})
    assert chosen.shape == (5, 12)
    for wrong in ({"temperature": "0"}, {"top_k": "-1"}, {"heat": "1"}):
        with pytest.raises(BadInput):
            sampling.draw_from(model, 5, chosen=wrong)


def test_the_first_samples_of_a_seed_are_the_same_however_many(noise_for):
    model = trained("lstm", TEXT, noise_for)
    few, many = (sampling.draw_from(model, n, seed=3)[0] for n in (3, 9))
    assert np.array_equal(few, many[:3]) and not np.array_equal(few, sampling.draw_from(model, 3, seed=4)[0])


def test_a_text_without_its_characters_is_refused():
    cls = architecture("lstm")
    with pytest.raises(BadInput, match="needs to know the characters"):
        cls(cls.Config.tiny(), Dataset("t", TEXT, np.zeros((3, 4), np.uint16), None).spec)


def test_it_learns_what_no_trigram_can(tiny_spec):
    """A bracket that opened eight characters before decides how it closes."""
    from gan_core.evaluation.metrics.ngram_models import NGramModel

    rng = np.random.default_rng(0)
    opening = rng.integers(0, 2, 900)
    middle = rng.integers(0, 2, (900, 8))
    lines = ["(["[kind] + "".join("ab"[letter] for letter in letters) + ")]"[kind]
             for kind, letters in zip(opening, middle)]
    rows = characters.encoded(lines, "()[]ab", 11)
    dataset = Dataset("brackets", TEXT, rows[:800], None, x_test=rows[800:], traits=(("characters", "()[]ab"),))
    spec = tiny_spec("lstm", dataset, steps=500, units=24, embedding=8, batch_size=64, learning_rate=1e-2, ema_decay=0.9,
                     dropout=0.0)
    model = loop.build(spec)
    before = np.nanmean(model.surprise(dataset.x_test))
    assert loop.fit(model, spec, dataset, MemoryRecorder()).status == "finished"
    after = np.nanmean(model.surprise(dataset.x_test))
    trigram = NGramModel(dataset.x, 7, 3).bits(dataset.x_test).mean()
    least = 9 / 11  # nine of eleven are thrown, a bit each
    assert before == pytest.approx(np.log2(7), abs=0.1) and trigram > least + 0.06
    assert after < least + 0.03, "and it knows the bracket"
    texts = characters.decoded(np.asarray(model.sample(inputs.draw(model.inputs(), 200, 0))), "()[]ab")
    assert np.mean([len(text) == 10 and text[0] + text[-1] in ("()", "[]") for text in texts]) > 0.9


# From the command line


def test_a_text_of_ones_own_is_learned_scored_and_written(tmp_path):
    workspace, letters = tmp_path / "ws", "abc äß中🎻.\n"
    rng = np.random.default_rng(0)
    text = "".join(letters[k] for k in rng.integers(0, len(letters), 24_000))
    (tmp_path / "mine.txt").write_text(text, encoding="utf-8")
    done = cli("train", "lstm", "--data", tmp_path / "mine.txt", "--steps", 3, "--set", "units=8", "--set", "batch_size=8",
               "--set", "probe_seconds=0.001", workspace=workspace)
    assert done.code == 0, done.err
    run = done.out.splitlines()[-1]
    scores = json.loads(cli("evaluate", run, "--n", 20, "--json", workspace=workspace).out)
    assert {"bits_per_character", "bits_per_character_unigram", "bits_per_character_trigram", "longest_copy",
            "longest_copy_floor", "repetition", "repetition_floor", "kernel"} <= scores.keys()
    assert not {"tunes_parse", "frechet", "psnr"} & scores.keys() and 2 < scores["bits_per_character"] < 5
    table = cli("evaluate", run, "--n", 20, workspace=workspace).out
    assert "Bits a character" in table and "Trigram" in table
    written = cli("sample", run, "--n", 3, "--out", tmp_path / "out.txt", "--with", "temperature=0.8", "--with", "top_k=3",
                  workspace=workspace)
    assert written.code == 0, written.err
    texts = (tmp_path / "out.txt").read_text(encoding="utf-8").split(f"\n{RULE}\n")
    assert len(texts) == 3 and set("".join(texts)) <= set(letters)
    refused = cli("sample", run, "--out", tmp_path / "out.png", workspace=workspace)
    assert refused.code == 2 and ".txt" in refused.err and is_a_sentence(refused.err)
    curves = cli("metrics", run, workspace=workspace).out
    assert all(name in curves for name in ("bits_per_character", "bits_seen", "repetition_real", "training_bits"))


def test_tunes_are_heard_and_seen_and_other_texts_are_not():
    kind, spec = modality(TEXT), modality(TEXT).example
    tune, other = tune_grammar.tunes(1, 0)[0], "|:abc|"
    rows = characters.encoded([other, tune], spec.trait("characters"), spec.shape[0]).astype(np.float32)
    heard = kind.heard(rows, spec)
    wave, rate = waves.read(heard.data, "a.wav")
    assert heard.mime == "audio/wav" and rate == 11_025 and 5 < len(wave) / rate <= 16 and len(heard.data) < 400_000
    assert np.abs(wave).max() > 0.3 and kind.heard(rows[:1], spec) is None
    assert [kind.portrait(rows[place:], spec).mime for place in (0, 1)] == ["text/plain", "image/png"]
    picture = np.asarray(Image.open(io.BytesIO(kind.portrait(rows[1:], spec).data)).convert("RGBA"))
    assert (picture[..., 3] > 0).mean() > 0.02, "some notes"
    sheet = kind.draw(rows, spec).data.decode()
    assert tune in sheet and sheet.index("1") < sheet.index(other) < sheet.index(tune)
