"""Images of one's own that are kept from training: which they are, who keeps them, and what is seen by them."""

import contextlib
import dataclasses
import json

import numpy as np
import pytest

from gan_core import data
from gan_core.config.spec import RunSpec
from gan_core.data import IMAGES, base
from gan_core.store import DiskStore
from gan_core.store.curves import Series
from helpers_runs import cli, log_of, make_spec
from helpers_scoring import write


def numbered(noise, n, classes=()):
    """Images that tell which they are."""
    return dataclasses.replace(noise(IMAGES, n=n, classes=classes), x=np.arange(n).reshape(n, 1, 1, 1))


def test_a_tenth_of_every_class_is_kept_apart_and_always_the_same(noise):
    whole = numbered(noise, 1000, classes=("a", "b"))
    whole = dataclasses.replace(whole, y=(np.arange(1000) % 10 == 3).astype(np.int32))  # a tenth of them
    apart = whole.keeping_apart(0.1)
    assert (len(apart), len(apart.x_test), apart.apart) == (900, 100, True)
    assert sorted([*apart.x.ravel(), *apart.x_test.ravel()]) == list(range(1000)), "none twice, none lost"
    assert np.bincount(apart.y_test).tolist() == [90, 10]
    for x, y in ((apart.x, apart.y), (apart.x_test, apart.y_test)):
        assert np.array_equal(y, whole.y[x.ravel()]) and (np.diff(x.ravel()) > 0).all(), "their order stays"
    assert np.array_equal(whole.keeping_apart(0.1).x_test, apart.x_test)
    assert np.ptp(apart.x_test) > 900 and apart.spec == whole.spec


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_what_has_a_test_set_or_too_few_images_stays_whole(noise, share):
    tested = data.load("digits", held_out=share)
    assert not tested.apart and len(tested) == len(data.load("digits"))
    few = noise(IMAGES, n=base.APART_FROM - 1)
    assert few.keeping_apart(share) is few
    enough = noise(IMAGES, n=base.APART_FROM)
    assert enough.keeping_apart(share).apart == (share > 0)


def test_runs_from_before_go_on_with_all_images():
    old = json.loads(json.dumps(make_spec().as_dict()))
    assert RunSpec.from_dict(old).settings.held_out == 0.1
    del old["settings"]["held_out"], old["version"]
    assert RunSpec.from_dict(old).settings.held_out == 0.0


@pytest.mark.parametrize("share, kept", [(None, 40), (0, 0)])
def test_a_run_on_images_of_ones_own_is_watched_by_those_it_does_not_see(tmp_path, share, kept):
    digits = data.load("digits")
    own = write(tmp_path / "own.npz", samples=digits.x[:400])
    chosen = [] if share is None else ["--set", f"held_out={share}"]
    answer = cli("train", "gan", "--data", own, "--steps", 40, "--set", "probe_seconds=0.001", "--set", "batch_size=16",
                 "--set", "xla=off", "--set", "width=16", *chosen, workspace=tmp_path / "workspace")
    assert answer.code == 0, answer.err
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        run, = store.list()
        series, said = Series(store, run.id).refresh(), log_of(store, run.id)
    assert (f"{kept} of the 400 samples are kept from training" in said) == (kept > 0)
    assert len(series.curve("kernel")[1]) and bool(len(series.curve("sure_of_real")[1])) == (kept > 0)
    answer = cli("evaluate", run.id, "--json", workspace=tmp_path / "workspace")
    found = json.loads(answer.out)
    assert (found["n_real"], found["n_fake"]) == (200, 200), "half of all, whatever was kept"
    assert ("copy_test" in found) == (kept > 0)


def test_a_folder_of_few_images_is_scored_by_what_they_allow(tmp_path):
    own = write(tmp_path / "own.npz", samples=data.load("digits").x[:120])
    answer = cli("train", "gan", "--data", own, "--steps", 1, "--set", "batch_size=16", "--set", "xla=off", "--set",
                 "width=16", workspace=tmp_path / "workspace")
    answer = cli("evaluate", answer.out.split()[-1], "--json", workspace=tmp_path / "workspace")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["n_fake"] == 60 and {"kernel", "precision", "coverage", "kernel_floor"} <= set(found)
    assert "frechet" not in found and any("129 are needed" in note for note in found["notes"])
