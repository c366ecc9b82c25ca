"""A demo, opened from a disk with no network: each control does what it says, and nothing is asked of anybody."""

import csv
import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from gan_core.data import IMAGES, POINTS, TABLE
from gan_core.data.columns import Column, decoded, written as written_as
from gan_core.exploring import space as spaces
from gan_core.modalities.base import modality
from gan_core.models import inputs
from gan_core.models.sampling import reference, sampling_graph
from gan_core.sharing import demo, weights
from gan_core.store import artifacts, explored
from helpers_pages import add_run, zoo
from helpers_visits import known, store  # noqa: F401 (fixtures)
from helpers_zoo import built, trained

HOSTILE = "</script><img src=http://strangers.example/x onerror=alert(1)> $title <!--<script> & **bold**"
FIRST = "document.getElementById('state').textContent.includes('multiplications') && document.body.dataset.milliseconds"


@pytest.fixture
def page_of(chromium, tmp_path, store, known, noise_for, page_errors):  # noqa: F811
    """``page_of(architecture, ...)``: the page of a demo of a miniature, and the bytes of that."""
    contexts = []

    def opened(name, kind=IMAGES, width=1200, scheme="light", **said):
        model = trained(name, kind, noise_for)
        values = {knob: value for knob, value in model.config.as_dict().items() if knob in ("filters", "latent")}
        run = add_run(store, zoo(), HOSTILE, architecture=name, values=values,
                      data={IMAGES: "digits", POINTS: "ring", TABLE: "wine"}[kind])
        _kept(store.artifacts(run.id), model)
        sheet = io.BytesIO()
        Image.new("L", (80, 80)).save(sheet, "PNG")
        for step in (1, 500, 1000):
            store.artifacts(run.id).put(artifacts.sheet_name(step), sheet.getvalue())
        data = demo.made(store, run, model, 1000, card=zoo()[name], **said)
        (tmp_path / "demo.html").write_bytes(data)
        context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True,
                                       accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: None if request.url.startswith(("file:", "data:", "blob:")) else
                page_errors.append(f"request: {request.url}"))
        page.on("console", lambda message: message.type == "error" and page_errors.append(message.text))
        page.on("pageerror", lambda error: page_errors.append(str(error)))
        page.goto((tmp_path / "demo.html").as_uri())
        page.wait_for_function(FIRST)
        return page, model, data

    yield opened
    for context in contexts:
        context.close()
    assert page_errors == []


def _kept(held, model):
    """Two directions and a point of a model, kept with its run."""
    space = spaces.of(model)
    for number, name in enumerate(("thicker", f"rounder {HOSTILE}"[:60])):
        explored.keep_direction(held, name, input=space.name, vector=np.eye(space.size)[number].tolist(), deviation=1.0,
                                reach=3.0, found="pca")
    point = {name: np.ravel(values).tolist() for name, values in inputs.draw(model.inputs(), 1, 5).items()}
    explored.keep_point(held, "a round one", point)


def pixels(page, canvas):
    """(H, W) of a canvas, as it stands."""
    width, height, values = page.evaluate("""(id) => {
        const canvas = document.getElementById(id)
        const all = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
        return [canvas.width, canvas.height, Array.from(all)]
    }""", canvas)
    return np.array(values).reshape(height, width, 4)[..., 0]


def until_still(page, canvas):
    """The same once two looks show the same."""
    before = pixels(page, canvas)
    for _ in range(40):
        page.wait_for_timeout(100)
        if np.array_equal(now := pixels(page, canvas), before):
            return now
        before = now
    raise AssertionError("it never stood still")


def until_other(page, canvas, before, still=True):
    """The same once it is not as ``before``."""
    for _ in range(100):
        if not np.array_equal(pixels(page, canvas), before):
            return until_still(page, canvas) if still else None
        page.wait_for_timeout(50)
    raise AssertionError("it stayed as it was")


