"""Panels of a report: each draws elements of plain values, of many runs, of one, and of none that is left."""

import dataclasses
import json

import numpy as np
import pytest

import helpers_visits
from gan_core.errors import BadInput
from gan_core.reporting import panels, text
from gan_core.reporting.panels.base import FIGURE, PICTURE, TABLE, VERBATIM, WORDS, Element, Source
from helpers_pages import add_run
from helpers_runs import is_a_sentence

known, store = helpers_visits.known, helpers_visits.store  # the fixtures
KINDS = {FIGURE: dict, PICTURE: str, TABLE: str, VERBATIM: str, WORDS: str}


def check_panel(panel, source, run_ids):
    """The contract of a panel: what it draws is plain, survives JSON, and can be chosen from its choices."""
    assert panel.title
    choices = panel.choices(source, run_ids)
    assert all(isinstance(words, str) and words for pair in choices.items() for words in pair)
    for chosen in ([], list(choices)[:1]):
        elements = panel.drawn(source, run_ids, chosen)
        assert elements
        for element in elements:
            assert isinstance(element.content, KINDS[element.kind])
            assert Element(**json.loads(json.dumps(element.as_dict(), allow_nan=False))) == element
            if element.kind == FIGURE:
                assert element.figure().data
            if element.kind == TABLE:
                alone = text.tables_alone(element.content)
                assert alone.count("&lt;") == element.content.count("&lt;"), "tags of a table alone"


@pytest.mark.parametrize("name", panels.panels())
def test_it_draws_several_runs_and_one(store, known, name):
    runs = [add_run(store, known, title, architecture=architecture).id
            for title, architecture in (("Plain", "gan"), ("Deep", "dcgan"), ("A <b>", "gan"))]
    for some in (runs, runs[:1]):
        check_panel(panels.panel(name), Source.of(store), some)


@pytest.mark.parametrize("name", panels.panels())
def test_of_runs_that_are_gone_it_says_so(store, known, name):
    run, source = add_run(store, known, "Here").id, Source.of(store)
    assert panels.panel(name).drawn(source, [run, "gone"], [])
    try:
        said = [element.content for element in panels.panel(name).drawn(source, ["gone"], [])]
    except BadInput as error:
        said = [str(error)]
    assert all(map(is_a_sentence, said)) and "gone" in said[0] and "not here any more" in said[0]


def test_what_is_not_there_yet_is_said(store, known):
    run = add_run(store, known, "Young", step=0, status="queued").id
    for name, says in (("samples", "Young has no samples yet."), ("curves", "These runs have no curves yet.")):
        assert [element.content for element in panels.panel(name).drawn(Source.of(store), [run], [])] == [says]


def test_a_chart_that_somebody_has_made_up_is_told_and_runs_nothing(store, known):
    run = add_run(store, known, "<img src=x>").id
    element = panels.panel("curves").drawn(Source.of(store), [run], [])[0]
    assert "<img" not in element.figure().to_json(), "of a name no tag is left"
    line = element.content["lines"][0]
    for content in ({}, {"lines": 5}, {"lines": [{"letter": "A"}]}, {**element.content, "floor": "x"},
                    *({**element.content, "lines": [line | other]} for other in ({"letter": "?"}, {"x": "evil"}))):
        with pytest.raises(BadInput, match="cannot be read") as refused:
            dataclasses.replace(element, content=content).figure()
        assert is_a_sentence(str(refused.value))
    odd = dataclasses.replace(element, content=element.content | {"layout": {"images": [{"source": "http://evil"}]}})
    assert "evil" not in odd.figure().to_json()


def test_a_panel_that_does_not_exist_is_a_sentence():
    with pytest.raises(BadInput, match="no panel 'nothing'") as refused:
        panels.panel("nothing")
    assert is_a_sentence(str(refused.value)) and panels.broken() == {}


# Texts


@pytest.mark.parametrize("written, shown", [
    ("# A\n\n**b** *c* `d`\n\n- e\n", ["<h1>A</h1>", "<strong>b</strong>", "<em>c</em>", "<code>d</code>", "<li>e</li>"]),
    ("| a | b |\n|---|---|\n| 1 | 2 |\n", ["<table>", "<td>2</td>"]), ("> said\n", ["<blockquote>"]),
    ("生成器 ≈ 1\n", ['<div class="written"><p>生成器 ≈ 1</p>'])])
def test_what_is_written_is_shown(written, shown):
    assert all(each in text.as_html(written) for each in shown)


@pytest.mark.parametrize("written", [
    "![x](http://evil.example/p.png)", "[x](http://evil.example)", "[x](javascript:alert(1))", "<http://evil.example>",
    "<img src=http://evil.example/p.png>", "<script>alert(1)</script>", "[x]\n\n[x]: http://evil.example",
    "<b onclick=x>y</b>", "http://evil.example", "<iframe src='//evil.example'></iframe>", "&lt;img src=x&gt;"])
def test_nothing_that_is_written_fetches_links_or_runs(written):
    made = text.as_html(written).lower()
    assert not any(taken in made for taken in ("<img", "<a ", "<script", "<iframe", "<b ", "href", "<b>"))


def test_only_tables_are_left_of_html():
    made = text.tables_alone('<div class="compared" tabindex="0"><table><tr><th scope="row">a</th><td class="best">1</td>'
                             '<td class="x">2</td><td onclick="x">3</td></tr></table></div><img src=x><a href=y>z</a>')
    assert '<div class="compared" tabindex="0">' in made and '<td class="best">1' in made and '<th scope="row">' in made
    assert "<img" not in made and "<a" not in made and "<td onclick" not in made and '<td class="x"' not in made


def test_numbers_of_curves_are_kept_short():
    lines = [panels.base.Lines("A", "One", *(np.array([1 / 3, 2 / 3]) for _ in range(4)), 1)]
    assert Element.curves(lines, "G loss", "step", None).content["lines"][0]["mean"] == [0.33333, 0.66667]


def test_of_a_name_that_is_a_table_s_tag_text_is_left(store, known):
    runs = [add_run(store, known, name).id for name in ("</td></table><td>A", "Plain")]
    for name in ("scores", "settings"):
        for element in panels.panel(name).drawn(Source.of(store), runs, []):
            if element.kind == TABLE:
                assert text.tables_alone(element.content) == element.content
    assert text.tables_alone("<td>&lt;td&gt; &amp;lt; <i></td>") == "<td>&lt;td&gt; &amp;lt; &lt;i&gt;</td>"


def test_a_chart_of_numbers_beyond_all_floats_is_told():
    line = {"letter": "A", "title": "x", "x": [10**400], "mean": [1], "low": [1], "high": [1], "seeds": 1}
    with pytest.raises(BadInput, match="cannot be read"):
        Element(FIGURE, {"lines": [line], "x_title": "step", "floor": None}, "G loss").figure()
