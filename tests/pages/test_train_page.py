"""The Train page: its form, presets, duplicates of runs, and images of one's own.

What another process computes for the page is answered here, except in the test of just that.
"""

import concurrent.futures
import io
import re
import time
import zipfile

import numpy as np
import psutil
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import helpers_visits
from gan_core import data
from gan_core.data import uploads
from gan_core.errors import TaskFailed
from gan_core.config.spec import RunSettings
from gan_core.store import QUEUED
from gan_core.tasks.compute import Compute
from helpers_pages import add_run
from helpers_runs import is_a_sentence, until
from helpers_visits import ROOT, button, choose, click, click_twice, digits_form, drawn, go, read, texts, visit
from pages.components import knob_form, shell

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


def shown_knobs(at, card):
    return {each.key.split(":")[2] for each in at if (getattr(each, "key", None) or "").startswith(f"knob:{card}:")}


def knob(at, card, name):
    return next(each for each in at if getattr(each, "key", None) == knob_form.state_key(card, name))


# Shown and not shown with all else as it is at first; test_zoo_knobs.py asks whether those that are shown do anything.
SHOWN = {
    ("gan", data.IMAGES): ("width packing beta_2 schedule clip r1 instance_noise augment shared_samples steps minutes",
                           "points_width weight_decay schedule_steps clip_at penalty_every instance_noise_steps ada_target"),
    ("gan", data.POINTS): ("points_width points_depth packing r1", "width augment ada_target penalty_every"),
    ("wgan_gp", data.IMAGES): ("augment filters spectral_norm penalty_weight", "ada_target points_depth penalty_every"),
    ("r3gan", data.POINTS): ("penalty_every r1 r2 schedule schedule_steps", "filters blocks augment clip_at"),
    ("stylegan", data.IMAGES): ("penalty_every r1 path_length mixing", "path_every instance_noise_steps"),
    ("vaegan", data.IMAGES): ("gamma spectral_norm augment", "shared_samples discriminator_norm dropout packing"),
    ("infogan", data.IMAGES): ("continuous_weight information categories", "penalty_every weight_decay"),
    ("pixelcnn", data.IMAGES): ("levels blocks learning_rate", "generator_rate r1 augment instance_noise latent"),
}


@pytest.mark.parametrize("dataset, kind", [("digits", data.IMAGES), ("ring", data.POINTS)])
def test_the_form_has_every_knob_that_means_something_and_no_other(store, known, dataset, kind):
    # One that does not learn points stands for all of them: its refusal is the core's.
    cards = {name: card for name, card in known.items() if kind in card.data or name == "dcgan"}
    shape = (32, 32, 1) if kind == data.IMAGES else (2,)
    at = choose(visit("train"), dataset=dataset, size=32 if kind == data.IMAGES else None)
    for name, card in cards.items():
        at = choose(at, name)
        knobs = [*RunSettings.knobs(), *card.knobs]
        defaults = {each.name: each.default for each in knobs} | card.defaults(kind) | card.settings(kind)
        wanted = {each.name for each in knobs if each.applies(defaults, kind)}
        assert shown_knobs(at, name) == wanted, name
        here, gone = (set(words.split()) for words in SHOWN.get((name, kind), ("", "")))
        assert here <= wanted and not gone & wanted, name
        values = {each: at.session_state[knob_form.state_key(name, each)] for each in wanted}
        assert values == {each: defaults[each] for each in wanted}, name
        for each in knobs:
            if each.name in wanted:
                widget = knob(at, name, each.name)
                assert widget.label == each.label and read(widget.help).startswith(each.help)
        refused = bool(card.refuses(data.DataSpec(kind, shape, tuple(map(str, range(10))))))
        assert button(at, "Start training").disabled == refused
        assert refused == bool(at.error) and all(is_a_sentence(each.value) for each in at.error)


def test_unsuitable_data_is_refused_and_the_sentence_says_what_would_do(store):
    at = choose(visit("train"), "cgan", "ring")
    assert "images" in at.error[0].value and texts(at).count("not points") == 1 and "No estimate" not in texts(at)
    assert button(at, "Start training").disabled
    at = choose(at, "cgan", "mnist", 48)
    assert not at.error and not button(at, "Start training").disabled


def test_a_knob_comes_with_what_it_belongs_to(store):
    at = digits_form(visit("train"))
    for first, value, then in (("r2", 1.0, "penalty_every"), ("instance_noise", 0.5, "instance_noise_steps"),
                               ("augment", "ada", "ada_target"), ("optimizer", "adamw", "weight_decay")):
        assert then not in shown_knobs(at, "gan")
        at = drawn(knob(at, "gan", first).set_value(value).run())
        assert then in shown_knobs(at, "gan")
    at = drawn(knob(at, "gan", "r2").set_value(0.0).run())
    assert "penalty_every" not in shown_knobs(at, "gan")


