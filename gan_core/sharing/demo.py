"""A run as one page that plays anywhere: its model computes in the visitor's browser, and no network is asked."""

import base64
import dataclasses
import gzip
import html
import json
import re
import time

import numpy as np

from gan_core import visitors
from gan_core.data import IMAGES, POINTS, TABLE
from gan_core.errors import BadInput
from gan_core.evaluation import score_names
from gan_core.modalities.base import PICTURE, abilities_of, modality
from gan_core.models import inputs
from gan_core.models.sampling import reference, sampling_graph
from gan_core.sharing import curves, facts, weights
from gan_core.sharing.names import check_words
from gan_core.sharing.page import composed
from gan_core.store import artifacts, explored
from gan_core.store.curves import Series

GRIDS = {IMAGES: (8, 8), POINTS: (16, 16), TABLE: (12, 1)}  # samples that are shown at once
WIDEST = 12  # classes that have a column each
SHEETS, SHEETS_SIZE = 12, 800_000  # of training, at most, and their bytes
COMPARED = 64  # samples by which the precision is judged
DRAWN = {"latent", "uniform", "codes", "label", "code", "dial", "shift"}  # kinds of inputs that player/inputs.js draws


def made(store, run, model, step, *, card, title="", text="", precision="int8", within=False, point="", now=None):
    """The page, HTML in UTF-8 (bytes); the arguments are those of :func:`parts`."""
    return composed(parts(store, run, model, step, card=card, title=title, text=text, precision=precision, within=within,
                          point=point, now=now))


def parts(store, run, model, step, *, card, title="", text="", precision="int8", within=False, point="", now=None):
    """What a page is composed of beside the player: texts by name, HTML.

    Args:
        store, run: the record that scores, curves and sheets are taken from.
        model: as it stood at the checkpoint of ``step``.
        card: the :class:`gan_core.models.card.Card` of its architecture.
        title, text: what the author says; by default the run's name, and nothing.
        precision: one of :data:`gan_core.sharing.names.PRECISIONS`.
        within: the player alone, for a page of the workbench, which hears what is to be kept.
        point: the name of a kept point that it opens at.

    Raises:
        BadInput: for a model that cannot leave the workbench, or an unknown precision.
    """
    if model.not_a_graph:  # which says more than its kind and its inputs do
        raise BadInput(model.not_a_graph)
    if model.made.kind not in GRIDS:
        raise BadInput(f"A demo shows images, points or rows of tables; {modality(model.made.kind).words[1]} can be written "
                       "to files with `sample`, and the model with `export`.")
    if strangers := {model_input.kind() for model_input in model.inputs()} - DRAWN:
        raise BadInput(f"A sample is made of {', '.join(sorted(strangers))}, which a demo cannot draw: teach it to "
                       "gan_core/sharing/player/inputs.js.")
    check_words(title, text)
    graph = sampling_graph(model)
    described, data = weights.packed(graph, precision)
    error = _rounding_error(graph, weights.unpacked(described, data), model) if precision != "float32" else 0.0
    held, title = store.artifacts(run.id), title.strip() or run.name
    player = {"kind": model.data.kind, "shape": list(model.data.shape), "grid": _grid(model),
              "inputs": [inputs.as_dict(model_input) for model_input in model.inputs()],
              "choices": [_choice(choice) for choice in inputs.choices(model.inputs())],
              "labels": list(inputs.labels(model.inputs())), "graph": plain_graph(graph, described),
              "file": re.sub(r"\W+", "-", title.lower()).strip("-")[:40] or "samples",
              "says": f"{in_words(graph.multiplications())} multiplications a sample, here in your browser.",
              "sheets": sheets_of(store, held, run)}
    player["explore"] = _explored(held, model) | {
        "within": within, "keeping": within and not visitors.are_here(), "open": point}
    if model.data.kind == TABLE:
        player["columns"] = [dataclasses.asdict(column) for column in model.data.columns]
    if model.data.kind == POINTS:
        player["range"] = _range(graph, model)
    return {
        "title": html.escape(title), "words": f'<p class="words">{html.escape(text.strip())}</p>' if text.strip() else "",
        "made": html.escape(made_when(run, card, step, now)), "alone": "hidden" if within else "",
        "explorable": bool(_movable(model)),
        "learned": "" if within else how_it_learned(player["sheets"], store, run, model),
        "about": "" if within else about(store, held, run, card, step, precision, error, len(data)),
        # In a script not only "</" ends something: after "<!--<script" nothing would.
        "data": json.dumps(player, allow_nan=False).replace("<", "\\u003c"),
        "weights": base64.b64encode(gzip.compress(data, mtime=0)).decode()}


def plain_graph(graph, described):
    return {"inputs": {name: {"value": value, "shape": list(shape)} for name, (value, shape) in graph.inputs.items()},
            "constants": described, "output": graph.output,
            "nodes": [{"operation": node.operation, "inputs": list(node.inputs), "output": node.output,
                       "shape": list(node.shape), "settings": node.settings} for node in graph.nodes]}


def _movable(model):
    """The names of the inputs along which directions may lie."""
    return {one.name: one.size for one in model.inputs() if isinstance(one, (inputs.Latent, inputs.Shift))}


def in_words(number):
    return f"{number / 1e6:,.1f} million" if number >= 1e5 else f"{number:,}"


