"""Who says what is seen in a picture: the reader of benchmarks/prompts.py, its prompts, and its page."""

import sys
from pathlib import Path

import pytest

from gan_core import data
from gan_core.data import words
from gan_core.data.sets import captions

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import prompts  # noqa: E402


@pytest.mark.parametrize("wording", captions.WORDINGS)
def test_a_caption_says_which_combination_it_speaks_of(wording):
    known = captions.vocabulary()
    texts = [wording.format(colour=colour, digit=digit, ground=ground) for colour, digit, ground in captions.combinations()]
    assert [prompts.said(row, known) for row in words.tokens(texts, known)] == list(captions.combinations())


def test_the_reader_reads_held_out_images():
    dataset = data.load("captions")
    read = prompts.Reader(dataset)(dataset.x_test[:600])
    told = [prompts.said(row, dict(dataset.traits)["words"]) for row in dataset.more_test["caption"][:600]]
    shares = prompts.right(told, read)
    assert shares["colour"] > 0.99 and shares["ground"] > 0.99 and shares["digit"] > 0.93


def test_prompts_are_of_both_kinds_and_the_page_tells_all():
    wanted = prompts.wanted_of(30)
    assert set(wanted["never seen"]) == set(captions.unseen()) and not set(wanted["trained on"]) & set(captions.unseen())
    share = {"all": 0.5, "colour": 0.6, "digit": 0.7, "ground": 0.8}
    row = {"prompts": 30} | dict.fromkeys(("painted", "without squares", "held-out images", "any picture"), share)
    keys = ("kernel", "kernel_floor", "frechet", "frechet_floor", "l1", "psnr", "perceptual", "code_perplexity")
    told = {"trained on": row, "never seen": row, "clip": {"retrieval": 0.9, "never seen": 0.8},
            "vqgan": dict.fromkeys(keys, 0.25) | {"perceptual": None}}
    page = prompts.page({"0": told, "1": told})
    assert page.count("| 50 % |") >= 4 and "90.0 % | 80.0 %" in page and page.count("\n| 30 combinations") == 4
