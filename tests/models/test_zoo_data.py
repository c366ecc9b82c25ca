"""What every architecture is given and what it refuses, and the specs that are made of it."""

import json

import numpy as np
import pytest

from gan_core.config.spec import make_spec
from gan_core.data import IMAGES, POINTS, DataSpec
from gan_core.errors import BadInput
from gan_core.modalities.base import modalities, modality
from gan_core.modalities.base import modality
from gan_core.models import describe, inputs
from gan_core.models.card import refusal
from gan_core.models.registry import architecture, architectures
from helpers_zoo import DIGITS, GAMES, built, each


# What it is given


@each
def test_its_inputs_are_described(name, noise_for):
    card = describe.card(name)
    data = next(kind.example for kind in modalities().values() if kind.example_name == card.example)
    sizes = {"latent": 7} if any(knob.name == "latent" for knob in card.knobs) else {}
    model = built(name, data, **sizes)
    found = model.inputs()
    assert [each["kind"] for each in card.inputs] == [inputs.as_dict(each)["kind"] for each in found]
    assert [each["name"] for each in card.inputs] == [each.name for each in found]
    drawn = inputs.draw(found, 5, seed=0, data=noise_for(name, data.kind))
    assert all(len(values) == 5 for values in drawn.values())
    if sizes:
        assert drawn["latent"].shape == (5, 7) and drawn["latent"].dtype == np.float32
    if "label" in drawn:
        assert drawn["label"].shape == (5,) and drawn["label"].dtype == np.int32
        assert card.inputs[1]["classes"] == list(data.classes)


def test_inputs_are_drawn_by_their_seed_alone():
    latent, label = inputs.Latent(4), inputs.Label(DIGITS)
    plain, told = inputs.draw((latent,), 300, seed=3), inputs.draw((latent, label), 300, seed=3)
    np.testing.assert_array_equal(plain["latent"], told["latent"])
    np.testing.assert_array_equal(plain["latent"][:7], inputs.draw((latent,), 7, seed=3)["latent"])
    assert not np.allclose(plain["latent"], inputs.draw((latent,), 300, seed=4)["latent"])
    assert abs(plain["latent"].mean()) < 0.1 and abs(plain["latent"].std() - 1) < 0.1
    assert set(told["label"]) == set(range(10))


def test_latents_of_two_sizes_agree_as_far_as_both_go():
    short, long = (inputs.draw((inputs.Latent(size),), 9, seed=3)["latent"] for size in (100, 128))
    np.testing.assert_array_equal(short, long[:, :100])
    assert long.flags.c_contiguous and len(np.unique(long)) == long.size
    shape = inputs.Uniform((4, 3, 1)), inputs.Uniform((4, 3, 2))
    small, large = (inputs.draw((each,), 9, seed=3)["uniform"] for each in shape)
    np.testing.assert_array_equal(small.reshape(9, -1), large.reshape(9, -1)[:, :12])
    assert small.dtype == np.float32 and small.min() >= -1 and small.max() < 1


def test_every_sheet_has_the_same_latents_in_its_first_row():
    """Whether a sheet has a class a row, and so one row of latents, or not."""
    plain, _ = inputs.draw_grid((inputs.Latent(4),))
    told, _ = inputs.draw_grid((inputs.Latent(6), inputs.Label(("a", "b"))))
    np.testing.assert_array_equal(plain["latent"][:8], told["latent"][:8, :4])


def test_a_run_records_what_its_sheets_are_drawn_from():
    found = inputs.sheet_noise((inputs.Latent(64), inputs.Label(("a", "b")), inputs.Uniform((4, 4, 1), name="detail"),
                                inputs.Dial("truncation", 0, 1, 1, "")))
    assert found == {"seed": inputs.SHEET_SEED, "latent": 64, "label": 2, "detail": 16}


def test_a_sheet_of_a_labelled_model_has_a_class_a_row_on_equal_latents():
    grid, shape = inputs.draw_grid((inputs.Latent(4), inputs.Label(("a", "b", "c"))), seed=0, columns=5)
    assert shape == (3, 5)
    np.testing.assert_array_equal(grid["label"].reshape(shape), [[0] * 5, [1] * 5, [2] * 5])
    latents = grid["latent"].reshape(3, 5, 4)
    np.testing.assert_array_equal(latents[0], latents[2])
    assert len(np.unique(latents[0, :, 0])) == 5
    many, shape = inputs.draw_grid((inputs.Latent(4), inputs.Label(tuple(map(str, range(25))))), seed=0)
    assert shape == (16, 8) and len(many["label"]) == 128, "a sheet has its limits"
    plain, shape = inputs.draw_grid((inputs.Latent(4),), seed=0)
    assert shape == (8, 8) and list(plain) == ["latent"] and len(plain["latent"]) == 64


# What it offers


