"""``sample --with``: the inputs of an architecture that a person chooses, from the command line."""

import contextlib
import json

import numpy as np
import pytest

from gan_core.config.spec import RunSpec, make_spec
from gan_core.data import IMAGES, DataSpec
from gan_core.models import describe
from gan_core.store import FINISHED, DiskStore
from gan_core.store.artifacts import checkpoint_name
from gan_core.store.run import new_run
from gan_core.training import loop
from helpers_runs import cli, is_a_sentence

TINY = {"stylegan": {"filters": 4, "latent": 6}, "biggan": {"filters": 4, "latent": 8, "embedding": 4},
        "infogan": {"filters": 4, "latent": 6, "categories": 5}, "gan": {"width": 8, "latent": 4}}
N = 6


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return tmp_path_factory.mktemp("choosing") / "workspace"


@pytest.fixture(scope="module")
def runs(workspace):
    """``{architecture: id}`` of runs that were not trained, with weights that let every input show in the samples."""
    ids, rng = {}, np.random.default_rng(0)
    with contextlib.closing(DiskStore(workspace)) as store:
        for name, knobs in TINY.items():
            spec = make_spec(describe.card(name), "digits", DataSpec(IMAGES, (8, 8, 1), tuple("0123456789")),
                             knobs | {"precision": "float32", "batch_size": 8}, backend="tensorflow")
            run = store.create(new_run(json.loads(json.dumps(spec.as_dict())), name, status=FINISHED, step=3))
            model = loop.build(RunSpec.from_dict(run.spec))
            for each in (v for network in model.averages.values() for v in network.variables if len(v.shape) > 1):
                scale = max(np.asarray(each).std(), np.prod(each.shape[:-1]) ** -0.5)
                each.assign(scale * rng.standard_normal(each.shape))
            path = workspace / "x.weights.h5"
            model.save_weights(path)
            store.artifacts(run.id).put(checkpoint_name(3), path.read_bytes())
            ids[name] = run.id
    return ids


@pytest.fixture
def sample(runs, workspace, tmp_path):
    """``sample(architecture, "truncation=0.5", ...)``: the samples, uint8 (N, 8, 8, 1)."""
    def draw(name, *chosen):
        out = tmp_path / "samples.npz"
        words = [word for each in chosen for word in ("--with", each)]
        answer = cli("sample", runs[name], "--n", N, "--npz", out, *words, workspace=workspace)
        assert answer.code == 0, answer.err
        with np.load(out) as file:
            return file["samples"].astype(int)
    return draw


def spread(samples):
    return samples.std(axis=0).mean()


def test_truncation_draws_styles_to_the_average_one(sample):
    usual, half, none = (sample("stylegan", *chosen) for chosen in ((), ("truncation=0.5",), ("truncation=0",)))
    np.testing.assert_array_equal(usual, sample("stylegan", "truncation=1"))
    assert spread(none) == 0 < spread(half) < spread(usual), "one style, and the same noise for all"


def test_styles_are_mixed_by_layers(sample):
    usual, half, whole = (sample("stylegan", *chosen) for chosen in ((), ("mixing=0.5",), ("mixing=1",)))
    np.testing.assert_array_equal(usual, sample("stylegan", "mixing=0"))
    assert not np.array_equal(half, usual) and not np.array_equal(half, whole) and not np.array_equal(usual, whole)
    np.testing.assert_array_equal(sample("stylegan", "mixing=0.5", "truncation=0"), sample("stylegan", "truncation=0"))


def test_biggans_truncation_makes_samples_of_a_class_alike(sample):
    usual, cut = sample("biggan"), sample("biggan", "truncation=0.05")
    np.testing.assert_array_equal(usual, sample("biggan", "truncation=4.0"))
    assert spread(cut) < 0.9 * spread(usual), "what is left are the classes"


def test_a_code_is_the_same_for_all_samples_and_latents_stay(sample):
    third, again, other = sample("infogan", "code=3"), sample("infogan", "code=3"), sample("infogan", "code=0")
    np.testing.assert_array_equal(third, again)
    assert not np.array_equal(third, other) and spread(third) > 0
    usual, matching = sample("infogan"), [sample("infogan", f"code={code}") for code in range(5)]
    for place in range(N):
        assert any(np.array_equal(usual[place], each[place]) for each in matching), "the same but for its code"


@pytest.mark.parametrize("name, chosen, said", [
    ("stylegan", "truncation=1.5", "truncation 0 1 '1.5'"), ("stylegan", "truncation=much", "truncation 'much'"),
    ("stylegan", "mixing=nan", "mixing"), ("stylegan", "truncation=", "truncation"),
    ("stylegan", "code=1", "'code' truncation mixing"), ("stylegan", "latent=1", "'latent' truncation"),
    ("biggan", "truncation=0", "truncation 0.05 4"), ("biggan", "label=3", "'label' truncation"),
    ("infogan", "code=5", "code 0 4 '5'"), ("infogan", "code=-1", "code 0 4"), ("infogan", "code=1.5", "code '1.5'"),
    ("infogan", "uniform=0", "'uniform' code"), ("gan", "truncation=1", "'truncation' none"),
    ("infogan", "code", "--with NAME=VALUE"),
])
def test_what_cannot_be_chosen_is_a_sentence_and_nothing_is_written(runs, workspace, tmp_path, name, chosen, said):
    out = tmp_path / "samples.png"
    answer = cli("sample", runs[name], "--n", 4, "--out", out, "--with", chosen, workspace=workspace)
    assert answer.code == 2 and answer.out == "" and is_a_sentence(answer.err), answer
    assert all(word in answer.err for word in said.split()) and not out.exists()
