"""Explorer: a run's player for the page that explores it, with the directions and points that are kept with the run."""

from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.modalities.base import RIGHT, abilities_of
from gan_core.tasks import base, playing


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    kept: str = knob("", group="Explorer", help="What names the state of what is kept: another is another answer.")
    point: str = knob("", group="Explorer", label="Open at", help="The name of a point that is kept.")


class Explorer(base.Task):
    """Files: "explorer.html"."""

    title, Config, interactive, page = "Open the explorer", Config, True, "explore"

    def refuses(self, run, card=None):
        if RIGHT in abilities_of(run.kind):
            return (f"{run.name} names what it is shown and makes nothing, so that there is no space to walk in; choose a "
                    "run that draws.")
        why = playing.refusal(run, card)
        return why and f"Explore plays a run's demo in your browser, as the mouse moves, and this run has none. {why}"

    def run(self, context, config, progress, should_stop):
        from gan_core.models import cards
        from gan_core.sharing import demo

        progress(0.1, "loading the model")
        model = context.model(exact=True)
        page = demo.made(context.store, context.run, model, context.step, card=cards.card(context.run.architecture),
                         precision="float32", within=True, point=config.point)
        return base.Result("opened", {"step": context.step}, {"explorer.html": page})
