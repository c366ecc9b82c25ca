"""The Report page in a real browser: one is begun, written, frozen and read, and its file opens with no network."""

import pytest

import helpers_browser
from gan_core.models import cards
from gan_core.store import reports
from helpers_browser import drawn
from helpers_pages import add_run
from helpers_runs import until

pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api")
dashboard = helpers_browser.dashboard  # the fixtures
streamlit_asks_below_a_page_first = helpers_browser.streamlit_asks_below_a_page_first


def test_one_is_written_and_its_file_needs_no_network(dashboard, page, tmp_path):
    place = dashboard()
    for name, architecture in (("Plain", "gan"), ("Deep", "dcgan")):
        add_run(place.store, cards.shipped(), name, architecture=architecture)
    page.goto(f"{place.server.url}/report")
    drawn(page)
    page.get_by_label("Title").fill("What depth is worth")
    page.get_by_role("button", name="Begin it").click()
    page.get_by_text("Write", exact=True).click()
    page.get_by_role("textbox", name="Text").first.fill("## Depth\n\nIt is **worth** it. ![x](http://evil.example/x.png)")
    page.get_by_role("button", name="Keep the text").click()
    until(lambda: "worth" in reports.kept(place.store.workspace)[0]["parts"][0]["text"], "the text to be kept")
    drawn(page)
    page.get_by_text("Curves", exact=True).last.click()
    page.get_by_role("combobox", name="Runs").last.click()
    page.get_by_role("option", name="Deep").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("button", name="Freeze it").click()
    page.get_by_role("button", name="Make it live").wait_for()
    page.get_by_text("Read", exact=True).click()
    page.get_by_role("button", name="Make the file").wait_for()
    page.locator("strong", has_text="worth").wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    page.get_by_role("button", name="Make the file").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download it").click()
    download.value.save_as(tmp_path / "report.html")
    [report] = reports.kept(place.store.workspace)
    assert report["title"] == "What depth is worth" and report["parts"][1]["frozen"]
    page.context.set_offline(True)
    page.goto((tmp_path / "report.html").as_uri())
    page.locator(".js-plotly-plot").first.wait_for()
    assert page.get_by_role("heading", name="Depth").count() and page.locator("img").count() == 0
    page.context.set_offline(False)
