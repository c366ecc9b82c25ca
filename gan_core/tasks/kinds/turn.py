"""Turn: a sample from all sides, to be turned by hand, and as a GIF."""

from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.tasks import base, turning
from gan_core.tasks.wanted import MOST, SEEDS, from_text


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    frames: int = knob(36, low=2, high=360, tiny=4, group="Samples", label="Views", help="From so many sides it is seen.")
    place: int = knob(0, low=0, high=MOST - 1, group="Samples", label="Which sample",
                      help="Of those of the seed, counted from 0.")
    seed: int = knob(0, low=0, high=SEEDS, group="Samples", help="The same seed gives the same noise.")
    chosen: str = knob("", group="Samples", label="Inputs", help="Inputs of the architecture, such as `elevation=20`.")


class Turn(base.Task):
    """Values: "angles" in degrees, and whether they go "round" the circle.  Files: "views.png" and, where the model knows
    it, "depth.png", all views beside each other, and "turned.gif"."""

    title, Config, interactive, page = "Turn a sample", Config, True, "draw"
    seconds = 300

    def refuses(self, run, card=None):
        return "" if card is None else turning.card_refusal(card, run)

    def run(self, context, config, progress, should_stop):
        turned = turning.turned(context.model(), 1, config.frames, seed=config.seed, chosen=from_text(config.chosen),
                                data=context.data_of_inputs(), first=config.place, should_stop=should_stop,
                                progress=lambda share: progress(share, "looking from all sides"))
        files = {"views.png": turning.strip(turned.views[0]), "turned.gif": turning.gif(turned)}
        if turned.depth is not None:
            files["depth.png"] = turning.strip(turned.depth[0])
        return base.Result(f"a sample from {config.frames} sides", {
            "angles": [float(angle) for angle in turned.angles], "round": turned.round}, files)
