"""Pictures of any size and shape, translated and back in their own shape."""

import io
import struct
import types
import zlib

import numpy as np
import pytest
from PIL import Image

from gan_core.data import IMAGES, PAIRS, DataSpec, one_picture
from gan_core.data.one_picture import opened
from gan_core.errors import BadInput, Stopped
from gan_core.exploring import pictures
from gan_core.models import cards
from gan_core.models.registry import architecture
from gan_core.tasks import translating
from gan_core.tasks.registry import task
from helpers_runs import is_a_sentence

COLOURS = [[255, 0, 0], [0, 0, 255]]


class Copies:
    """A model that gives its source back, as large as its data are."""

    title = "Copies"
    translations = {"same": "the same", "negative": "its negative"}

    def __init__(self, side=16, source=16, channels=3):
        self.data = DataSpec(PAIRS, (side, side, channels), beside=(("source", (source, source, channels)),))
        self.seen = []

    def any_size(self, to):
        return None

    def source_shape(self, to):
        return dict(self.data.beside)["source"]

    def translate(self, pictures, to, seed=0):
        self.seen.append(pictures)
        by = self.data.shape[0] // pictures.shape[1]
        return (-1 if to == "negative" else 1) * pictures.repeat(by, axis=1).repeat(by, axis=2)


def picture(width, height, mode="RGB"):
    """A gradient from left to right."""
    ramp = np.broadcast_to(np.linspace(0, 255, width, dtype=np.uint8), (height, width))
    return Image.fromarray(np.ascontiguousarray(ramp)).convert(mode)


def content(image, form="PNG"):
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


@pytest.mark.parametrize("size", [(16, 16), (40, 20), (20, 40), (7, 300), (1, 1), (1000, 3)])
@pytest.mark.parametrize("fit", translating.FITS)
def test_a_picture_comes_back_in_its_own_shape(size, fit):
    image = picture(*size)
    made, = translating.translated(Copies(), [image], fit=fit)
    source, result = made.source, made.result
    wanted = size if fit == translating.PAD else (min(size),) * 2
    assert result.size == source.size == wanted
    if fit == translating.PAD and min(size) > 15:
        assert np.abs(np.asarray(result, float) - np.asarray(image)).mean() < 12, "nothing moved"


def test_what_is_put_around_a_picture_is_its_edge():
    pixels, placed = translating.square(picture(32, 8), (16, 16, 3))
    assert pixels.shape == (16, 16, 3) and placed.size == (32, 8) and placed.box == (0, 6 / 16, 1, 10 / 16)
    assert np.array_equal(pixels[0], pixels[6]) and np.array_equal(pixels[15], pixels[9])


def test_a_model_that_enlarges_gives_more_pixels():
    made, = translating.translated(Copies(side=32, source=8), [picture(20, 10)])
    assert made.result.size == (80, 40)


def test_grey_and_colour_become_what_the_model_knows():
    model = Copies(channels=1)
    made, = translating.translated(model, [opened(content(picture(16, 16)))])
    assert model.seen[0].shape == (1, 16, 16, 1) and made.result.size == (16, 16)
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    assert np.asarray(opened(content(clear))).min() == 255, "on white where it is transparent"
    deep = Image.fromarray(np.linspace(0, 65535, 64).reshape(8, 8).astype(np.uint16))
    assert np.ptp(np.asarray(opened(content(deep)))) == 255


def test_label_maps_get_their_colours_back():
    model, blurred = Copies(), Image.fromarray(np.array(COLOURS, np.uint8)[None].repeat(2, 0)).resize((40, 40))
    translating.translated(model, [blurred], colours=COLOURS)
    found = np.unique(np.rint((model.seen[0] + 1) * 127.5).reshape(-1, 3), axis=0)
    assert sorted(found.tolist()) == sorted(COLOURS)


