"""Every architecture in the zoo, by the same tests: a new file under ``gan_core/zoo`` is tested by being there."""

import json
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import pytest
from keras import ops

from gan_core.config.knobs import check
from gan_core.config.spec import RunSettings, RunSpec
from gan_core.data import IMAGES, POINTS, DataSpec, Dataset
from gan_core.errors import BadInput
from gan_core.modalities.base import NEAREST_VIEW, modality
from gan_core.models import cards, describe, inputs
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.card import Card, refusal
from gan_core.models.registry import architecture, architectures
from gan_core.training import loop
from helpers_checkpoints import Keeper
from helpers_engine import array
from helpers_pages import add_run, recording
from helpers_visits import drawn, known, store, texts, visit  # noqa: F401 (fixtures among them)
from helpers_zoo import DIGITS, GAMES, built, each, zoo_wide

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parents[1] / "golden" / "parameters.json"
PICTURES = [(name, size, channels) for name, kind in GAMES if kind == IMAGES
            for size, channels in ((28, 1), (64, 1), (32, 3))]
each_game = pytest.mark.parametrize("name, kind", GAMES)


# What it says of itself


@each
def test_parameter_counts_are_the_golden_ones(name):
    golden = json.loads(GOLDEN.read_text())
    found = describe.card(name)
    assert name in golden, (
        f"{name} has no golden parameter counts: work them out from its paper, and if they are these, add "
        f'"{name}": {json.dumps(found.parameters)} to tests/golden/parameters.json (default knobs, {found.example}).')
    assert found.parameters == golden[name], "if the networks were meant to change, change the golden counts too"


def test_no_golden_counts_are_left_of_architectures_that_are_gone():
    assert set(json.loads(GOLDEN.read_text())) == set(architectures())


def test_the_four_architectures_that_prove_the_mould_are_there():
    assert {"gan", "dcgan", "wgan_gp", "cgan"} <= set(architectures())


@each
def test_it_describes_itself_to_people(name):
    card = describe.card(name)
    assert card.title and card.summary.endswith(".") and card.link.startswith("https://")
    assert card.paper.split(",")[0].split()[-1].isdigit(), "author and year first"
    for knob in card.knobs:
        assert knob.help.endswith(".") and knob.label[0].isupper(), knob.name
        assert knob.check(knob.default) == knob.default and knob.check(knob.tiny) == knob.tiny, knob.name
        assert (knob.low is None) == (knob.type in ("bool", "str")), f"{knob.name} needs a range"
        assert knob.type != "str" or knob.choices, f"{knob.name} needs choices"


@each
def test_presets_and_defaults_for_a_kind_of_data_are_values_of_its_knobs(name):
    card = describe.card(name)
    known = [*RunSettings.knobs(), *card.knobs]
    assert {"Quick look", "Full"} <= set(card.presets)
    for values in [*card.presets.values(), *card.defaults_for.values()]:
        assert check(known, values) == values
    for kind in card.data:
        presets, given = card.presets_of(kind), card.defaults(kind) | card.settings(kind)
        assert {"Quick look", "Full"} <= set(presets) and all(check(known, each) == each for each in presets.values())
        assert set(card.defaults(kind)) == {k.name for k in card.knobs} and not set(card.settings(kind)) & set(
            card.defaults(kind))
        assert given.items() >= card.defaults_for.get(kind, {}).items()
        for values in ({}, *presets.values()):
            values = {k.name: k.default for k in RunSettings.knobs()} | given | values
            assert values["schedule"] == "constant" or values["schedule_steps"] == values["steps"], "it ends with the run"


def test_descriptions_survive_json():
    for name, card in describe.cards().items():
        assert Card.from_dict(json.loads(json.dumps(card.as_dict()))) == card, name


def test_an_unknown_architecture_is_refused_with_the_names_there_are():
    for ask in (architecture, cards.card):
        with pytest.raises(BadInput, match="'gam'; choose from .*dcgan") as error:
            ask("gam")
        assert "architecture" in error.value.fields


def test_a_module_without_a_model_fails_loudly():
    from gan_core.models import registry

    with pytest.raises(ImportError, match="exactly one GenerativeModel, not 0"):
        registry._only_model(inputs)


