"""What computes, whatever the settings of a person's other projects say."""

import contextlib
import importlib.util
import json
import os
import sys
import warnings

import pytest

import gan_core
from gan_core.config import backends
from gan_core.data.sets import keras_sets
from gan_core.errors import BadInput
from helpers_runs import cli, is_a_sentence, python

CANNOT = ["torch", "numpy", "openvino", "nonsense", "JAX", "tensorflow ", "a\nb", "x" * 500]


@pytest.fixture
def chosen(monkeypatch):
    return lambda backend: monkeypatch.setenv(backends.VARIABLE, backend)


@pytest.mark.parametrize("backend", CANNOT)
def test_what_cannot_train_is_refused_before_anything_is_loaded(chosen, backend):
    chosen(backend)
    with pytest.raises(BadInput, match="tensorflow or jax"):
        backends.use()
    assert is_a_sentence(backends.refusal(backend))


def test_nothing_is_the_usual_one(chosen):
    chosen("")
    assert backends.chosen() == "tensorflow" and backends.refusal("tensorflow") == ""


def test_one_that_is_not_installed_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert 'pip install "jax' in backends.refusal("jax") and is_a_sentence(backends.refusal("jax"))


def test_too_few_addresses_are_a_sentence(monkeypatch):
    monkeypatch.setattr(backends, "_addresses", lambda: 2**31)
    assert "2 GiB of addresses (`ulimit -v`)" in backends.refusal("tensorflow") and backends.refusal("jax") == ""
    monkeypatch.setattr(backends, "_addresses", lambda: float("inf"))
    assert backends.refusal("tensorflow") == ""


@pytest.mark.parametrize("name", ["TF_XLA_FLAGS", "XLA_FLAGS"])
def test_flags_that_end_the_process_are_a_sentence(monkeypatch, name):
    """TensorFlow aborts by itself at a flag that it does not know."""
    monkeypatch.setenv(name, "--no_such_flag=1")
    refusal = backends.refusal("tensorflow")
    assert f"does not start with {name}=--no_such_flag=1" in refusal and is_a_sentence(refusal), refusal
    monkeypatch.setenv(name, " ")
    assert backends.refusal("tensorflow") == ""


@pytest.mark.parametrize("verb", ["train gan --data ring", "bench gan --data ring", "do measure --set architecture=gan",
                                  "score --real {0} --fake {0}", "describe gan"])
def test_every_verb_that_computes_says_so_and_keeps_nothing(chosen, tmp_path, verb):
    import numpy as np

    np.savez(tmp_path / "points.npz", samples=np.random.default_rng(0).standard_normal((50, 2)))
    chosen("torch")
    answer = cli(*verb.format(tmp_path / "points.npz").split(), workspace=tmp_path / "workspace")
    assert answer.code == 2 and answer.out == "" and "'torch'" in answer.err and is_a_sentence(answer.err), answer.err
    assert not [*tmp_path.glob("workspace/runs/*")]


def test_what_only_looks_needs_no_backend(chosen, tmp_path):
    chosen("torch")
    for verb in ("runs", "zoo", "datasets", "modalities", "tasks"):
        assert cli(verb, workspace=tmp_path / "workspace").code == 0


@pytest.mark.parametrize("options, borne", [(["error"], True), (["ignore", "e::DeprecationWarning"], True),
                                            (["error:::keras"], True), (["default"], False), ([], False)])
def test_warnings_that_are_errors_to_other_projects_end_nothing_here(monkeypatch, options, borne):
    """``PYTHONWARNINGS=error``: a word of a library would end a run."""
    monkeypatch.setattr(sys, "warnoptions", options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # as Python has made of it
        gan_core._bear_warnings()
        for category in (DeprecationWarning, PendingDeprecationWarning):
            with contextlib.nullcontext() if borne else pytest.raises(category):
                warnings.warn("a library's word", category, stacklevel=1)


ODD = json.dumps({"floatx": "float16", "epsilon": 0.5, "backend": "torch", "nnx_enabled": True,
                  "image_data_format": "channels_first"})
ASK = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import gan_core
import keras
from keras.src.backend import config
print(keras.config.floatx(), keras.config.epsilon(), keras.config.image_data_format(), keras.backend.backend(),
      keras.config.max_epochs(), keras.config.max_steps_per_epoch(), os.environ["GAN_KERAS_HOME"])
"""


def test_keras_takes_our_settings_whatever_the_persons_own_are(tmp_path, monkeypatch):
    """In a process of its own: Keras reads them as it is imported."""
    (tmp_path / "keras.json").write_text(ODD)
    for name, value in {"KERAS_HOME": str(tmp_path), "KERAS_BACKEND": "jax", "KERAS_MAX_EPOCHS": "none",
                        "KERAS_MAX_STEPS_PER_EPOCH": "1", "KERAS_NNX_ENABLED": "1", "JAX_ENABLE_X64": "1"}.items():
        monkeypatch.setenv(name, value)
    answer = python(ASK)
    ours = ["float32", "1e-07", "channels_last", "jax", "None", "None"]
    assert answer.stdout.split() == [*ours, str(tmp_path)], answer.stderr
    assert (tmp_path / "keras.json").read_text() == ODD


def test_all_processes_of_ours_are_sent_to_them():
    assert os.environ["KERAS_HOME"] == gan_core.KERAS_HOME and os.listdir(gan_core.KERAS_HOME) == ["keras.json"]


def test_what_keras_downloads_stays_where_the_person_has_it(tmp_path, monkeypatch):
    (tmp_path / "datasets").mkdir()
    monkeypatch.setenv("GAN_KERAS_HOME", str(tmp_path))
    assert keras_sets._keras_cache() == tmp_path / "datasets"
    monkeypatch.setenv("GAN_KERAS_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert keras_sets._keras_cache() == tmp_path / ".keras" / "datasets"
