"""Tasks: all long work on trained models, whoever started it: how far it is, what came of it, what went wrong."""

import streamlit as st

from gan_core.store.task_records import OPEN
from gan_core.tasks import background, registry
from gan_core.tasks.registry import title
from pages.components import knob_form, machine, markdown, once, run_view, shell, work_view

SHOWN = 30  # of those that have ended
LOG = 20_000  # characters of a log
MOST = 16  # tasks of a kind at once
IDLE = 5  # seconds between two looks whether a terminal, or another tab, has begun something
FOUND = {"train": "Train on them", "monitor": "Scores on Monitor", "draw": "Results on Draw", "judge": "Judge them",
         "sweep": "What it has found"}
store = shell.store()
runs = {run.id: run for run in store.list()}


def chosen_run(records):
    """The run whose work is shown, "" for all; the address names it."""
    ids = ["", *dict.fromkeys(record.run for record in records if record.run)]
    wanted = st.query_params.get("run", "")
    if wanted and wanted not in ids:
        ids.append(wanted)
    if st.session_state.get("tasks:address") != wanted:
        st.session_state["tasks:run"] = wanted
    chosen = st.selectbox("Run", ids, key="tasks:run", label_visibility="collapsed",
                          format_func=lambda run_id: name(run_id) if run_id else "All runs")
    st.session_state["tasks:address"] = chosen
    if chosen:
        st.query_params["run"] = chosen
    else:
        st.query_params.pop("run", None)
    return chosen


def name(run_id):
    return f"{markdown.isolated(runs[run_id].name)}  ·  {run_id}" if run_id in runs else f"{run_id} (deleted)"


def about(record):
    """Which run, when, and how it went so far."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(markdown.bold(title(record.kind)))
        run_view.badge(record)
        if record.run in runs:
            shell.link("monitor", label=markdown.plain(runs[record.run].name), icon=":material/monitoring:",
                       query_params={"run": record.run})
        elif record.run:
            st.caption(markdown.filled("of the run {}, which was deleted", record.run))
        which = f"checkpoint {record.checkpoint} · " if record.run and record.checkpoint.isdecimal() else ""
        st.caption(markdown.plain(which + run_view.when(record.ended or record.started or record.created)))


def waiting(record):
    with st.container(border=True):
        about(record)
        work_view.progress(store, record, key="tasks", titled=False)


def ended(record):
    with st.container(border=True):
        about(record)
        if record.message:
            st.error(markdown.short(record.message), icon=":material/error:")
            log(record)
        elif record.words:
            st.markdown(markdown.plain(record.words[:1].upper() + record.words[1:]))
        if record.result and record.run in runs and record.kind in registry.tasks():
            result_link(record, registry.task(record.kind).page)
        elif record.result and record.kind in registry.tasks():
            work_link(record, registry.task(record.kind).page)


def result_link(record, page):
    """A link to where the result is found again."""
    if page == "train":
        made = record.result.get("made")
        kept = made.get("dataset") if isinstance(made, dict) else None
        shell.link("train", label=markdown.plain(FOUND[page]), icon=":material/tune:", query_params={
            "architecture": runs[record.run].architecture, "data": kept} if isinstance(kept, str) else None)
    elif page:
        shell.link(page, label=markdown.plain(FOUND.get(page, "Look at it")), icon=":material/arrow_forward:",
                   query_params={"runs" if page == "judge" else "run": record.run})


def work_link(record, page):
    """The same of a task about no run, where its values name what the page is to show."""
    shown = record.result.get("values", {}).get(page)
    if page and isinstance(shown, str):
        shell.link(page, label=markdown.plain(FOUND.get(page, "Look at it")), icon=":material/arrow_forward:",
                   query_params={page: shown})


def log(record):
    path = store.workspace / record.log
    if path.exists():
        with st.expander("Log"):
            st.code(machine.without_tracebacks(path.read_text(errors="replace")[-LOG:]), language=None, height=260)


def start():
    """Any task, by the form that its knobs make."""
    known = {task.name: task for task in registry.tasks().values() if not task.interactive and task.about_run}
    for sentence in registry.broken().values():
        st.warning(markdown.told(sentence))
    with st.expander("Start a task", icon=":material/add:"):
        able = {run_id: run for run_id, run in runs.items() if not run.elsewhere}  # others have no model here
        if not able:
            st.caption("There are no runs yet. Start one on the Train page.")
            return
        left, right = st.columns(2)
        kind = known[left.selectbox("Task", list(known), format_func=title, key="tasks:kind")]
        run = able[right.selectbox("With", list(able), format_func=name, key="tasks:with")]
        knobs = kind.Config.knobs()
        values, usable = knob_form.form(f"task-{kind.name}", knobs, {knob.name: knob.default for knob in knobs},
                                        run.spec["kind"])
        refusal = kind.refuses(run, shell.known_cards().get(run.architecture))
        if refusal:
            st.error(markdown.plain(refusal), icon=":material/block:")
        if once.button("Start", key="tasks:start", type="primary", icon=":material/play_arrow:",
                       disabled=bool(refusal) or not usable):
            with shell.telling():
                background.start(store, kind.name, run, values)
                st.rerun()


def listed():
    shell.tend(store)
    records = store.tasks.list(run=run_id or None)
    active = [record for record in records if record.open]
    if live != bool(active):
        st.rerun()  # all is done, or work was begun elsewhere: draw the page once more, at the pace of what is there now
    for record in active:
        waiting(record)
    past = [record for record in records if not record.open]
    for record in past[:SHOWN]:
        ended(record)
    if past[SHOWN:]:
        st.caption(f"{len(past[SHOWN:])} older ones are not shown; `python -m gan_core tasks --work` lists all.")


def until_begun():
    if store.tasks.list():
        st.rerun()


def queue():
    with st.expander("Queue"):
        most = min(background.parallel(store), MOST)
        number = st.number_input("Tasks of a kind at the same time", 1, MOST, most, key="tasks:parallel",
                                 help="The rest wait in order. More at once only pays with cores and memory to spare.")
        if number != most:
            store.set(background.SETTING, number)
            st.rerun()


st.title("Tasks")
records = store.tasks.list()
if records:
    run_id = chosen_run(records)
    live = any(record.status in OPEN for record in records if run_id in ("", record.run))
    start()
    st.fragment(listed, run_every=1 if live else IDLE)()
    queue()
else:
    st.fragment(until_begun, run_every=IDLE)()
    st.info("Nothing has been done with a trained model yet: score one on its Monitor page, keep samples of it on the Draw "
            "page, or start here.", icon=":material/info:")
    start()
