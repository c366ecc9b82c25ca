"""Export: a trained model as a file that other programs read."""

from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.sharing import formats
from gan_core.tasks import base


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    format: str = knob("onnx", choices=tuple(formats.formats()), group="Export", help="What kind of file.")
    title: str = knob("", group="Export", help="What its card is called; empty: the run's name.")
    text: str = knob("", group="Export", label="Your words", help="What you want to say to whoever takes it.")
    licence: str = knob("", group="Export", help="Of the model, an identifier of the Hugging Face Hub such as mit; empty: "
                                                 "unknown.")


class Export(base.Task):
    """Files: "model.<suffix>" and its card, "README.md".  Values: how far its samples are "off" Keras's."""

    title, Config, interactive, page = "Export", Config, True, "share"

    def run(self, context, config, progress, should_stop):
        from gan_core.models import cards
        from gan_core.sharing import export

        progress(0.1, "loading the model")
        model, form = context.model(exact=True), formats.one(config.format)
        progress(0.4, "writing the file and reading it again")
        file = f"model{form.suffix}"
        made = export.made(context.store, context.run, model, context.step, form=config.format, file=file,
                           card=cards.card(context.run.architecture), title=config.title, text=config.text,
                           licence=config.licence)
        return base.Result(f"a file of {len(made.content) / 1e6:.1f} MB, whose samples differ from the workbench's by at "
                           f"most {made.off:.2g}", {"step": context.step, "bytes": len(made.content), "off": made.off},
                           {file: made.content, "README.md": made.card.encode()})
