"""Text of strangers in a real browser: it is read as it was written, and nothing is fetched, linked or computed for it."""

import http.client
import time
from pathlib import Path

import pytest

import helpers_browser
from gan_core.store import RUNNING, artifacts
from gan_core.store.task_records import new_task
from helpers_browser import drawn, run_in_address
from helpers_pages import add_run, add_sheet, scored, zoo
from helpers_strangers import ELSEWHERE, TEXTS
from pages.components.markdown import JOINER, cleaned

dashboard, streamlit_asks_below_a_page_first = helpers_browser.dashboard, helpers_browser.streamlit_asks_below_a_page_first
HERE = Path(__file__).parent
KINDS = ("plain,bold,within,listed,heading,caption,alert,red", "badge,metric,progress,button,toggle,link,field",
         "popover,expander,table,frame,help,options,pills,joined")
EACH, FEWER = ("plain", "badge", "button", "table"), 4  # as the app has them
WHOLE = ("plain", "bold", "heading", "caption", "badge", "button", "toggle")  # with nothing beside the text
# What Markdown makes of such texts.
MADE = (".katex, img, iframe, script, del, em, code, h5, h6, blockquote, hr, ol, sup, strong strong, .stMarkdownBadge, "
        "a[href*=strangers], a[href^=mailto], a[href^=javascript], input[type=checkbox][disabled]")
SHOWN = """kind => Array.from(document.querySelectorAll(`[class*="st-key-text-${kind}-"]`), box => box.textContent)"""


def as_read(text):
    return " ".join(cleaned(text).replace(JOINER, "").split())


@pytest.fixture(scope="module")
def served(serve):
    return serve(HERE / "markdown_app.py")


@pytest.mark.parametrize("kinds", KINDS, ids=lambda kinds: kinds.partition(",")[0])
def test_text_is_shown_as_it_is(served, page, kinds):
    page.goto(f"{served.url}/?kinds={kinds}")
    page.locator(".st-key-done").get_by_text("Done").wait_for(timeout=60_000)
    for kind in kinds.split(","):
        if kind in WHOLE:
            texts = TEXTS if kind in EACH else TEXTS[::FEWER]
            shown(page, lambda kind=kind: page.evaluate(SHOWN, kind), [as_read(text) for text in texts])
        never = MADE.replace(".stMarkdownBadge, ", "") if kind == "badge" else MADE
        made = page.locator(f".st-key-kind-{kind}").locator(never)
        assert made.evaluate_all("all => all.map(it => it.outerHTML)") == [], kind
    for number in range(5) if "help" in kinds else ():
        tip, button = page.get_by_test_id("stTooltipContent"), page.locator(f".st-key-widget-help-{number} button").first
        shown(page, lambda tip=tip, button=button: (page.mouse.move(0, 0), button.hover(), page.wait_for_timeout(500),
                                                    tip.all_inner_texts())[-1], [as_read(TEXTS[FEWER * number])])
        assert tip.locator(MADE).count() == 0


def shown(page, look, wanted, seconds=20):
    """Waits until the page has drawn these texts: some of Streamlit's plugins come later."""
    end = time.monotonic() + seconds
    while (now := [" ".join(text.replace(JOINER, "").split()) for text in look()]) != wanted and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert now == wanted


# The dashboard of a workspace in which every text is a stranger's

BAD = f"![x]({ELSEWHERE}/a.png) www.strangers.example $x^2$ :smile: <img src={ELSEWHERE}/a.png> **b** :red[c]"
TWICE = "button => { button.click(); setTimeout(() => button.click(), 150) }"


