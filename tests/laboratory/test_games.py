"""What the laboratory does with its numerics: measures, changes while a game goes on, time, links, and the way to Train."""

import json
import math
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from gan_core import data, laboratory
from gan_core.config.spec import RunSettings
from gan_core.data.sets.points import MODES
from gan_core.evaluation.metrics import mode_report
from gan_core.sharing.page import PLAYER
from helpers_laboratory import evaluated
from helpers_pages import zoo

GAMES = ["minimax", "non_saturating", "least_squares", "wgan", "wgan_gp", "r1", "relativistic"]
ROOT = Path(__file__).parents[2]
WORKER = ("engine.js", "knobs.js", "worker.js")


def test_every_game_and_every_kind_of_data_learns_something():
    """In 150 rounds of a small batch, from each: nearer to the data than it began."""
    answer = evaluated("""(games) => {
        const told = {}
        const small = { ...DEFAULTS, batch: 64, g_width: 16, d_width: 16, g_rate: 2e-3, d_rate: 2e-3 }
        const play = (settings, points) => {
            const game = new Game(settings, points), before = game.measured().distance
            for (let i = 0; i < 150; i++) game.round()
            const { distance, js, quality } = game.measured()
            return [before, distance, js, quality, game.reference.floor.js]
        }
        for (const name of games) told[name] = play({ ...small, data: "cloud", game: name, ...USUAL[name] })
        for (const name of Object.keys(KNOB.data.choices)) told[name] = play({ ...small, data: name }, [[0.5, 0.5], [-1, 0]])
        return told
    }""", GAMES)
    assert len(answer) == len(GAMES) + 8
    for name, (before, distance, js, quality, floor) in answer.items():
        assert 0 <= floor < 0.15 and 0 <= js <= 1 and 0 <= quality <= 1, name
        assert math.isfinite(distance), name
        if name in GAMES and name != "wgan":  # which is slow
            assert distance < 0.8 * before, name


def test_measures_of_what_is_known():
    answer = evaluated("""() => {
        const reference = new Reference(dataset("ring")), chance = new Chance(9)
        const of = (draw) => {
            const samples = new Float64Array(2000)
            for (let i = 0; i < 1000; i++) draw(samples, 2 * i)
            return reference.measured(samples)
        }
        const far = (samples, at) => { samples[at] = -1.5; samples[at + 1] = 1.5 }
        return { real: of((samples, at) => reference.data.draw(chance, samples, at)),
            one: of((samples, at) => { samples[at] = 1; samples[at + 1] = 0 }), far: of(far), floor: reference.floor,
            some: of((samples, at) => at < 1900 ? far(samples, at) : reference.data.draw(chance, samples, at)) }
    }""")
    real, one, far, some = (answer[name] for name in ("real", "one", "far", "some"))
    # Within 3 sigma of the centre lie 98.9 % of a Gaussian in the plane.
    assert real["found"] == real["modes"] == 8 and real["quality"] == pytest.approx(1 - math.exp(-4.5), abs=0.01)
    assert real["js"] < 2 * answer["floor"]["js"] and real["distance"] < 0.06
    assert one["found"] == 1 and one["quality"] == 1 and 0.5 < one["js"] < 1
    assert far["found"] == 0 and far["quality"] == 0 and far["js"] == pytest.approx(1) and far["distance"] > 1
    assert some["found"] == 0 and 0.03 < some["quality"] < 0.07, "a twentieth of its share finds no mode"


def test_modes_are_counted_as_the_workbench_does_but_for_the_share():
    """Of samples in equal shares both count the same, and both mean 3 sigma by high quality."""
    centres, sigma = np.array([[math.cos(k * math.pi / 4), math.sin(k * math.pi / 4)] for k in range(8)]), 0.05
    samples = np.repeat(centres[:5], 200, axis=0) + np.random.default_rng(0).normal(0, 2 * sigma, (1000, 2))
    there = mode_report(samples, centres, sigma)
    here = evaluated("""(samples) => new Reference(dataset("ring")).measured(Float64Array.from(samples))""",
                     samples.ravel().tolist())
    assert here["quality"] == pytest.approx(there.high_quality) and here["found"] == there.captured == 5
    np.testing.assert_allclose(MODES["ring"].centres, centres, atol=1e-6)


def test_what_is_kept_is_gone_back_to_exactly():
    for changed in ({"game": "wgan_gp"}, {"game": "relativistic", "packing": 2, "r1": 0.1, "instance_noise": 0.1}):
        assert evaluated("""(changed) => {
            const game = new Game({ ...DEFAULTS, batch: 33, ...changed })
            const play = (n) => { for (let i = 0; i < n; i++) game.round() }
            play(7)
            const kept = game.kept()
            play(5)
            const first = [...game.generator.theta, ...game.discriminator.theta], looked = game.measured()
            game.restore(kept)
            game.measured(), game.heat(10), game.manifold(5), game.arrows(9)  // looking disturbs nothing
            play(5)
            const second = [...game.generator.theta, ...game.discriminator.theta]
            return first.every((value, i) => value === second[i]) && game.rounds === 12 && looked.js === game.measured().js
        }""", changed)


