"""Prompt: a picture that fits some words, looked for in the codes of a VQGAN by the verdict of a CLIP."""

import time
from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.data import texts, words
from gan_core.errors import BadInput
from gan_core.models import cards
from gan_core.store import FINISHED, RUNNING, STOPPED, prompted
from gan_core.tasks import base, checkpoints
from gan_core.tasks.wanted import SEEDS

GROUP = "Prompt"
LETTERS, NAMED = 2000, 40  # of a prompt, at most; words that a sentence names


@dataclass(frozen=True, kw_only=True)
class Looks(knobs.Config):
    """What a person chooses."""

    text: str = knob("", group=GROUP, label="Words", help="What is to be seen, in words that CLIP has learned.")
    clip: str = knob("", group=GROUP, label="Run of CLIP", help="Its id. Nothing: the newest one on the same data.")
    steps: int = knob(200, low=1, high=5000, tiny=2, group=GROUP, help="Downhill; more fit better.")
    cutouts: int = knob(16, low=1, high=128, tiny=2, group=GROUP, label="Squares",
                        help="Random squares of the picture that are looked at in each step.")
    starts: int = knob(4, low=1, high=32, tiny=1, group=GROUP,
                       help="Pictures that are looked for side by side; the one that fits best counts.")
    seed: int = knob(0, low=0, high=SEEDS, group=GROUP, help="Of the codes at the start, and of the squares.")


class Prompt(base.Task):
    """Values: the "key" under which :mod:`gan_core.store.prompted` keeps the picture as it goes on, the "likeness" to the
    words, the run of "clip" and the "step".  Files: "picture.png".  One that is stopped keeps what there is by then."""

    title, Config, page = "Paint by words", Looks, "prompt"
    patient = False  # someone watches

    def refuses(self, run, card=None):
        if not _can(run, card, "prompted"):
            return "Pictures are looked for by words in the codes of a VQGAN; choose a run of that."
        return ""

    def check(self, store, run, config):
        judge(store, run, config)

    def run(self, context, config, progress, should_stop):
        from gan_core.tasks import models, prompting

        store, run = context.store, context.run
        clip, held = judge(store, run, config), store.artifacts(run.id)
        progress(0.0, "loading the models")
        clip_step = checkpoints.resolve(store, clip)[0]
        told = {"prompt": texts.shown(config.text), "clip": clip.id, "clip_step": clip_step, "step": context.step,
                "steps": config.steps, "cutouts": config.cutouts, "starts": config.starts, "seed": config.seed}
        began = time.time()
        told |= {"key": prompted.key_of(**told), "begun": began}
        found = prompting.prompted(
            context.model(exact=True), models.load(store, clip, clip_step, exact=True)[0], config, progress, should_stop,
            lambda png, **how: prompted.PICTURES.put(held, told | how, png))
        png = prompting.as_png(found.picture)
        told |= {"done": 1.0 if found.end else 0.99, "seconds": time.time() - began, "likeness": found.likeness}
        prompted.PICTURES.put(held, told, png)
        how = "painted" if found.end else "stopped with what there was"
        return base.Result(f"{how}; it fits by {found.likeness:.2f} of 1",
                           {"key": told["key"], "likeness": found.likeness, "clip": clip.id, "step": context.step,
                            "end": found.end}, {"picture.png": png})


def judge(store, run, config):
    """The run of CLIP by which words are judged.

    Raises:
        BadInput: where there is none, it is of other data, has no checkpoint, or does not know the words.
    """
    if config.clip:
        clip = store.get(config.clip)
        if not _can(clip, None, "judges_words"):
            raise BadInput(f"{clip.id} is a run of {clip.architecture}, which does not know words; choose one of CLIP.")
        if clip.data != run.data:
            raise BadInput(f"{clip.id} has learned {texts.shown(clip.data)}, and {run.id} {texts.shown(run.data)}; choose "
                           "two runs on the same data.")
    else:
        known = judges(store, run)
        if not known:
            raise BadInput(f"No run of CLIP has learned {texts.shown(run.data)} yet; train one, or name one that has.")
        clip = known[0]
    checkpoints.resolve(store, clip)
    if list(clip.spec.get("shape", ())) != list(run.spec.get("shape", ())):
        raise BadInput(f"{clip.id} knows images of another size than {run.id} paints; choose two runs on the same data at "
                       "one size.")
    check_words(config.text, vocabulary(clip), longest(clip))
    return clip


def judges(store, run):
    """Runs of CLIP on the data of another run, the newest first, that have been trained."""
    able = [other for other in store.list([FINISHED, STOPPED, RUNNING]) if other.data == run.data
            and _can(other, None, "judges_words") and checkpoints.whole(store, other)]
    return sorted(able, key=lambda other: -other.created)


def vocabulary(clip):
    """The words that a run of CLIP has learned."""
    traits = dict((name, value) for name, value in clip.spec.get("traits", ()))
    return tuple(traits.get("words", ()))


def longest(clip):
    """How many words its captions have at most."""
    shapes = dict((name, value) for name, value in clip.spec.get("beside", ()))
    return int(shapes["caption"][0]) if "caption" in shapes else words.LONGEST


def check_words(text, known, most):
    """BadInput for a prompt that is empty, too long, or has words that are not ``known``; at most ``most`` are read."""
    if len(text) > LETTERS:
        raise BadInput(f"The prompt has {len(text):,} characters and {LETTERS:,} are the limit; captions have at most "
                       f"{most} words, so say it in fewer.")
    said = words.split(text)
    there = ", ".join(known[:NAMED]) + (f" and {len(known) - NAMED:,} more" if len(known) > NAMED else "")
    if not said:
        raise BadInput(f"Give words for what is to be seen; there are {there}.")
    if len(said) > most:
        raise BadInput(f"The prompt has {len(said):,} words, and captions have at most {most}; say it in fewer.")
    if strange := words.unknown(text, known):
        few = ", ".join(texts.brief(word) for word in strange[:8]) + (", ..." if len(strange) > 8 else "")
        raise BadInput(f"CLIP has never learned {few}; the words that it has learned are {there}.")


def _can(run, card, what):
    """Whether the architecture of a run says of itself, in its requirements, that it can do this."""
    card = card or cards.shipped().get(run.architecture)
    return bool(card and card.requirements.get(what))
