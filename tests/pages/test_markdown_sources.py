"""What the source of every page hands to Streamlit: text that is not ours comes through one module, and what does something
at a click through another."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("pages/**/*.py"), ROOT / "streamlit_app.py"])
# What Streamlit draws as Markdown: methods of it and of containers, the places of such arguments, and their names.
FIRST = {"markdown", "caption", "title", "header", "subheader", "info", "warning", "error", "success", "badge", "toast",
         "button", "form_submit_button", "download_button", "link_button", "checkbox", "toggle", "radio", "pills",
         "segmented_control", "selectbox", "multiselect", "select_slider", "slider", "number_input", "text_input",
         "text_area", "file_uploader", "date_input", "time_input", "color_picker", "camera_input", "audio_input", "feedback",
         "expander", "popover", "status", "spinner", "dialog", "latex", "tabs", "metric", "table", "chat_message",
         "menu_button"}
DRAWN = dict.fromkeys(FIRST, (0,)) | {"metric": (0, 1, 2), "page_link": (), "link": (), "progress": (1,),
                                          "image": (), "help": (0,)}
NAMED = {"label", "body", "text", "help", "caption", "title", "value", "delta", "header", "show_spinner"}
VALUES = {"number_input", "text_input", "text_area", "slider", "select_slider", "toggle", "checkbox", "progress"}  # no words
LABELLED = {"radio", "pills", "segmented_control", "select_slider"}  # their options are Markdown, too
OURS = {"markdown", "run_view", "trial_view", "work_view"}  # modules whose functions are called like some of these
FORBIDDEN = {"exception", "write", "write_stream", "echo", "help", "unsafe_allow_html", "unsafe_allow_javascript"}
# Where HTML is made, each place looked at: of literals, or of what escapes what it is given.
HTML = {"artifact_view": 1, "comparison_view": 1, "diagram": 1, "family_tree": 1, "live_chart": 1, "phone": 1,
        "report_view": 3, "shell": 1}
# Where a whole page is shown in a frame, each looked at: that of a demo, which escapes what it is given.
FRAMES = {"sharing_view": 1}
# Buttons that change nothing but this visit to the page, or write the same file in the same way.
HARMLESS = {"once": 1, "architectures": 1, "card_view": 1, "train": 1, "photos": 1, "sample_form": 1, "compare": 1,
            "judge": 2, "gallery": 1, "runs": 2, "data": 1, "sharing_view": 4, "exploring": 2, "doodle": 1, "restyle": 1,
            "prompt": 1, "own_presets": 1, "fork_view": 1, "elsewhere_view": 1,
            "report": 1}


def is_ours(node, names=()):
    """Whether an expression can give nothing but literals, numbers, constants and what the escaping module returns.

    ``names`` of local variables do.
    """
    match node:
        case ast.Constant():
            return True
        case ast.JoinedStr(values=values) | ast.BoolOp(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
            return all(is_ours(value, names) for value in values)
        case ast.FormattedValue(value=value, format_spec=spec):
            return is_number(value, spec) or is_ours(value, names)
        case ast.BinOp(left=left, op=ast.Add(), right=right) | ast.IfExp(body=left, orelse=right):
            return is_ours(left, names) and is_ours(right, names)
        case ast.Name(id=name) | ast.Attribute(attr=name) if name.isupper():
            return True
        case ast.Name(id=name):
            return name in names
        case ast.Call(func=ast.Attribute(value=ast.Name(id="markdown"))):
            return True
    return False


def is_number(value, spec):
    """Whether a value in an f-string is a number: its format or its last summand is none for text."""
    if isinstance(value, ast.Call):
        return getattr(value.func, "id", "") in ("len", "int", "sum")
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add) and isinstance(value.right, ast.Constant):
        return isinstance(value.right.value, int)
    written = spec.values[0].value if spec and isinstance(spec.values[0], ast.Constant) else ""
    return written.endswith((",", "d", "f", "g", "%", "e"))


def scopes(tree):
    """``(nodes, names)`` of the module and of every function in it: its own nodes, and the local names that are ours."""
    for scope in [tree, *(node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Lambda)))]:
        nodes = list(scope.body) if isinstance(scope.body, list) else [scope.body]
        for node in nodes:  # which grows
            if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
                nodes.extend(ast.iter_child_nodes(node))
        assigned = [node for node in nodes if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)]
        simple = {id(node.targets[0]) for node in assigned}
        bound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                 and id(node) not in simple}
        names = {node.targets[0].id for node in assigned} - bound
        while lost := {node.targets[0].id for node in assigned if not is_ours(node.value, names)} & names:
            names -= lost
        yield nodes, names


def strangers(source):
    """Sentences about what may draw text that is not ours as Markdown."""
    for nodes, names in scopes(ast.parse(source)):
        called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        for node in nodes:
            if isinstance(node, ast.Attribute) and node.attr in FIRST and id(node) not in called and getattr(
                    node.value, "id", "") == "st":
                yield f"line {node.lineno}: st.{node.attr} is not called here"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield from (f"line {node.lineno}: {what}" for what in drawn(node, names))


def drawn(call, names):
    """What of a call is drawn and is not ours."""
    name, receiver = call.func.attr, getattr(call.func.value, "id", "")
    if receiver in OURS:
        return
    if name in FORBIDDEN and receiver == "st":
        yield f"st.{name}"
    if name not in DRAWN:
        return
    yield from (word.arg for word in call.keywords if word.arg in FORBIDDEN - {"help"})
    given = [(place, call.args[place]) for place in DRAWN[name] if place < len(call.args)]
    given += [(word.arg, word.value) for word in call.keywords
              if word.arg is None or word.arg in NAMED and not (word.arg == "value" and name in VALUES)]
    yield from (f"{name}({place}={ast.unparse(value)[:60]})" for place, value in given if not is_ours(value, names))
    if name == "badge" and not ast.unparse(call.args[0]).startswith("markdown.badge("):
        yield "a badge that is escaped twice"
    if name in LABELLED:
        shown = next((word.value for word in call.keywords if word.arg == "format_func"), None)
        if not (is_ours(call.args[1], names) if shown is None else
                is_ours(shown, names) or ast.unparse(shown) == "markdown.plain"):
            yield f"the options of {name}"


def templates(source):
    """Sentences about what is a template and is no literal, or has a symbol's name filled in: it would be escaped."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        receiver, name = getattr(getattr(node.func, "value", None), "id", ""), getattr(node.func, "attr", "")
        if name == "Markdown" or receiver == "markdown" and name in ("filled", "joined") and (
                not is_ours(node.args[0]) or ":material/{" in ast.unparse(node.args[0])):
            yield f"line {node.lineno}: {ast.unparse(node)[:60]}"


