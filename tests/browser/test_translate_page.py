"""The Translate page in a real browser: a slider wipes between source and translation, and one's own picture comes back."""

import io
import zipfile

import numpy as np
from PIL import Image

import helpers_browser
import pytest
from helpers_browser import STARTING, drawn
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run, zoo

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api").expect
dashboard = helpers_browser.dashboard  # the fixtures
streamlit_asks_below_a_page_first = helpers_browser.streamlit_asks_below_a_page_first


def test_held_out_pictures_are_wiped_over_and_ones_own_come_back(dashboard, page, tmp_path):
    place = dashboard(lambda store: with_checkpoint(store, add_run(
        store, zoo(), "Restorer", architecture="pix2pix", data="digits+noisy", values={"filters": 4, "batch_size": 4})))
    run = place.store.list()[0]
    page.goto(f"{place.server.url}/translate?run={run.id}")
    slider = page.get_by_role("slider", name="Source or Translation").first
    slider.wait_for(timeout=1000 * STARTING)  # the process that computes has to load TensorFlow
    drawn(page)
    frame = page.locator(".wipe-frame").first
    assert frame.evaluate("frame => getComputedStyle(frame).getPropertyValue('--place').trim()") == "50%"
    slider.focus()
    page.keyboard.press("End")
    assert frame.evaluate("frame => getComputedStyle(frame).getPropertyValue('--place').trim()") == "100%"
    for picture in ("wipe-upper", "wipe-lower"):
        image = frame.locator(f".{picture}")
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 32 and image.get_attribute("alt")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all of them (zip)").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == 4

    mine = tmp_path / "mine.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 50), dtype=np.uint8)).save(mine)
    page.get_by_text("My pictures", exact=True).click()
    page.locator("input[type=file]").set_input_files(mine)
    shown = page.get_by_alt_text("The translation of mine.png")
    shown.wait_for(timeout=1000 * STARTING)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download mine.png").click()
    assert Image.open(io.BytesIO(open(download.value.path(), "rb").read())).size == (50, 20)
    page.set_viewport_size({"width": 390, "height": 800})
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the page"