def test_every_control_of_a_labelled_model_does_what_it_says(page_of):
    page, model, data = page_of("cgan", title=HOSTILE, text=HOSTILE, precision="float32")
    assert page.title() == HOSTILE and page.inner_text("h1") == HOSTILE and page.inner_text(".words") == HOSTILE
    assert page.locator("img").count() == 1, "the sheet, and none of the title's"
    assert len(data) < 3_000_000

    drawn = inputs.draw(model.inputs(), 24, 0)
    drawn["label"] = np.arange(24, dtype=np.int32) % 3
    expected = np.rint(np.clip((np.asarray(model.sample(drawn)) + 1) * 127.5, 0, 255))[..., 0]
    grid = until_still(page, "grid")
    there = grid.reshape(8, 8, 3, 8).swapaxes(1, 2).reshape(24, 8, 8)
    assert np.abs(there - expected).max() <= 1, "those of seed 0, a column for each class, as Draw draws them"
    assert np.array_equal(until_still(page, "large"), there[0])

    page.click("#grid", position={"x": 5, "y": page.locator("#grid").bounding_box()["height"] - 5})
    assert "Sample 22 of seed 0" in page.inner_text("#caption")
    assert np.array_equal(until_still(page, "large"), there[21])
    page.focus("#grid")
    page.keyboard.press("ArrowRight")
    assert "Sample 23" in page.inner_text("#caption")

    before = until_still(page, "large")
    page.hover("#pad", position={"x": 20, "y": 20})
    moved = until_other(page, "large", before)
    page.focus("#pad")
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    moved = until_other(page, "large", moved)
    page.click("#turn")
    until_other(page, "large", moved)

    page.select_option("#label", "1")
    grid = until_other(page, "grid", grid)
    page.fill("#seed", "7")
    page.keyboard.press("Enter")
    seventh = until_other(page, "grid", grid)
    page.click("#fresh")
    until_other(page, "grid", seventh)
    assert page.input_value("#seed") != "7"

    page.click("#walk")
    assert page.get_attribute("#walk", "aria-pressed") == "true"
    until_other(page, "large", pixels(page, "large"), still=False)
    page.click("#walk")
    until_still(page, "large")

    page.locator("#step").fill("0")
    assert page.inner_text("#step-shown") == "Step 0, 0 min"
    assert page.get_attribute("#sheet-shown", "alt") == "Samples after 0 steps"
    for button, suffix, size in (("#png", ".png", (8, 8)), ("#sheet", ".png", (24, 64)), ("#gif", ".gif", (224, 224))):
        with page.expect_download() as download:
            page.click(button)
        assert download.value.suggested_filename.endswith(suffix)
        with Image.open(download.value.path()) as picture:
            assert picture.size == size and getattr(picture, "n_frames", 1) == (40 if suffix == ".gif" else 1)


@pytest.mark.parametrize("name, kind, choice", [("stylegan", IMAGES, "Truncation"), ("infogan", IMAGES, "Code"),
                                                ("vae", IMAGES, None), ("gan", POINTS, None), ("gan", TABLE, None)])
def test_other_models_have_their_own_controls_on_a_phone_too(page_of, name, kind, choice):
    page, model, _ = page_of(name, kind, width=390, scheme="dark", precision="int8")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    before = until_still(page, "grid")
    assert np.ptp(before) > 0
    if choice is None:
        assert page.locator("#choices").count() == 0
    else:
        page.get_by_label(choice).first.fill("0")
        until_other(page, "grid", before)
    assert ("int8, which moves samples by" in page.inner_text("main")) == (kind == IMAGES)  # few numbers stay as they are


@pytest.mark.parametrize("name, kind", [("cgan", IMAGES), ("stylegan", IMAGES), ("infogan", IMAGES), ("vae", IMAGES),
                                        ("gan", POINTS)])
def test_every_control_of_five_families_can_be_used_with_no_network(page_of, name, kind):
    """One after the other, wherever it stands, on a desk and on a phone; that no error came and nothing was asked for is
    looked at in the end."""
    page, _, _ = page_of(name, kind)
    for words in ("Into A", "Into B", "Into C", "Into the film", "Into the film"):
        page.get_by_role("button", name=words, exact=True).click()
        page.locator("#grid").press("ArrowRight")
    used = use_every_control(page, saving=True)
    assert {"fresh", "seed", "turn", "step", "compute", "average", "film-gif", "film-webm", "axis-0", "still"} <= used
    assert ("label" in used) == (name == "cgan")
    page.set_viewport_size({"width": 390, "height": 800})
    assert use_every_control(page, saving=False) >= used - {"film-gif", "film-webm", "gif", "png", "sheet"}
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("#empty")


