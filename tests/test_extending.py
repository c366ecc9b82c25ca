"""Each example in docs/extending.md is a whole file that works where it says it belongs; the contracts run over them."""

import functools
import importlib
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gan_core import data, modalities
from gan_core.anomalies import base, methods as anomaly_methods
from gan_core.data import library, recipes, sets
from gan_core.errors import BadInput
from gan_core.evaluation import alarms, extractors, metrics
from gan_core.evaluation.alarms.base import Curves
from gan_core.evaluation.metrics import registry as metrics_registry
from gan_core.exploring import directions
from gan_core.launch import launchers
from gan_core.launch.launchers import local
from gan_core.modalities import base as kinds_of_samples
from gan_core.models import inputs
from gan_core.notices import channels
from gan_core.notices.channels.base import NotSent
from gan_core.outside import importing, readers
from gan_core.reporting import panels
from gan_core.reporting.panels.base import Source
from gan_core.sharing import formats
from gan_core.store import MemoryStore, artifact_stores
from gan_core.store.artifacts import NoArtifact
from gan_core.store.run import new_run
from gan_core.tasks import kinds, registry
from gan_core.training import loop
from gan_core.training.recorder import MemoryRecorder
import helpers_data
import helpers_zoo
from gan_core.sharing.formats import base as format_base
from helpers_runs import is_a_sentence, until
from tests import test_imports
from tests.anomalies import test_anomalies
from tests.data import test_data, test_pairs
from tests.exploring import test_exploring
from tests.evaluation import test_extension_points
from tests.modalities import test_modalities
from tests.reporting import test_panels
from tests.tasks import test_drawing, test_tasks

