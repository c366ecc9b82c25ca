"""A folder of demos for any static host."""

import json
import re

import pytest

from gan_core.sharing import readme
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run, scored
from helpers_runs import cli, is_a_sentence
from helpers_visits import known, store  # noqa: F401 (fixtures)

HOSTILE = '</title><script>alert(1)</script> "quoted" [link](http://strangers.example) $title'


@pytest.fixture
def runs(store, known):  # noqa: F811
    values = {"width": 8, "latent": 4}
    first = with_checkpoint(store, add_run(store, known, HOSTILE, architecture="gan", data="digits", values=values))
    return [scored(store, first), with_checkpoint(store, add_run(store, known, "Second", architecture="gan", data="ring",
                                                                 values={"points_width": 8, "latent": 4}))]


def test_a_site_has_an_index_a_page_a_run_and_a_readme(runs, store, tmp_path):  # noqa: F811
    answer = cli("site", *(run.id for run in runs), runs[0].id, "--out", tmp_path / "site", "--title", HOSTILE,
                 workspace=store.workspace)
    assert answer.code == 0, answer.err
    files = {path.name: path.read_text() for path in (tmp_path / "site").iterdir()}
    assert set(files) == {"index.html", "README.md", *(f"{run.id}.html" for run in runs)}
    index = files["index.html"]
    assert re.findall(r'class="demo" href="([^"]+)"', index) == [f"{run.id}.html" for run in runs]
    assert "<script" not in index and "&lt;script&gt;" in index and "data:image/png;base64," in index
    assert "lower is better" in index and "default-src 'none'" in index
    front, body = files["README.md"].split("---\n")[1:3]
    told = dict(line.split(": ", 1) for line in front.splitlines())
    told = {name: json.loads(value) for name, value in told.items()}
    assert told["sdk"] == "static" and told["app_file"] == "index.html" and told["title"] == HOSTILE[:60]
    assert not re.search(r"(?<!\\)[<\[]", body), "nothing of it is Markdown"


def test_a_folder_that_holds_something_is_left_alone(runs, store, tmp_path):  # noqa: F811
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine.txt").write_text("mine")
    answer = cli("site", runs[0].id, "--out", tmp_path / "site", workspace=store.workspace)
    assert answer.code == 2 and is_a_sentence(answer.said[-1])
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["mine.txt"]


def test_a_run_that_cannot_leave_leaves_no_half_site(runs, store, known, tmp_path):  # noqa: F811
    slow = with_checkpoint(store, add_run(store, known, "Slow", architecture="pixelcnn", data="digits",
                                          values={"filters": 4, "blocks": 1}))
    answer = cli("site", runs[0].id, slow.id, "--out", tmp_path / "site", workspace=store.workspace)
    assert answer.code == 2 and "pixel by pixel" in answer.err
    assert [path for path in tmp_path.iterdir() if "site" in path.name or "partial" in path.name] == []


def test_plain_words_stay_plain():
    assert readme.plain("a*b <c> [d](e)") == r"a\*b \<c\> \[d\]\(e\)"
