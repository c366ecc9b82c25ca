"""How rows of a table are told to networks: modes, choices, records; and that the families for tables do as they say."""

import dataclasses

import numpy as np
import pytest
from keras import ops

from gan_core.data import TABLE, Dataset
from gan_core.data.batches import batches
from gan_core.data.columns import category, decoded, encoded, number
from gan_core.errors import BadInput
from gan_core.modalities.base import modality
from gan_core.models import inputs
from gan_core.models.networks.ordered import ordered
from gan_core.models.networks.records import Records
from gan_core.models.networks.rows import MODES, Choices, RowCode, one_of, refusal
from gan_core.models.registry import architecture
from gan_core.training import loop
from gan_core.training.recorder import MemoryRecorder
from helpers_engine import array
from helpers_runs import is_a_sentence

pytestmark = pytest.mark.settled

N = 400
NAMES = ("peaks", "letter", "count", "yes", "size")


def values(n=N, seed=0):
    """Two peaks, a frequent letter and a rare one, counts, yes and no, and a size that follows from the peak."""
    rng = np.random.default_rng(seed)
    left = rng.random(n) < 0.5
    return [np.where(left, rng.normal(-5, 1, n), rng.normal(5, 0.2, n)), rng.choice(list("abc"), n, p=[0.9, 0.08, 0.02]),
            rng.poisson(3, n), rng.choice(["no", "yes"], n), np.where(left, "small", "large").astype(object)]


COLUMNS = tuple(make(name, these, *more) for make, name, these, more in zip(
    (number, category, number, category, category), NAMES, values(), ((None,), (), (0,), (), ())))
ROWS = encoded(COLUMNS, values())


def code(columns=COLUMNS, rows=ROWS):
    import keras

    made = RowCode(columns, lambda name, start: keras.Variable(start, trainable=False))
    return made, made.fit(rows, 0)


# Modes and choices


def test_modes_are_found_and_told():
    made, said = code()
    assert said.startswith("Modes of each number: peaks 2, count ")
    means = np.sort(array(made._means)[0, :2] * COLUMNS[0].deviation + COLUMNS[0].mean)
    np.testing.assert_allclose(means, [-5, 5], atol=0.3)
    assert made.width == 2 + 2 * MODES + sum(column.width for column in COLUMNS if column.categories)


def test_a_table_too_wide_for_these_networks_is_refused_before_it_takes_the_memory():
    """Ten thousand columns of numbers, which a table may have, would be a critic of ten gigabytes."""
    columns = tuple(number(f"n{place}", [0.0, 1.5], None) for place in range(10_000))
    spec = Dataset("t", TABLE, np.zeros((2, 10_000), np.float32), None, columns=columns).spec
    for name in ("ctgan", "tvae"):
        cls = architecture(name)
        with pytest.raises(BadInput, match="becomes 110,000 numbers, 11 for each column of numbers, and 20,000") as refused:
            cls(cls.Config.tiny(), spec)
        assert is_a_sentence(str(refused.value))
    assert not refusal(columns[:1800])


def test_a_row_comes_back_from_its_code_whichever_mode_is_drawn():
    made, _ = code()
    for chance in (None, np.random.default_rng(0).random((N, 2)).astype(np.float32)):
        told = array(made.encoded(ROWS, chance))
        assert np.abs(told[:, :2]).max() < 1 and (told[:, 2:2 + MODES].sum(axis=1) == 1).all()
        np.testing.assert_allclose(array(made.decoded(told)), ROWS, atol=1e-5)


def test_before_it_has_seen_data_each_number_has_one_mode():
    import keras

    made = RowCode(COLUMNS, lambda name, start: keras.Variable(start, trainable=False))
    told = array(made.encoded(ROWS))
    assert (told[:, 2] == 1).all()
    inside = np.abs(ROWS[:, [0, 4]]).max(axis=1) < 3.9
    np.testing.assert_allclose(array(made.decoded(told))[inside], ROWS[inside], atol=1e-5)


