"""Explore in a real browser: the player stands in the page, computes there, and what is kept of it is kept."""

import pytest

import helpers_browser
from gan_core.store import explored
from helpers_browser import drawn
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run, zoo

expect = pytest.importorskip("playwright.sync_api").expect
dashboard, streamlit_asks_below_a_page_first = helpers_browser.dashboard, helpers_browser.streamlit_asks_below_a_page_first


@pytest.fixture(scope="module")
def explored_run(dashboard):
    place = dashboard(lambda store: with_checkpoint(store, add_run(
        store, zoo(), "Mine", architecture="cgan", data="digits", values={"filters": 4, "latent": 8})))
    return place, place.store.list()[0]


def test_a_sample_and_a_direction_are_kept_from_the_walk(explored_run, page):
    place, run = explored_run
    place.open(page, f"explore?run={run.id}")
    frame = page.frame_locator("iframe[sandbox]")
    frame.get_by_text("multiplications a sample").wait_for(timeout=60_000)
    frame.locator("#keep-point").click()
    page.get_by_label("Name of this sample").fill("a round one")
    page.get_by_role("button", name="Keep").click()
    page.wait_for_url("**point=a+round+one*")
    expect(frame.get_by_role("button", name="a round one")).to_be_visible(timeout=60_000)
    assert [point["name"] for point in explored.kept(place.store.artifacts(run.id))["points"]] == ["a round one"]

    for name, steps in (("A", 2), ("B", 2)):
        for _ in range(steps):
            frame.locator("#grid").focus()
            page.keyboard.press("ArrowRight")
            frame.get_by_role("button", name=f"Into {name}", exact=True).click()
    frame.locator("#keep-direction").click()
    page.get_by_label("What this direction is").fill("thicker")
    page.get_by_role("button", name="Keep").click()
    expect(frame.get_by_label("thicker").first).to_be_visible(timeout=60_000)
    (direction,) = explored.kept(place.store.artifacts(run.id))["directions"]
    for name, count in (("A", 2), ("B", 2), ("C", 0)):  # what was put there stays
        expect(frame.locator(f"#group-{name} canvas")).to_have_count(count)
    assert direction["name"] == "thicker" and direction["found"] == "own" and len(direction["vector"]) == 8
    drawn(page)


def test_the_frame_may_do_nothing_but_compute(explored_run, page):
    """Its code is ours, but what it shows comes from runs: it has no rights of the dashboard's page."""
    place, run = explored_run
    place.open(page, f"explore?run={run.id}")
    frame = page.locator("iframe[sandbox]")
    frame.wait_for(timeout=60_000)
    assert set(frame.get_attribute("sandbox").split()) == {"allow-scripts", "allow-downloads"}
    assert "Mine" in frame.get_attribute("title")
