"""Models leave the workbench in files that other programs read, and draw the same there."""

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from keras import ops

from gan_core.config.spec import RunSettings, RunSpec
from gan_core.errors import BadInput
from gan_core.models import cards, inputs
from gan_core.models.exact import exact
from gan_core.models.registry import architecture
from gan_core.sharing import export, formats
from gan_core.sharing.formats import base
from gan_core.sharing.formats.safetensors_weights import SPEC, loaded
from gan_core.tasks import models
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run
from helpers_runs import cli, is_a_sentence
from helpers_visits import known, store  # noqa: F401 (fixtures)
from helpers_zoo import GAMES, built, trained, zoo_wide

ROOT = Path(__file__).resolve().parents[2]
# BigGAN's truncation, erfinv(erf(x)) in single precision: a latent's last digit moves its samples by this much.
ILL = {"biggan": 1e-4}
GRAPHS = [(name, kind) for name, kind in GAMES if not architecture(name).not_a_graph]


def spec_of(model, name, data):
    """The spec of a run of which a miniature could come."""
    return RunSpec(name, "noise", model.data.shape, model.data.kind, model.data.classes, RunSettings(seed=0),
                   {knob: value for knob, value in model.config.as_dict().items()
                    if knob not in {setting.name for setting in RunSettings.knobs()}} | {"precision": "float32"},
                   columns=model.data.columns, beside=model.data.beside, traits=model.data.traits, gives=model.gives)


@pytest.fixture
def tiny_run(store, known):  # noqa: F811
    """``(store, run, its model)``."""
    run = with_checkpoint(store, add_run(store, known, "Mine", architecture="gan", data="digits",
                                         values={"width": 8, "latent": 4}))
    return store, run, models.load(store, run)[0]


def made(store, run, model, form, file="model", **words):
    return export.made(store, run, model, 5, card=cards.card(run.architecture), form=form, file=file, **words)


@zoo_wide
@pytest.mark.parametrize("form", ["keras", "onnx"])
@pytest.mark.parametrize("name, kind", GRAPHS)
def test_every_architecture_draws_the_same_elsewhere(noise_for, name, kind, form):
    model, chosen = trained(name, kind, noise_for), formats.one(form)
    content = chosen.written(model, {"title": "T"})
    off = base.difference(model, chosen.read(content))
    assert off.share <= ILL.get(name, chosen.close), off
    one = chosen.read(content)(inputs.stand_ins(model.inputs(), 1, seed=5))
    assert one.shape == (1, *model.made.shape), "any number of samples"


@zoo_wide
@pytest.mark.parametrize("name, kind", GAMES)
def test_weights_alone_make_every_architecture_again(noise_for, name, kind):
    """Another model of the same weights: what its file says of it is enough."""
    model, data = trained(name, kind, noise_for), noise_for(name, kind)
    spec = spec_of(model, name, data)
    content = formats.one("safetensors").written(model, {SPEC: json.dumps(spec.as_dict())})
    given = inputs.draw(model.inputs(), 4, seed=1, data=data)
    np.testing.assert_array_equal(np.asarray(loaded(content).sample(given)), np.asarray(model.sample(given)))


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x08" + bytes(7) + b"{}      ", b"\xff" * 400])
def test_what_is_no_file_of_weights_is_told(content):
    with pytest.raises(BadInput, match="no file of weights") as refused:
        loaded(content)
    assert is_a_sentence(str(refused.value))


def test_weights_of_another_shape_are_refused(noise_for):
    model, data = trained("gan", "points", noise_for), noise_for("gan", "points")
    spec = spec_of(model, "gan", data)
    wider = dataclasses.replace(spec, knobs=spec.knobs | {"points_width": 99})
    content = formats.one("safetensors").written(model, {SPEC: json.dumps(wider.as_dict())})
    with pytest.raises(BadInput, match="do not fit"):
        loaded(content)


def test_a_model_of_less_than_single_precision_is_written_in_it(noise_for):
    half = built("dcgan", noise_for("dcgan", "images").spec, precision="bfloat16", ema_decay=0.9)
    whole = exact(half)
    assert whole.config.precision == "float32" and whole is not half and exact(whole) is whole
    given = inputs.draw(half.inputs(), 8, seed=0)
    here, there = np.asarray(half.sample(given)), np.asarray(whole.sample(given))
    assert 0 < np.abs(here - there).max() < 0.05


def test_samples_that_depend_on_each_other_are_refused(noise_for, monkeypatch):
    model = trained("gan", "points", noise_for)
    monkeypatch.setattr(type(model), "sample", lambda self, given, training=False: given["latent"] - ops.mean(
        given["latent"], axis=0, keepdims=True))
    for form in ("onnx", "keras"):
        with pytest.raises(BadInput, match="share it as a demo"):
            formats.one(form).written(model, {})