def test_ada_is_offered_where_a_logit_has_a_sign():
    for name, model in architectures().items():
        knobs = {knob.name: knob for knob in model.Config.knobs()}
        offered = "augment" in knobs and "ada" in knobs["augment"].choices
        assert ("ada_target" in knobs) == offered
        ranks = not getattr(model.objective, "accuracy", True) if hasattr(model, "objective") else False
        assert not (offered and ranks), f"{name} has no verdict to be sure of"
    for name in ("wgan", "wgan_gp", "progan", "r3gan", "lapgan"):
        with pytest.raises(BadInput, match="none, diffaugment"):
            make_spec(describe.card(name), "some", DataSpec(IMAGES, (32, 32, 1)), {"augment": "ada"})


def test_points_bring_their_number_of_steps():
    card = describe.card("r3gan")
    points, images = DataSpec(POINTS, (2,)), DataSpec(IMAGES, (32, 32, 1))
    spec = make_spec(card, "grid", points)
    assert spec.settings.steps == spec.knobs["schedule_steps"] == 16_000
    assert make_spec(card, "grid", points, {"steps": 50}).settings.steps == 50
    assert make_spec(card, "digits", images).settings.steps == 2000
    assert card.presets_of(POINTS)["Quick look"]["steps"] > card.presets_of(IMAGES)["Quick look"]["steps"]


# What it refuses


UNLABELLED = DataSpec(IMAGES, (32, 32, 1))
REFUSED = [(name, DataSpec(POINTS, (2,), DIGITS), "choose other data or an architecture that learns points: ")
           for name, model in architectures().items() if POINTS not in model.kinds]
REFUSED += [(name, UNLABELLED, "choose labelled data") for name, model in architectures().items() if model.needs_labels]
REFUSED += [(name, DataSpec(IMAGES, (side, side, 1), DIGITS), f"set the image size to {hint}")
            for name, model in architectures().items() if IMAGES in model.kinds and model.size_multiple == 4
            for side, hint in ((30, 32), (33, 32), (2 * model.largest, model.largest), (4, 8))]
REFUSED += [(name, DataSpec(IMAGES, (28, 32, 1), DIGITS), "set the image size to 28")
            for name, model in architectures().items() if IMAGES in model.kinds]


@pytest.mark.parametrize("name, data, advice", REFUSED)
def test_unsuitable_data_are_refused_with_what_to_choose(name, data, advice):
    card = describe.card(name)
    sentence = card.refuses(data)
    assert advice in sentence and sentence.startswith(card.title) and sentence.endswith(".")
    with pytest.raises(BadInput) as error:
        make_spec(card, "some", data)
    assert error.value.fields["data"] == sentence
    with pytest.raises(BadInput):
        built(name, data)


def test_a_refusal_names_who_learns_such_data():
    sentence = describe.card("dcgan").refuses(modality("table").example)
    assert sentence.startswith("DCGAN learns images, not tables; ") and "GAN (MLP)" in sentence
    named = sentence.rstrip(".").partition("learns tables: ")[2].partition(" and ")[0].split(", ")
    able = {describe.card(name).title for name, model in architectures().items() if "table" in model.kinds}
    assert named and {*named} <= able


@pytest.mark.parametrize("name", [name for name, kind in GAMES if kind == IMAGES])
def test_the_size_that_is_advised_is_taken(name):
    model = architecture(name)
    for side in range(1, 300):
        sentence = refusal(model.requirements(), DataSpec(IMAGES, (side, side, 1), DIGITS))
        if sentence:
            advised = int(sentence.rstrip(".").split()[-1])
            assert not refusal(model.requirements(), DataSpec(IMAGES, (advised, advised, 1), DIGITS)), side


def test_data_that_suit_are_not_refused():
    for name, kind in GAMES:
        data = DataSpec(IMAGES, (32, 32, 3), DIGITS) if kind == IMAGES else modality(kind).example
        assert describe.card(name).refuses(data) == ""
    assert describe.card("dcgan").refuses(UNLABELLED) == ""


# A spec


def test_a_spec_names_everything_that_is_wrong_at_its_place():
    card = describe.card("cgan")
    with pytest.raises(BadInput) as error:
        make_spec(card, "mine", UNLABELLED, {"filters": 1, "nonsense": 2, "steps": 0}, backend="torch")
    assert set(error.value.fields) == {"data", "filters", "nonsense", "steps", "backend"}


def test_a_spec_takes_the_defaults_of_its_kind_of_data_and_survives_json():
    from gan_core.config.spec import RunSpec

    card = describe.card("wgan_gp")
    spec = make_spec(card, "ring", DataSpec(POINTS, (2,), ("a", "b")), {"latent": "5", "steps": "7"}, size=32,
                     name=f"  a\n name {'x' * 100}")
    assert (spec.knobs["penalty_weight"], spec.knobs["latent"], spec.settings.steps) == (0.1, 5, 7)
    assert "steps" not in spec.knobs and set(spec.knobs) == {k.name for k in card.knobs}
    assert spec.size is None, "points have no size"
    assert spec.name.startswith("a name x") and len(spec.name) == 80
    assert RunSpec.from_dict(json.loads(json.dumps(spec.as_dict()))) == spec
    assert spec.with_steps(9).settings.steps == 9 and spec.settings.steps == 7
