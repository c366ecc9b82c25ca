"""The page of a run that makes pictures of pictures: examples, the visitor's own, what is drawn; see player/pictures.js."""

import base64
import gzip
import html
import io
import json
import re

import numpy as np
from PIL import Image

from gan_core.data import to_uint8
from gan_core.models import inputs
from gan_core.models.sampling import picture_graph, reference
from gan_core.sharing import demo, weights
from gan_core.sharing.names import check_words
from gan_core.sharing.page import composed
from gan_core.store import label_names

EXAMPLES = 6       # held-out sources that come along
INNER = 24         # pixels of a source that are enlarged at once, beside their surroundings
COMPARED = 2       # pictures by which the precision is judged


def made(store, run, model, step, *, card, title="", text="", precision="int8", data=None, now=None):
    """The page, HTML in UTF-8 (bytes); the arguments are those of :func:`parts`."""
    return composed(parts(store, run, model, step, card=card, title=title, text=text, precision=precision, data=data,
                          now=now))


def parts(store, run, model, step, *, card, title="", text="", precision="int8", data=None, now=None):
    """What a page is composed of, as :func:`gan_core.sharing.demo.parts` gives it.

    Args:
        data: the :class:`gan_core.data.Dataset` of the run, of which some held-out sources come along, or None.

    Raises:
        BadInput: for a model that cannot leave the workbench, or an unknown precision.
    """
    check_words(title, text)
    title = title.strip() or run.name
    held, ways, packed, error = store.artifacts(run.id), [], b"", 0.0
    names = run.facts.get("domains")
    for place, (to, words) in enumerate(model.translations.items()):
        found = model.any_size(to)
        around = None if found is None else found[1]
        graph = picture_graph(model, to, None if around is None else INNER + 2 * around)
        described, part = weights.packed(graph, precision)
        if precision != "float32" and not place:
            error = _rounding_error(graph, weights.unpacked(described, part))
        source, made = ([*graph.shape(value)[1:]] for value in (graph.inputs["source"][0], graph.output))
        if isinstance(names, list) and len(names) == 2:
            words = f"from {names[place]} to {names[1 - place]}"
        ways.append({"name": to, "title": str(words), "graph": demo.plain_graph(graph, described),
                     "bytes": [len(packed), len(packed) + len(part)], "source": source, "made": made, "surroundings": around,
                     "times": made[0] // source[0]})
        packed += part
    palette = run.facts.get("palette")
    palette = palette if isinstance(palette, list) and len(palette) > 1 else None
    multiplications = picture_graph(model, next(iter(model.translations))).multiplications()
    player = {"kind": "pictures", "ways": ways, "palette": palette,
              "names": label_names.of(held, len(palette)) if palette else [], "examples": _examples(model, data),
              "file": re.sub(r"\W+", "-", title.lower()).strip("-")[:40] or "picture", "sheets": demo.sheets_of(store, held,
                                                                                                              run),
              "says": f"{demo.in_words(multiplications)} multiplications a picture, here in your browser."}
    return {
        "title": html.escape(title), "words": f'<p class="words">{html.escape(text.strip())}</p>' if text.strip() else "",
        "made": html.escape(demo.made_when(run, card, step, now)), "alone": "", "explorable": False, "pictures": True,
        "learned": demo.how_it_learned(player["sheets"], store, run, model),
        "about": demo.about(store, held, run, card, step, precision, error, len(packed)),
        "data": json.dumps(player, allow_nan=False).replace("<", "\\u003c"),
        "weights": base64.b64encode(gzip.compress(packed, mtime=0)).decode()}


def _examples(model, data):
    """Held-out sources as addresses that hold them, with what they should become where that is known."""
    if data is None:
        return []
    found = inputs.beside(model.inputs(), EXAMPLES, 0, data)
    ways = list(model.translations)
    made = [{"way": ways[0], "source": _address(source), "target": _address(target) if target is not None else None}
            for source, target in zip(found["source"], found.get("real", [None] * EXAMPLES))]
    if len(ways) > 1:
        real = data.x if data.x_test is None else data.x_test
        rows = np.random.default_rng(0).permutation(len(real))[:EXAMPLES]
        made += [{"way": ways[1], "source": _address(image), "target": None} for image in real[rows]]
    return made


def _address(image):
    pixels = image if image.dtype == np.uint8 else to_uint8(image)
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels[..., :3]).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _rounding_error(graph, constants):
    """How far pictures of rounded weights are from those of the weights as they are, as a share of their range."""
    shape = graph.shape(graph.inputs["source"][0])
    given = np.random.default_rng(0).uniform(-1, 1, (COMPARED, *shape[1:])).astype(np.float32)

    def made():
        return np.concatenate([reference.run(graph, {"source": given[place:place + 1]}) for place in range(COMPARED)])

    exact, kept, graph.constants = made(), graph.constants, constants
    try:
        return float(np.abs(made() - exact).mean() / max(exact.max() - exact.min(), 1e-9))
    finally:
        graph.constants = kept