def test_points_have_presets_of_their_own(store, known):
    at = choose(visit("train"), "r3gan", "grid")
    assert knob(at, "r3gan", "steps").value == knob(at, "r3gan", "schedule_steps").value == 16_000
    at = drawn(at.button(key="preset:Quick look").click().run())
    assert knob(at, "r3gan", "steps").value == knob(at, "r3gan", "schedule_steps").value == 4000
    at = choose(at, dataset="digits", size=32)
    assert knob(at, "r3gan", "steps").value == 2000


def test_presets_set_the_knobs(store, known):
    """That presets are values of knobs, test_zoo.py asks of every card."""
    at = choose(visit("train"), dataset="digits", size=32)
    for name in ("gan", "cgan", "stylegan", "pixelcnn"):
        card, at = known[name], choose(at, name)
        for title, preset in card.presets.items():
            knob(at, name, "seed").set_value(7)
            at = drawn(at.button(key=f"preset:{title}").click().run())
            expected = {each.name: each.default for each in RunSettings.knobs()} | card.defaults(data.IMAGES) | preset
            assert {each: at.session_state[knob_form.state_key(name, each)] for each in expected} == expected
        at = drawn(at.button(key="preset:Defaults").click().run())
        assert knob(at, name, "steps").value == 2000


def test_an_edit_stays_and_is_what_the_run_gets(store):
    at = digits_form(visit("train"))
    for name, value in (("generator_rate", 0.013), ("beta_1", 0.0), ("batch_size", 16), ("width", 16), ("steps", 50),
                        ("loss", "least-squares"), ("discriminator_updates", 3), ("deterministic", True)):
        at = drawn(knob(at, "gan", name).set_value(value).run())
    at.text_input(key="train:name").set_value("  Edited   by hand ")
    at = click(at, "Start training")
    [run] = store.list()
    assert (run.name, run.steps, run.data, run.status) == ("Edited by hand", 50, "digits", QUEUED)
    given = run.spec["knobs"]
    assert (given["generator_rate"], given["beta_1"], given["batch_size"], given["width"]) == (0.013, 0.0, 16, 16)
    assert (given["loss"], given["discriminator_updates"]) == ("least-squares", 3)
    assert run.spec["settings"]["deterministic"] is True
    assert at.query_params["run"] == run.id and "Edited by hand" in texts(at)


def test_values_out_of_range_are_told_at_their_fields_and_launch_nothing(store):
    at = digits_form(visit("train"))
    knob(at, "gan", "steps").set_value(0)
    knob(at, "gan", "generator_rate").set_value(5.0)
    at = click(at, "Start training")
    assert not store.list()
    for name, label in (("steps", "Steps"), ("generator_rate", "Generator learning rate")):
        [expander] = [each for each in at.expander
                      if any(getattr(node, "key", None) == knob_form.state_key("gan", name) for node in each)]
        [told] = [each.value for each in expander.caption if f"{label} must lie between" in each.value]
        assert expander.proto.expanded and ":red[" in told
        [column] = [each for each in expander.columns
                    if any(getattr(node, "key", None) == knob_form.state_key("gan", name) for node in each)]
        nodes = list(column)
        place = next(i for i, node in enumerate(nodes)
                     if getattr(node, "key", None) == knob_form.state_key("gan", name))
        assert nodes[place + 1].value == told, "right below its widget"
    assert any("Some settings cannot be used" in each.value for each in at.error)
    knob(at, "gan", "steps").set_value(10)
    knob(at, "gan", "generator_rate").set_value(0.001)
    click(at, "Start training")
    assert len(store.list()) == 1


def test_absurd_values_are_not_built_for_the_estimate(store):
    at = digits_form(visit("train"))
    store.asked.clear()
    at = drawn(knob(at, "gan", "latent").set_value(10**12).run())
    assert not store.asked and any("No estimate" in each.value for each in at.caption)


def test_a_second_click_of_a_double_click_opens_the_run_of_the_first(store):
    at = click_twice(digits_form(visit("train")), "Start training", page="train")
    [run] = store.list()
    assert at.query_params["run"] == run.id
    # Back on the page, the next click is meant.
    at = click(digits_form(go(at, "train")), "Start training")
    assert len(store.list()) == 2


