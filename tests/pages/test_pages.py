"""Every page, drawn without a browser: what it says when there is nothing or something is wrong; and the home page."""

import socket

import helpers_visits
from gan_core import data
from gan_core.errors import DiskFull, StoreError
from gan_core.sharing import examples
from gan_core.store import QUEUED, RUNNING, DiskStore, migrations
from gan_core.store.task_records import new_task
from helpers_pages import add_run
from helpers_runs import is_a_sentence, python
from helpers_visits import button, click, digits_form, drawn, links, read, texts, tick, visit
from pages.components import shell

PAGES = ("home", "train", "monitor", "gallery", "runs", "judge", "inspect", "draw")
known, store = helpers_visits.known, helpers_visits.store  # the fixtures


# Every page


def test_an_empty_workspace_says_on_every_page_what_to_do(store):
    for page in PAGES[2:]:
        at = visit(page)
        assert len(at.info) == 1 and is_a_sentence(at.info[0].value)
        assert [each.label for each in at.button] == ["Take them in"] * (page == "runs"), "runs may be made elsewhere"
        assert links(at, "Train") or page == "train"


def test_an_example_is_opened_as_a_run_from_an_empty_home_or_the_share_page(store):
    at = visit()
    opened = [each for each in at.button if read(each.label) == "Open as a run"]
    assert len(opened) == 4 and {each.proto.url for each in at.get("link_button")} == {
        f"examples/{name}.html" for name in examples.examples()}
    assert "Digits to order" in texts(at)
    drawn(opened[0].click().run())
    (run,) = store.list()
    assert run.id == examples.examples()["digits"].run
    at = visit("share", run=run.id)
    at = drawn(at.segmented_control(key="share:way").set_value("Examples").run())
    again = [each for each in at.button if read(each.label) == "Open as a run"]
    drawn(again[0].click().run())
    assert len(store.list()) == 1


def test_no_page_loads_a_deep_learning_framework():
    code = """
import ast, importlib, pathlib, sys
for path in [pathlib.Path("streamlit_app.py"), *pathlib.Path("pages").rglob("*.py")]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module)
            for each in node.names:
                if not hasattr(module, each.name):
                    importlib.import_module(f"{node.module}.{each.name}")
        elif isinstance(node, ast.Import):
            [importlib.import_module(each.name) for each in node.names]
print(*sorted({"keras", "tensorflow", "jax", "torch"} & set(sys.modules)))
"""
    answer = python(code)
    assert (answer.returncode, answer.stdout.strip()) == (0, ""), answer.stdout + answer.stderr


def test_a_workspace_that_cannot_be_opened_is_a_sentence_on_every_page(store, monkeypatch):
    store.set("schema", migrations.NEWEST + 1)
    for page in PAGES:
        at = visit(page)
        assert [each.value for each in at.error] and "newer version" in at.error[0].value
        assert not at.button and not at.title

    def refused(path):
        raise StoreError(f"The workspace {path} is read-only; choose another with --workspace or GAN_WORKSPACE.")

    monkeypatch.setattr(shell, "open_store", refused)
    at = visit("train")
    assert "read-only" in at.error[0].value and not at.button


def test_a_workspace_that_became_read_only_can_be_looked_at_and_says_why_no_more(store, known, monkeypatch):
    def cannot(*_, **__):
        raise StoreError("The workspace cannot be written; check its permissions.")

    run = add_run(store, known, "Kept")
    monkeypatch.setattr(DiskStore, "_writing", cannot)
    for page in PAGES:
        assert not visit(page).error
    at = click(digits_form(visit("train")), "Start training")
    assert "cannot be written" in at.error[0].value
    at = tick(visit("runs"), "Kept")
    at.text_area[0].set_value("new notes")
    assert "cannot be written" in click(at, "Save").error[0].value
    assert "cannot be written" in click(visit("monitor", run=run.id), "Go on").error[0].value
    assert store.list() == [run]


def test_on_a_full_disk_all_pages_are_there_though_a_run_died_and_work_waits(store, known, monkeypatch):
    dead = add_run(store, known, "Died", status=RUNNING)
    store.update(dead.id, handle={"launcher": "local", "pid": 2**22 + 1, "born": 1.0, "host": socket.gethostname()})
    store.tasks.create(new_task("score", add_run(store, known).id))

    def full(*_):
        raise DiskFull("The workspace is on a full disk; make room.")

    monkeypatch.setattr(DiskStore, "_writing", full)
    for page in (*PAGES, "data", "tasks", "compare"):
        at = visit(page)
        assert at.title or at.markdown and not at.error
        assert "full disk" in at.warning[0].value, "why nothing begins"


# Home


def test_home_of_an_empty_workspace_has_one_button_and_the_examples(store):
    at = visit()
    assert [each.label for each in at.button] == ["Train my first GAN", *["Open as a run"] * 4]
    assert len(at.get("image")) == 4


def test_the_first_gan_is_launched_once_however_often_the_button_is_pressed(store):
    first, second = visit(), visit()
    click(first, "Train my first GAN")
    click(second, "Train my first GAN")
    [run] = store.list()
    assert (run.status, run.name, run.architecture) == (QUEUED, "My first GAN", "cgan")
    assert run.data == data.default_dataset() and run.spec["shape"] == [28, 28, 1]
    assert first.query_params["run"] == run.id and "#### My first GAN" in texts(first)
    assert "My first GAN" in texts(second), "the other window shows that it waits"
    assert not button(visit(), "Train my first GAN")


def test_a_message_without_end_is_cut_in_its_middle(store, known):
    run = add_run(store, known, "Ill", status="failed", message=f"It is {'x' * 9000}; the log says more.")
    for at in (visit(), visit("monitor", run=run.id)):
        said, = [line for line in texts(at).splitlines() if line.startswith("It is")]
        assert len(said) < 700 and said.endswith("; the log says more.")


def test_names_that_are_written_from_right_to_left_leave_the_rest_of_the_line_in_order(store, known):
    run = add_run(store, known, "\u05d0\u05d1 \u202etxt.exe")
    other = add_run(store, known, "Other")
    wanted = "\u2068\u05d0\u05d1 \ufffdtxt.exe\u2069"
    for at, key in ((visit("monitor", run=run.id), "monitor:run"), (visit("compare"), "compare:runs")):
        options = (at.selectbox if key == "monitor:run" else at.multiselect)(key=key).options
        assert {option.split("  ·  ")[0] for option in options} == {wanted, other.name}


def test_home_shows_what_runs_what_waits_and_what_was_last_done(store, known):
    for number in range(8):
        add_run(store, known, f"Done {number}")
    add_run(store, known, "Busy", status=RUNNING, step=300)
    add_run(store, known, "Patient", status=QUEUED, step=0)
    add_run(store, known, "Broken", status="failed", step=0, message="The disk is full.")
    at = visit()
    assert [each.value for each in at.subheader] == ["Running", "Waiting (1)", "Last done"]
    said = texts(at)
    for name in ("Busy", "Patient", "Broken", "The disk is full.", "Done 7", "Done 3", "No samples"):
        assert name in said
    assert "Done 2" not in said, "the last six are enough"
    assert len(at.get("image")) == 6
    assert len(links(at, "Monitor")) == len(links(at, "Gallery")) == 7