def test_knobs_turn_while_a_game_goes_on():
    """Only networks of another size begin anew, and only those."""
    answer = evaluated("""() => {
        const values = (knob) => knob.choices ? Object.keys(knob.choices) : knob.values, told = {}
        for (const knob of KNOBS) {
            const game = new Game({ ...DEFAULTS, batch: 16 })
            game.round()
            const { generator, discriminator } = game
            const other = values(knob).find((value) => value !== game.settings[knob.name])
            const anew = game.change({ ...game.settings, [knob.name]: other }, [[0, 0]])
            game.round()
            told[knob.name] = [anew, game.generator !== generator, game.discriminator !== discriminator, Boolean(knob.anew),
                game.rounds, game.broken]
        }
        return told
    }""")
    for name, (anew, generator, discriminator, said, rounds, broken) in answer.items():
        assert anew == said == (generator or discriminator), name
        assert rounds == 2 and not broken, name
    assert answer["latent"][1:3] == [True, False] and answer["packing"][1:3] == [False, True]


def test_moments_are_thinned_and_weights_fit_into_memory():
    answer = evaluated("""() => {
        const told = [], laboratory = new Laboratory((message) => told.push(message))
        laboratory.hear({ kind: "set", games: [{ ...DEFAULTS, batch: 4, g_width: 2, d_width: 2 }], points: [], anew: true })
        for (let i = 0; i < 25 * 450; i++) laboratory.round()
        const { moments, every } = laboratory, rounds = moments.map(({ round }) => round), at = laboratory.at
        laboratory.seek(100)
        const back = [laboratory.rounds, laboratory.at]
        for (let i = 0; i < every; i++) laboratory.round()
        const forked = laboratory.moments.map(({ round }) => round)
        const large = { ...DEFAULTS, g_width: 128, d_width: 128, g_depth: 5, d_depth: 5 }
        laboratory.hear({ kind: "set", games: [large], points: [], anew: true })
        laboratory.games[0].measured = () => ({})
        for (let i = 0; i < 60; i++) laboratory.keep()
        const kept = laboratory.moments.filter(({ kept }) => kept).length * laboratory.games[0].bytes / 60
        return { rounds, every, at, back, forked, share: kept * MOMENTS / MEMORY }
    }""", scripts=WORKER)
    rounds = answer["rounds"]
    assert len(rounds) <= 400 and answer["every"] == 50 and rounds[0] == 0 and answer["at"] == len(rounds) - 1
    assert np.diff(rounds).min() >= 25 and np.diff(rounds).max() <= 75
    assert answer["back"] == [rounds[100], 100]
    assert answer["forked"][:101] == rounds[:101] and answer["forked"][101] == rounds[100] + 50 == answer["forked"][-1]
    assert 0.3 < answer["share"] < 1.2, "what is kept of large networks fills the memory that it may, and no more"


PACED = """([roundTakes, pictureTakes, drawnIn]) => {
    // Time passes by what is done: a round, a picture, and the page, which draws at the next refresh of the screen.
    let now = 0, frames = 0
    const due = [], at = (time, act) => due.push([time, act]), refresh = 1000 / 60
    Object.defineProperty(performance, "now", { value: () => now, configurable: true })
    globalThis.setTimeout = (act, wait) => at(now + wait, act)
    const laboratory = new Laboratory(() => {
        frames++
        at((Math.floor(now / refresh) + 1) * refresh + drawnIn, () => laboratory.hear({ kind: "seen" }))
    })
    laboratory.clock = { port2: { postMessage: () => at(now + 0.05, () => laboratory.turn()) } }
    laboratory.hear({ kind: "set", games: [{ ...DEFAULTS, batch: 8, g_width: 2, d_width: 2 }], points: [], anew: true })
    const [game] = laboratory.games
    Object.assign(game.told, { d_loss: 0, g_loss: 0 })
    game.round = () => { game.rounds++; now += roundTakes }
    laboratory.picture = () => { now += pictureTakes; return {} }
    laboratory.hear({ kind: "play", on: true, speed: 0 })
    while (now < 2000 && due.length) {
        due.sort(([a], [b]) => a - b)
        const [time, act] = due.shift()
        now = Math.max(now, time)
        act()
    }
    return [frames / 2, game.rounds * roundTakes / 2000]
}"""