def use_every_control(page, saving):
    """The ids, or else the words, of all controls that are to be seen; each is used once."""
    used = set()
    for control in page.locator("button, select, input").all():
        if not control.is_visible():
            continue
        what, called, words = control.evaluate("it => [it.tagName === 'INPUT' ? it.type : it.tagName, it.id, it.innerText]")
        if "Save" in words and not saving:
            continue
        assert control.is_enabled(), words
        used.add(called or words)
        if what == "SELECT":
            control.select_option(index=control.locator("option").count() - 1)
        elif what == "range":
            control.fill(control.get_attribute("max"))
        elif what in ("text", "number"):
            control.fill("3")
            control.press("Enter")
        elif "Save" in words:
            with page.expect_download(timeout=60_000):
                control.click()
        elif called == "walk":  # on and off
            control.click()
            page.wait_for_timeout(200)
            control.click()
        elif called != "empty":
            control.click()
    return {one for one in used if "Save" not in one}


def test_rows_of_a_table_are_written_as_python_writes_them(page_of):
    page, model, _ = page_of("gan", TABLE, precision="float32")
    columns, drawn = model.data.columns, inputs.draw(model.inputs(), 1000, 0)
    samples = np.asarray(model.sample(drawn))
    expected = modality(TABLE).in_words(samples, model.data)
    until_still(page, "large")
    assert page.get_attribute("#large", "aria-label").endswith(
        ": " + ", ".join(f"{name} {values[0]}" for name, values in expected.items()))
    page.locator("#grid").click(position={"x": 10, "y": 5})  # the names above the rows
    page.locator("#grid").press("ArrowDown")
    page.wait_for_function(f"document.getElementById('large').getAttribute('aria-label').includes({expected['length'][1]!r})")
    with page.expect_download() as download:
        page.click("#sheet")
    header, *rows = csv.reader(open(download.value.path(), newline=""))
    assert header == [column.name for column in columns] and len(rows) == 1000
    written = np.array(list(zip(*expected.values())))
    assert (np.array(rows) == written).mean() > 0.999, "but for the last digit of single precision"
    # What no sample of a miniature is: beyond the range, not a number, halves, names with commas, digits without end.
    odd = (Column("half", "number", 0.0, 1.0, -1e9, 1e9, 0), Column("cent", "number", 0.0, 1.0, -1e9, 1e9, 2),
           Column("any", "number", 0.0, 1.0, -1e30, 1e30, None), Column('a "b", c', "category", categories=("x", 'y, "z"')))
    values = np.array([[0.5, 0.125, 1e-7, 0, 1], [1.5, -0.375, 123456.789, 1, 0], [-2.5, 1e12, 1e20, 0.4, 0.5],
                       [np.nan, -0.001, 0.1, 0, 0]], np.float32)
    told = page.evaluate("""([columns, values]) => {
        demo.columns = columns
        return table(values.map((row) => Float32Array.from(row, (x) => x === null ? NaN : x)))
    }""", [[dataclasses.asdict(column) for column in odd],
           [[None if np.isnan(x) else float(x) for x in row] for row in values]])
    there = list(csv.reader(io.StringIO(told)))
    assert there[0] == [column.name for column in odd]
    assert there[1:] == [list(row) for row in zip(*(
        [written_as(column, value) for value in of_column] for column, of_column in zip(odd, decoded(odd, values))))]


def large_of(model, sample):
    """What the page shows of a sample, (H, W)."""
    return np.rint(np.clip((np.asarray(model.sample(sample))[0, ..., 0] + 1) * 127.5, 0, 255))


