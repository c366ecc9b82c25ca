"""What there is to play with at once, and what visitors see, in a real browser."""

import re

import pytest

import helpers_browser
from gan_core.sharing import examples
from gan_core.store import DiskStore
from helpers_browser import drawn
from helpers_runs import end_all

expect = pytest.importorskip("playwright.sync_api").expect
streamlit_asks_below_a_page_first = helpers_browser.streamlit_asks_below_a_page_first


@pytest.fixture(scope="module", params=["owner", "visitors"])
def opened(request, serve, tmp_path_factory):
    """``(who looks, server, store)`` of an empty workspace."""
    workspace = tmp_path_factory.mktemp("examples") / "workspace"
    store = DiskStore(workspace)
    server = serve("streamlit_app.py", env={"GAN_WORKSPACE": workspace} | (
        {"GAN_VISITORS": "1"} if request.param == "visitors" else {}))
    yield request.param, server, store
    server.stop()
    end_all(workspace)
    store.close()


def test_an_example_plays_within_seconds_of_the_first_start(opened, page):
    who, server, store = opened
    page.goto(server.url)
    drawn(page)
    expect(page.get_by_role("link", name="Play")).to_have_count(4)
    assert page.get_by_role("button", name="Open as a run").count() == (4 if who == "owner" else 0)
    for number in range(4):
        with page.context.expect_page() as popup:
            page.get_by_role("link", name="Play").nth(number).click()
        play, wrong = popup.value, []
        play.on("pageerror", lambda error, wrong=wrong: wrong.append(error))
        play.wait_for_function("document.body.dataset.milliseconds", timeout=30_000)
        assert play.locator("h1").inner_text() == list(examples.examples().values())[number].title and not wrong
        play.close()
    assert store.list() == []


def test_what_is_the_owners_is_not_in_the_navigation_of_visitors(opened, page):
    who, server, _ = opened
    page.goto(server.url)
    drawn(page)
    expect(page.get_by_role("link", name="Play")).to_have_count(4)
    expect(page.get_by_role("button", name="Train my first GAN")).to_have_count(1 if who == "owner" else 0)
    page.get_by_test_id("stTopNavSection").filter(has_text="Make").click()
    titles = ("My photos", "Train", "Sweep", "Data", "Draw", "Translate", "Doodle", "Restyle", "Prompt", "Share")
    expect(page.get_by_test_id("stTopNavDropdownLink")).to_have_text(
        [re.compile(f"{title}$") for title in titles
         if who == "owner" or title in ("Draw", "Translate", "Doodle", "Prompt")])
    if who == "visitors":
        page.goto(f"{server.url}/train")
        page.get_by_text("For its owner").first.wait_for()
        assert page.get_by_role("button", name="Start training").count() == 0
