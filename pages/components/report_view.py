"""A report's parts: how each is shown, and how it is written."""

import collections
import hashlib
import itertools
import json

import streamlit as st

from gan_core.compare.report import TABLE_STYLE
from gan_core.errors import BadInput
from gan_core.modalities.base import Artifact
from gan_core.reporting import text, writing
from gan_core.reporting.panels import panel, panels
from gan_core.reporting.panels.base import FIGURE, PICTURE, TABLE, VERBATIM, Source
from gan_core.store import reports
from gan_core.store.reports import TEXT
from pages.components import artifact_view, markdown, once, run_view, shell

BESIDE = 3  # pictures in a row
HELP = "Markdown: # a heading, **bold**, *emphasis*, - a list, | a | table |. Links and pictures stay as they are written."


def source(store):
    """The runs of this server, whose curves all visitors share."""
    return Source(store, lambda run_id: shell.series(store, run_id).refresh())


def show(store, part, key):
    """Draw a part."""
    seen = writing.shown(source(store), part)
    if seen.text:
        st.html(f"<style>{text.STYLE}</style>{seen.text}")
    number = itertools.count()
    for kind, some in itertools.groupby(seen.elements, lambda element: element.kind):
        some = list(some)
        columns = st.columns(min(BESIDE, len(some))) if kind == PICTURE else [st.container()]
        for place, element in enumerate(some):
            with columns[place % len(columns)]:
                _element(element, f"report:{key}:{next(number)}")
    if seen.frozen is not None:
        st.caption(markdown.filled(":material/ac_unit: As it was {}", run_view.when(seen.frozen)))


def _element(element, key):
    try:
        if element.kind == FIGURE:
            st.plotly_chart(element.figure(), key=key, alt=element.title or "A chart")
            return
        if element.kind == PICTURE:
            artifact_view.show(Artifact(element.png(), "image/png", f"Samples of {element.title}"), caption=element.title)
            return
    except BadInput as error:
        st.caption(markdown.told(error))
        return
    if element.kind == TABLE:
        st.html(f"<style>{TABLE_STYLE}</style>{text.tables_alone(str(element.content))}")
    elif element.kind == VERBATIM:
        st.code(str(element.content), language=None, wrap_lines=True)
    else:
        st.markdown(markdown.plain(str(element.content)))


def write(store, report, runs):
    """The same parts, to be changed, moved and taken away, and new ones at the end."""
    names = {run.id: f"{markdown.isolated(run.name)}  ·  {run.id}" for run in runs}
    parts = report["parts"]
    keys, drafts = _keys(report), _drafts(report)
    lost = {key: written for key, written in drafts.items() if key not in (*keys, _next(report))}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Title", report["title"], key=f"report:title:{report['key']}:{report['kept']}",
                              max_chars=reports.TITLE)
        if title.strip() != report["title"] and once.button("Rename", key="report:rename", icon=":material/edit:"):
            _keep(store, report, parts, title)
        if once.button("Forget the report", key="report:forget", icon=":material/delete:"):
            with shell.telling():
                reports.forget(store.workspace, report["key"])
                st.query_params.pop("report", None)
                st.rerun()
    for key, written in lost.items():
        st.warning("The text was changed or taken away in another window. This was written here and is not kept:")
        st.code(written, language=None, wrap_lines=True)
        if once.button("Let it go", key=f"{key}:lost", icon=":material/delete:"):
            drafts.pop(key, None)
            st.rerun()
    for number, part in enumerate(parts):
        with st.container(border=True):
            changed = (_text if part["kind"] == TEXT else _panel)(store, part, names, keys[number], drafts)
            # What was pressed is done before anything else is drawn.
            moved = _moves(number, len(parts), keys[number]) if changed is None else None
        if changed is not None:
            _keep(store, report, [*parts[:number], changed, *parts[number + 1:]],
                  done=lambda: drafts.pop(keys[number], None))
        elif moved is not None:
            rest = [*parts[:number], *parts[number + 1:]]
            _keep(store, report, rest if moved < 0 else [*rest[:moved], part, *rest[moved:]],
                  done=lambda: drafts.pop(keys[number], None) if moved < 0 else None)
    _add(store, report, names, drafts)


def _keys(report):
    """Of each part's widgets: other ones once it is another, so that they show what was kept; they stay when others are
    changed, with what is written in them."""
    keys, seen = [], collections.Counter()
    for part in report["parts"]:
        told = hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16]
        keys.append(f"report:{report['key']}:{told}:{seen[told]}")
        seen[told] += 1
    return keys


def _drafts(report):
    """``{key: text}`` of what is written and not kept yet: Streamlit forgets it with a page that is left."""
    return st.session_state.setdefault(f"report:drafts:{report['key']}", {})


