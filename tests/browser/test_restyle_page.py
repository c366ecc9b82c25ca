"""The Restyle page in a real browser: a picture is painted before one's eyes, and stopped with what there is."""

import pytest

import helpers_browser
from gan_core.store import restyled
from helpers_browser import STARTING, drawn

pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api")
dashboard = helpers_browser.dashboard  # the fixtures
streamlit_asks_below_a_page_first = helpers_browser.streamlit_asks_below_a_page_first


def test_a_picture_is_watched_and_stopped(dashboard, page):
    place = dashboard()
    page.goto(f"{place.server.url}/restyle")
    drawn(page)
    page.get_by_text("128", exact=True).click()
    page.get_by_label("Steps", exact=True).fill("2000")
    page.keyboard.press("Enter")
    drawn(page)
    page.get_by_role("button", name="Paint").click()
    seen = page.get_by_alt_text("The picture as far as it is")
    seen.wait_for(timeout=1000 * STARTING)  # its process has to load TensorFlow
    first = seen.get_attribute("src")
    page.wait_for_function("first => document.querySelector(\"img[alt='The picture as far as it is']\")?.src !== first",
                           arg=first, timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("stopped before its end").wait_for(timeout=60_000)
    told, = restyled.kept(place.store.workspace)
    assert 0 < told["done"] < 1 and restyled.result(place.store.workspace, told["key"]).startswith(b"\x89PNG")
    page.get_by_role("slider", name="Content or In the style").wait_for()