bare = helpers_data.bare  # the fixture
PAGE = Path(__file__).parents[1] / "docs" / "extending.md"
EXAMPLES = dict(re.findall(r"^```python file=(\S+)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL))
# Where files are found that lie beside a package's own, and what remembers what was found.
FOUND = {sets: library.sources, recipes: recipes._found, modalities: kinds_of_samples._found, inputs: inputs._found,
         kinds: registry._found, launchers: launchers._found, artifact_stores: artifact_stores._found, alarms: alarms._found,
         extractors: extractors._found, metrics: metrics_registry._found, directions: directions._found,
         formats: formats._found, anomaly_methods: anomaly_methods._found, channels: channels._found,
         readers: readers._found, panels: panels._found}
ZOO = "gan_core.models.zoo"


@pytest.fixture(scope="module", autouse=True)
def examples(tmp_path_factory):
    """All examples in their places, as far as this process sees; the folder is as if it were the project's."""
    top, places = tmp_path_factory.mktemp("project"), {package.__name__: package for package in FOUND}
    with pytest.MonkeyPatch.context() as patch:
        for path, source in EXAMPLES.items():
            place = top / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(source)
        for name, package in places.items():
            patch.setattr(package, "__path__", [*package.__path__, str(top.joinpath(*name.split(".")))])
            FOUND[package].cache_clear()
        patch.setenv("GAN_ZOO", str(top.joinpath(*ZOO.split("."))))
        importlib.invalidate_caches()
        yield top
    for path in EXAMPLES:
        package, _, name = path.removesuffix(".py").replace("/", ".").rpartition(".")
        sys.modules.pop(f"{package}.{name}", None)
        if package in places:
            vars(places[package]).pop(name, None)
    for cached in FOUND.values():
        cached.cache_clear()


def test_every_place_has_an_example_and_a_line_in_the_table():
    packages = {path.rpartition("/")[0].replace("/", ".") for path in EXAMPLES}
    assert packages == {ZOO, *(package.__name__ for package in FOUND)}
    table = PAGE.read_text().partition("\n## ")[0]
    assert all(f"`{package.replace('.', '/')}/`" in table for package in packages)


@pytest.mark.parametrize("path", EXAMPLES)
def test_no_example_takes_the_name_of_a_file_that_is_there(path):
    assert not PAGE.parents[1].joinpath(path).exists(), "the page needs another example"


# What each place has found by name, and which sentences it has on what is broken.
PLACES = {
    sets: lambda: ([info.name for info in data.catalogue()], library.sources()[1]),
    recipes: lambda: (recipes.recipes(), recipes.broken().values()),
    modalities: lambda: (kinds_of_samples.modalities(), kinds_of_samples.broken()),
    inputs: lambda: (inputs.kinds(), inputs.broken().values()),
    kinds: lambda: (registry.tasks(), registry.broken().values()),
    launchers: lambda: (launchers.launchers(), launchers.broken().values()),
    artifact_stores: lambda: (artifact_stores.known(), artifact_stores.broken().values()),
    alarms: lambda: (alarms.rules(), alarms.broken().values()),
    extractors: lambda: (extractors.offers(), extractors.broken().values()),
    metrics: lambda: ([score.key for score in metrics.scores()], metrics.broken().values()),
    directions: lambda: (directions.methods(), directions.broken().values()),
    formats: lambda: (formats.formats(), formats.broken().values()),
    anomaly_methods: lambda: (anomaly_methods.methods(), anomaly_methods.broken().values()),
    channels: lambda: (channels.channels(), channels.broken().values()),
    readers: lambda: (readers.readers(), readers.broken().values()),
    panels: lambda: (panels.panels(), panels.broken().values()),
}
NAMES = {sets: {"spiral", "ring"}, recipes: {"upside_down", "edges"}, modalities: {"heights", "points"},
         inputs: {"prototype", "latent"}, kinds: {"brightness", "draw"}, launchers: {"nice", "local"},
         artifact_stores: {"scratch", "file"},
         alarms: {"slower", "plateau"}, extractors: {"brightness", "random"}, metrics: {"width", "kernel"},
         directions: {"axes", "pca"}, formats: {"json", "onnx"}, anomaly_methods: {"mean", "knn"},
         channels: {"journal", "mail", "slack", "webhook"}, readers: {"json_lines", "csv_curves", "tensorboard"},
         panels: {"minutes", "curves"}}


@pytest.mark.parametrize("package", FOUND, ids=lambda package: package.__name__)
def test_each_place_finds_its_example_and_a_broken_file_hides_no_other(package, tmp_path, monkeypatch):
    found, wrong = PLACES[package]()
    assert NAMES[package] <= set(found) and list(wrong) == []
    (tmp_path / "damaged.py").write_text("import nothing_of_this_name")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    FOUND[package].cache_clear()
    try:
        again, [sentence] = PLACES[package]()
        assert list(again) == list(found)
        assert "damaged" in sentence and "nothing_of_this_name" in sentence and is_a_sentence(sentence)
    finally:
        FOUND[package].cache_clear()


@pytest.mark.parametrize("path", EXAMPLES)
def test_an_example_imports_what_its_room_may_and_the_linter_finds_nothing(path):
    module = path.removesuffix(".py").replace("/", ".")
    assert test_imports.violations(module, test_imports.imports(EXAMPLES[path], module)) == []
    answer = subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", "--stdin-filename", path, "-"],
                            input=EXAMPLES[path], cwd=PAGE.parents[1], capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_contract_that_is_named_is_there():
    named = set(re.findall(r"tests/[\w/]+\.py", PAGE.read_text()))
    assert named and all(PAGE.parents[1].joinpath(name).exists() for name in named)


def test_what_looks_whether_all_is_there_lets_one_more_be_there(bare):
    """With every example in its place."""
    test_data.test_catalogue_lists_the_built_in_ones(bare)
    test_pairs.test_the_recipes_of_the_command_line_are_there()
    test_modalities.test_the_kinds_there_are()
    test_drawing.test_every_input_lies_in_a_file_of_its_own_and_is_found()
    test_extension_points.test_the_extractors_there_are()
    test_extension_points.test_every_score_has_its_place_and_its_words()
    test_anomalies.test_the_methods_of_the_command_line_are_there()


def test_the_architecture_trains(noise_for, tiny_spec):
    dataset = noise_for("shallow", "images")
    spec, recorder = tiny_spec("shallow", dataset, steps=2), MemoryRecorder()
    model = loop.build(spec)
    assert loop.fit(model, spec, dataset, recorder).status == "finished" and model.is_finite()
    assert np.isfinite([row["g_loss"] for _, row in recorder.rows]).all()


def test_the_kind_of_sample_keeps_its_contract(noise, tmp_path):
    grey = functools.partial(noise, channels=1)
    test_modalities.test_every_member_is_there("heights")
    test_modalities.test_a_batch_has_the_fields_and_equal_rows("heights", grey)
    test_modalities.test_samples_are_drawn_as_what_they_are_said_to_be("heights", grey)
    test_modalities.test_what_is_saved_is_loaded_again("heights", grey, tmp_path)
    test_modalities.test_rounding_again_changes_nothing("heights", grey)


def test_the_source_of_data_is_in_the_catalogue_and_loads():
    info = next(info for info in data.catalogue() if info.name == "spiral")
    dataset = data.load("spiral")
    assert (len(dataset), dataset.spec) == (info.count, info.spec()) and dataset.x.dtype == np.float32
    assert dataset.identity == data.load("spiral").identity
    with pytest.raises(BadInput, match="no size"):
        data.load("spiral", size=32)


def test_the_recipe_makes_pairs_that_are_in_the_catalogue():
    dataset = data.load("digits+upside_down")
    assert np.array_equal(dataset.more["source"], dataset.x[:, ::-1])
    assert data.described("digits+upside_down").spec() == dataset.spec


def test_the_input_is_drawn_from_data_and_described(noise):
    dataset = noise("images")
    prototype = inputs.kinds()["prototype"](dataset.spec.shape)
    known = (inputs.Latent(4), prototype)
    drawn = inputs.draw(known, 5, 0, dataset)
    assert drawn["prototype"].shape == (5, *dataset.spec.shape)
    real = data.floats(dataset.x)
    assert all((real == image).all(axis=(1, 2, 3)).any() for image in drawn["prototype"])
    assert inputs.draw_grid(known, 2, 3, data=dataset)[1] == (2, 3) and inputs.choices(known) == ()
    assert inputs.from_dict(inputs.as_dict(prototype)) == prototype


def test_the_task_keeps_its_contract_and_does_its_work(noise, tiny_model):
    test_tasks.test_every_task_says_what_it_is_and_checks_its_knobs("brightness")
    task, told = registry.task("brightness"), []
    context = SimpleNamespace(model=lambda: tiny_model("shallow", noise("images")), data_of_inputs=lambda: None)
    result = task.run(context, task.Config.tiny(), lambda share, what: told.append(share), lambda: False)
    assert -1 <= result.values["mean"] <= 1 and "4 samples" in result.words and told[-1] == 1


def test_the_launcher_starts_and_ends_a_process(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_LAUNCHER", "nice")
    monkeypatch.setattr(local, "ENTRANCE", [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(60)"])
    handle = launchers.start(["work"], {}, lambda: open(tmp_path / "log.txt", "ab"))
    try:
        until(lambda: (tmp_path / "log.txt").read_text().startswith("begun"), "its first word")
        assert handle["launcher"] == launchers.own_handle()["launcher"] == "nice"
        assert launchers.alive(handle) is True and launchers.usage(handle).memory > 0
    finally:
        launchers.stop(handle)
    until(lambda: launchers.alive(handle) is False, "its end")


def test_the_artifact_store_keeps_what_it_is_given():
    place = artifact_stores.open_artifact_store("scratch://")
    place.make("one")
    held = place.of("one")
    held.put("samples/1.png", b"picture")
    held.append("log.txt", b"a")
    held.append("log.txt", b"b")
    assert (held.read("samples/1.png"), held.read("log.txt")) == (b"picture", b"ab")
    assert held.list() == ("log.txt", "samples/1.png") and "samples/1.png" in held
    place.remove("one")
    with pytest.raises(NoArtifact):
        held.read("log.txt")


@pytest.mark.parametrize("last, raised", [(100.0, False), (40.0, True)])
def test_the_alarm_is_raised_by_what_it_is_about_alone(last, raised):
    steps = np.arange(1, 1001)
    speed = np.where(steps > 900, last, 100.0)
    series = SimpleNamespace(curve=lambda key: (steps, speed, steps))
    rule = alarms.rules()["slower"]
    said = rule.check(rule, Curves(series), SimpleNamespace(knobs={}))
    assert (said is not None) == raised
    if raised:
        why, advice, change = said
        assert "40 samples" in why and is_a_sentence(why) and is_a_sentence(advice) and change == {}


def test_the_extractor_keeps_its_contract(noise, monkeypatch):
    contract = test_extension_points.test_an_extractor_refuses_data_or_makes_features_of_them
    for kind in ("images", "points"):
        contract(kind, "brightness", noise, monkeypatch)
    dataset = noise("images")
    features = extractors.for_dataset(dataset, "brightness").features(dataset.x)
    assert features.shape == (len(dataset), dataset.x.shape[1])


def test_the_score_keeps_its_contract_and_has_a_floor():
    family = next(family for family in metrics.families() if family.name == "width")
    test_extension_points.test_a_family_computes_the_scores_that_it_declares(family)
    real, same = (np.random.RandomState(seed).standard_normal((200, 3)) for seed in (0, 1))
    found = metrics.evaluate_features(real, 3 * same, live=True)
    assert found["width"] == pytest.approx(3, rel=0.2) and found["width_floor"] == pytest.approx(1, rel=0.2)


def test_the_method_to_find_what_is_odd_keeps_its_contract(noise_for):
    test_anomalies.test_a_score_does_not_depend_on_what_else_is_scored(noise_for, "mean")
    look = anomaly_methods.method("mean").learned(base.Subject(test_anomalies.normal(200)), 0, 0, None, None)
    told = base.judged(look, np.concatenate([test_anomalies.normal(40, 5), 255 - test_anomalies.normal(40, 6)]))
    assert told.scores[:40].max() < told.scores[40:].min()


@pytest.mark.parametrize("name", ["gan", "dcgan"])
def test_the_way_to_find_directions_keeps_its_contract(noise_for, name):
    test_exploring.test_every_architecture_has_directions_of_every_way(noise_for, name, "images")


def test_the_format_is_checked_as_every_other(noise_for):
    model, form = helpers_zoo.trained("dcgan", "images", noise_for), formats.one("json")
    assert format_base.difference(model, form.read(form.written(model, {}))).share <= form.close


def test_the_panel_keeps_its_contract():
    store = MemoryStore()
    run = store.create(new_run({"architecture": "gan", "data": "d", "settings": {"steps": 10}}, "Mine", step=5))
    minutes, source = panels.panel("minutes"), Source.of(store)
    test_panels.check_panel(minutes, source, [run.id])
    assert [element.content for element in minutes.drawn(source, [run.id], [])] == ["Mine: 5 steps."]


def test_the_channel_says_what_happened(tmp_path):
    journal, values = channels.channels()["journal"], {"journal": str(tmp_path / "journal.txt")}
    assert journal.place({}) == "" and journal.place(values) == values["journal"]
    journal.send(values, SimpleNamespace(title="Mine has finished"), 1.0)
    assert (tmp_path / "journal.txt").read_text() == "Mine has finished\n"
    with pytest.raises(NotSent) as told:
        journal.send({"journal": str(tmp_path)}, SimpleNamespace(title="Mine"), 1.0)
    assert is_a_sentence(str(told.value))


def test_the_reader_reads(tmp_path):
    path = tmp_path / "theirs.jsonl"
    path.write_text('{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.25}\n')
    [taken] = importing.take_in(MemoryStore(), path)
    assert taken.curves == {"loss": 2} and taken.run.steps == 2
    path.write_text("no JSON")
    with pytest.raises(BadInput) as told:
        importing.take_in(MemoryStore(), path)
    assert is_a_sentence(str(told.value))