def test_a_file_that_would_draw_something_else_is_not_given_away(tiny_run, monkeypatch):
    store, run, model = tiny_run
    chosen = formats.one("keras")
    monkeypatch.setattr(chosen, "read", lambda content: lambda given: np.asarray(model.sample(given)) + 0.1)
    with pytest.raises(BadInput, match="would be others than the workbench's"):
        made(store, run, model, "keras")


def test_a_package_that_is_missing_is_named_with_the_way_to_install_it(tiny_run, monkeypatch):
    store, run, model = tiny_run
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(BadInput, match="pip install onnx onnxruntime") as refused:
        made(store, run, model, "onnx")
    assert is_a_sentence(str(refused.value))


@pytest.mark.parametrize("form", list(formats.formats()))
def test_the_code_on_a_card_draws_samples(tiny_run, tmp_path, form):
    """As whoever takes the file runs it: in another process, for the first two without this project."""
    store, run, model = tiny_run
    name = f"model{formats.one(form).suffix}"
    exported = made(store, run, model, form, file=name)
    (tmp_path / name).write_bytes(exported.content)
    code = re.search(r"```python\n(.+?)```", exported.card, re.S)[1]
    if form == "safetensors":
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"
    else:
        assert "gan_core" not in code
    end = "\nassert samples.shape[0] == 16, samples.shape"
    done = subprocess.run([sys.executable, "-c", code + end], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(code.splitlines()) <= 14


def test_a_card_has_what_the_hub_reads_and_strangers_text_as_it_is(tiny_run):
    store, run, model = tiny_run
    evil = "x\n---\nlicense: gpl\n# <script>alert(1)</script> [a](http://strangers.example) | `b`"
    exported = made(store, run, model, "safetensors", title=evil, text=evil, licence="mit")
    head = exported.card.split("---\n")[1]
    assert json.loads(re.search("^license: (.*)$", head, re.M)[1]) == "mit" and head.count("license") == 1
    assert "<script>" not in exported.card.split("---\n", 2)[2] and "](http" not in exported.card
    for said in ("## Draw samples", "## Settings", run.data, "has not been scored"):
        assert said in exported.card


def test_the_command_line_writes_a_file_and_its_card(tiny_run, tmp_path):
    store, run, model = tiny_run
    answer = cli("export", run.id, "--format", "onnx", "--out", tmp_path / "mine.onnx", workspace=store.workspace)
    assert answer.code == 0 and "differ from the workbench's by at most" in answer.err, answer.err
    sampler = formats.one("onnx").read((tmp_path / "mine.onnx").read_bytes())
    assert base.difference(model, sampler).share <= 1e-5
    assert "'mine.onnx'" in (tmp_path / "mine.onnx.md").read_text()


@pytest.mark.parametrize("arguments, says", [
    (("--format", "pickle", "--out", "a.onnx"), "no format 'pickle'"),
    (("--format", "keras", "--out", "a.h5"), "ends in .keras"),
    (("--out", "a.onnx", "--title", "t" * 300), "at most 200 characters"),
    (("--out", "a.onnx", "--checkpoint", "99"), "no checkpoint of step 99")])
def test_what_cannot_be_exported_is_a_sentence_and_leaves_no_file(tiny_run, tmp_path, monkeypatch, arguments, says):
    store, run, _ = tiny_run
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))
    answer = cli("export", run.id, *arguments, workspace=store.workspace)
    assert answer.code == 2 and is_a_sentence(answer.said[-1]) and says in answer.said[-1], answer.said
    assert {path for path in set(tmp_path.rglob("*")) - before if path.suffix in (".onnx", ".keras", ".md", ".h5")} == set()


def test_a_run_without_a_checkpoint_and_one_that_is_no_graph(store, known, tmp_path):  # noqa: F811
    empty = add_run(store, known, "Empty", architecture="gan", data="digits", values={"width": 8, "latent": 4})
    slow = with_checkpoint(store, add_run(store, known, "Slow", architecture="pixelcnn", data="digits",
                                          values={"filters": 4, "blocks": 1}))
    for run, form, says in ((empty, "onnx", "no checkpoint"), (slow, "onnx", "pixel by"), (slow, "keras", "pixel by")):
        answer = cli("export", run.id, "--format", form, "--out", tmp_path / f"a.{form}", workspace=store.workspace)
        assert answer.code == 2 and says in answer.said[-1] and not (tmp_path / f"a.{form}").exists()
    answer = cli("export", slow.id, "--format", "safetensors", "--out", tmp_path / "a.safetensors",
                 workspace=store.workspace)
    assert answer.code == 0, answer.err