@pytest.mark.parametrize("round_takes, picture_takes, drawn_in", [(0.3, 1, 6), (1, 2, 6), (3, 2, 6), (0.3, 4, 12)])
def test_thirty_pictures_a_second_are_made_beside_training(round_takes, picture_takes, drawn_in):
    """Milliseconds: of a round, of a picture in the worker, of drawing it on the page."""
    frames, training = evaluated(PACED, [round_takes, picture_takes, drawn_in], scripts=WORKER)
    assert 29 <= frames <= 33 and training > 0.8


def test_large_networks_train_three_quarters_of_the_time():
    frames, training = evaluated(PACED, [30, 20, 6], scripts=WORKER)
    assert 8 < frames < 17 and training > 0.7


def test_a_link_brings_the_state_back():
    answer = evaluated("""() => {
        const state = readState("")
        state.settings = { ...state.settings, game: "wgan_gp", data: "drawn", g_rate: 2e-4, latent: 5, noise: "uniform" }
        state.other = { name: "penalty", value: 0.5 }
        state.layers = ["real", "manifold"]
        state.points = [[0.1, -0.7], [1.5, 1.5]]
        state.lesson = "critic"
        const again = readState(written(state))
        return [written(readState("")), state, again, written(again) === written(state)]
    }""")
    usual, state, again, same = answer
    assert usual == "" and same
    for part in ("settings", "other", "layers", "lesson"):
        assert again[part] == state[part]
    np.testing.assert_allclose(again["points"], state["points"], atol=0.03)


@pytest.mark.parametrize("text", ["game=__proto__&data=constructor&g_rate=Infinity&seed=1e99", "other=toString:1&layers=,,x",
                                  "latent=&batch=-4&packing=2.7&other=r1:x", "points=%00%ff<script>&data=drawn", "x" * 5000])
def test_an_address_may_hold_anything(text):
    state, defaults = evaluated("(text) => [readState(text), DEFAULTS]", text)
    settings = state["settings"]
    assert set(settings) == set(defaults) and state["other"] is None
    assert settings["game"] == defaults["game"] and settings["data"] in ("ring", "drawn")
    assert settings["g_rate"] == defaults["g_rate"] and settings["seed"] in (1, 20) and settings["batch"] in (8, 150)
    assert settings["packing"] in (1, 3) and settings["latent"] == 2 and set(state["layers"]) <= {
        "real", "generated", "heat", "arrows", "manifold"}
    assert all(len(point) == 2 for point in state["points"])


def test_train_has_every_game_with_its_knobs():
    """What the laboratory asks Train for is what architectures have, in their bounds."""
    cards, infos = zoo(), {info.name: info for info in data.catalogue(None)}
    asked = evaluated("""() => {
        const told = []
        for (const knob of KNOBS) {
            for (const value of knob.choices ? Object.keys(knob.choices) : [knob.values[0], knob.values.at(-1)]) {
                for (const game of Object.keys(GAMES)) {
                    told.push([game, training({ ...DEFAULTS, game, ...USUAL[game], [knob.name]: value })])
                }
            }
        }
        return told
    }""")
    assert {each["architecture"] for _, each in asked} == {"gan", "wgan", "wgan_gp", "r3gan"}
    for game, each in asked:
        card = cards[each["architecture"]]
        assert data.POINTS in card.data and infos[each["data"]].kind == data.POINTS
        knobs = {knob.name: knob for knob in [*RunSettings.knobs(), *card.knobs]}
        for name, value in each["set"].items():
            assert name in knobs, (game, name)
            assert knobs[name].check(str(value)) == value, (game, name)
        assert all(note.endswith(".") for note in each["notes"])


def test_the_page_is_one_small_file_that_asks_for_nothing():
    page = laboratory.composed().decode()
    assert 50_000 < len(page.encode()) < 300_000
    assert "default-src 'none'" in page and "src=" not in page and "@import" not in page and "fetch(" not in page
    assert "$" + "style" not in page and "$" + "script" not in page


def test_the_page_of_measurements_says_what_was_measured():
    sys.path.append(str(ROOT / "benchmarks"))
    import laboratory as benchmark

    measured = json.loads((ROOT / "docs" / "laboratory.json").read_text())
    assert (ROOT / "docs" / "laboratory.md").read_text() == benchmark.written(measured)
    assert measured["speed"]["16-16"]["by_processor"] > 500


def test_no_two_scripts_of_the_page_declare_the_same_name():
    """A second function would silently take the place of the first."""
    texts = [*((PLAYER / name).read_text() for name in laboratory.OF_PLAYER), *map(laboratory.source, laboratory.PAGE)]
    names = [name for text in texts for name in re.findall(r"^(?:function|class|const|let) (\w+)", text, re.MULTILINE)]
    assert len(names) > 40 and len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)


def test_what_stands_in_an_address_ends_no_script():
    page = laboratory.composed(embedded=True, state="</script><script>alert(1)</script>").decode()
    assert "alert(1)</script>" not in page and "\\u003c/script>\\u003cscript>alert(1)" in page
