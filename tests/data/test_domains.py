"""Two domains: of two classes, of folders as CycleGAN's sets are laid out, of both sides of pairs."""

import numpy as np
import pytest

import helpers_data
from gan_core import data
from gan_core.config.import_knobs import ImportKnobs
from gan_core.data import DOMAINS, batches, domains, recipes
from gan_core.data.sets import made_domains
from gan_core.errors import BadInput
from gan_core.modalities.base import modality
from helpers_data import noise, write_folder
from helpers_runs import cli, is_a_sentence

workspace = helpers_data.workspace  # the fixture


def test_two_classes_become_two_domains():
    dataset, whole = data.load("digits+3,8"), data.load("digits")
    assert dataset.kind == DOMAINS and dataset.name == "digits+3,8" and dataset.y is None and not dataset.classes
    assert np.array_equal(dataset.x, whole.x[whole.y == 8]) and np.array_equal(dataset.more["source"], whole.x[whole.y == 3])
    assert len(dataset.x_test) == (whole.y_test == 8).sum() and len(dataset.more_test["source"]) == (whole.y_test == 3).sum()
    info = data.described("digits+3,8")
    assert info.spec() == dataset.spec and info.kind == DOMAINS and info.made_of == "digits"
    assert "digits+3,8" not in [line.name for line in data.catalogue()]
    assert data.load("digits+3,8", size=16).spec == info.spec(16)


def test_each_domain_is_shuffled_by_itself():
    dataset = data.load("digits+3,8")
    drawn = batches(dataset, 8, seed=0)
    seen = {name: [] for name in ("real", "source")}
    for _ in range(25):
        batch = next(drawn)
        for name in seen:
            seen[name] += [image.tobytes() for image in batch[name]]
    for name, images in (("real", dataset.x), ("source", dataset.more["source"])):
        assert len(set(seen[name][:len(images)])) > 0.9 * len(images), "nearly each of them once before one comes again"
    assert np.array_equal(batches(dataset, 8, seed=0).batch_at(7)["source"], batches(dataset, 8,
                                                                                     seed=0).batch_at(7)["source"])


def test_of_ones_own_both_sides_keep_some_apart(tmp_path, workspace):
    write_folder(tmp_path / "mine", {f"{name}/{number}.png": noise(number + 1000 * (name == "b"), 8)
                                     for name, count in (("a", 350), ("b", 400)) for number in range(count)})
    own = data.load(str(tmp_path / "mine"), size=8, workspace=workspace)
    found = data.load(f"{own.name}+a,b", size=8, workspace=workspace, held_out=0.25)
    assert (len(found.x), len(found.x_test), len(found.more["source"]), len(found.more_test["source"])) == (300, 100, 263,
                                                                                                            87)
    assert data.load("mine+a,b", size=8, workspace=workspace).name == f"{own.name}+a,b"


def test_sets_as_cyclegans_are_laid_out(tmp_path, workspace):
    files = {f"{part}{side}/{number}.png": noise(number + 100 * (side == "B") + 1000 * (part == "test"), 8)
             for part, count in (("train", 15), ("test", 4)) for side in "AB" for number in range(count)}
    write_folder(tmp_path / "set", files)
    own = data.load(str(tmp_path / "set"), size=8, workspace=workspace)
    assert own.classes == ("A", "B")
    name = made_domains.name_of(data.described(own.name, workspace))
    found = data.load(name, size=8, workspace=workspace)
    assert (len(found.x), len(found.x_test), len(found.more["source"])) == (15, 4,
                                                                            15) and "15 images of A, 15 of B" in found.note


def test_two_folders_of_equal_names_are_domains_when_they_are_asked_for(tmp_path, workspace):
    write_folder(tmp_path / "set", {f"{side}/{number}.png": noise(number + 50 * (side == "B"), 8)
                                    for side in "AB" for number in range(12)})
    answer = cli("train", "cyclegan", "--data", tmp_path / "set", "--domains", "B,A", "--size", 8, "--steps", 1, "--set",
                 "filters=4", "--set", "blocks=1", "--set", "batch_size=2", workspace=workspace)
    assert answer.code == 0, answer.err
    assert "Two domains: 12 images of B, 12 of A." in answer.err
    as_pairs = data.load(str(tmp_path / "set"), size=8, workspace=workspace)
    assert as_pairs.kind == "pairs"
    both = data.load(f"{as_pairs.name}+source,target", size=8, workspace=workspace)
    assert np.array_equal(both.x, as_pairs.x) and both.streams == {"source": 1}
    turned = data.load(f"{as_pairs.name}+target,source", size=8, workspace=workspace)
    assert np.array_equal(turned.x, as_pairs.more["source"])


