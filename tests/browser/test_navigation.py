"""The navigation in a real browser: its groups, its addresses, and that no list of Streamlit's own ever shows; and what a
failing page looks like there."""

import re

import pytest

import helpers_browser
from helpers_browser import drawn
from helpers_pages import add_run, zoo
from helpers_visits import ROOT
from pages.components.shell import PAGES

pytestmark = pytest.mark.browser
dashboard = helpers_browser.dashboard  # the fixtures
streamlit_asks_below_a_page_first = helpers_browser.streamlit_asks_below_a_page_first

# From the first paint on, whatever stands in a list beside the page: its links, with their addresses.
WATCH = """
window.seen = []
const look = () => {
    for (const link of document.querySelectorAll('[data-testid="stSidebar"] a, [data-testid^="stSidebarNav"]'))
        window.seen.push(`${link.dataset.testid} ${link.getAttribute('href')} ${link.innerText}`)
}
new MutationObserver(look).observe(document, {childList: true, subtree: true, attributes: true})
"""
FAILING = """
import sys
sys.path.insert(0, {root!r})
import streamlit as st
from pages.components import failure


def sad():
    raise ValueError("a sad story")


@st.fragment
def part():
    if st.button("in a fragment"):
        sad()
    st.write("below it")


if __name__ == "__main__":
    st.button("in a callback", on_click=sad)
    part()
    if st.button("in the body"):
        sad()
    st.write("the end")
else:
    app = st.App(__file__, on_script_error=failure.unhandled)
"""


@pytest.mark.parametrize("address", ["", "home", "monitor?run={run}"])
def test_the_first_visit_of_a_fresh_server_never_shows_streamlits_own_list(dashboard, page, address):
    fresh = dashboard(lambda store: add_run(store, zoo(), "The one"))
    [run] = fresh.store.list()
    page.add_init_script(WATCH)
    fresh.open(page, address.format(run=run.id))
    page.get_by_test_id("stTopNav").wait_for()
    assert page.evaluate("window.seen") == []
    assert page.url == fresh.server.url + ("/" + address if "run" in address else "/").format(run=run.id)
    page.get_by_role("heading", name="The one" if run.id in page.url else re.compile("GAN|done")).first.wait_for()


def test_every_page_is_in_its_group_and_keeps_its_address(dashboard, page):
    board = dashboard()
    board.open(page)
    assert page.get_by_test_id("stTopNavSection").all_inner_texts() == [group for group in PAGES if group]
    for group, pages in PAGES.items():
        for name, title, _ in pages:
            if group:
                page.get_by_test_id("stTopNavSection").filter(has_text=group).click()
                page.get_by_test_id("stTopNavDropdownLink").filter(has_text=title).click()
            else:
                page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
            page.wait_for_url(re.compile(rf"{board.server.url}/{'' if name == 'home' else name}(\?.*)?$"))
            drawn(page)


def test_a_narrow_screen_has_all_groups_behind_its_button(dashboard, page):
    board = dashboard()
    page.set_viewport_size({"width": 390, "height": 800})
    board.open(page)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Architectures").click()
    page.wait_for_url("**/architectures")
    assert page.get_by_test_id("stNavSectionHeader").all_inner_texts() == [group for group in PAGES if group]


def test_a_failure_is_a_sentence_wherever_it_happens(serve, page, tmp_path):
    script = tmp_path / "streamlit_app.py"
    script.write_text(FAILING.format(root=str(ROOT)))
    server = serve(script, env={"GAN_WORKSPACE": tmp_path / "workspace"})
    for where, left in (("in a fragment", ["the end"]), ("in a callback", []), ("in the body", ["below it"])):
        page.goto(server.url)
        drawn(page).get_by_role("button", name=where).click()
        alert = page.get_by_role("alert").filter(has_text="a sad story")
        alert.wait_for()
        assert alert.inner_text().endswith(
            "This page failed: ValueError: a sad story. The traceback is in logs/pages.log of the workspace.")
        for text in left:
            assert page.get_by_text(text, exact=True).is_visible()
        drawn(page)
    assert (tmp_path / "workspace" / "logs" / "pages.log").read_text().count("raise ValueError") == 3
