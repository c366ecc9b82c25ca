"""What the pages of measurements say is what was measured; nothing is trained here."""

import ast
import json
import re
import sys
import threading
from pathlib import Path

import pytest

from helpers_pages import zoo

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "benchmarks"))

import kept  # noqa: E402
import modes  # noqa: E402
import write_pages  # noqa: E402


@pytest.fixture(scope="module")
def written():
    """``{name of the page: what it should say}``."""
    return {path.name: text for path, text in write_pages.pages(zoo()).items()}


@pytest.mark.parametrize("page", ["zoo.md", "claims.md", "modes.md"])
def test_a_page_says_what_was_measured(written, page):
    """But for the marks of what was measured with other code: they change with almost any change of the code."""
    said, measured = (text.replace(f" {kept.CHANGED}", "") for text in ((ROOT / "docs" / page).read_text(), written[page]))
    assert said == measured, "what was measured has changed: run `python benchmarks/write_pages.py`"


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))], ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_family_is_in_the_zoos_table(written):
    shown = json.loads((ROOT / "docs" / "zoo.json").read_text())
    for name, card in zoo().items():
        # What takes its samples from the data, or names them, has no place among those that draw them; nor has what turns
        # things, for digits have one side.
        if "images" in card.data and not card.gives and not any(each["kind"] in ("dataimage", "angle")
                                                                for each in card.inputs):
            assert name in shown and f"[{card.title}](#{name})" in written["zoo.md"]
            assert (ROOT / "docs" / "zoo" / f"{name}.png").exists()
    assert modes.table(kept.read(modes.KEPT, [])) in written["zoo.md"], "points, too"


def test_what_was_measured_with_other_code_is_marked(monkeypatch):
    measured = [{"data": "ring", "title": "gan", "family": "gan", "steps": 5, "status": "finished", "modes": 8,
                 "high_quality": 0.9, "reverse_kl": 0.1, "seconds": 2.0, "code": kept.code_of("gan")}]
    assert kept.CHANGED not in modes.table(measured)
    monkeypatch.setattr(kept, "code_of", lambda name: "other")
    assert f"| gan {kept.CHANGED} |" in modes.table(measured)


def test_code_is_what_decides_and_not_what_is_said_of_it():
    models = "gan_core.models"
    reached = kept._reached([f"{models}.zoo.lsgan", "gan_core.training.loop"])
    assert {f"{models}.{name}" for name in ("zoo.lsgan", "zoo.dcgan", "networks.dcgan", "adversarial", "losses")} <= reached
    assert {"gan_core.engine.tensorflow", "gan_core.data.batches"} <= reached
    assert not reached & {f"{models}.zoo.gan", f"{models}.networks.style", "gan_core.engine.jax", "gan_core.store"}

    def seen(source):
        return ast.dump(kept._Plain({"inputs"}, {"told": "draw"}).visit(ast.parse(source)))

    half = seen('def f(x, help="A number."):\n    """Halves it."""\n    return x / 2')
    assert half == seen('def f(x, help="Any number."):\n    """The half of it."""\n    # exactly\n    return x / 2')
    assert half != seen('def f(x, help="A number."):\n    """Halves it."""\n    return x / 3')
    assert seen('mode = "mean"') != seen('mode = "sum"')
    # A file that moves, or is called another name, takes its code with it.
    assert seen("x = inputs.draw(3)") == seen("x = told(3)") == seen("x = draw(3)") != seen("x = inputs.walk(3)")


def test_two_that_measure_side_by_side_lose_nothing(tmp_path):
    path = tmp_path / "kept.json"

    def measure(name):
        for number in range(20):
            kept.add(path, {}, lambda found: found | {f"{name} {number}": number})

    threads = [threading.Thread(target=measure, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept.read(path, {})) == 60 and [each.name for each in tmp_path.iterdir()] == ["kept.json"]