@pytest.mark.parametrize("path", [path for path in PAGES if path.stem != "once"], ids=lambda path: path.stem)
def test_a_page_draws_nothing_but_literals_and_escaped_text(path):
    assert [*strangers(path.read_text()), *templates(path.read_text())] == []


@pytest.mark.parametrize("source", [
    "st.markdown(run.name)", "st.caption(f'{run.name} is done')", "column.metric(label, '1')", "st.error(str(error))",
    "st.selectbox('Layer', options, help=knob.help)", "(st.error if bad else st.warning)(run.message)", "st.table(frame)",
    "st.pills('Kind', kinds)", "st.pills('Kind', kinds, format_func=title)", "st.progress(0.5, text=words)",
    "st.markdown('a', unsafe_allow_html=True)", "st.write('x')", "draw = st.error", "st.tabs([name, 'b'])",
    "st.caption('a' + name)", "st.caption(f'{name:>10}')", "st.button('x' if yes else name)", "once.button(name, key='a')",
    "st.image(data, caption=name)", "st.page_link(page, label=name)", "st.expander(f'{title} (3)')", "st.exception(error)",
    "st.latex(card.formula)", "st.caption(**options)", "name = 'a'\nname = run.name\nst.caption(name)",
    "for name in names:\n    st.caption(name)", "def f(name):\n    st.caption(name)", "f(lambda name: st.caption(name))",
    "name = 'a'\nname += b\nst.caption(name)", "st.badge(markdown.plain(name))"])
def test_text_of_strangers_is_found(source):
    assert list(strangers(source))


@pytest.mark.parametrize("source", ["markdown.filled(run.name)", "markdown.filled(f'{name:>3}')",
                                    "markdown.joined(name, [])", "markdown.Markdown(name)",
                                    "markdown.filled(':material/{}: x', icon)"])
def test_a_template_that_is_no_literal_is_found(source):
    assert list(templates(source))


@pytest.mark.parametrize("source", [
    "st.caption('a')", "st.caption(f'{number:,} of {len(names)}')", "st.caption(markdown.plain(name))",
    "said = markdown.plain(name)\nsaid = said if said else 'none'\nst.caption(said)", "st.pills('Kind', ['a', 'b'])",
    "st.pills('Kind', kinds, format_func=markdown.of(title))", "st.number_input('Seed', value=seed)"])
def test_what_is_ours_is_let_through(source):
    assert list(strangers(source)) == []


def counted(what):
    """``{module: how many calls in it are like that}``, of every page that has any."""
    numbers = {path.stem: sum(isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and what(
        node.func.attr, getattr(node.func.value, "id", "")) for node in ast.walk(ast.parse(path.read_text())))
        for path in PAGES}
    return {name: number for name, number in numbers.items() if number}


def test_html_is_made_where_it_was_looked_at():
    assert counted(lambda name, receiver: name == "html" and receiver == "st") == HTML
    assert counted(lambda name, receiver: name == "iframe") == FRAMES


def test_what_does_something_does_it_once_a_click():
    """By :mod:`pages.components.once`; all other buttons are known to do no harm twice."""
    assert counted(lambda name, receiver: name in ("button", "form_submit_button") and receiver != "once") == HARMLESS


TRACES = ("Scatter", "Scatter3d", "Bar", "Histogram", "Heatmap", "Splom", "Box")


def in_charts(source):
    """Places where Plotly, which takes tags for tags, is handed a name that somebody else may have given."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and (
                node.func.attr.startswith("add_") or node.func.attr in TRACES):
            yield from (f"line {node.lineno}: {word.arg}={ast.unparse(word.value)}" for word in node.keywords
                        if word.arg in ("name", "annotation_text", "legendgroup") and not _is_drawn(word.value))


def _is_drawn(value):
    return isinstance(value, (ast.Constant, ast.Name)) or (
        isinstance(value, ast.Call) and getattr(value.func, "id", "") == "drawn_text")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_chart_takes_a_name_for_tags(path):
    assert list(in_charts(path.read_text())) == []


def test_names_in_charts_are_found():
    found = list(in_charts("figure.add_scatter(name=told['title'])\ngo.Bar(name=f'{run.name}', x=run.name)\n"
                           "figure.add_scatter(name=drawn_text(run.name))\nfigure.add_bar(name='real')"))
    assert len(found) == 2
