"""The laboratory in a real browser: as a file with the network cut, by mouse and keyboard, all lessons, in the workbench."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

import helpers_browser
from gan_core import laboratory
from helpers_browser import drawn

dashboard = helpers_browser.dashboard  # the fixtures
streamlit_asks_below_a_page_first = helpers_browser.streamlit_asks_below_a_page_first
LESSONS = ("equilibrium", "collapse", "vanishing", "critic", "oscillation", "rates")
PATIENCE = 240_000  # ms: a game must come somewhere, on a machine that does much else
SMALL = "g_width=8&d_width=8&batch=32"


@pytest.fixture
def file(page, tmp_path):
    """file(state) opens the laboratory from a disk, with no network; its path is ``file.path``."""
    path = tmp_path / "laboratory.html"
    path.write_bytes(laboratory.composed())
    page.context.set_offline(True)

    def open(state=""):
        page.goto("about:blank")
        page.goto(f"{path.as_uri()}#{state}")
        page.wait_for_function("() => document.body.dataset.frames > 0")
        return page

    open.path = path
    return open


def rounds(page):
    return int(page.evaluate("document.body.dataset.round"))


def at_round(page, least):
    page.wait_for_function(f"() => Number(document.body.dataset.round) >= {least}", timeout=PATIENCE)


def pixels(page, scene="scene-0"):
    """(H, W, 3) of what a canvas shows."""
    url = page.evaluate("(id) => document.getElementById(id).toDataURL()", scene)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB"))


def test_it_plays_steps_and_goes_back(file):
    page = file(SMALL)
    first = pixels(page)
    page.get_by_role("button", name="Play", exact=True).click()
    at_round(page, 60)
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(300)
    stands = rounds(page)
    page.wait_for_timeout(300)
    assert rounds(page) == stands and (pixels(page) != first).any()
    page.locator("#step").click()
    at_round(page, stands + 1)
    before = page.evaluate("laboratory.frame.pictures[0].generated[0]")
    page.locator("#step-d").click()  # the generator stands still
    page.wait_for_function("() => laboratory.frame.phase === 'd'")
    assert rounds(page) == stands + 1 and page.evaluate("laboratory.frame.pictures[0].generated[0]") == before
    page.locator("#step-g").click()
    at_round(page, stands + 2)
    assert page.evaluate("laboratory.frame.pictures[0].generated[0]") != before
    page.locator("#time").focus()
    page.keyboard.press("Home")
    page.wait_for_function("() => document.body.dataset.round === '0'")
    assert (pixels(page) == first).all(), "the beginning, as it was"
    page.keyboard.press("End")
    page.wait_for_function(f"() => Number(document.body.dataset.round) >= {stands - 30}")


def test_slow_motion_shows_the_phases(file):
    page = file(SMALL)
    page.locator("#speed").select_option("60")
    page.locator("#slow").click()
    for words in ("discriminator judges", "discriminator learns", "generator learns"):
        page.wait_for_function(f"() => document.getElementById('status').textContent.includes('{words}')")
    at_round(page, 1)
    page.locator("#slow").click()
    assert page.locator("#slow").get_attribute("aria-pressed") == "false"


def test_its_state_stands_in_the_link_and_in_the_file_that_is_taken_along(file):
    page = file("game=wgan_gp&d_steps=3&beta_1=0&beta_2=0.9&data=moons&layers=real.manifold&nonsense=<b>")
    assert page.locator("#knob-game").input_value() == "wgan_gp" and page.locator("#knob-data").input_value() == "moons"
    assert page.locator("#layer-manifold").is_checked() and not page.locator("#layer-heat").is_checked()
    page.locator("#knob-data").select_option("spiral")
    assert "data=spiral" in page.url and "game=wgan_gp" in page.url
    page.locator("#knob-game").select_option("relativistic")
    assert "r2=0.1" in page.url and "beta_1" not in page.url, "a game brings what is usual with it"
    with page.expect_download() as taken:
        page.locator("#file").click()
    text = taken.value.path().read_text()
    assert len(text) < 300_000
    file.path.write_text(text)
    page = file("")
    assert page.locator("#knob-data").input_value() == "spiral"
    assert page.locator("#knob-game").input_value() == "relativistic"
    assert page.locator("[data-knob]").count() == page.evaluate("KNOBS.length")


def test_pictures_and_films_are_taken_along(file):
    page = file(f"{SMALL}&other=r1:1")
    page.locator("#play").click()
    at_round(page, 120)
    with page.expect_download() as taken:
        page.locator("#png").click()
    picture = Image.open(taken.value.path())
    assert picture.size == (1440, 744) and np.ptp(np.asarray(picture.convert("L"))) > 100
    with page.expect_download() as taken:
        page.locator("#gif").click()
    film = Image.open(io.BytesIO(taken.value.path().read_bytes()))
    assert film.n_frames >= 4 and film.size == (600, 324)
    seen = []
    for place in (0, film.n_frames - 1):
        film.seek(place)
        seen.append(np.asarray(film.convert("RGB"), int))
    assert np.abs(seen[0] - seen[1]).max() > 100


def test_two_games_from_one_seed_and_their_verdict(file):
    page = file(SMALL)
    page.locator("#differs").select_option("d_rate")
    page.locator("#other").select_option("0.00001")
    page.locator("#play").click()
    at_round(page, 50)
    words = page.locator("#verdict").inner_text()
    assert re.search(r"After \d+ rounds, discriminator's rate 0\.001 \(A\) against 1\.0e−5 \(B\): A has found \d of 8",
                     words)
    assert "One seed is no proof" in words and page.locator("#scene-1").is_visible()
    page.locator("#play").click()
    page.locator("#differs").select_option("")
    page.wait_for_function("() => laboratory.frame.pictures.length === 1")
    assert not page.locator("#verdict").is_visible()


def test_data_are_drawn_by_hand_and_by_keyboard(file):
    page = file(f"{SMALL}&data=drawn")
    box = page.locator("#scene-0").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    for share in np.linspace(0.2, 0.8, 12):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.up()
    page.wait_for_function("() => laboratory.points.length > 5 && location.hash.includes('points=')")
    points = np.array(page.evaluate("laboratory.points"))
    np.testing.assert_allclose(points[:, 1], 0.96, atol=0.03)
    assert points[:, 0].min() < -0.9 and points[:, 0].max() > 0.8
    page.wait_for_function("() => Math.abs(laboratory.reals[1] - 0.96) < 0.3", timeout=10_000)
    page.locator("#wipe").click()
    page.locator("#scene-0").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    np.testing.assert_allclose(page.evaluate("laboratory.points"), [[0.2, 0.1]], atol=1e-9)
    assert "A point at 0.2, 0.1" in page.locator("#status").inner_text()
    link = page.url
    assert page.evaluate("(hash) => readState(hash).points.length", link.partition("#")[2]) == 1


def test_everything_is_reached_by_keyboard_alone(file):
    page = file(SMALL)
    page.keyboard.press("s")
    at_round(page, 1)
    page.keyboard.press("p")
    at_round(page, 20)
    page.keyboard.press("p")
    page.wait_for_function("() => document.body.dataset.playing === 'false'")
    page.keyboard.press("4")
    assert page.locator("#layer-manifold").is_checked()
    page.keyboard.press("r")
    page.wait_for_function("() => document.body.dataset.round === '0'")
    reached, names = set(), []
    for _ in range(120):
        page.keyboard.press("Tab")
        element = page.evaluate("""() => { const on = document.activeElement
            const label = on.labels?.[0]?.textContent ?? on.getAttribute("aria-label") ?? on.textContent
            return [on.id || on.tagName, label.trim(), getComputedStyle(on).outlineStyle] }""")
        reached.add(element[0])
        names.append(element)
    wanted = set(page.evaluate("""() => [...document.querySelectorAll("button, select, input, canvas[tabindex]")]
        .filter((each) => each.checkVisibility() && !each.disabled).map(({ id }) => id)"""))
    assert wanted <= reached, wanted - reached
    assert all(label for place, label, _ in names if place != "BODY"), "each says what it is"
    assert all(outline != "none" for place, _, outline in names if place != "BODY"), "where one is can be seen"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(file, page, scheme):
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=scheme)
    page = file("lesson=rates&other=d_rate:0.01")
    page.locator("#lesson h3").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(18, 22, 28)" if scheme == "dark" else "rgb(255, 255, 255)")
    corner = pixels(page)[0, 0]
    assert corner.max() < 110 if scheme == "dark" else corner.max() > 150


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_can_be_done(file, lesson):
    page = file()
    page.locator(f"#lesson-{lesson}").click()
    article = page.locator("#lesson")
    article.get_by_role("button", name="Play").click()
    items = article.locator("li")
    items.nth(0).filter(has_text=re.compile("^Round")).wait_for(timeout=PATIENCE)
    come = rounds(page)
    items.nth(0).get_by_role("button").click()  # back to that moment
    page.wait_for_function(f"() => Number(document.body.dataset.round) <= {come}")
    items.nth(1).get_by_role("button").first.click()
    page.locator("#lesson li.done").nth(1).wait_for(timeout=PATIENCE)
    page.locator("#play").click()
    for answer in range(3):
        items.nth(2).get_by_role("button").nth(answer).click()
    assert items.nth(2).locator("p.done").inner_text()
    assert page.locator(f"#lesson-{lesson}").inner_text().endswith("✓")


def test_in_the_workbench_its_state_is_in_the_address_and_train_takes_it_over(dashboard, page):
    opened = dashboard().open(page, "laboratory?state=data%3Dgrid")
    frame = opened.frame_locator("iframe")
    assert frame.locator("#knob-data").input_value() == "grid" and not frame.locator("h1").is_visible()
    frame.locator("#knob-game").select_option("wgan_gp")
    page.wait_for_url(re.compile("state=.*wgan_gp"))
    frame.locator("#step").click()
    frame.get_by_text("Round 1", exact=True).wait_for()
    page.reload()
    assert drawn(page).frame_locator("iframe").locator("#knob-game").input_value() == "wgan_gp"
    frame.get_by_role("button", name="Train this for real").click()
    page.get_by_role("button", name="Start training").wait_for()
    page.get_by_text("A critic estimates how far generated samples are from real ones").first.wait_for()
