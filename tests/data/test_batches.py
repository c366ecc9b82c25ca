"""Batches in an order that a seed decides and a resumed run goes on with, and casting to floats and back."""

import itertools

import numpy as np
import pytest

from gan_core import data
from gan_core.data import IMAGES, POINTS, Dataset
from gan_core.errors import BadInput


# Batches


def image_set(n=10, labelled=True):
    x = np.arange(n, dtype=np.uint8).reshape(n, 1, 1, 1) * np.ones((1, 4, 4, 3), np.uint8)
    y = np.arange(n, dtype=np.int32) * 10 if labelled else None
    return Dataset("counted", IMAGES, x, y, tuple(map(str, range(n * 10))) if labelled else ())


def point_set(n=10):
    return Dataset("counted", POINTS, np.repeat(np.arange(n, dtype=np.float32)[:, None], 2, axis=1), None)


def same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[key], b[key]) for key in a)


def rows(batch):
    return np.rint((batch["real"][:, 0, 0, 0] + 1) * 127.5).astype(int)


@pytest.mark.parametrize("batch_size, draws", [(4, 1), (4, 3), (10, 1), (7, 1), (32, 1), (1, 2)])
def test_batches_have_the_promised_arrays(batch_size, draws):
    total = batch_size * draws
    batch = next(data.batches(image_set(), batch_size, seed=0, draws=draws))
    assert list(batch) == ["real", "label"]
    assert batch["real"].shape == (total, 4, 4, 3) and batch["real"].dtype == np.float32
    assert batch["label"].shape == (total,) and batch["label"].dtype == np.int32
    assert np.array_equal(batch["label"], rows(batch) * 10)  # each sample with its own label
    assert list(next(data.batches(image_set(labelled=False), batch_size, seed=0))) == ["real"]
    batch = next(data.batches(point_set(), batch_size, seed=0, draws=draws))
    assert batch["real"].shape == (total, 2) and batch["real"].dtype == np.float32
    assert set(batch["real"].ravel()) <= set(range(10))


@pytest.mark.parametrize("make_set", [image_set, point_set])
@pytest.mark.parametrize("batch_size, draws", [(4, 1), (3, 2), (10, 1), (25, 1)])
@pytest.mark.parametrize("start", [0, 1, 3, 17])
def test_a_resumed_iteration_goes_on_where_it_was(make_set, batch_size, draws, start):
    dataset = make_set()
    whole = list(data.batches(dataset, batch_size, seed=5, stop=25, draws=draws))
    resumed = list(data.batches(dataset, batch_size, seed=5, start=start, stop=25, draws=draws))
    assert len(whole) == 25 and len(resumed) == 25 - start
    assert all(map(same, whole[start:], resumed))
    at = data.batches(dataset, batch_size, seed=5, draws=draws).batch_at
    assert all(same(at(step), whole[step]) for step in (24, 0, 13, 2, 13))


@pytest.mark.parametrize("batch_size, draws", [(4, 1), (3, 2), (10, 1), (25, 1)])
def test_every_epoch_is_a_fresh_permutation(batch_size, draws):
    drawn = np.concatenate([rows(b) for b in data.batches(image_set(), batch_size, seed=1, stop=50, draws=draws)])
    epochs = drawn[: len(drawn) // 10 * 10].reshape(-1, 10)
    assert (np.sort(epochs, axis=1) == np.arange(10)).all()
    assert len({tuple(epoch) for epoch in epochs.tolist()}) == len(epochs)


def test_seeds_give_different_orders_and_draws_the_same():
    def order(**how):
        return np.concatenate([rows(batch) for batch in data.batches(image_set(200), 20, stop=5, **how)])

    assert not np.array_equal(order(seed=0), order(seed=1))
    assert np.array_equal(order(seed=0, draws=2)[:100], order(seed=0))


def test_iteration_ends_at_stop_or_never():
    assert list(data.batches(image_set(), 4, seed=0, start=3, stop=3)) == []
    assert len(list(itertools.islice(data.batches(image_set(), 4, seed=0), 100))) == 100


def test_a_batch_is_the_callers_own():
    dataset = point_set()
    at = data.batches(dataset, 4, seed=0).batch_at
    first = at(0)["real"].copy()
    at(0)["real"][...] = -1
    assert np.array_equal(at(0)["real"], first) and dataset.x.min() == 0


@pytest.mark.parametrize(
    "field, value", [("batch_size", 0), ("batch_size", 2.5), ("draws", 0), ("seed", -1), ("start", -1), ("stop", -2)]
)
def test_numbers_out_of_range_are_refused(field, value):
    with pytest.raises(BadInput, match=field) as caught:
        data.batches(image_set(), **{"batch_size": 4, "seed": 0, field: value})
    assert field in caught.value.fields


def test_an_empty_dataset_has_no_batches():
    with pytest.raises(BadInput, match="empty"):
        data.batches(image_set(0), 4, seed=0)


# Casting


def test_casting_round_trips_exactly():
    values = np.arange(256, dtype=np.uint8)
    cast = data.to_float(values)
    assert cast.dtype == np.float32 and cast[0] == -1 and cast[-1] == 1
    assert np.array_equal(cast, values.astype(np.float32) / np.float32(127.5) - np.float32(1))
    back = data.to_uint8(cast)
    assert back.dtype == np.uint8 and np.array_equal(back, values)
    assert np.array_equal(data.to_uint8(cast.astype(np.float64)), values)


def test_to_uint8_rounds_and_clips():
    step = 1 / 127.5
    images = np.array([-3, -1 + 0.4 * step, -1 + 0.6 * step, 0.999, 7, np.inf, -np.inf, np.nan])
    assert data.to_uint8(images).tolist() == [0, 0, 1, 255, 255, 255, 0, 0]


def test_to_float_takes_uint8_only():
    with pytest.raises(TypeError, match="float64"):
        data.to_float(np.zeros(3))


def test_casting_keeps_shapes():
    assert data.to_float(np.zeros((2, 3, 4, 1), np.uint8)).shape == data.to_uint8(np.zeros((2, 3, 4, 1))).shape