def test_a_column_of_one_value_and_a_table_without_numbers():
    constant = (number("only", [3.0, 3.0, 3.0]), COLUMNS[1])
    rows = encoded(constant, [[3.0, 3.0, 3.0], ["a", "b", "c"]])
    made, _ = code(constant, rows)
    np.testing.assert_allclose(array(made.decoded(made.encoded(rows))), rows, atol=1e-5)
    rows = encoded(COLUMNS[1:2], [values()[1]])
    names, said = code(COLUMNS[1:2], rows)
    assert said == "" and names.numbers == 0 and names.width == 3
    np.testing.assert_array_equal(array(names.decoded(names.encoded(rows))), rows)


@pytest.mark.filterwarnings("error:You are using a softmax")
@pytest.mark.parametrize("name", ["ctgan", "tvae", "medgan"])
@pytest.mark.parametrize("columns, these", [
    (COLUMNS[1:2] + COLUMNS[3:], [*values()[1:2], *values()[3:]]), (COLUMNS[:1], values()[:1]),
    ((category("yes", ["yes"]), category("one", ["1"])), [["yes"] * N, ["1"] * N]),
    ((number("only", [3.5, 3.5], 1), category("yes", ["yes"])), [[3.5] * N, ["yes"] * N])],
    ids=["categories alone", "numbers alone", "one category each", "one value each"])
def test_tables_of_one_kind_of_columns_or_of_one_value_are_trained_on_drawn_and_scored(tiny_spec, name, columns, these):
    from gan_core.evaluation.scoring import score_table

    dataset = Dataset("t", TABLE, encoded(columns, these), None, columns=columns)
    spec = tiny_spec(name, dataset, steps=2)
    model = loop.build(spec)
    assert loop.fit(model, spec, dataset, MemoryRecorder()).status == "finished"
    samples = modality(TABLE).rounded(array(model.sample(inputs.draw(model.inputs(), 50, 0))), dataset.spec)
    for column, drawn, real in zip(columns, decoded(columns, samples), these):
        assert len(drawn) == 50 and set(drawn) <= set(real) if column.categories else column.low <= drawn.min()
    assert 0 <= score_table(columns, dataset.x, samples, dataset.x[:100])["column_distance"] <= 1


def test_choices_fall_as_often_as_their_softmax_says():
    choices, rng = Choices([2, 3, 3, 5]), np.random.default_rng(0)
    logits = np.repeat(rng.normal(0, 2, (1, 13)).astype(np.float32), 20_000, axis=0)
    drawn = array(choices.chosen(logits, rng.random((20_000, 4)).astype(np.float32)))
    assert set(np.unique(drawn)) == {0.0, 1.0} and (drawn @ choices.members == 1).all()
    np.testing.assert_allclose(drawn.mean(axis=0), array(choices.softmax(logits[:1]))[0], atol=0.012)
    np.testing.assert_allclose(np.exp(array(choices.log_softmax(logits[:1]))), array(choices.softmax(logits[:1])), rtol=1e-5)
    ends = array(choices.chosen(logits[:2], np.float32([[0, 0, 0, 0], [1, 1, 1, 1]]) * np.float32(1 - 1e-7)))
    assert ends[0, [0, 2, 5, 8]].tolist() == ends[1, [1, 4, 7, 12]].tolist() == [1.0] * 4


def test_modes_that_there_are_not_are_never_drawn():
    made, _ = code()
    logits = np.zeros((500, made.width), np.float32)
    chance = np.random.default_rng(0).random((500, len(made.choices))).astype(np.float32)
    drawn = array(made.thrown(logits, chance))
    assert drawn[:, 4:2 + MODES].sum() == 0, "of the peaks, which have two modes"
    soft = array(made.soft(logits, np.full((500, made.choices.total), 0.5, np.float32), 0.2))
    assert soft[:, 4:2 + MODES].max() < 1e-6