def _explored(held, model):
    """Directions and points that were kept with the run and fit its model."""
    known, sizes = explored.kept(held), _movable(model)
    whole = {name: values.size for name, values in inputs.draw(model.inputs(), 1, seed=0).items()}
    return {"directions": [
                {"title": there["name"], "name": there["input"], "reach": there["reach"],
                 "vector": [round(number * there["deviation"], 6) for number in there["vector"]]}
                for there in known["directions"] if sizes.get(there["input"]) == len(there["vector"])],
            "points": [there for there in known["points"]
                       if {name: len(values) for name, values in there["inputs"].items()} == whole]}


def _grid(model):
    """``[rows, columns]``; of a few classes each has a column of its own."""
    rows, columns = GRIDS[model.data.kind]
    classes = len(inputs.labels(model.inputs()))
    return [rows, classes if 2 <= classes <= WIDEST and PICTURE in abilities_of(model.data.kind) else columns]


def _choice(choice):
    return {"name": choice.name, "title": choice.name.replace("_", " ").capitalize(), "of": choice.of, "low": choice.low,
            "high": choice.high, "default": choice.default, "help": choice.help, "whole": choice.whole,
            "column": choice.column}


def _computed(graph, model, n):
    """(n, ...) samples of seed 0, as the player computes them."""
    drawn = inputs.draw(model.inputs(), n, seed=0)
    return np.concatenate([reference.run(graph, {name: values[place:place + 1] for name, values in drawn.items()})
                           for place in range(n)])


def _rounding_error(graph, constants, model):
    """How far samples of rounded weights are from those of the weights as they are, in the mean, as a share of the range."""
    exact = _computed(graph, model, COMPARED)
    kept, graph.constants = graph.constants, constants
    try:
        off = np.abs(_computed(graph, model, COMPARED) - exact).mean()
    finally:
        graph.constants = kept
    return float(off / max(exact.max() - exact.min(), 1e-9))


def _range(graph, model):
    samples = _computed(graph, model, 256)
    reach = float(np.abs(samples).max()) * 1.2 or 1.0
    return [-reach, reach]


def _minutes(store, run, steps):
    """Minutes of training until each step; None where a run has no curve that tells."""
    known, _, minutes = Series(store, run.id).refresh().curve(run.facts.get("main_curve", "g_loss"))
    return [round(float(minute), 1) for minute in np.interp(steps, known, minutes)] if len(known) else [None] * len(steps)


def sheets_of(store, held, run):
    """Sheets from the beginning to the end, at steps that lie ever further apart, as long as there is room."""
    names = {step: name for step, name in artifacts.sample_sheets(held).items() if name.endswith(artifacts.SHEET)}
    steps = sorted(names)
    if len(steps) > SHEETS:
        places = np.unique(np.round(np.geomspace(1, len(steps), SHEETS)).astype(int) - 1)
        steps = [steps[place] for place in places]
    read = [(step, held.read(names[step])) for step in steps]
    while len(read) > 2 and sum(len(png) for _, png in read) > SHEETS_SIZE:
        del read[len(read) // 2]
    minutes = _minutes(store, run, [step for step, _ in read])
    return [{"step": step, "minutes": minute, "src": f"data:image/png;base64,{base64.b64encode(png).decode()}"}
            for (step, png), minute in zip(read, minutes)]


def made_when(run, card, step, now):
    day = time.strftime("%Y-%m-%d", time.localtime(now))
    return f"{card.title}, trained on {run.data} for {step:,} steps. Made with the GAN workbench on {day}."


def how_it_learned(sheets, store, run, model):
    drawn = curves.drawn(store, run, model.losses)
    if not sheets and not drawn:
        return ""
    slider = "" if not sheets else (
        '<figure><img class="sheet" id="sheet-shown" alt="Samples during training">'
        '<figcaption id="step-shown" class="quiet"></figcaption></figure>'
        '<label class="quiet" for="step">Step of training</label>'
        f'<input type="range" id="step" min="0" max="{len(sheets) - 1}" step="1" value="{len(sheets) - 1}">')
    return (f'<section aria-labelledby="learned-title"><h2 id="learned-title">How it learned</h2>{slider}'
            f'<div class="curves">{drawn}</div></section>')


def about(store, held, run, card, step, precision, error, size):
    told = precision + (f", which moves samples by {100 * error:.2g} % of their range in the mean" if error else "")
    known = [*facts.of_run(store, run, card, step), ("Weights", f"{size / 1e6:,.2f} MB as {told}")]
    sections = [f'<section aria-labelledby="about-title"><h2 id="about-title">About</h2><p>{html.escape(card.story)}</p>',
                _table(known), _scores(held, run, step),
                f"<details><summary>Settings</summary>{_table(facts.settings_of(run))}</details></section>"]
    return "\n".join(sections)


def _table(rows):
    cells = "".join(f'<tr><th scope="row">{html.escape(str(name))}</th><td>{html.escape(str(value))}</td></tr>'
                    for name, value in rows if value not in (None, ""))
    return f'<div class="scroll"><table>{cells}</table></div>'


def _scores(held, run, step):
    """The scores of the checkpoint, each beside what real samples have against each other."""
    told, said = facts.scores_of(held, run, step)
    if not told:
        return ""
    rows = [f'<tr><th scope="row">{html.escape(score.title)}</th><td class="number">{value:.4g}</td>'
            f'<td class="number">{"" if floor is None else f"{floor:.4g}"}</td>'
            f'<td>{html.escape(score_names.BETTER.get(score.better, score.help))}</td></tr>' for score, value, floor in told]
    return ('<h3>Scores</h3><div class="scroll"><table><tr><th scope="col">Score</th><th scope="col">generated</th>'
            f'<th scope="col">real against real</th><td></td></tr>{"".join(rows)}</table></div>'
            f'<p class="quiet">{html.escape(said)}</p>')
