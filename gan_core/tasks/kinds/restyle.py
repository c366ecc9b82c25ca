"""Restyle: one picture in the style of another, step by step, by what a network sees in both."""

from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.store import restyled
from gan_core.tasks import base
from gan_core.tasks.wanted import SEEDS

GROUP, SIDES = "Restyle", ("128", "256", "384", "512")


@dataclass(frozen=True, kw_only=True)
class Looks(knobs.Config):
    """What a person chooses of how it is done."""

    encoder: str = knob("random", group=GROUP,
                        help="random: fixed random weights. lite0: EfficientNet-lite0. Or the path of a file with VGG-19's "
                             "weights.")
    steps: int = knob(300, low=1, high=5000, tiny=3, group=GROUP, help="Downhill; more come closer.")
    strength: float = knob(30.0, low=0.1, high=10_000.0, log=True, group=GROUP, label="Strength of the style",
                           help="How much the style counts beside the content.")
    keep_colours: bool = knob(False, group=GROUP, label="Keep the colours",
                              help="The style's brightness alone is taken over, and the colours of the content stay.")
    side: str = knob("256", choices=SIDES, tiny="128", group=GROUP, label="Longer side (pixels)",
                     help="Four times the pixels take four times as long.")
    seed: int = knob(0, low=0, high=SEEDS, group=GROUP, help="Of random weights.")


@dataclass(frozen=True, kw_only=True)
class Config(Looks):
    work: str = knob("", group=GROUP, help="The key of two pictures that are kept in the workspace.")


class Restyle(base.Task):
    """Values: the "key" under which :mod:`gan_core.store.restyled` keeps the picture, as it goes on.  One that is stopped
    keeps what there is by then."""

    title, Config, about_run, page = "Restyle", Config, False, "restyle"
    patient = False  # someone watches

    def check(self, store, run, config):
        restyled.pictures(store.workspace, config.work)

    def run(self, context, config, progress, should_stop):
        from gan_core.tasks import restyling

        workspace = context.store.workspace
        made, done = restyling.restyled(
            *restyled.pictures(workspace, config.work), config, workspace / "cache", progress, should_stop,
            lambda png, **told: restyled.put(workspace, config.work, png, **told))
        words = "painted" if done else "stopped with what there was"
        return base.Result(words, {"key": config.work}, {"result.png": made})