def test_the_highest_is_chosen_without_chance():
    assert array(one_of(np.float32([[0, 3, 1], [5, 0, 0]]))).tolist() == [[0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize("places", [[2, 0, 1], [1, 1, 0, 2]])
def test_numbers_in_another_order(monkeypatch, places):
    x = np.random.default_rng(0).random((5, 3)).astype(np.float32)
    assert np.array_equal(array(ordered(x, np.array(places))), x[:, places])
    monkeypatch.setattr("gan_core.models.networks.ordered.LARGEST", 1)
    assert np.array_equal(array(ordered(x, np.array(places))), x[:, places])


# Records


def test_records_say_whether_how_often_and_how_much():
    records = Records(Dataset("t", TABLE, ROWS, None, columns=COLUMNS).spec)
    told = array(records.of(ops.convert_to_tensor(ROWS)))
    names = values()
    assert records.width == 1 + 3 + 1 + 1 + 1 and records.counts.tolist() == [False] * 4 + [True, False, False]
    np.testing.assert_allclose(told[:, 0], (names[0] - names[0].min()) / np.ptp(names[0]), atol=1e-5)
    np.testing.assert_allclose(told[:, 4] * COLUMNS[2].deviation, names[2], atol=1e-4)
    assert np.array_equal(told[:, 5], names[3] == "yes") and np.array_equal(told[:, 1:4], ROWS[:, 1:4])
    np.testing.assert_allclose(array(records.samples(ops.convert_to_tensor(told))), ROWS, atol=1e-5)


# Training by sampling


def counted(model, dataset):
    """How often a drawn row has each letter, and how often a letter is asked for where its column is."""
    weights = model.row_weights(dataset)
    drawn = batches(dataset, 20_000, seed=0, weights=weights).batch_at(0)["real"]
    asked = array(model._asked({"real": ops.convert_to_tensor(drawn)},
                               ops.convert_to_tensor(np.random.default_rng(0).random((20_000, 1), np.float32))))
    return drawn, asked


def test_rows_of_rare_categories_are_seen_more_often():
    """A column is drawn, then a category by the logarithm of its count, then a row that has it (section 4.3)."""
    dataset = Dataset("t", TABLE, ROWS, None, columns=COLUMNS)
    cls = architecture("ctgan")
    model = cls(cls.Config.tiny(), dataset.spec)
    model.prepare(dataset, 0)
    drawn, asked = counted(model, dataset)
    assert (asked.sum(axis=1) == 1).all()
    letters = [place for place, name in enumerate(model.code.categories) if name in (1, 2, 3)]
    share = asked[:, letters].sum(axis=0) / asked[:, letters].sum()
    logs = np.log1p(ROWS[:, 1:4].sum(axis=0))
    np.testing.assert_allclose(share, logs / logs.sum(), atol=0.02)
    np.testing.assert_allclose(asked[:, letters].sum() / len(asked), 1 / 3, atol=0.02)
    have = drawn[:, model.code.categories]
    assert (have[asked > 0] == 1).all(), "what is asked for is what the row has"
    assert drawn[:, 3].mean() > 3 * ROWS[:, 3].mean(), "the rarest letter"


def test_without_it_rows_come_as_often_as_they_are():
    dataset = Dataset("t", TABLE, ROWS, None, columns=COLUMNS)
    cls = architecture("ctgan")
    model = cls(cls.Config.tiny(by_categories=False), dataset.spec)
    model.prepare(dataset, 0)
    assert model.row_weights(dataset) is None
    drawn, asked = counted(model, dataset)
    np.testing.assert_allclose(drawn[:, 1:4].mean(axis=0), ROWS[:, 1:4].mean(axis=0), atol=0.01)
    np.testing.assert_allclose(asked.sum(axis=1), 1.0)


def test_samples_are_asked_for_as_often_as_in_the_data():
    dataset = Dataset("t", TABLE, ROWS, None, columns=COLUMNS)
    cls = architecture("ctgan")
    model, heard = cls(cls.Config.tiny(), dataset.spec), []
    model.prepare(dataset, 0)
    model._call = lambda network, x, condition, training: heard.append(condition[0]) or np.zeros(
        (len(x), model.code.width), np.float32)
    model.sample(inputs.draw(model.inputs(), 6000, 0))
    asked = array(heard[0])
    letters = [place for place, name in enumerate(model.code.categories) if name in (1, 2, 3)]
    np.testing.assert_allclose(asked[:, letters].sum(axis=0) / asked[:, letters].sum(), ROWS[:, 1:4].mean(axis=0), atol=0.02)


def test_samples_can_be_asked_for_a_category_of_one_column():
    dataset = Dataset("t", TABLE, ROWS, None, columns=COLUMNS)
    cls = architecture("ctgan")
    model, heard = cls(cls.Config.tiny(), dataset.spec), []
    model.prepare(dataset, 0)
    model._call = lambda network, x, condition, training: heard.append(array(condition[0])) or np.zeros(
        (len(x), model.code.width), np.float32)
    places = [(name, value) for name, names in model.code.named.items() for value in names]
    for place, (name, value) in enumerate(places):
        drawn = inputs.draw(model.inputs(), 40, 0)
        assert model.choose(drawn, {name: value, "truncation": "1"}) == {"truncation": "1"}
        model.sample(drawn)
        assert (heard[-1] == np.eye(len(places))[place]).all(), (name, value)
    assert model.choose(drawn, {}) == {}
    for chosen, says in (({"letter": "z"}, "There is no letter = 'z' in the data; there are a, b, c."),
                         ({"letter": "a", "yes": "no"}, "one column at a time")):
        with pytest.raises(BadInput, match=says):
            model.choose(drawn, chosen)
    rare = cls(cls.Config.tiny(), dataset.spec)
    rare.prepare(Dataset("t", TABLE, ROWS[ROWS[:, 3] == 0], None, columns=COLUMNS), 0)
    with pytest.raises(BadInput, match="No row that this run was trained on has letter = 'c'"):
        rare.choose(drawn, {"letter": "c"})


@pytest.mark.parametrize("weights", [np.ones(N - 1), -np.ones(N), np.zeros(N), np.full(N, np.nan)])
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(ValueError, match="weights of 400 rows"):
        batches(Dataset("t", TABLE, ROWS, None, columns=COLUMNS), 8, seed=0, weights=weights)


def test_batches_by_weights_follow_from_the_step_alone():
    dataset, weights = Dataset("t", TABLE, ROWS, None, columns=COLUMNS), np.arange(N) % 2
    whole, later = (batches(dataset, 50, seed=3, weights=weights, start=start) for start in (0, 2))
    steps = [next(whole)["real"] for _ in range(4)]
    assert all(np.array_equal(next(later)["real"], step) for step in steps[2:])
    assert not np.array_equal(steps[0], steps[1])
    odd = {row.tobytes() for row in ROWS[1::2]}
    assert all(row.tobytes() in odd for step in steps for row in step)


def test_a_pack_must_fit_into_a_batch():
    cls = architecture("ctgan")
    with pytest.raises(BadInput, match="A pack of 10 rows needs a batch"):
        cls(cls.Config.tiny(packing=10, batch_size=8), Dataset("t", TABLE, ROWS, None, columns=COLUMNS).spec)


# What is missing

LACKING = (number("peaks", [*values()[0], np.nan], None, missing="?"), COLUMNS[1])
HALF = np.random.default_rng(7).random(N) < 0.5
LACKING_ROWS = encoded(LACKING, [np.where(HALF, np.nan, values()[0]), values()[1]])


def test_the_mean_in_the_place_of_what_is_missing_is_no_mode():
    made, said = code(LACKING, LACKING_ROWS)
    found = int(said.rstrip(".").split()[-1])
    means, weights = array(made._means)[0, :found], np.exp(array(made._log_weights)[0, :found])
    assert weights[np.abs(means) > 0.6].sum() > 0.98, "as good as none between the two peaks, where half of the rows lie"
    assert "peaks known" in made.named and made.width == 1 + MODES + 3 + 2
    back = array(made.decoded(made.encoded(LACKING_ROWS)))
    np.testing.assert_allclose(back[~HALF], LACKING_ROWS[~HALF], atol=1e-5)
    np.testing.assert_allclose(back[:, 1:], LACKING_ROWS[:, 1:], atol=1e-5)
    found = Records(Dataset("t", TABLE, LACKING_ROWS, None, columns=LACKING).spec)
    np.testing.assert_allclose(array(found.samples(found.of(LACKING_ROWS))), LACKING_ROWS, atol=1e-5)


@pytest.mark.parametrize("name, knobs", [("tvae", {"learning_rate": 5e-3}),
                                         ("ctgan", {"generator_rate": 2e-3, "discriminator_rate": 2e-3, "packing": 4})])
def test_what_is_missing_is_drawn_as_often_as_it_is_missing(tiny_spec, name, knobs):
    dataset = Dataset("t", TABLE, LACKING_ROWS, None, columns=LACKING)
    spec = tiny_spec(name, dataset, steps=250, batch_size=100, steps_per_call=50, ema_decay=0.9, width=32, latent=8, **knobs)
    model = loop.build(spec)
    assert loop.fit(model, spec, dataset, MemoryRecorder()).status == "finished"
    drawn = decoded(LACKING, array(model.sample(inputs.draw(model.inputs(), 1000, 0))))
    assert 0.35 < np.isnan(drawn[0]).mean() < 0.65
    assert {"b", "c"} & set(drawn[1]) and (drawn[1] == "a").mean() > 0.6


# They learn


@pytest.mark.parametrize("name, steps, knobs", [
    ("tvae", 300, {"width": 32, "latent": 8, "learning_rate": 5e-3}),
    ("ctgan", 400, {"width": 32, "latent": 8, "generator_rate": 2e-3, "discriminator_rate": 2e-3, "packing": 4}),
    ("medgan", 900, {"width": 32, "latent": 16, "coding_steps": 300, "discriminator_rate": 5e-4})])
def test_a_table_is_learned(tiny_spec, name, steps, knobs):
    """From nothing to columns that lie near: for two of them also what goes together."""
    dataset = Dataset("t", TABLE, encoded(COLUMNS, values(1500)), None, columns=COLUMNS)
    spec = tiny_spec(name, dataset, steps=steps, batch_size=100, steps_per_call=50, ema_decay=0.9, **knobs)
    from gan_core.evaluation.scoring import score_table

    model, scores = loop.build(spec), []
    for _ in range(2):
        samples = array(model.sample(inputs.draw(model.inputs(), 1000, 0)))
        scores.append(score_table(COLUMNS, dataset.x, samples, encoded(COLUMNS, values(800, seed=1)), live=True))
        if len(scores) == 1:
            assert loop.fit(model, spec, dataset, MemoryRecorder()).status == "finished"
    before, after = scores
    assert after["column_distance"] < 0.25 and after["column_distance"] < 0.6 * before["column_distance"]
    if name != "medgan":
        drawn = decoded(COLUMNS, samples)
        right = ((drawn[0] < 0) == (drawn[4] == "small")).mean()
        assert right > 0.8, "the size follows from the peak"
        between = np.mean(np.abs(drawn[0]) < 2)
        assert between < 0.15, "and nothing lies between the peaks"


def test_what_a_run_has_found_in_its_data_is_in_its_log(tiny_spec):
    dataset = Dataset("t", TABLE, ROWS, None, columns=COLUMNS)
    recorder, spec = MemoryRecorder(), tiny_spec("tvae", dataset, steps=1)
    loop.fit(loop.build(spec), spec, dataset, recorder)
    assert any(line.startswith("Modes of each number: peaks 2") for line in recorder.lines)


def test_labels_are_told_where_there_are_any(tiny_spec):
    y = (ROWS[:, 0] > 0).astype(np.int32)
    dataset = Dataset("t", TABLE, ROWS, y, ("left", "right"), columns=COLUMNS)
    for name in ("ctgan", "tvae"):
        cls = architecture(name)
        model = cls(cls.Config.tiny(), dataset.spec)
        assert "label" in inputs.draw(model.inputs(), 2, 0)
        assert "label" not in inputs.draw(cls(dataclasses.replace(cls.Config.tiny(), class_conditional=False),
                                              dataset.spec).inputs(), 2, 0)
        drawn = inputs.draw(model.inputs(), 50, 0)
        one, other = (array(model.sample(drawn | {"label": np.full(50, label, np.int32)})) for label in (0, 1))
        assert not np.array_equal(one, other)
