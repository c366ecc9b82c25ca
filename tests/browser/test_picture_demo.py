"""A demo that makes pictures of pictures, offline: examples, one's own, what is drawn, both ways, and tiles without a
seam."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from gan_core.data import to_float, to_uint8
from gan_core.models.registry import architecture
from gan_core.sharing import picture_demo
from gan_core.tasks import translating
from helpers_pages import add_run, zoo
from helpers_visits import known, store  # noqa: F401 (fixtures)
from helpers_zoo import built

pytestmark = pytest.mark.browser
DATA = {"pix2pix": "digits+edges", "srgan": "digits+small", "cyclegan": "digits+3,8"}


@pytest.fixture
def opened(chromium, store, noise_for, tmp_path, page_errors):  # noqa: F811
    """``opened(architecture, ...)``: a page without a network that shows the demo of a miniature, and the model."""
    contexts = []

    def open(name, facts=None, dataset=None, **said):
        from gan_core import data

        dataset = dataset or data.load(DATA[name], size=32)
        model, rng = built(name, dataset.spec, ema_decay=0.0), np.random.default_rng(0)
        for variable in model.trainable_variables:
            variable.assign(variable + 0.05 * rng.standard_normal(variable.shape))
        run = add_run(store, zoo(), "<i>Mine</i>", architecture=name, data=DATA[name])
        store.update(run.id, facts=run.facts | (facts or {}))
        page_of = picture_demo.made(store, store.get(run.id), model, 1000, card=zoo()[name], precision="float32",
                                    data=dataset, **said)
        (tmp_path / "demo.html").write_bytes(page_of)
        context = chromium.new_context(viewport={"width": 1200, "height": 900}, offline=True, accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: None if request.url.startswith(("file:", "data:", "blob:")) else
                page_errors.append(f"request: {request.url}"))
        page.on("console", lambda message: message.type == "error" and page_errors.append(message.text))
        page.on("pageerror", lambda error: page_errors.append(str(error)))
        page.goto((tmp_path / "demo.html").as_uri())
        page.locator("#wiped").wait_for(timeout=60_000)
        return page, model, dataset

    yield open
    for context in contexts:
        context.close()


def shown(page, canvas):
    """What stands on a canvas, uint8 (H, W, 3)."""
    address = page.locator(f"#{canvas}").evaluate("canvas => canvas.toDataURL('image/png')")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB"))


def told(page):
    return json.loads(page.locator("#demo").inner_text())


def made_again(page, before, canvas="after"):
    page.wait_for_function("([id, before]) => document.getElementById(id).toDataURL() !== before", arg=[canvas, before],
                           timeout=60_000)


def address(page, canvas="after"):
    return page.locator(f"#{canvas}").evaluate("canvas => canvas.toDataURL()")


def test_an_example_becomes_what_keras_makes_of_it_and_a_drawing_too(opened):
    page, model, dataset = opened("pix2pix", {"palette": [[255], [0]]})
    first = np.asarray(Image.open(io.BytesIO(base64.b64decode(told(page)["examples"][0]["source"].partition(",")[2]))))
    wanted = to_uint8(np.asarray(model.translate(to_float(first[None, ..., None]), "target")))[0]
    assert np.abs(shown(page, "after").astype(int) - wanted).max() <= 1
    assert page.locator("#truth").is_visible() and page.locator("h1").inner_text() == "<i>Mine</i>"
    before = address(page)
    page.locator("#draw").click()
    page.get_by_role("button", name="Rectangle").click()
    box = page.locator("#doodle canvas").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.7 * box["height"], steps=3)
    page.mouse.up()
    made_again(page, before)
    assert page.locator("#truth").is_hidden() and shown(page, "before").min() == 0
    page.locator("#wipe").fill("100")
    assert page.locator("#wiped").evaluate("figure => figure.style.getPropertyValue('--place')") == "100%"
    with page.expect_download() as download:
        page.locator("#png").click()
    assert Image.open(download.value.path()).size == (32, 32)


def test_both_ways_of_two_domains(opened):
    page, model, dataset = opened("cyclegan", {"domains": ["three", "eight"]})
    assert page.locator("#way option").all_inner_texts() == ["from three to eight", "from eight to three"]
    before = address(page)
    page.locator("#way").select_option("1")
    made_again(page, before)
    source = next(one["source"] for one in told(page)["examples"] if one["way"] == "a")
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))))
    wanted = to_uint8(np.asarray(model.translate(to_float(image[None, ..., None]), "a")))[0]
    assert np.abs(shown(page, "after").astype(int) - wanted).max() <= 1


def test_a_picture_of_ones_own_is_enlarged_in_tiles(opened, tmp_path):
    page, model, _ = opened("srgan")
    before = address(page)
    picture = np.random.default_rng(0).integers(0, 256, (31, 40, 3), dtype=np.uint8)
    Image.fromarray(picture).save(tmp_path / "mine.png")
    page.locator("#own").set_input_files(tmp_path / "mine.png")
    made_again(page, before)
    page.get_by_text("here in your browser").first.wait_for()
    found = shown(page, "after").astype(int)
    assert found.shape == (124, 160, 3)
    wanted = np.asarray(translating.translated(model, [Image.fromarray(picture)])[0].result.convert("RGB")).astype(int)
    edge = 4 * model.any_size("large")[1]
    # At the very edge the page has the picture's last pixels go on, and Keras nothing.
    assert np.abs(found - wanted)[edge:-edge, edge:-edge].max() <= 1
    (tmp_path / "bad.png").write_bytes(b"no picture")
    page.locator("#own").set_input_files(tmp_path / "bad.png")
    page.get_by_text("It cannot be used").wait_for()
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_run_that_paints_cannot_leave_and_says_why():
    assert architecture("adain").not_a_graph.endswith(".")