def test_the_side_panel_estimates_time_and_parameters(store, known):
    at = digits_form(visit("train"))
    assert at.metric[0].label == "Estimated time" and "first guess" in texts(at) and "1,234,567" in texts(at)
    add_run(store, known, "Measured", architecture="gan")
    at = drawn(at.run())
    assert "from runs of this architecture here" in texts(at)


def counted(at):
    """The page as it is once the parameters are counted."""
    end = time.monotonic() + 120
    while "Counting parameters" in texts(at):
        assert time.monotonic() < end
        at = drawn(at.run())
    return at


def test_an_estimate_that_fails_is_a_sentence_and_is_tried_again(store, monkeypatch):
    class Failing:
        asked = 0

        def ask(self, *_, **__):
            self.asked += 1
            future = concurrent.futures.Future()
            future.set_exception(TaskFailed("Measure a model failed (KeyError: no such layer); logs/compute.log says more."))
            return future

    failing = Failing()
    monkeypatch.setattr(shell, "compute", lambda: failing)
    at = digits_form(visit("train"))
    [said] = [each.value for each in at.caption if each.value.startswith("No estimate")]
    assert "no such layer" in said and "compute" in said and "memory" not in said
    assert "could not be built" not in said, "it may have been the time that it took"
    assert not button(at, "Start training").disabled
    asked = failing.asked
    drawn(at.run())
    assert failing.asked > asked


def test_the_estimate_comes_from_a_process_of_its_own(store, monkeypatch):
    own = Compute(store.workspace, 1)
    monkeypatch.setattr(shell, "compute", lambda: own)
    try:
        at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=120).run()
        at = digits_form(go(at, "train"))
        assert not button(at, "Start training").disabled, "the form does not wait"
        assert "- Generator: **" in texts(at), texts(at)
        psutil.Process(own.processes()[0]).kill()
        until(lambda: not own.processes(), "its death")
        at = drawn(knob(at, "gan", "width").set_value(32).run())
        assert "- Generator: **" in texts(counted(at)), "a new process answers for one that died"
    finally:
        own.close()


def test_the_form_keeps_what_was_typed_while_one_looks_at_another_page(store):
    at = choose(visit("train"), "gan", "digits", 48)
    for name, value in (("steps", 123), ("generator_rate", 0.002), ("deterministic", True), ("loss", "minimax")):
        at = drawn(knob(at, "gan", name).set_value(value).run())
    at = go(go(go(at, "monitor"), "gallery"), "train")
    assert at.selectbox(key="train:architecture").value == "gan"
    assert (at.selectbox(key="data:name").value, at.selectbox(key="data:size").value) == ("digits", 48)
    assert [knob(at, "gan", name).value for name in ("steps", "generator_rate", "deterministic", "loss")] == [
        123, 0.002, True, "minimax"]
    at = choose(choose(at, "dcgan"), "gan")
    assert knob(at, "gan", "steps").value == 123, "each architecture keeps its own"
    at = drawn(at.button(key="preset:Defaults").click().run())
    assert knob(at, "gan", "steps").value == 2000


def test_duplicate_fills_the_form_each_time(store, known):
    run = add_run(store, known, "Original", architecture="gan", data="ring",
                  values={"batch_size": 48, "generator_rate": 0.003, "seed": 5})
    at = digits_form(visit("train"))  # the same architecture, on other data
    for _ in range(2):
        at = go(at, "runs")
        at = go(at, "train", like=run.id)
        assert at.selectbox(key="train:architecture").value == "gan" and at.selectbox(key="data:name").value == "ring"
        assert at.text_input(key="train:name").value == "Original (copy)"
        for name, value in (("batch_size", 48), ("generator_rate", 0.003), ("seed", 5), ("steps", 1000)):
            assert knob(at, "gan", name).value == value
        at = drawn(knob(at, "gan", "seed").set_value(6).run())
        assert knob(at, "gan", "seed").value == 6, "a value that is edited afterwards stays"
        assert "like" not in at.query_params
    click(at, "Start training")
    assert store.list()[0].spec == run.spec | {"name": "Original (copy)",
                                               "settings": run.spec["settings"] | {"seed": 6}}


def test_duplicate_keeps_a_size_that_the_form_does_not_offer(store, known):
    run = add_run(store, known, "Odd", architecture="gan", data="digits")
    store.update(run.id, spec=run.spec | {"size": 40, "shape": [40, 40, 1]})
    click(visit("train", like=run.id), "Start training")
    assert store.list()[0].spec["size"] == 40


