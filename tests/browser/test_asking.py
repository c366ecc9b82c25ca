"""What a page asks for, in a real browser: a visitor who drags a slider gets the newest picture and waits for no other."""

import time

import pytest

from helpers_runs import until

pytestmark = pytest.mark.browser
PLACES = 20


@pytest.fixture
def slow(serve, tmp_path):
    """The address of the page, and what its processes have "begun" and "computed"."""
    def read(what):
        file = tmp_path / what
        return file.read_text().splitlines() if file.exists() else []

    return serve("tests/browser/asking_app.py", env={"GAN_WORKSPACE": tmp_path}).url, read


def drag(page):
    page.get_by_role("slider").focus()
    for _ in range(PLACES):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)


def test_a_dragged_slider_computes_few_places_and_shows_the_last(slow, page):
    url, read = slow
    page.goto(url)
    page.get_by_text("Computed 0").wait_for()
    drag(page)
    page.get_by_text(f"Computed {PLACES}").wait_for()
    assert len(read("computed")) <= 4, "what nobody waits for is given up"
    page.keyboard.press("ArrowLeft")
    page.get_by_text(f"Computed {PLACES - 1}").wait_for()
    page.keyboard.press("ArrowRight")
    page.get_by_text(f"Computed {PLACES}").wait_for()
    assert len([line for line in read("begun") if line.endswith(f" {PLACES}")]) == 1, "it is not computed again"


def test_heavy_work_of_one_visitor_does_not_delay_another_and_ends_when_she_leaves(slow, page):
    url, read = slow
    page.goto(f"{url}?seconds=300")
    until(lambda: any("300" in line for line in read("begun")), "the heavy work to begin")
    other = page.context.new_page()
    began = time.monotonic()
    other.goto(url)
    other.get_by_text("Computed 0").wait_for()
    assert time.monotonic() - began < 60
    page.close()
    # Her process is free again: two more visitors with heavy work find one each.
    for number in range(2):
        visitor = page.context.new_page()
        visitor.goto(f"{url}?seconds={400 + number}")
        until(lambda: any(str(400 + number) in line for line in read("begun")), "a process to be free")  # noqa: B023
