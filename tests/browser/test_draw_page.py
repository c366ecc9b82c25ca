"""The Draw page in a real browser: another class is another picture, and its downloads."""

import numpy as np
import pytest

import helpers_browser
from helpers_browser import STARTING, drawn
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run, zoo

pytestmark = pytest.mark.browser
dashboard = helpers_browser.dashboard  # the fixtures
streamlit_asks_below_a_page_first = helpers_browser.streamlit_asks_below_a_page_first


def test_another_class_is_another_picture(dashboard, page):
    made = {}

    def fill(store):
        made["run"] = with_checkpoint(store, add_run(store, zoo(), "Labelled", architecture="cgan",
                                                     values={"filters": 4, "embedding": 4, "latent": 4}))

    page.goto(f"{dashboard(fill).server.url}/draw?run={made['run'].id}")
    shown = page.get_by_alt_text("80 samples of Labelled at step 1,000 from seed 0, each class in turn")
    shown.wait_for(timeout=1000 * STARTING)  # the process that computes has to load TensorFlow
    drawn(page)
    before = shown.get_attribute("src")
    page.get_by_role("combobox", name="Class").click()
    page.get_by_role("option", name="7", exact=True).click()
    shown = page.get_by_alt_text("80 samples of Labelled at step 1,000 from seed 0, class 7")
    shown.wait_for(timeout=1000 * STARTING)
    assert shown.get_attribute("src") != before
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 8 * 32
    drawn(page)  # until then the button of the picture before may stand beside the new one
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the samples (.npz)").click()
    with np.load(download.value.path()) as found:
        assert set(found["labels"]) == {7} and found["samples"].shape == (80, 32, 32, 1)
