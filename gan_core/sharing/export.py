"""A trained model as a file that other programs read, checked against Keras before anybody gets it, with its card."""

import dataclasses
import json

from gan_core.config.spec import RunSpec
from gan_core.errors import BadInput
from gan_core.models.exact import exact
from gan_core.sharing import formats, model_card
from gan_core.sharing.formats.base import difference
from gan_core.sharing.formats.safetensors_weights import SPEC
from gan_core.sharing.names import check_words

REFUSED = 100  # times as far as a format's samples should be: such a file draws something else


@dataclasses.dataclass(frozen=True)
class Exported:
    """The ``content`` of a file, its model ``card`` (Markdown), and the largest difference of its samples from Keras's."""

    content: bytes
    card: str
    off: float


def made(store, run, model, step, *, card, form, file, title="", text="", licence=""):
    """Write a model in a format, read it again and compare: :class:`Exported`.

    Args:
        store, run: the record that scores and settings are taken from.
        model: as it stood at the checkpoint of ``step``.
        card: the :class:`gan_core.models.card.Card` of its architecture.
        form: the name of one of :func:`gan_core.sharing.formats.formats`.
        file: what the file will be called.
        title, text: what the author says; by default the run's name, and nothing.
        licence: of the model, an identifier of the Hugging Face Hub such as "mit".

    Raises:
        BadInput: for a model that cannot be written so, an unknown format, or words that are too long.
    """
    check_words(title, text)
    chosen = formats.one(form)
    chosen.check_packages()
    model, title = exact(model), title.strip() or run.name
    spec = RunSpec.from_dict(run.spec)
    spec = dataclasses.replace(spec, knobs=spec.knobs | {"precision": "float32"})
    content = chosen.written(model, {"title": title, "architecture": run.architecture, "data": run.data,
                                     "step": step, SPEC: json.dumps(spec.as_dict())})
    off = difference(model, chosen.read(content))
    if not off.share <= max(chosen.close, 1e-7) * REFUSED:
        raise BadInput(f"{card.title} cannot be written as {chosen.name}: its samples would be others than the "
                       f"workbench's, by {off.absolute:.2g}; choose another format.")
    return Exported(content, model_card.made(store, run, card, step, title=title, text=text, licence=licence, form=chosen,
                                             file=file, how=chosen.how(file, model), off=off.absolute), off.absolute)
