"""Text of strangers in a real browser: it is read as it was written, and nothing is fetched, linked or computed for it."""

import time
from pathlib import Path

import pytest

import helpers_browser
from helpers_pages import add_run, zoo
from helpers_strangers import ELSEWHERE, TEXTS
from pages.components.markdown import JOINER, cleaned

dashboard, streamlit_asks_below_a_page_first = helpers_browser.dashboard, helpers_browser.streamlit_asks_below_a_page_first
HERE = Path(__file__).parent
KINDS = ("plain", "bold", "within", "listed", "heading", "caption", "alert", "red", "badge", "metric", "progress", "button",
         "toggle", "link", "field", "popover", "expander", "table", "frame", "help", "options", "pills", "joined")
MADE = ".katex, img, iframe, script[src*=strangers], del, em, code, h6, blockquote, hr, ol, input[type=checkbox][disabled], " \
       "a[href*=strangers], a[href^=mailto], a[href^=javascript], sup"
SHOWN = """() => Array.from(document.querySelectorAll('[class*="st-key-text-"]'), box => box.textContent)"""


def as_read(text):
    return " ".join(cleaned(text).replace(JOINER, "").split())


@pytest.fixture(scope="module")
def served(serve):
    return serve(HERE / "markdown_app.py")


@pytest.mark.parametrize("kind", KINDS)
def test_text_is_shown_as_it_is(served, page, kind):
    page.goto(f"{served.url}/?kind={kind}")
    page.locator(".st-key-done").get_by_text("Done").wait_for()
    main = page.get_by_test_id("stMain")
    if kind == "help":
        for number in (0, 4, 6, 29, 36):
            main, button = page.get_by_test_id("stTooltipContent"), page.locator(f".st-key-widget-{number} button")
            shown(page, lambda button=button: (page.mouse.move(0, 0), button.hover(), page.wait_for_timeout(500),
                                               main.all_inner_texts())[-1], [as_read(TEXTS[number])])
    made = main.locator(MADE if kind == "badge" else f"{MADE}, .stMarkdownBadge")
    assert made.evaluate_all("all => all.map(it => it.outerHTML)") == []
    if kind in ("plain", "bold", "heading", "caption", "button", "toggle", "badge"):
        shown(page, lambda: page.evaluate(SHOWN), [as_read(text) for text in TEXTS])


def shown(page, look, wanted, seconds=20):
    """Waits until the page has drawn these texts: some of Streamlit's plugins come later."""
    end = time.monotonic() + seconds
    while (now := [" ".join(text.replace(JOINER, "").split()) for text in look()]) != wanted and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert now == wanted
