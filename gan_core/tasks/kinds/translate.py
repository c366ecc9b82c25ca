"""Translate: pictures of one's own, or held-out ones, become what a run has learned to make of such."""

import itertools
from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.errors import BadInput
from gan_core.tasks import base, sent
from gan_core.tasks.kinds.paint import paints
from gan_core.tasks.wanted import SEEDS

GROUP, MOST = "Translate", 200
HELD_OUT, LEARNED = "held out", "learned from"  # what a picture of the run's own data is called
SHOWN = 1024  # pixels of the longer side of what is to be looked at


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    pictures: str = knob("", group=GROUP, help='JSON, [["name", "a file of any usual format, in base64"], ...].')
    held_out: int = knob(0, low=0, high=64, group=GROUP, label="Held-out pictures", help="So many of the run's own data.")
    to: str = knob("", group=GROUP, help="Which way, where there are several.")
    fit: str = knob("pad", choices=("pad", "crop"), group=GROUP, label="Pictures that are not square",
                    help="pad: all of the picture, its edge repeated around it. crop: its middle.")
    seed: int = knob(0, low=0, high=SEEDS, group=GROUP, help="Of what is left to chance, and of which are held out.")


class Translate(base.Task):
    """Values: "names", "step", "learned_from" (whether none were held out, and some that were learned from are taken),
    "targets" (numbers of those whose true picture is there, too), "times" (by how much they are enlarged), "places" (which
    of the pictures that were sent they are, the first ones), "refused" (sentences about the others).

    Files, of each picture by its number: "0.source.png", "0.png", "0.target.png" where it is known, "0.again.png" where a
    model translates back, too, and "0.plain.png", what plain enlarging makes.  All but "0.png" are to be looked at, of at
    most :data:`SHOWN` pixels a side; so is "0.shown.png", where "0.png" is larger."""

    title, Config, interactive, page = "Translate", Config, True, "translate"
    seconds = 300

    def refuses(self, run, card=None):
        if card is not None and not card.requirements.get("translations"):
            return refusal(card.title, paints=paints(card))
        return ""

    def check(self, store, run, config):
        if not (sent.pictures(config.pictures, MOST, "translated") or config.held_out):
            raise BadInput("Give a picture, or ask for some that were held out.")

    def run(self, context, config, progress, should_stop):
        from gan_core.data.one_picture import opened, size_of
        from gan_core.tasks import translating

        model = context.model()
        to, colours = translating.way(model, config.to), context.run.facts.get("palette")

        def taken(content, name):
            translating.check_size(model, size_of(content, name), name, to)
            return opened(content, name)

        usable = sent.Usable(sent.pictures(config.pictures, MOST, "translated"), taken)
        own, true, called = [], [], HELD_OUT
        if config.held_out:
            dataset = context.dataset()
            held_out = _held_out(dataset, model, to, config.held_out, config.seed)
            called = LEARNED if dataset.x_test is None else HELD_OUT
            own, true = held_out["source"], held_out.get("real", ())
        names, files = [], {}

        def named():
            for name, picture in itertools.chain(usable, ((f"{called} {n + 1}", picture) for n, picture in enumerate(own))):
                names.append(name)
                yield picture

        made = translating.each_translated(
            model, named(), usable.count + len(own), to=to, fit=config.fit, colours=colours, seed=config.seed,
            progress=lambda share: progress(share, "translating"), should_stop=should_stop)
        for number, one in enumerate(made):
            files[f"{number}.png"] = translating.as_png(one.result)
            looked_at = {".source": one.source, ".again": one.again, ".plain": one.plain}
            if max(one.result.size) > SHOWN:
                looked_at[".shown"] = one.result
            files |= {f"{number}{part}.png": translating.as_png(translating.small(picture, SHOWN))
                      for part, picture in looked_at.items() if picture}
        targets = {len(usable.places) + number: image for number, image in enumerate(true)}
        files |= {f"{number}.target.png": translating.as_png(image) for number, image in targets.items()}
        return base.Result(f"translated {len(names):,} picture{'s' * (len(names) != 1)}",
                           {"names": names, "step": context.step, "learned_from": called == LEARNED,
                            "targets": sorted(targets), "times": model.data.shape[0] // model.source_shape(to)[0],
                            "places": usable.places, "refused": usable.refused}, files)


def refusal(title, *, paints):
    """Why an architecture that has no way of translating is asked in vain, a sentence."""
    instead = "choose a run of an architecture that learns pairs or two domains"
    if paints:
        return f"{title} paints one picture in the style of another and translates none; use the Restyle page, or {instead}."
    return f"{title} makes samples out of noise and translates nothing; {instead}."


def _held_out(dataset, model, to, n, seed):
    """``{"source": [PIL, ...]}`` of the run's own data, and the "real" pictures that belong to them where some do; those
    that it learned from where none were held out."""
    import numpy as np
    from PIL import Image

    from gan_core.data import floats, to_uint8
    from gan_core.models import inputs

    found = inputs.beside(model.inputs(), n, seed, dataset)
    if to != next(iter(model.translations)):  # the other way: samples are what is translated
        real = dataset.x if dataset.x_test is None else dataset.x_test
        found = {"source": floats(real[np.resize(np.random.default_rng(seed).permutation(len(real)), n)])}
    return {name: [Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).convert("RGB")
                   for pixels in to_uint8(values)] for name, values in found.items()}
