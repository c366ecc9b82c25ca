"""One picture in the style of another: it comes nearer to both, stops with what there is, keeps colours; its task and
page."""

import io

import numpy as np
import pytest
from PIL import Image

from gan_core.errors import BadInput, Stopped
from gan_core.restyling import encoders, search
from gan_core.store import restyled
from gan_core.tasks import background, process
from gan_core.tasks.kinds.restyle import Looks
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run
from helpers_runs import cli, is_a_sentence
from helpers_visits import drawn, known, store, texts, visit  # noqa: F401 (fixtures among them)


def content(side=32):
    """A light square on dark ground."""
    image = np.full((side, side, 3), -0.6, np.float32)
    image[side // 4:-side // 4, side // 4:-side // 4] = (0.5, 0.2, 0.6)
    return image


def style(side=32):
    """Stripes in blue and yellow."""
    image = np.zeros((side, side, 3), np.float32)
    image[:] = (-0.8, -0.6, 0.7)
    image[::4] = image[1::4] = (0.9, 0.8, -0.7)
    return image + np.random.default_rng(0).uniform(-0.05, 0.05, image.shape).astype(np.float32)


def distances(picture, other_network_seed=9):
    """Of content and style, by another random network than the one that was searched by."""
    network = encoders.encoder("random", content()[None], style()[None], seed=other_network_seed)
    maps, of_style = network.maps(picture[None])
    return (float(search.content_distance(maps, network.maps(content()[None])[0])),
            float(search.style_distance([search.gram(each) for each in of_style],
                                        [search.gram(each) for each in network.maps(style()[None])[1]])))


def test_it_comes_nearer_to_the_style_by_a_network_that_was_not_asked():
    made = search.restyled(content(), style(), steps=60, seed=1)
    assert made.shape == (32, 32, 3) and np.abs(made).max() <= 1
    blend = 0.5 * content() + 0.5 * style()
    assert distances(made)[1] < distances(blend)[1] < distances(content())[1]
    again = search.restyled(content(), style(), steps=60, seed=1)
    assert np.abs(made - again).max() < 0.05, "the same seed gives the same picture"


def test_colours_are_the_styles_or_stay():
    made = search.restyled(content(), style(), steps=15)
    assert np.abs(made.reshape(-1, 3).mean(0) - style().reshape(-1, 3).mean(0)).max() < 0.25
    kept = search.restyled(content(), style(), steps=15, keep_colours=True)
    chroma = kept - kept.mean(-1, keepdims=True)
    wanted = content() - content().mean(-1, keepdims=True)
    inside = (np.abs(kept) < 0.999).all(-1)
    np.testing.assert_allclose(chroma[inside], wanted[inside], atol=1e-4)


def test_a_grey_style_makes_no_colours():
    grey = style().mean(-1, keepdims=True).repeat(3, -1)
    made = search.restyled(content(), grey, steps=10)
    assert np.ptp(made, axis=-1).max() < 0.05


def test_pictures_may_have_any_shape_and_it_can_be_stopped():
    made = search.restyled(content()[:20], style()[:, :25], steps=2)
    assert made.shape == (20, 32, 3)
    seen = []
    made = search.restyled(content(), style(), steps=50, should_stop=lambda: len(seen) >= 5, progress=seen.append)
    assert len(seen) == 5 and made.shape == (32, 32, 3) and seen[-1] == 0.1
    with pytest.raises(Stopped):
        search.restyled(content(), style(), steps=50, should_stop=lambda: True)


def test_a_style_equal_to_the_content_leaves_it_nearly_as_it_is():
    made = search.restyled(content(), content(), steps=20)
    assert np.isfinite(made).all() and np.abs(made - content()).mean() < 0.2


def test_lite0_is_another_network():
    network = encoders.encoder("lite0", content()[None], style()[None])
    maps, of_style = network.maps(content()[None])
    assert len(maps) == 1 and len(of_style) == 4 and network.peaky
    assert search.restyled(content(64), style(64), encoder="lite0", steps=2).shape == (64, 64, 3)


@pytest.mark.parametrize("name, says", [("guess", "no encoder"), ("nowhere.pth", "no file"), ("a.txt", "are read from")])
def test_a_network_that_cannot_be_had_is_a_sentence(name, says):
    with pytest.raises(BadInput, match=says) as refused:
        encoders.encoder(name, content()[None], style()[None])
    assert is_a_sentence(str(refused.value))


# On the command line


def png(array):
    file = io.BytesIO()
    Image.fromarray(np.rint((array + 1) * 127.5).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def files(tmp_path):
    for name, array in (("content.png", content(48)[:40]), ("style.png", style())):
        (tmp_path / name).write_bytes(png(array))
    return tmp_path


def test_the_command_line_paints(files):
    answer = cli("stylise", "--content", files / "content.png", "--style", files / "style.png", "--out", files / "out.png",
                 "--steps", 3, "--side", 128, "--seed", 4, workspace=files / "workspace")
    assert answer.code == 0, answer.err
    assert Image.open(files / "out.png").size == (48, 40) and answer.out.split() == [str(files / "out.png")]


@pytest.mark.parametrize("arguments, says", [
    (("--content", "gone.png"), "cannot be read"), (("--out", "out.jpg"), "written as a PNG"), (("--steps", "0"),
                                                                                                "between 1"),
    (("--encoder", "guess"), "no encoder"), (("--side", "200"), "128, 256"), (("--content", "broken.png"),
                                                                               "The content is no picture"),
    (("--style", "broken.png"), "The style is no picture"), (("--content", "tiny.png"), "too small"),
    (("--style", "narrow.png"), "at most 16 times as long as wide"), (("--out", "content.png"), "would be replaced"),
    (("--out", "style.png"), "would be replaced"), (("--out", "folder.png"), "could not be written"),
    (("--encoder", "weights.pth"), "give one with weights of VGG-19")])
def test_what_cannot_be_painted_is_a_sentence(files, arguments, says):
    (files / "broken.png").write_bytes(b"no picture")
    (files / "tiny.png").write_bytes(png(content()[:1, :1]))
    (files / "narrow.png").write_bytes(png(np.zeros((40, 3000, 3))))
    (files / "weights.pth").write_bytes(b"\x80\x04N.")
    (files / "folder.png").mkdir()
    before = {path: path.read_bytes() for path in files.glob("*.png") if path.is_file()}
    given = {"--content": "content.png", "--style": "style.png", "--out": "out.png"} | dict([arguments])
    given = [word for name, value in given.items() for word in (name, files / value if "." in value else value)]
    answer = cli("stylise", *given, workspace=files / "workspace")
    assert answer.code == 2 and says in answer.err and is_a_sentence(answer.said[-1])
    assert {path: path.read_bytes() for path in files.glob("*.png") if path.is_file()} == before


# Its task, what is kept, its page


def begun(store, **settings):  # noqa: F811
    return restyled.begin(store.workspace, png(content()), png(style()), **settings)


def test_the_task_keeps_the_picture_as_it_goes_on(store):  # noqa: F811
    key = begun(store, steps=3)
    record = background.start(store, "restyle", None, {"work": key, "steps": 3, "side": "128"})
    assert restyled.result(store.workspace, key) is None
    background.claim(store, record)
    ended = process.work(store, record.id)
    assert ended.status == "finished" and ended.words == "painted", ended.message
    told, = restyled.kept(store.workspace)
    assert told["key"] == key and told["done"] == 1
    assert Image.open(io.BytesIO(restyled.result(store.workspace, key))).size == (32, 32)
    assert begun(store, steps=3) == key and begun(store, steps=4) != key
    restyled.forget(store.workspace, key)
    with pytest.raises(BadInput, match="are gone"):
        background.start(store, "restyle", None, {"work": key})


@pytest.mark.parametrize("key", ["", "../../etc", "0123456789abcdef", "x" * 16])
def test_a_key_is_no_path(store, key):  # noqa: F811
    with pytest.raises(BadInput):
        restyled.pictures(store.workspace, key)


def test_only_the_newest_are_kept(store, monkeypatch):  # noqa: F811
    monkeypatch.setattr(restyled, "MOST", 3)
    keys = [begun(store, steps=number) for number in range(5)]
    assert {one["key"] for one in restyled.kept(store.workspace)} == set(keys[-3:])


def test_the_page_paints_what_comes_along(store):  # noqa: F811
    at = visit("restyle")
    assert not at.error and len(at.get("image")) == 2, texts(at)
    at = drawn(next(button for button in at.button if button.label == "Paint").click().run())
    record, = store.tasks.list(kind="restyle")
    assert Looks.parse({name: value for name, value in record.config.items() if name != "work"}).side == "256"
    restyled.put(store.workspace, record.config["work"], png(content()), done=0.4, seconds=2.0)
    at = visit("restyle")
    assert any("as far as it is" in image.proto.imgs[0].alt for image in at.get("image"))
    store.tasks.move(record.id, "stopped", only_from=("queued", "running"))
    at = visit("restyle")
    assert not at.error and "stopped before its end" in texts(at)


def test_at_once_needs_a_run_that_has_learned_it(store, known):  # noqa: F811
    at = visit("restyle")
    at = drawn(at.segmented_control(key="restyle:way").set_value("At once").run())
    assert "No run here paints at once yet" in texts(at)
    run = with_checkpoint(store, add_run(store, known, "Painter", architecture="adain", values={"filters": 4}))  # noqa: F811
    at = visit("restyle", run=run.id)
    at = drawn(at.segmented_control(key="restyle:way").set_value("At once").run())
    assert not at.error, texts(at)
    assert [question.task for question in store.asked][-1] == "paint"


def test_a_picture_of_ones_own_that_cannot_be_used_says_why(store):  # noqa: F811
    large = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(large, "PNG")  # more than Pillow decodes
    for bad, says in ((large.getvalue(), "more than 89 megapixels"), (b"no picture", "no picture that can be read")):
        at = visit("restyle")
        at = drawn(at.selectbox(key="restyle:content").set_value("own").run())
        at.file_uploader[0].upload("mine.png", bad, "image/png")
        at = drawn(at.run())
        assert says in at.error[0].value and "Content" in at.error[0].value and is_a_sentence(at.error[0].value)