# Its networks


@zoo_wide
@pytest.mark.parametrize("name, size, channels", PICTURES)
def test_images_of_every_size_have_the_shape_and_range_of_the_data(name, size, channels, noise):
    data = DataSpec(IMAGES, (size, size, channels), DIGITS)
    if refusal(architecture(name).requirements(), data):
        pytest.skip(f"{name} does not take this size and says so")
    model = built(name, data)
    drawn = inputs.draw(model.inputs(), 4, seed=0, data=noise(size=size, channels=channels, n=4))
    for each_input in model.inputs():
        if isinstance(each_input, inputs.Latent):  # far out, where an open-ended output would leave its range
            drawn[each_input.name] = 1e6 * drawn[each_input.name]
    samples = np.asarray(model.sample(drawn))
    assert samples.shape == (4, *model.made.shape) and samples.dtype == np.float32
    assert np.isfinite(samples).all() and np.abs(samples).max() <= 1.0
    batch = {"real": ops.convert_to_tensor(samples), "label": ops.convert_to_tensor(np.arange(4, dtype=np.int32))}
    if isinstance(model, AdversarialModel):
        assert model.discriminate(model.seen(batch["real"]), batch).shape == (4 // model.config.packing, 1)


@zoo_wide
@each
def test_it_takes_some_of_the_usual_sizes(name):
    model = architecture(name)
    if IMAGES in model.kinds:
        sizes = [size for size in (28, 32, 64)
                 if not refusal(model.requirements(), DataSpec(IMAGES, (size, size, 1), DIGITS))]
        assert sizes


@zoo_wide
@pytest.mark.parametrize("name", [name for name, kind in GAMES if kind == POINTS])
@pytest.mark.parametrize("classes", [(), ("left", "right")], ids=["plain", "labelled"])
def test_points_have_no_bounds(name, classes):
    model = built(name, DataSpec(POINTS, (2,), classes))
    drawn = inputs.draw(model.inputs(), 16, seed=0)
    drawn["latent"] = 1000 * drawn["latent"]
    samples = np.asarray(model.sample(drawn))
    assert samples.shape == (16, 2) and samples.dtype == np.float32
    assert np.abs(samples).max() > 5, "a grid reaches to 4"


@zoo_wide
@pytest.mark.parametrize("name, kind", [(name, kind) for name, kind in GAMES
                                        if "discriminator" in cards.card(name).parameters])
def test_logits_are_linear_and_precise(name, kind, noise_for):
    model = built(name, noise_for(name, kind).spec)
    logits = [layer for layer in model.discriminator.layers if layer.name.startswith("logit")]
    assert logits and all(layer.activation is keras.activations.linear for layer in logits), "losses start from logits"
    assert all(layer.compute_dtype == "float32" for layer in logits)


def test_the_networks_of_the_papers_at_28_pixels():
    """What the issue asks for, layer by layer; the counts of parameters say the rest."""
    mnist = DataSpec(IMAGES, (28, 28, 1), DIGITS)

    def of(model, network, kind):
        return [layer for layer in getattr(model, network).layers if isinstance(layer, kind)]

    gan = architecture("gan")(architecture("gan").Config(), mnist)
    assert [layer.units for layer in of(gan, "generator", keras.layers.Dense)] == [256, 512, 1024, 784]
    assert [layer.units for layer in of(gan, "discriminator", keras.layers.Dense)] == [1024, 512, 256, 1]
    assert {layer.momentum for layer in of(gan, "generator", keras.layers.BatchNormalization)} == {0.8}
    assert {layer.negative_slope for layer in of(gan, "discriminator", keras.layers.LeakyReLU)} == {0.2}
    adam = gan.config.optimizer_for(gan.players()[0])
    assert (float(adam.learning_rate), adam.beta_1) == (pytest.approx(2e-4), 0.5)

    dcgan = architecture("dcgan")(architecture("dcgan").Config(), mnist)
    assert of(dcgan, "generator", keras.layers.Reshape)[0].target_shape == (7, 7, 256)
    ups = of(dcgan, "generator", keras.layers.Conv2DTranspose)
    assert [(layer.filters, layer.kernel_size) for layer in ups] == [(128, (4, 4)), (64, (4, 4)), (1, (4, 4))]
    downs = of(dcgan, "discriminator", keras.layers.Conv2D)
    assert [(layer.filters, layer.strides) for layer in downs] == [(64, (2, 2)), (128, (2, 2))]
    assert {layer.rate for layer in of(dcgan, "discriminator", keras.layers.Dropout)} == {0.3}

    wgan = architecture("wgan_gp")(architecture("wgan_gp").Config(), mnist)
    assert not of(wgan, "discriminator", keras.layers.BatchNormalization)
    assert (wgan.draws, wgan.config.penalty_weight) == (5, 10.0)


def test_a_conditional_sample_depends_on_its_class(noise_for):
    model = built("cgan", noise_for("cgan", IMAGES).spec)
    latent = np.repeat(inputs.Latent(model.config.latent).draw(np.random.default_rng(0), 1), 3, axis=0)
    samples = np.asarray(model.sample({"latent": latent, "label": np.array([0, 1, 0], np.int32)}))
    scale = np.abs(samples).max()  # of an untrained generator, 1e-5 or so
    np.testing.assert_allclose(samples[0], samples[2], rtol=1e-5, atol=1e-5 * scale)
    assert np.abs(samples[0] - samples[1]).max() > 1e-3 * scale
    real = np.zeros((2, *model.data.shape), np.float32)
    logits = np.asarray(model.discriminator([real, np.array([0, 1], np.int32)]))
    assert logits[0] != logits[1], "the discriminator is told the class too"


# Its game


STEPS, HALF = 5, 3  # the third is in the middle of ProGAN's fade, and between two rounds in which StyleGAN looks at R1


class Miniature(NamedTuple):
    """A run of five steps that wrote a checkpoint after the third."""

    model: keras.Model
    recorder: Keeper
    outcome: loop.Outcome
    spec: RunSpec
    dataset: Dataset


@pytest.fixture(scope="module")
def miniature(noise_for, tiny_spec, tmp_path_factory):
    """``miniature(name, kind, **values)``: the :class:`Miniature` of an architecture."""
    done = {}

    def play(name, kind, **values):
        key = name, kind, *values.items()
        if key not in done:
            dataset = noise_for(name, kind)
            spec = tiny_spec(name, dataset, steps=STEPS, **values)
            model, recorder = loop.build(spec), Keeper(tmp_path_factory.mktemp("checkpoints"), (HALF,))
            done[key] = Miniature(model, recorder, loop.fit(model, spec, dataset, recorder), spec, dataset)
        return done[key]
    return play


@zoo_wide
@each_game
def test_a_miniature_run_ends_with_finite_losses(miniature, name, kind):
    model, recorder, outcome, *_ = miniature(name, kind)
    assert (outcome.status, outcome.step) == ("finished", STEPS)
    assert [step for step, _ in recorder.rows] == list(range(1, STEPS + 1))
    for _, row in recorder.rows:
        assert {f"{player.key}_loss" for player in model.players()} <= set(row)
        assert np.isfinite(list(row.values())).all()
    assert model.is_finite()


@zoo_wide
@pytest.mark.parametrize("name, kind, values", [*((*game, {}) for game in GAMES),
                                                ("dcgan", IMAGES, {"precision": "mixed_bfloat16"})])
def test_a_run_from_its_checkpoint_is_bit_for_bit_the_run_that_made_it(miniature, tmp_path, name, kind, values):
    """``test_resume.py`` does it with processes that are killed, of two games."""
    model, whole, _, spec, dataset = miniature(name, kind, **values)
    variables = list({id(v): v for v in (*model.variables, *model.optimizer.variables)}.values())
    ours = [array(v) for v in variables]
    if model.stages():  # another stage is another computation
        model = loop.build(spec)
        variables = list({id(v): v for v in (*model.variables, *model.optimizer.variables)}.values())
    for variable in variables:  # what no checkpoint holds would stay as it is now
        variable.assign(ops.zeros_like(variable) if variable.dtype == "bool" else variable + ops.cast(3, variable.dtype))
    rest = Keeper(tmp_path, ())
    assert loop.fit(model, spec, dataset, rest, checkpoint=(HALF, whole.folder / f"{HALF}.weights.h5")).step == STEPS
    assert [v.path for v, before in zip(variables, ours, strict=True) if not np.array_equal(array(v), before)] == []
    plain = [[(step, {key: value for key, value in row.items() if "per_second" not in key}) for step, row in run.rows[-2:]]
             for run in (whole, rest)]
    assert plain[0] == plain[1] and len(rest.rows) == STEPS - HALF
    np.testing.assert_array_equal(rest.sheets[-1][1], whole.sheets[-1][1])
    fades = [row.get("fade", 1.0) for _, row in rest.rows]
    assert (0 < fades[0] < 1) == (name == "progan")


@zoo_wide
@each_game
def test_a_miniature_run_leaves_sheets_of_samples(miniature, name, kind):
    model, recorder, _, _, dataset = miniature(name, kind)
    assert [step for step, _, _ in recorder.sheets] == [0, 1, 2, 4, STEPS]
    for _, samples, (rows, columns) in recorder.sheets:
        assert samples.shape[1:] == model.made.shape and np.isfinite(samples).all()
        chosen_from = modality(model.made.kind).chosen_from
        assert len(samples) == (min(chosen_from, len(dataset)) if chosen_from else rows * columns)
    assert not np.array_equal(recorder.sheets[0][1], recorder.sheets[-1][1])
    if any(isinstance(each, inputs.Label) for each in model.inputs()):
        assert recorder.sheets[0][2] == (model.data.n_classes, modality(kind).grid[1]), "one class a row"


VIEWS = {  # what the issue asks these to show of themselves
    "lapgan": {"Levels": ["coarse", "detail", "sum"]}, "gran": {"Canvas": ["step 1", "step 2"]},
    "progan": {"Resolutions": ["4 x 4", "8 x 8"]},
    "stylegan": {"Truncation": ["0", "0.5", "1"], "Style mixing": ["0", "0.5", "1"]},
    "vqgan": {"Reconstructions": ["real", "reconstructed"]},
    "vaegan": {"Reconstructions": ["real", "reconstructed"]}, "vae": {"Reconstructions": ["real", "reconstructed"]},
    "graf": {"Depth": ["picture", "depth"], "Shape and appearance": [f"appearance {n}" for n in range(1, 5)],
             "Turned": [f"{side} degrees" for side in (0, 90, 180, 270)]},
    "adain": {"Content and style": ["content", "style", "together"]},
    "cyclegan": {"There and back": ["first domain", "as the second", "and back"],
                 "Back and there": ["second domain", "as the first", "and back"]}}


@pytest.mark.parametrize("name", VIEWS)
def test_the_gallery_shows_the_views_of_a_run(miniature, store, known, name):
    """Those of a real one, in miniature: as it recorded them."""
    kind = architecture(name).kinds[0]
    recorder, learned = miniature(name, kind).recorder, {} if kind == IMAGES else {"data": "digits+3,8"}
    run, kept = add_run(store, known, architecture=name, **learned), VIEWS[name]
    last = {title: [row for row, _ in rows] for step, title, rows in recorder.views
            if step == STEPS and title != NEAREST_VIEW}
    assert last == kept
    with recording(store, run) as into:
        for view in recorder.views:
            into.view(*view)
    at = visit("gallery", run=run.id)
    for title, rows in kept.items():
        choice = at.get("button_group")[0]
        assert set(kept) < {each.content for each in choice.proto.options} | {"Samples"}
        at = drawn(choice.set_value(title).run())
        assert f"Rows from the top: {', '.join(f'**{row}**' for row in rows)}." in texts(at) and at.get("image")


@zoo_wide
@each_game
def test_its_views_have_a_name_for_each_row_of_images(miniature, name, kind):
    model, recorder, *_ = miniature(name, kind)
    shown = {title for _, title, _ in recorder.views} - {NEAREST_VIEW}  # which few images have, whatever learns them
    assert shown == set(VIEWS.get(name, {})), "say in VIEWS what it shows"
    for step, title, rows in recorder.views:
        assert title[0].isupper() and 0 <= step <= STEPS
        for row, samples in rows:
            assert row and samples.shape == (8, *model.made.shape) and np.isfinite(samples).all()