def test_a_way_is_asked_for_by_name():
    model = Copies()
    assert translating.way(model, "") == "same" and translating.way(model, "negative") == "negative"
    same, other = (translating.translated(model, [picture(16, 16)], to=to)[0].result for to in ("", "negative"))
    assert np.abs(np.asarray(same, int) + np.asarray(other) - 255).max() <= 1
    with pytest.raises(BadInput, match="no way to") as refused:
        translating.way(model, "sideways")
    assert is_a_sentence(str(refused.value))


@pytest.mark.parametrize("name, says", [("gan", "out of noise"), ("adain", "use the Restyle page")])
def test_what_translates_nothing_says_what_does(name, says):
    said = task("translate").refuses(types.SimpleNamespace(architecture=name), cards.card(name))
    assert says in said and "learns pairs or two domains" in said and is_a_sentence(said)
    with pytest.raises(BadInput) as refused:
        translating.way(architecture(name), "")
    assert str(refused.value) == said


def test_who_paints_is_told_by_what_samples_are_made_of():
    """And by no name: one's own architecture of the same inputs does, too."""
    paint, run = task("paint"), types.SimpleNamespace(architecture="mine")
    assert [name for name, card in cards.shipped().items() if not paint.refuses(run, card)] == ["adain"]
    assert is_a_sentence(paint.refuses(run, cards.card("gan")))
    context = types.SimpleNamespace(model=lambda exact: Copies())  # asked by the command line, which knows no card
    with pytest.raises(BadInput) as refused:
        paint.run(context, paint.Config(content="eA==", style="eA=="), None, None)
    assert str(refused.value) == paint.refuses(run, cards.card("gan"))


@pytest.mark.parametrize("bad", [b"", b"no picture", content(picture(9, 9))[:60]])
def test_what_is_no_picture_is_a_sentence(bad):
    with pytest.raises(BadInput, match="no picture") as refused:
        opened(bad)
    assert is_a_sentence(str(refused.value))


def test_a_picture_that_is_too_large_is_told_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(one_picture, "MOST_PIXELS", 2 * 10**6)
    with pytest.raises(BadInput, match="wide.png has more than 2 megapixels") as refused:
        opened(content(picture(2000, 1100)), "wide.png")
    assert is_a_sentence(str(refused.value))


@pytest.mark.parametrize("read", [opened, lambda content: pictures.like(DataSpec(IMAGES, (8, 8, 1)), content)])
def test_one_that_pillow_takes_for_an_attack_is_too_large_and_no_damaged_one(read):
    head = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    with pytest.raises(BadInput, match="more than (50|89) megapixels") as refused:
        read(b"\x89PNG\r\n\x1a\n" + chunk)
    assert is_a_sentence(str(refused.value))


def test_one_that_would_become_too_large_is_named_before_any_is_enlarged(monkeypatch):
    monkeypatch.setattr(translating, "MOST_PIXELS", 1000)
    model = Copies(side=32, source=16)
    monkeypatch.setattr(model, "any_size", lambda to: (lambda *_, **options: pytest.fail("it was enlarged"), 1))
    with pytest.raises(BadInput, match="b.png has 20 x 20 pixels and would become 40 x 40") as refused:
        translating.translated(model, [picture(8, 8), picture(20, 20)], names=["a.png", "b.png"])
    assert is_a_sentence(str(refused.value))


def test_pictures_are_opened_when_they_are_needed_and_not_all_at_once():
    open_now, most = [], 0

    def files():
        for number in range(40):
            open_now.append(number)
            yield picture(20, 10)

    for _ in translating.each_translated(Copies(), files(), 40):
        most = max(most, len(open_now))
        open_now.clear()
    assert most == translating.BATCH


def test_what_is_to_be_looked_at_is_no_larger_than_a_screen():
    assert translating.small(picture(3000, 2), 1000).size == (1000, 1)
    assert translating.small(picture(40, 20), 1000).size == (40, 20)


def test_it_can_be_stopped_and_tells_how_far_it_is():
    told = []
    translating.translated(Copies(), [picture(8, 8)] * 20, progress=told.append)
    assert told == [0.8, 1.0]
    with pytest.raises(Stopped):
        translating.translated(Copies(), [picture(8, 8)], should_stop=lambda: True)