@pytest.mark.parametrize("arguments, says", [
    (("--data", "digits"), "name them as A,B"), (("--data", "digits", "--domains", "3"), "does not name two"),
    (("--data", "digits", "--domains", "3,3"), "does not name two"), (("--data", "digits", "--domains", "3,99"), "0, 1, 2"),
    (("--data", "digits+3,77"), "0, 1, 2"),
    (("--data", "digits", "--domains", "3,99"), "by their places as #0,#1"),
    (("--data", "digits", "--domains", "3,#3"), "0, 1, 2"),
    (("--data", "rows.csv", "--domains", "A,B"), "rows.csv is a table"),
    (("--data", "rows.csv", "--pairs", "folders"), "rows.csv is a table"),
    (("--data", "rows.csv", "--pairs", "edges"), "rows.csv is a table"),
    (("--data", "rows.csv", "--import", "pairs=left-right"), "rows.csv is a table"),
    (("--data", "ring", "--domains", "1,2"), "two sets of images")])
def test_what_are_no_two_domains_is_a_sentence(workspace, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("a,b\n" + "1,2\n3,4\n" * 20)
    answer = cli("train", "cyclegan", *arguments, "--steps", 1, workspace=workspace)
    assert answer.code == 2 and says in answer.err and is_a_sentence(answer.said[-1])
    assert not list(workspace.rglob("*.npz")), "nothing is imported"


def test_too_few_images_of_a_side_are_counted(tmp_path, workspace):
    write_folder(tmp_path / "few", {f"{side}/{number}.png": noise(number + 50 * (side == "b"), 8)
                                    for side, count in (("a", 4), ("b", 12)) for number in range(count)})
    own = data.load(str(tmp_path / "few"), size=8, workspace=workspace)
    with pytest.raises(BadInput, match="a has 4") as refused:
        data.load(f"{own.name}+a,b", size=8, workspace=workspace)
    assert is_a_sentence(str(refused.value)) and "at least 10" in str(refused.value)


@pytest.mark.parametrize("text, names", [("#3,#8", ("#3", "#8")), ('"a,b", c', ("a,b", "c")), ("a,b,c", None),
                                         ('"a,b"', None), (",a", None)])
def test_a_person_names_two_with_commas_in_quotes(text, names):
    if names:
        assert domains.asked(text) == names
        return
    with pytest.raises(BadInput, match="double quotes") as refused:
        domains.asked(text)
    assert is_a_sentence(str(refused.value))


def test_classes_may_be_named_by_their_places():
    info = data.described("digits")
    assert made_domains.name_of(info, ("#3", "#8")) == made_domains.name_of(info, ("3", "8")) == "digits+3,8"
    assert domains.called(("a,b", "c"), ("a,b", "c")) == domains.called(("#0", "c"), ("a,b", "c")) == "#0,c"
    assert modality(DOMAINS).facts(data.load("digits+#3,#8")) == {"domains": ["3", "8"]}


@pytest.mark.parametrize("folders", [("trainA", "trainB"), ("train_a", "train_b")])
def test_training_folders_alone_are_a_and_b(tmp_path, workspace, folders):
    write_folder(tmp_path / "set", {f"{folder}/{folder}{number}.png": noise(number + 50 * place, 8)
                                    for place, folder in enumerate(folders) for number in range(12)})
    answer = cli("train", "cyclegan", "--data", tmp_path / "set", "--domains", "B,A", "--size", 8, "--steps", 1, "--set",
                 "filters=4", "--set", "blocks=1", "--set", "batch_size=2", workspace=workspace)
    assert answer.code == 0, answer.err
    assert f"Two domains: 12 images of {folders[1]}, 12 of {folders[0]}." in answer.err


@pytest.mark.parametrize("classes, two, name", [
    (("cat", "dog"), ("cat", "dog"), "cat,dog"), (("a,b", "c+d"), ("a,b", "c+d"), "#0,#1"), (("#1", "x"), ("x", "#1"),
                                                                                             "x,#0")])
def test_names_that_could_be_taken_for_something_else_are_told_by_number(classes, two, name):
    assert domains.called(two, classes) == name
    assert domains.which(domains.two(name), classes) == tuple(classes.index(each) for each in two)
    assert recipes.split(f"mine+{name}") == ("mine", name)


def test_pairs_may_be_refused_to_be_pairs():
    assert ImportKnobs.parse({"pairs": "none"}).choices.pairs == "none"