def _next(report):
    """Of the widgets for a new part: other ones once it was added."""
    return f"report:{report['key']}:next:{len(_added(report))}"


def _added(report):
    return st.session_state.setdefault(f"report:added:{report['key']}", [])


def _written(key, drafts, text="", height=180):
    """What stands in the field for a text, which is a draft where it is another."""
    st.session_state.setdefault(f"{key}:text", drafts.get(key, text))
    written = st.text_area("Text", key=f"{key}:text", height=height, max_chars=reports.LONGEST_TEXT, help=HELP)
    if written == text:
        drafts.pop(key, None)
    else:
        drafts[key] = written
    return written


def _text(store, part, names, key, drafts):
    """The part with another text when it is to be kept."""
    written = _written(key, drafts, part["text"])
    if written != part["text"]:
        st.html(f"<style>{text.STYLE}</style>{text.as_html(written)}")
    kept = once.button("Keep the text", key=f"{key}:keep", icon=":material/save:",
                       type="primary" if written != part["text"] else "secondary")
    return part | {"text": written} if kept and written != part["text"] else None


def _panel(store, part, names, key, drafts):
    """The part with other runs, frozen, or live again, when that was asked for."""
    try:
        kind = panel(part["kind"])
    except BadInput as error:
        st.warning(markdown.told(error))
        return None
    st.markdown(markdown.bold(kind.title))
    frozen = part.get("frozen")
    if not frozen:
        runs, chosen = _choose(store, part["kind"], names, key, part)
        if (runs, chosen) != (part["runs"], part.get("chosen", [])) and runs:
            return part | {"runs": runs, "chosen": chosen}
    show(store, part, key)
    if frozen and once.button("Make it live", key=f"{key}:thaw", icon=":material/play_circle:"):
        return part | {"frozen": None}
    if not frozen and once.button("Freeze it", key=f"{key}:freeze", icon=":material/ac_unit:",
                                  help="It stays as it is now, whatever becomes of its runs."):
        return part | {"frozen": reports.frozen(writing.drawn(source(store), part))}
    return None


def _choose(store, kind, names, key, part):
    """Widgets for the runs of a panel and what is shown of them: ``(ids, keys)``.  Those that are gone stay."""
    gone = [run_id for run_id in part["runs"] if run_id not in names]
    runs = st.multiselect("Runs", list(names), [run_id for run_id in part["runs"] if run_id in names],
                          key=f"{key}:runs", format_func=names.get, placeholder="Choose runs",
                          max_selections=reports.MOST_RUNS)
    runs, chosen = gone + runs, part.get("chosen", [])
    try:
        choices = panel(kind).choices(source(store), runs) if runs else {}
    except BadInput:
        choices = {}
    if choices:
        usual = [choice for choice in chosen if choice in choices] or list(choices)[:panel(kind).usual]
        shown = st.multiselect("Shown", list(choices), usual, key=f"{key}:chosen", format_func=markdown.of(choices.get))
        # What is kept stays as long as nobody chooses otherwise: a run may have no such curve only yet.
        chosen = chosen if part["runs"] and shown == usual else shown
    return (runs if set(runs) != set(part["runs"]) else part["runs"]), chosen


def _moves(number, count, key):
    """Where a part is to go, -1 for away; None where it stays."""
    with st.container(horizontal=True):
        if number and once.button("Up", key=f"{key}:up", icon=":material/arrow_upward:"):
            return number - 1
        if number < count - 1 and once.button("Down", key=f"{key}:down", icon=":material/arrow_downward:"):
            return number + 1
        if once.button("Take away", key=f"{key}:away", icon=":material/delete:"):
            return -1
    return None


def _add(store, report, names, drafts):
    here, added = _next(report), _added(report)
    with st.container(border=True):
        kinds = {TEXT: "Text"} | {name: each.title for name, each in panels().items()}
        kind = st.segmented_control("What comes next", list(kinds), default=TEXT, required=True,
                                    key=f"{here}:kind",
                                    format_func=markdown.of(kinds.get))
        key = f"{here}:{kind}"
        if kind == TEXT:
            written = _written(here, drafts, height=140)
            part, ready = {"kind": TEXT, "text": written}, bool(written.strip())
        else:
            runs, chosen = _choose(store, kind, names, key, {"runs": []})
            part, ready = {"kind": kind, "runs": runs, "chosen": chosen}, bool(runs)
        if once.button("Add it", key=f"{key}:add", icon=":material/add:", type="primary", disabled=not ready):
            def done():
                added.append(kind)
                if kind == TEXT:
                    drafts.pop(here, None)
            _keep(store, report, [*report["parts"], part], done=done)


def _keep(store, report, parts, title=None, done=lambda: None):
    with shell.telling():
        reports.keep(store.workspace, report["title"] if title is None else title, parts, report["key"], report["kept"])
        done()
        st.rerun()
