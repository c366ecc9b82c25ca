"""The search for pictures by words, on networks that are known by heart; what is refused; the verb's files."""

import dataclasses

import numpy as np
import pytest
from keras import ops

from gan_core.data import DataSpec
from gan_core.errors import BadInput, Stopped
from gan_core.models.networks import contrast
from gan_core.prompting import search
from gan_core.store import DiskStore, prompted
from gan_core.tasks.kinds import prompt
from gan_core.tasks.registry import task
from helpers_pages import add_run, zoo
from helpers_runs import is_a_sentence

SQUARES = contrast.squares_by, contrast.squares
KNOWN = ("a", "blue", "on", "red", "seven")


class Painter:
    """Four codes, each a colour: a square of the picture."""

    data, map_shape = DataSpec("captions", (8, 8, 3)), (2, 2)
    vectors = np.float32([[1, -1, -1], [-1, 1, -1], [-1, -1, 1], [0, 0, 0]])

    def decoded(self, vectors):
        return ops.repeat(ops.repeat(vectors, 4, axis=1), 4, axis=2)


class Judge:
    """Sees the mean colour, and reads a caption as one."""

    def seen(self, images):
        mean = ops.mean(images, axis=(1, 2))
        return mean * ops.rsqrt(ops.sum(ops.square(mean), axis=1, keepdims=True) + 1e-6)

    def read(self, captions):
        return np.asarray(captions, np.float32) / np.linalg.norm(captions)


def found(goal, **how):
    return search.searched(Painter(), Judge(), np.float32([goal]), SQUARES, **{"steps": 40, "cutouts": 4} | how)


@pytest.mark.parametrize("goal", [[1, -1, -1], [-1, -1, 1]])
def test_it_finds_the_codes_that_fit(goal):
    there = found(goal)
    assert there.end and there.likeness > 0.95
    np.testing.assert_allclose(there.picture.mean(axis=(0, 1)), goal, atol=0.3)


def test_it_is_the_same_for_a_seed_and_tells_how_far_it_is():
    shares, looks = [], []
    one = found([1, -1, -1], progress=shares.append, look=looks.append)
    assert np.array_equal(one.picture, found([1, -1, -1]).picture)
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(looks) >= 4 and looks[0].shape == (8, 8, 3)


def test_one_that_is_stopped_keeps_what_there_is():
    asked = iter(range(100))
    there = found([1, -1, -1], should_stop=lambda: next(asked) >= 5)
    assert not there.end and there.picture.shape == (8, 8, 3)
    with pytest.raises(Stopped):
        found([1, -1, -1], should_stop=lambda: True)


# What is refused


@pytest.mark.parametrize("text, says", [
    ("", "Give words"), ("?!", "Give words"), ("a red bird", "never learned bird"), ("赤い七", "never learned 赤, い, 七"),
    ("a " * 900, "captions have at most 7"), ("seven " * 8, "has 8 words"),
    ("x" * 5000, "has 5,000 characters and 2,000 are the limit"), ("x" * 1900, f"never learned {'x' * 60}...;")])
def test_words_that_cannot_be_painted_are_refused_with_those_there_are(text, says):
    with pytest.raises(BadInput, match=says) as refused:
        prompt.check_words(text, KNOWN, 7)
    assert is_a_sentence(str(refused.value))


def test_what_is_known_is_not_refused():
    prompt.check_words("A RED seven, on blue.", KNOWN, 7)


@pytest.fixture
def store(tmp_path):
    there = DiskStore(tmp_path / "ws")
    yield there
    there.close()


def run_of(store, architecture, data="captions", name="A run"):
    return add_run(store, zoo(), name, architecture=architecture, data=data, rows=0, sheets_at=())


def test_a_run_of_another_family_is_refused(store):
    assert is_a_sentence(task("prompt").refuses(run_of(store, "dcgan", "digits")))
    assert task("prompt").refuses(run_of(store, "vqgan")) == ""


def test_who_judges_must_know_words_and_the_same_data(store):
    painter, gan = run_of(store, "vqgan"), run_of(store, "dcgan", "digits")
    digits = run_of(store, "vqgan", "digits")
    for run, clip, says in ((painter, "", "No run of CLIP has learned captions yet"),
                            (painter, gan.id, "does not know words"), (painter, "nobody", "no run"),
                            (digits, run_of(store, "clip").id, "on the same data")):
        with pytest.raises(BadInput, match=says) as refused:
            prompt.judge(store, run, prompt.Looks(text="red", clip=clip))
        assert is_a_sentence(str(refused.value))


# What is kept


def test_pictures_are_kept_with_their_run_and_the_oldest_go(store):
    pictures = dataclasses.replace(prompted.PICTURES, most=2)
    held = store.artifacts(run_of(store, "vqgan").id)
    keys = [prompted.key_of(prompt=str(number)) for number in range(3)]
    for number, key in enumerate(keys):
        pictures.put(held, {"key": key, "prompt": f"words {number}", "begun": float(number), "done": 1.0, "seconds": 2.0},
                     b"png")
    assert [told["prompt"] for told in pictures.kept(held)] == ["words 2", "words 1"]
    assert pictures.picture(held, keys[2]) == b"png" and pictures.picture(held, keys[0]) is None
    pictures.forget(held, keys[2])
    assert [told["key"] for told in pictures.kept(held)] == [keys[1]]
    held.put("prompts/odd.json", b'{"key": 3}')
    assert len(pictures.kept(held)) == 1
