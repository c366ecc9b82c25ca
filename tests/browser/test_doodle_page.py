"""The Doodle page in a real browser: what is drawn becomes a picture, by mouse and by keyboard, and can be taken back."""

import numpy as np
import pytest
from PIL import Image

import helpers_browser
from helpers_browser import STARTING, drawn
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run, zoo

pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api")
dashboard = helpers_browser.dashboard  # the fixtures
streamlit_asks_below_a_page_first = helpers_browser.streamlit_asks_below_a_page_first
LABELS = """canvas => {
    const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
    return { width, height, dark: [...data].filter((value, place) => place % 4 === 0 && value < 128).length }
}"""


def filled(store):
    run = with_checkpoint(store, add_run(store, zoo(), "Lines", architecture="pix2pix", data="digits+edges",
                                         values={"filters": 4, "batch_size": 4}))
    store.update(run.id, facts=run.facts | {"palette": [[255], [0]]})


def test_the_picture_follows_what_is_drawn(dashboard, page):
    place = dashboard(filled)
    page.goto(f"{place.server.url}/doodle")
    canvas = page.locator(".doodle canvas")
    canvas.wait_for(timeout=1000 * STARTING)
    drawn(page)
    assert "Draw something" in page.locator(".stMain").inner_text()
    assert canvas.evaluate(LABELS) == {"width": 32, "height": 32, "dark": 0}

    # A rectangle by the mouse.
    page.get_by_role("button", name="Rectangle").click()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
    page.mouse.up()
    one = canvas.evaluate(LABELS)["dark"]
    assert 100 < one < 160
    made = page.get_by_alt_text("What Lines makes of the drawing")
    made.wait_for(timeout=1000 * STARTING)  # the process that computes has to load TensorFlow
    first = made.get_attribute("src")

    # Another by the keyboard: the picture becomes another.
    canvas.focus()
    for key in ("Shift+ArrowDown", "Shift+ArrowDown", "Enter", "Shift+ArrowRight", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert canvas.evaluate(LABELS)["dark"] > one
    page.wait_for_function("([alt, first]) => document.querySelector(`img[alt='${alt}']`)?.src !== first",
                           arg=["What Lines makes of the drawing", first], timeout=30_000)
    assert "Rectangle drawn" in page.locator(".doodle [role=status]").inner_text()

    # Taken back, filled, and cleared.
    page.get_by_role("button", name="Undo").click()
    assert canvas.evaluate(LABELS)["dark"] == one
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("button", name="Fill").click()
    canvas.click(position={"x": 4, "y": 4})
    assert canvas.evaluate(LABELS)["dark"] == 32 * 32
    page.get_by_role("button", name="Clear").click()
    assert canvas.evaluate(LABELS)["dark"] == 0
    page.get_by_text("Draw something").wait_for()

    # From an example; the brush draws on it; on a phone nothing is wider than the page.
    page.get_by_role("button", name="Start from an example").click()
    page.wait_for_function("() => document.querySelector('.doodle canvas').getContext('2d').getImageData(0, 0, 32, 32)"
                           ".data.some((value, place) => place % 4 === 0 && value < 128)", timeout=30_000)
    made.wait_for()
    before = canvas.evaluate(LABELS)["dark"]
    page.get_by_role("button", name="Brush").click()
    canvas.click(position={"x": 5, "y": 5})
    assert canvas.evaluate(LABELS)["dark"] > before
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the drawing").click()
    assert np.asarray(Image.open(download.value.path())).shape == (32, 32)
    page.set_viewport_size({"width": 390, "height": 800})
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