def test_duplicate_of_what_does_not_exist_is_told(store, known):
    at = visit("train", like="nobody")
    assert len(at.warning) == 1 and "nobody" in at.warning[0].value
    run = add_run(store, known, "From a later version")
    store.update(run.id, spec=run.spec | {"architecture": "from-the-future"})
    assert "from-the-future" in visit("train", like=run.id).warning[0].value
    store.update(run.id, spec=run.spec | {"data": "my-cats"})
    assert "my-cats" in visit("train", like=run.id).warning[0].value


def pack(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def png(shade, size=(20, 30)):
    buffer = io.BytesIO()
    Image.fromarray(np.full((*size, 3), (shade, 90, 40), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def own_images(at, packed, name="pets.zip"):
    at = drawn(at.selectbox(key="data:name").set_value("__own__").run())
    return drawn(at.file_uploader[0].upload(name, packed, "application/zip").run())


def test_a_zip_of_images_is_looked_at_and_trained_on(store):
    at = choose(visit("train"), "cgan")
    at = drawn(at.selectbox(key="data:name").set_value("__own__").run())
    assert button(at, "Start training").disabled
    images = {f"{kind}/{i}.png": png(20 * i) for kind in ("cats", "dogs") for i in range(6)}
    at = own_images(at, pack(images | {"dogs/broken.png": b"\x89PNG no"}))
    said = texts(at).replace("\\", "")
    assert "1 that could not be decoded" in said
    assert "12 training samples of 32 x 32 x 3, 2 classes (cats, dogs)" in said and len(at.get("image")) == 1
    at = click(at, "Start training")
    [run] = store.list()
    assert run.spec["classes"] == ["cats", "dogs"] and run.spec["shape"] == [32, 32, 3] and run.spec["size"] == 32
    assert run.data in {each.name for each in data.catalogue(store.workspace)}
    assert len(data.load(run.data, size=32, workspace=store.workspace)) == 12
    assert [path.name for path in (store.workspace / "uploads").rglob("*.*")] == ["pets.zip"]
    assert re.fullmatch("pets-[0-9a-f]{12}", run.data), "the upload leaves no mark of its own in the name"


def test_how_a_zip_is_read_is_chosen_in_the_form_and_arrays_are_taken_too(store):
    images = {f"{kind}/{i}.png": png(20 * i) for kind in "ab" for i in range(3)}
    at = own_images(choose(visit("train"), "dcgan"), pack(images))
    at = drawn(at.selectbox(key="knob:import:ground").set_value("alpha").run())
    at = drawn(at.selectbox(key="knob:import:fit").set_value("pad").run())
    at = drawn(at.text_input(key="knob:import:rename").set_value("a=cat").run())
    assert "6 training samples of 32 x 32 x 4, 2 classes (cat, b)" in texts(at)
    at = drawn(at.text_input(key="knob:import:rename").set_value("cow=cat").run())
    assert "There is no class 'cow' to rename" in at.error[0].value
    at = drawn(at.text_input(key="knob:import:rename").set_value("").run())
    buffer = io.BytesIO()
    np.savez(buffer, arr_0=np.random.default_rng(0).integers(0, 65536, (5, 3, 16, 16), dtype=np.uint16))
    at = own_images(at, buffer.getvalue(), "a.npz")
    assert "say channels=first" in at.error[0].value
    at = drawn(at.selectbox(key="knob:import:channels").set_value("first").run())
    assert "scale=depth brings" in at.error[0].value, "and the file is still there"
    at = drawn(at.selectbox(key="knob:import:scale").set_value("depth").run())
    assert "5 training samples of 32 x 32 x 3" in texts(at)


def test_a_table_is_named_after_its_file_and_has_columns_and_no_size(store):
    at = choose(visit("train"), "gan")
    at = drawn(at.selectbox(key="data:name").set_value("__own__").run())
    assert not at.selectbox(key="data:size").disabled
    rows = "".join(f"{i / 8},{i},{'red' if i % 2 else 'blue'}\n" for i in range(40))
    at = drawn(at.file_uploader[0].upload("people.csv", f"height,age,colour\n{rows}".encode(), "text/csv").run())
    said = texts(at).replace("\\", "")
    assert "40 training samples of 3 columns" in said and "Imported from people.csv." in said
    assert at.dataframe[0].value["colour"].tolist()[:4] == ["blue", "red", "blue", "red"], "rows as rows"
    assert at.selectbox(key="data:size").disabled and at.selectbox(key="data:size").options[0] == "tables"
    at = click(at, "Start training")
    [run] = store.list()
    assert re.fullmatch("people-[0-9a-f]{12}", run.data) and run.spec["size"] is None


def test_what_columns_are_is_guessed_and_corrected_before_training(store):
    at = choose(visit("train"), "gan")
    at = drawn(at.selectbox(key="data:name").set_value("__own__").run())
    rows = "".join(f"{i / 8},{i % 3},{'red' if i % 2 else ''},Person {i}\n" for i in range(40))
    at = drawn(at.file_uploader[0].upload("people.csv", f"height,floor,colour,name\n{rows}".encode(), "text/csv").run())
    said = texts(at).replace("\\", "")
    assert "The column 'name' was left out" in said and "colour (50 %)" in said
    assert not [box for box in at.selectbox if box.key and box.key.endswith("import:fit")], "which is for pictures"
    editor = at.dataframe[1].value
    assert editor["Column"].tolist() == ["height", "floor", "colour", "name"]
    assert editor["Taken for"].tolist() == ["number", "category", "category", "out"]
    at = drawn(at.text_input(key="knob:import:columns").set_value("floor=integer, nobody=out").run())
    assert "There is no column 'nobody'" in at.error[0].value.replace("\\", "")
    at = drawn(at.text_input(key="knob:import:columns").set_value("floor=integer").run())
    at = drawn(at.selectbox(key="knob:import:missing").set_value("rows").run())
    said = texts(at).replace("\\", "")
    assert "Whole numbers: floor." in said and "20 training samples of 3 columns" in said
    at = click(at, "Start training")
    [run] = store.list()
    assert [column["kind"] for column in run.spec["columns"]] == ["number", "integer", "category"]


def test_corrections_are_written_as_the_choice_has_them():
    from gan_core.data import Choices
    from pages.components import column_choice

    kinds = {"a, b": "out", "c=d": "%d/%m/%Y", 'e"f': "date"}
    assert Choices(columns=column_choice.as_text(kinds)).kinds() == kinds == column_choice.said(column_choice.as_text(kinds))
    assert column_choice.said("a=fish") == {}


@pytest.mark.parametrize("packed", [b"no zip at all", pack({}), pack({"notes.txt": b"no images"}),
                                    pack({"../out.png": png(9)}), pack({"a.png": b"\x89PNG no"})],
                         ids=["not a zip", "empty", "no image", "points outside", "damaged"])
def test_a_zip_that_cannot_be_used_is_told_and_not_trained_on(store, packed):
    at = own_images(choose(visit("train"), "gan"), packed)
    assert len(at.error) == 1 and is_a_sentence(at.error[0].value)
    assert button(at, "Start training").disabled and not store.list()
    assert uploads.kept(store.workspace) == [], "what cannot be used goes at once"
    at = drawn(at.run())
    assert len(at.error) == 1, "and it is still said why"


def test_a_zip_that_another_size_may_suit_stays(store, monkeypatch):
    monkeypatch.setattr("gan_core.data.pixels.TOTAL_LIMIT", 12 * 32 * 32)
    at = own_images(choose(visit("train"), "dcgan"), pack({f"{i}.png": png(9 * i) for i in range(6)}))
    assert "choose a smaller size" in at.error[0].value
    at = drawn(at.selectbox(key="data:size").set_value(28).run())
    assert "choose a smaller size" in at.error[0].value and len(uploads.kept(store.workspace)) == 1
    monkeypatch.undo()


def test_an_upload_that_finds_no_room_is_a_sentence_and_leaves_nothing(store, monkeypatch):
    def full(stream, path, name):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "_written", full)
    at = own_images(choose(visit("train"), "gan"), pack({f"{i}.png": png(9 * i) for i in range(6)}))
    assert "No space left on device" in at.error[0].value and is_a_sentence(at.error[0].value.replace("\\", ""))
    assert list((store.workspace / "uploads").iterdir()) == []


def test_a_look_at_the_data(store):
    at = drawn(digits_form(visit("train")).toggle(key="data:look").set_value(True).run())
    assert "1,437 training samples" in texts(at) or "training samples of 8 x 8 x 1, 10 classes" in texts(at)
    assert len(at.get("image")) == 1


@pytest.mark.parametrize("architecture, chosen", [("lstm", "tunes"), ("wavenet", "tones"), ("ctgan", "wine"),
                                                  ("dcgan", None), ("pix2pix", None)])
def test_who_comes_for_an_architecture_finds_data_that_it_learns(store, architecture, chosen):
    usual = visit("train").selectbox(key="data:name").value
    at = visit("train", architecture=architecture)
    assert at.selectbox(key="data:name").value == (chosen or usual)