@pytest.fixture(scope="module")
def strange(dashboard):
    def fill(store):
        for status in ("stopped", "failed"):
            run = add_run(store, zoo(), f"{BAD} {status}", architecture="cgan", status=status, message=BAD, notes=BAD,
                          tags=(BAD,))
            store.update(run.id, spec=run.spec | {"classes": [f"{number} {BAD}" for number in range(10)]})
            held = store.artifacts(run.id)
            held.put(artifacts.LOG, BAD.encode())
            scored(store, run, extractor=BAD, notes=[BAD])
            for step in (0, 1000):
                add_sheet(store, run, step)
            store.tasks.create(new_task("score", run.id, status="failed", message=BAD, ended=2.0))
        add_run(store, zoo(), "Busy", status=RUNNING, step=100)  # in this process, so that what is launched waits

    return dashboard(fill)


def test_nothing_is_fetched_or_linked_for_what_a_workspace_or_an_address_holds(strange, page, page_errors):
    """That no request leaves, the fixture ``page`` looks at."""
    page_errors.allow("404 .*/judge/_stcore/")
    stopped, failed = (run for run in strange.store.list() if run.status != RUNNING)
    quoted = "%21%5Bx%5D%28http%3A%2F%2Fstrangers.example%2Fa.png%29%20%24x%5E2%24%20www.strangers.example"
    for path in ("", f"monitor?run={stopped.id}", f"gallery?run={failed.id}", "runs", f"compare?runs={stopped.id},{quoted}",
                 f"judge?runs={quoted}", f"tasks?run={quoted}", f"architectures?family={quoted}"):
        strange.open(page, path)
        made = page.locator(".katex, a[href*=strangers]:not([href^='#']), a[href^=mailto], [src*=strangers]")
        assert made.evaluate_all("all => all.map(it => it.outerHTML)") == [], path
        assert "This page failed" not in page.get_by_test_id("stMain").inner_text(), path


def test_two_fast_clicks_launch_each_run_of_a_plan_once(strange, page):
    strange.open(page, "compare")
    page.get_by_role("tab", name="Train architectures to compare").click()
    before = len(strange.store.list())
    page.get_by_role("button", name="Train 2 runs").evaluate(TWICE)
    page.wait_for_url("**/compare?runs=*")
    page.wait_for_timeout(1000)  # for what the second click might do
    drawn(page)
    assert len(strange.store.list()) == before + 2


def test_a_key_held_down_launches_one_run(strange, page):
    strange.open(page, "train")
    before = len(strange.store.list())
    page.get_by_role("button", name="Start training").focus()
    for _ in range(20):
        page.keyboard.down("Enter")
        page.wait_for_timeout(30)
    page.keyboard.up("Enter")
    run = run_in_address(page)
    drawn(page)
    assert len(strange.store.list()) == before + 1 and strange.store.get(run)


def test_two_fast_clicks_resume_once(strange, page):
    run = add_run(strange.store, zoo(), "To go")
    strange.open(page, "monitor?run=" + run.id)
    page.get_by_test_id("stPopoverButton").first.click()
    page.get_by_role("button", name="Go on").evaluate(TWICE)
    page.wait_for_timeout(1000)
    drawn(page)
    assert page.locator("[data-testid=stAlertContentError]").count() == 0 and strange.store.get(run.id).status == "queued"


def test_the_server_answers_to_its_own_name_alone(strange):
    def status(path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", strange.server.port, timeout=20)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders())

    socket = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
              "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for path in ("/", "/train", "/_stcore/health", "/_stcore/metrics", "/_stcore/host-config", "/media/a.png",
                 "/static/a.js"):
        assert status(path, Host="evil.example")[0] == 403 and status(path)[0] != 403, path
        assert status(path)[1]["content-security-policy"].startswith("default-src 'self'")
    assert status("/_stcore/upload_file/a/b", "PUT", Host="evil.example")[0] == 403
    own = f"http://127.0.0.1:{strange.server.port}"
    assert status("/_stcore/stream", Origin=own, **socket)[0] == 101
    for origin, host in (("http://evil.example", own.removeprefix("http://")), ("http://evil.example", "evil.example"),
                         ("http://localhost:3000", f"localhost:{strange.server.port}")):
        assert status("/_stcore/stream", Origin=origin, Host=host, **socket)[0] == 403
