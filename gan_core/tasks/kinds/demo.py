"""Demo: a run as one page that anyone opens anywhere and plays with."""

from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.errors import UserError
from gan_core.modalities.base import RIGHT, abilities_of
from gan_core.sharing.names import PRECISIONS
from gan_core.tasks import base, playing


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    title: str = knob("", group="Demo", help="What stands at its head; empty: the run's name.")
    text: str = knob("", group="Demo", label="Your words", help="What you want to say to whoever opens it.")
    precision: str = knob("int8", choices=PRECISIONS, group="Demo",
                          help="Of the weights: int8 makes the smallest file, float32 draws what Draw draws.")


class Demo(base.Task):
    """Files: "demo.html"."""

    title, Config, interactive, page = "Make a demo", Config, True, "share"

    def refuses(self, run, card=None):
        if RIGHT in abilities_of(run.kind):
            return (f"A demo draws samples, and {run.name} names what it is shown; write its model to a file instead, with "
                    f"`export {run.id}` or as a model file on Share.")
        if card is not None and card.requirements.get("translations"):
            return ""
        why = playing.refusal(run, card)
        return why and (f"There is no demo of this run. {why} Its samples can be written to files, on Draw or with "
                        f"`sample {run.id}`, and the whole run can be packed, with `pack {run.id}` or as a whole run on "
                        "Share.")

    def run(self, context, config, progress, should_stop):
        from gan_core.models import cards
        from gan_core.sharing import demo, picture_demo

        progress(0.1, "loading the model")
        model = context.model(exact=True)
        progress(0.4, "writing the page")
        words = {"title": config.title, "text": config.text, "precision": config.precision}
        known = context.store, context.run, model, context.step
        card = cards.card(context.run.architecture)
        page = (picture_demo.made(*known, card=card, data=_data(context), **words) if model.translations else
                demo.made(*known, card=card, **words))
        return base.Result(f"a page of {len(page) / 1e6:.1f} MB", {"step": context.step, "bytes": len(page)},
                           {"demo.html": page})


def _data(context):
    """The run's data, for examples of pictures; None where they are gone: a demo can do without."""
    try:
        return context.dataset()
    except UserError:
        return None
