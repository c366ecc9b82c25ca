"""What every kind of sample must be able to do."""

import dataclasses
import io
import json
import sys

import numpy as np
import pytest
from PIL import Image

from gan_core import data
from gan_core.data import PAIRS, TABLE, Dataset, csv_table, finding
from gan_core.errors import BadInput
from gan_core.evaluation import score_names
from gan_core.modalities import base
from gan_core.modalities.base import Artifact, counted, modalities, modality, save_as
from helpers_runs import cli, is_a_sentence
from pages.components import artifact_view

KINDS = list(modalities())
every = pytest.mark.parametrize("kind", KINDS)
MAGIC = {"image/png": b"\x89PNG", "text/html": b"<table>", "audio/wav": b"RIFF", "text/plain": b""}


# The contract


def test_the_kinds_there_are():
    assert {"images", "points", "pairs", "table", "text"} <= set(KINDS) and base.broken() == ()


@every
def test_every_member_is_there(kind):
    found = modality(kind)
    assert found.name == kind and found.icon.startswith(":material/") and len(found.words) == 2
    assert found.example.kind == kind and found.example.flat == (kind in data.FLAT)
    assert found.abilities <= base.ABILITIES and all(suffix.startswith(".") for suffix in found.suffixes)
    assert 0 < found.shown[0] <= found.shown[1] and found.company > 0 and min(found.grid) > 0
    known = {score.key: score for score in score_names.SCORES}
    assert found.scores <= known.keys() and found.headline.key in found.scores
    assert found.headline.better == known[found.headline.key].better
    assert len(found.axes(found.example)) == (found.example.shape[0] if found.example.flat else 0)


@every
def test_a_batch_has_the_fields_and_equal_rows(kind, noise):
    dataset, found = noise(kind, n=20), modality(kind)
    batch = next(data.batches(dataset, 8, seed=0, take=found.batch))
    assert set(batch) == {*found.fields, *(["label"] if dataset.labelled else [])}
    assert all(len(values) == 8 for values in batch.values())
    assert all(batch[name].dtype == np.float32 for name in found.fields)


@every
def test_samples_are_drawn_as_what_they_are_said_to_be(kind, noise):
    dataset, found = noise(kind, n=20), modality(kind)
    samples = data.floats(dataset.x)
    beside = found.beside(dataset, 20) if found.overlays or found.beside(dataset, 1) else None
    for artifact in (found.draw(samples, dataset.spec), found.draw(samples, dataset.spec, (4, 5), beside),
                     found.draw(samples[:1], dataset.spec), found.look(dataset), found.portrait(samples, dataset.spec)):
        assert isinstance(artifact, Artifact) and artifact.data.startswith(MAGIC[artifact.mime]) and artifact.alt
    nowhere = np.full_like(samples, np.nan)  # of a generator that diverged
    assert found.draw(found.rounded(nowhere, dataset.spec), dataset.spec).data


@every
def test_colours_are_explained_where_samples_lie_over_real_ones(kind):
    found = modality(kind)
    legend = found.legend(found.example)
    assert legend or not found.overlays
    assert not found.overlays or "Orange" in legend and "Grey" in legend
    assert not legend or is_a_sentence(legend)


@every
def test_what_is_saved_is_loaded_again(kind, noise, tmp_path):
    dataset, found = noise(kind, n=20), modality(kind)
    samples = found.rounded(data.floats(dataset.x), dataset.spec)
    beside = found.beside(dataset, 20)
    for suffix in found.suffixes:
        save_as(found, tmp_path / f"samples{suffix}", samples, dataset.spec, dataset.y, beside)
        loaded = found.load(tmp_path / f"samples{suffix}", dataset.spec)
        assert np.allclose(loaded.samples, samples, atol=1e-6) and np.array_equal(loaded.labels, dataset.y)
        assert all(np.allclose(loaded.beside[name], beside[name]) for name in loaded.beside)
    for suffix in found.one_way:
        save_as(found, tmp_path / f"samples{suffix}", samples, dataset.spec, dataset.y, beside)
        assert (tmp_path / f"samples{suffix}").read_bytes().startswith(MAGIC[base.mime_of(f"samples{suffix}")])
    sheet = tmp_path / f"sheet{found.sheet_suffix}"
    save_as(found, sheet, samples, dataset.spec)
    assert found.draw(samples, dataset.spec).suffix == found.sheet_suffix and sheet.stat().st_size
    assert found.sheet_suffix != ".png" or Image.open(sheet).format == "PNG"
    with pytest.raises(BadInput, match=found.sheet_suffix) as refused:
        save_as(found, tmp_path / "samples.exe", samples, dataset.spec)
    assert is_a_sentence(str(refused.value))


@every
def test_rounding_again_changes_nothing(kind, noise):
    dataset, found = noise(kind, n=20), modality(kind)
    rough = np.random.default_rng(1).standard_normal((20, *dataset.spec.shape)).astype(np.float32)
    once = found.rounded(rough, dataset.spec)
    assert np.allclose(found.rounded(once, dataset.spec), once, atol=1e-6)


def test_an_unknown_kind_is_answered_with_those_there_are():
    with pytest.raises(BadInput, match="images, music, pairs, points, sound, table") as refused:
        modality("smells")
    assert is_a_sentence(str(refused.value))


def test_data_that_a_kind_cannot_be_made_of_are_refused_with_a_sentence():
    needs = {"title": "GAN", "size_multiple": 4, "smallest": 8, "largest": 64}
    refused = [modality("images").refusal(needs, data.DataSpec("images", (30, 30, 1))),
               modality(PAIRS).refusal(needs, data.DataSpec(PAIRS, (32, 32, 3))),
               modality(PAIRS).refusal(needs, data.DataSpec(PAIRS, (32, 32, 3), beside=(("source", (24, 24, 3)),))),
               modality(TABLE).refusal(needs, data.DataSpec(TABLE, (4,)))]
    assert all(map(is_a_sentence, refused))
    assert not any(modality(kind).refusal(needs, modality(kind).example) for kind in KINDS)


