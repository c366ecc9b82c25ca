"""Judging in a real browser: images come and go in time, keys and buttons answer, and what was said stays."""

import re

import pytest

from gan_core.store import judgements
from gan_core.evaluation.human import GENERATED, REAL, wilson
from gan_core.store import DiskStore
from helpers_browser import go_to
from helpers_judging import add_pool
from helpers_pages import add_run, zoo

pytestmark = pytest.mark.browser

# Notes when an image comes onto the stage and when it goes, in milliseconds of the browser's clock.
WATCH = """() => {
    window.seen = []
    let there = false
    new MutationObserver(() => {
        const now = Boolean(document.querySelector('.trial-stage img'))
        if (now !== there) window.seen.push([there = now, performance.now()])
    }).observe(document.body, { childList: true, subtree: true })
}"""
# The mean of the image: the generated ones of the tests are dark, the real ones bright.
BRIGHTNESS = """() => {
    const image = document.querySelector('.trial-stage img')
    const size = { width: image.naturalWidth, height: image.naturalHeight }
    const canvas = Object.assign(document.createElement('canvas'), size)
    const context = canvas.getContext('2d')
    context.drawImage(image, 0, 0)
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data
    return pixels.filter((_, i) => i % 4 === 0).reduce((sum, each) => sum + each, 0) / (pixels.length / 4)
}"""


@pytest.fixture(autouse=True)
def streamlit_asks_below_a_page_first(page_errors):
    page_errors.allow(r"404 \(Not Found\) http://localhost:\d+/(judge|gallery)/_stcore/(health|host-config)$")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    workspace = tmp_path_factory.mktemp("judging") / "workspace"
    store = DiskStore(workspace)
    yield store
    store.close()


@pytest.fixture(scope="module")
def server(serve, store):
    return serve("streamlit_app.py", env={"GAN_WORKSPACE": store.workspace})


@pytest.fixture
def run(store):
    run = add_run(store, zoo(), "To be judged", architecture="dcgan")
    add_pool(store, run)
    yield run
    store.delete(run.id)


def drawn(page):
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()
    assert page.get_by_test_id("stException").all_inner_texts() == []
    return page


def begin(page, server, run, shown=None, told=False):
    page.goto(f"{server.url}/judge?runs={run.id}")
    drawn(page).get_by_text("Choose one run").wait_for(state="detached")
    for choice in ("10", shown):
        if choice:
            page.get_by_test_id("stButtonGroup").get_by_text(choice, exact=True).click()
            page.wait_for_timeout(200)
            drawn(page)
    if told:
        page.get_by_text("Tell me after each").click()
        page.wait_for_timeout(200)
        drawn(page)
    page.evaluate(WATCH)
    page.get_by_role("button", name="Begin").click()
    waiting(page, 1)


def waiting(page, number):
    """Waits until the image of this number may be judged."""
    page.get_by_text(f"Image {number} of 10", exact=True).wait_for()
    page.locator(f'.trial[data-number="{number}"] button:enabled').first.wait_for()


def kept(store, run):
    [record] = judgements.kept(store.artifacts(run.id))
    return record


def test_a_session_by_keys_and_buttons(server, store, run, page):
    begin(page, server, run)
    picture = page.locator(".trial-stage img")
    assert picture.get_attribute("alt") == "Image 1 of 10: real or generated?"
    assert picture.bounding_box()["width"] == picture.bounding_box()["height"] > 300
    assert picture.evaluate("each => getComputedStyle(each).imageRendering") == "pixelated"
    # Right but for the first two.
    for number in range(1, 11):
        waiting(page, number)
        truth = REAL if page.evaluate(BRIGHTNESS) > 128 else GENERATED
        said = truth if number > 2 else {REAL: GENERATED, GENERATED: REAL}[truth]
        if number % 2:
            page.keyboard.press({REAL: "ArrowLeft", GENERATED: "j"}[said])
        else:
            page.get_by_role("button", name=said.capitalize()).dblclick(no_wait_after=True)
        page.get_by_text(f"Image {number + 1} of 10" if number < 10 else "Judge again").first.wait_for()
    page.get_by_text("You were wrong 2 times in 10").wait_for()
    record = kept(store, run)
    assert len(record["verdicts"]) == 10 == record["asked"], "a double click counts once"
    wrong = [each["truth"] != each["verdict"] for each in record["verdicts"]]
    assert wrong == [True] * 2 + [False] * 8
    assert all(0 < each["seconds"] < 60 and each["shown"] is None for each in record["verdicts"])

    low, high = wilson(2, 10)
    said = f"20 % ({100 * low:.0f}–{100 * high:.0f})"
    cell = page.get_by_test_id("stTable").get_by_text(said, exact=True)
    cell.wait_for()
    page.reload()
    cell.wait_for()
    drawn(page)
    assert page.get_by_role("button", name="Begin").is_enabled() and run.id in page.url


def test_a_timed_image_goes_by_itself(server, store, run, page):
    begin(page, server, run, "250 ms")
    page.locator(".trial-stage canvas").wait_for()
    (came, began), (gone, ended) = page.evaluate("() => window.seen")
    # A frame is 17 ms; a browser on a busy machine may miss some.
    assert came and not gone and 220 < ended - began < 400
    assert page.locator(".trial-stage img").count() == 0
    # Another page and back: its time is over.
    go_to(page, "Gallery").get_by_role("heading", name="Gallery").wait_for()
    go_to(page, "Judge")
    page.locator(".trial-stage canvas").wait_for()
    waiting(page, 1)
    assert len(page.evaluate("() => window.seen")) == 2, "it was not shown again"
    page.keyboard.press("ArrowRight")
    waiting(page, 2)
    page.keyboard.press("ArrowLeft")
    waiting(page, 3)
    record = kept(store, run)
    assert record["shown_ms"] == 250 and [each["verdict"] for each in record["verdicts"]] == [GENERATED, REAL]
    page.get_by_role("button", name="End here").click()
    page.get_by_text(re.compile("in 2, and left 8 unanswered")).wait_for()


def test_the_judge_is_told_what_was_right(server, store, run, page):
    begin(page, server, run, told=True)
    told = page.locator(".trial-told")
    for number in (1, 2):
        waiting(page, number)
        bright = page.evaluate(BRIGHTNESS)
        assert told.inner_text() == ""
        page.keyboard.press("f")
        told.get_by_text("✓ Right: it is real" if bright > 128 else "✗ Wrong: it is generated", exact=True).wait_for()
        assert page.evaluate(BRIGHTNESS) == bright, "the image that it is told of is still there"
    assert kept(store, run)["feedback"]


def test_judging_looks_right_in_the_dark_and_on_a_phone(server, run, page):
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 380, "height": 640})
    begin(page, server, run)
    for each in ("img", "button"):
        for box in page.locator(f".trial {each}").all():
            place = box.bounding_box()
            assert place["x"] >= 0 and place["x"] + place["width"] <= 380
    page.mouse.move(1, 1)
    page.wait_for_timeout(200)
    button = page.locator(".trial button").first
    ink, paper = (button.evaluate(f"each => getComputedStyle(each).{what}") for what in ("color", "backgroundColor"))
    assert (ink, paper) == ("rgb(230, 234, 240)", "rgb(17, 21, 28)")