def test_what_was_kept_moves_samples_as_python_moves_them(page_of):
    page, model, _ = page_of("cgan", precision="float32")
    space, point = spaces.of(model), inputs.draw(model.inputs(), 1, 0)
    point["label"][:] = 0
    before = until_still(page, "large")
    page.get_by_label("thicker").first.fill("3")
    moved = until_other(page, "large", before)
    expected = large_of(model, space.moved(point, 3 * np.eye(space.size)[0]))
    assert np.abs(moved - expected).max() <= 1
    page.click("#still")
    assert np.array_equal(until_other(page, "large", moved), before)
    page.select_option("#axis-0", "1")
    page.hover("#pad", position={"x": 10, "y": page.locator("#pad").bounding_box()["height"] / 2})
    until_other(page, "large", before)
    page.click("text=a round one")
    page.mouse.move(0, 0)
    assert np.abs(until_still(page, "large") - large_of(model, inputs.draw(model.inputs(), 1, 5))).max() <= 1
    assert "a round one" in page.inner_text("#caption")


def test_classes_are_blended_and_arithmetic_is_that_of_python(page_of):
    page, model, _ = page_of("cgan", precision="float32")
    point = inputs.draw(model.inputs(), 24, 0)
    point["label"] = np.arange(24, dtype=np.int32) % 3
    first = until_still(page, "large")
    page.select_option("#blend-to", "2")
    page.locator("#blend-share").fill("0.5")
    half = until_other(page, "large", first)
    page.locator("#blend-share").fill("1")
    whole = until_other(page, "large", half)
    other = {name: values[:1].copy() for name, values in point.items()}
    other["label"][:] = 2
    assert np.abs(whole - large_of(model, other)).max() <= 1, "all of the other class is the other class"
    page.locator("#blend-share").fill("0")
    until_other(page, "large", whole)

    assert page.is_disabled("#compute")
    groups = {"A": [0, 1], "B": [2], "C": [4, 5, 6]}
    page.focus("#grid")
    place = 0
    for name, members in groups.items():
        for member in members:
            while place < member:
                page.focus("#grid")
                page.keyboard.press("ArrowRight")
                place += 1
            page.get_by_role("button", name=f"Into {name}", exact=True).click()
    page.click("#compute")
    a, b, c = ({name: values[members] for name, values in point.items()} for members in groups.values())
    expected = large_of(model, spaces.arithmetic(spaces.of(model), a, b, c))
    assert np.abs(until_still(page, "large") - expected).max() <= 1
    around = until_still(page, "around")
    assert np.array_equal(around[8:16, 8:16], until_still(page, "large")) and np.ptp(around) > 0
    page.click("#average")
    until_other(page, "around", around)

    for _ in range(2):
        page.get_by_role("button", name="Into the film").click()
        page.focus("#grid")
        page.keyboard.press("ArrowRight")
    for button, suffix, start in (("#film-gif", ".gif", b"GIF89a"), ("#film-webm", ".webm", b"\x1aE\xdf\xa3")):
        with page.expect_download() as download:
            page.click(button)
        content = download.value.path().read_bytes()
        assert download.value.suggested_filename.endswith(suffix) and content.startswith(start) and len(content) > 1000
    page.click("#empty")
    assert page.locator(".shown canvas").count() == 0 and page.is_disabled("#compute") and page.is_hidden("#around")


def test_rounded_weights_move_samples_by_what_the_page_says(noise_for):
    model = built("dcgan", noise_for("dcgan", IMAGES).spec)
    graph = sampling_graph(model)
    told = demo._rounding_error(graph, weights.unpacked(*weights.packed(graph, "int8")), model)
    drawn = inputs.draw(model.inputs(), 64, 0)
    rounded = sampling_graph(model)
    rounded.constants = weights.unpacked(*weights.packed(rounded, "int8"))
    exact = np.asarray(model.sample(drawn))
    ours = np.concatenate([reference.run(rounded, {"latent": drawn["latent"][i:i + 1]}) for i in range(64)])
    assert told == pytest.approx(np.abs(ours - exact).mean() / np.ptp(exact), rel=0.05) and 0 < told < 0.05
