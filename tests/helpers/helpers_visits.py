"""What the tests of the pages share: visits without a browser, and what can be read and clicked there.

No process is started: launching only queues, and what another process computes for the pages is answered here.
"""

import concurrent.futures
import json
import re
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test

from gan_core.errors import UserError
from gan_core.launch import queue
from gan_core.store import DiskStore
from gan_core.tasks import asking, background
from gan_core.tasks.base import Result
from gan_core.tasks.compute import LOG
from helpers_pages import zoo
from pages.components import asking as asking_of_pages
from pages.components import shell
from pages.components.markdown import JOINER

ROOT = Path(__file__).parents[2]
# For each session Streamlit looks through all installed packages for components, of which we use none, and for each run of a
# page it compiles that anew: a quarter of a second, hundreds of times.
app_test.BidiComponentManager.discover_and_register_components = lambda self, **_: None
SCRIPTS = ScriptCache()
app_test.ScriptCache = lambda: SCRIPTS
CACHES = shell._store, asking_of_pages._answers  # taken here: tests put others in their place


@pytest.fixture(scope="session")
def known():
    return zoo()


class Answers:
    """Stands in for the processes that compute for the pages; it counts no parameters but looks at data."""

    def __init__(self):
        self.asked = []

    def warm_up(self):
        """Nothing is slow to start here; a server asks soon after its start."""

    def ask(self, question, **_):
        self.asked.append(question)
        future = concurrent.futures.Future()
        try:
            future.set_result(Result(values={"parameters": {"generator": 1_234_567, "discriminator": 7_654_321},
                                             "round_flops": 10**9})
                              if question.task == "measure" else asking.answer(question))
        except UserError as error:
            future.set_exception(error)
        except Exception as error:
            future.set_exception(asking.failed(question, type(error).__name__, str(error), LOG))
        return future


@pytest.fixture
def store(tmp_path, monkeypatch, known):
    """The store of a fresh workspace, which the pages use too."""
    monkeypatch.setenv("GAN_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.delenv("GAN_PARALLEL", raising=False)
    monkeypatch.delenv("GAN_ZOO", raising=False)
    monkeypatch.setattr(queue, "start_dispatcher", lambda store: None)
    monkeypatch.setattr(background, "_start_process", lambda store, record: None)
    # After each run of a page it clears the session of Keras, if that is imported.  No server imports it; other tests do.
    monkeypatch.setattr(script_runner, "_clean_problem_modules", lambda: None)
    answers = Answers()
    monkeypatch.setattr(shell, "compute", lambda: answers)
    _forget()
    store = DiskStore(tmp_path / "workspace")
    store.asked = answers.asked
    yield store
    _forget()
    store.close()


def _forget():
    """What the server has kept of another test's workspace."""
    st.cache_data.clear(), st.cache_resource.clear()
    for cached in CACHES:
        cached.cache_clear()


def visit(page="home", **query):
    """A new session that opens a page at an address."""
    at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=120).run()
    return go(at, page, **query)


def go(at, page, **query):
    at.switch_page(f"pages/{page}.py").query_params = query
    return drawn(at.run())


def drawn(at):
    """The page, which must hold no traceback, no picture without words for it and none that was made a JPEG."""
    assert not at.exception, [f"{each.message}\n{''.join(each.stack_trace)}" for each in at.exception]
    for picture in at.get("image"):
        assert all(each.alt.strip() and (each.url.startswith("data:image/png") or each.url.endswith(".gif"))
                   for each in picture.proto.imgs)
    for chart in at.get("bidi_component"):
        assert len(json.loads(chart.proto.json)["alt"]) > 10
    return at


def read(markdown):
    """What a person reads where a page draws text that was escaped."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace(JOINER, "")


def in_address(at, name):
    """What the address of the page has under a name, or None."""
    value = at.query_params.get(name)
    return value[0] if isinstance(value, list) else value


def texts(at):
    """All that the page says in words."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(read(each.value) for kind in kinds for each in at.get(kind))


def click(at, label):
    return drawn(button(at, label).click().run())


def click_twice(at, label, page=None):
    """Two clicks so fast that the second is on what the browser showed before the first; ``page`` is where it still was."""
    button(at, label).click()
    shown = at._tree.get_widget_states()
    at._run(shown)
    if page:
        at.switch_page(f"pages/{page}.py")
    return drawn(at._run(shown))


def button(at, label):
    return next((each for each in at.button if read(each.label) == label), None)


def links(at, label):
    """Where the links of this label lead: ``[(page, query), ...]``."""
    return [(each.proto.page, each.proto.query_string) for each in at.get("page_link") if read(each.proto.label) == label]


def captions(at):
    return [read(caption) for each in at.get("image") for caption in each.captions]


def choose(at, architecture=None, dataset=None, size=None):
    """Choices in the form, one after the other as a person makes them."""
    if architecture:
        at = drawn(at.selectbox(key="train:architecture").set_value(architecture).run())
    if dataset:
        at = drawn(at.selectbox(key="data:name").set_value(dataset).run())
    if size is not None:
        at = drawn(at.selectbox(key="data:size").set_value(size).run())
    return at


def digits_form(at):
    return choose(at, "gan", "digits", 0)


def rows(at):
    return at.dataframe[0].value["Name"].tolist()


def tick(at, *wanted):
    """Tick the rows of these names in the table."""
    order = rows(at)
    key = next(each for each in at.session_state if str(each).startswith("runs:table"))
    at.session_state[key] = {"selection": {"rows": [order.index(name) for name in wanted]}}
    return drawn(at.run())