def test_a_broken_file_is_named_and_hides_no_other(tmp_path, monkeypatch):
    package = tmp_path / "kinds"
    package.mkdir()
    files = {"__init__": "", "broken": "import nothing_of_this_name", "empty": "x = 1", "bare": """
from gan_core.modalities.base import Modality
class Bare(Modality):
    name = "bare"
""", "good": """
from gan_core.modalities.points import Points
from gan_core.modalities.base import Modality
class Good(Points, Modality):
    name = "good"
"""}
    for name, source in files.items():
        (package / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    import kinds

    found, broken = finding.modules(kinds, base._only_modality)
    assert list(found) == ["good"] and found["good"].name == "good"
    assert list(broken) == ["bare", "broken"] and all(map(is_a_sentence, broken.values()))
    assert "nothing_of_this_name" in broken["broken"] and "lacks icon" in broken["bare"]
    for name in list(sys.modules):
        if name.split(".")[0] == "kinds":
            del sys.modules[name]


def test_the_command_line_lists_them():
    found = json.loads(cli("modalities", "--json").out)
    assert [each["name"] for each in found] == KINDS
    assert all(each.keys() >= {"name", "fields", "headline", "scores", "abilities"} for each in found)
    assert all(name in cli("modalities").out for name in KINDS)


def test_of_a_table_to_look_at_only_the_table_is_a_tag():
    columns = (csv_table.described.category("<script>alert(1)</script>", ["<b onclick='x'>&amp;", "b"]),)
    spec = data.DataSpec(TABLE, (2,), columns=columns)
    sample = modality(TABLE).portrait(np.eye(2, dtype=np.float32), spec)
    assert b"<script" not in sample.data and b"<b " not in sample.data
    shown = artifact_view.tables_alone("<table><tr><td onclick='x'>1</td><td>2</td></tr></table><script>x</script>")
    assert "<script" not in shown and "<td onclick" not in shown and "<td>2</td>" in shown


def test_a_table_that_is_the_path_of_a_file_shows_no_file(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("x")
    shown = []
    monkeypatch.setattr(artifact_view.st, "html", shown.append)
    artifact_view.show(Artifact(str(tmp_path / "secret").encode(), "text/html", "Samples"))
    assert shown == [f"<div>{tmp_path / 'secret'}</div>"], "alone it would be read, see st.html"


# Fields of a dataset


def test_unpaired_fields_are_shuffled_by_themselves_and_the_first_as_ever():
    a, b = (np.arange(n, dtype=np.float32)[:, None] for n in (10, 7))
    one = Dataset("a", "points", a, None)
    two = Dataset("ab", "points", a, None, main="a", more={"b": b}, streams={"b": 1})
    alone, together = (list(data.batches(each, 4, seed=3, stop=35)) for each in (one, two))
    assert all(np.array_equal(x["real"], y["a"]) for x, y in zip(alone, together))
    epoch = np.concatenate([batch["b"] for batch in together])[:, 0].reshape(-1, 7)
    assert all(sorted(order) == list(range(7)) for order in epoch) and len({tuple(order) for order in epoch}) > 15
    resumed = list(data.batches(two, 4, seed=3, start=11, stop=35))
    assert all(np.array_equal(x[name], y[name]) for x, y in zip(together[11:], resumed) for name in "ab")


def test_paired_fields_keep_together_and_are_kept_apart_together(noise):
    dataset = noise(PAIRS, n=400)
    dataset = dataclasses.replace(dataset, more={"source": dataset.x})
    batch = next(data.batches(dataset, 32, seed=0))
    assert np.array_equal(batch["source"], batch["real"])
    apart = dataset.keeping_apart(0.1)
    assert len(apart.more_test["source"]) == 40 and np.array_equal(apart.more_test["source"], apart.x_test)
    assert np.array_equal(apart.more["source"], apart.x)


def test_of_two_domains_images_are_counted():
    assert counted([data.DOMAINS]) == counted([data.DOMAINS, data.IMAGES]) == "images"
    assert counted([data.PAIRS]) == "pairs of images" and counted([data.PAIRS, data.IMAGES]) == counted(["?"]) == "samples"


@pytest.mark.parametrize("kind, value, shown", [
    ("number", 23.599, "23.6"), ("number", 241.1658765, "241.2"), ("number", 113_523.13, "113,523"),
    ("integer", 1952.0, "1952"), ("integer", 60_011.0, "60,011"), ("integer", 1_318_683_096.0, "1.319 bn"),
    ("number", -2.5e6, "-2.5 M")])
def test_the_ends_of_a_histogram_have_few_digits(kind, value, shown):
    from gan_core.data.columns import Column
    from gan_core.modalities.table import _end

    assert _end(Column("x", kind, 0.0, 1.0, value, value, 5 if kind == "number" else 0), value) == shown


def test_pairs_of_pictures_say_which_is_which():
    kind = modality("captions")
    spec, images = kind.example, np.zeros((2, 32, 32, 3), np.float32)
    words = np.ones((2, *dict(spec.beside)["caption"]), np.int32)
    alone, pairs = (Image.open(io.BytesIO(kind.draw(images, spec, beside={"caption": words} | more).data))
                    for more in ({}, {"real": images}))
    below = np.asarray(pairs)[alone.height:]
    assert len(below) and below[..., 3].any(), "a line below all of them"
