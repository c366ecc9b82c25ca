"""A run's curves and figures on the Monitor page, and what it takes of its machine."""

from dataclasses import dataclass, replace

import streamlit as st

from gan_core.launch import launchers, usage
from gan_core.modalities.base import counted
from gan_core.store import ACTIVE, QUEUED, lineage
from pages.components import markdown, shell
from pages.components.live_chart import Trace, bucketed, live_chart, load_plotly_js, smoothed


@dataclass(frozen=True)
class View:
    """How curves are drawn: smoothing 0 to 1, a logarithmic axis, whether x is steps or minutes, and whether those of the
    runs that it is a fork of stand before it."""

    smoothing: float
    log: bool
    minutes: bool
    past: bool = False


@dataclass(frozen=True)
class Panel:
    """One chart: its title, unit and curves ``(key, name, role)``.  A panel with no rows is not drawn."""

    key: str
    title: str
    y_title: str
    curves: tuple
    percent: bool = False
    log: bool = False  # drawn on a logarithmic axis whatever the view


D, G = "discriminator", "generator"
OF_A_CRITIC = "critic_estimate"
PANELS = (
    Panel("accuracy", "Accuracy of D", "share it gets right",
          (("d_accuracy_real", "on real", "real"), ("d_accuracy_fake", "on generated", "fake")), percent=True),
    Panel("answers", "Named rightly", "share",
          (("accuracy", "held out", "real"), ("accuracy_learned", "learned from", "fake"),
           ("batch_accuracy", "in the batch", "critic")), percent=True),
    Panel("log_loss", "Log loss", "nats", (("log_loss", "held out", "real"), ("log_loss_learned", "learned from", "fake"))),
    Panel("sureness", "Sureness and evenness", "share",
          (("ece", "calibration error", "critic"), ("named_entropy", "evenness of what is named", "real"))),
    Panel("critic", "Critic's estimate of the distance", "estimate", ((OF_A_CRITIC, "Critic", "critic"),)),
    Panel("kernel", "Kernel distance to real samples", "distance",
          (("kernel", "generated", G), ("kernel_floor", "real", "real")), log=True),
    Panel("bits_per_sample", "Bits a number of sound", "bits",
          (("bits", "in training", "fake"), ("bits_per_sample", "held-out sound", G))),
    Panel("loudness", "Loudness", "deviation", (("loudness", "generated", G), ("loudness_real", "real", "real"))),
    Panel("noise", "Moments that are noise", "share", (("noise", "generated", G), ("noise_real", "real", "real"))),
    Panel("bits", "Bits a character", "bits",
          (("training_bits", "in training", "fake"), ("bits_seen", "learned text", "real"),
           ("bits_per_character", "held-out text", G))),
    Panel("repetition", "Repetition within a text", "share that stood before",
          (("repetition", "generated", G), ("repetition_real", "real", "real"))),
    Panel("variety", "Variety of samples", "share of real samples' variety",
          (("spread", "differences", G), ("class_entropy", "evenness of classes", "real"),
           ("duplicates", "near twins", "fake"), ("sheet_spread", "differences on the sheet", "critic"),
           ("rarest_share", "the common category that is drawn least", D))),
    Panel("voices", "The voice that sounds least", "share of what it does in the data",
          (("quietest_voice", "generated", G),)),
    Panel("labels", "Samples of the class that was asked for", "share",
          (("label_match", "generated", G), ("label_match_real", "real", "real"), ("label_chance", "by chance", "fake"))),
    Panel("heart", "Learned by heart", "share",
          (("sure_of_real", "D sure of real (r_t)", D), ("held_out_gap", "its gap to held-out (r_v)", "critic"),
           ("copied", "samples that are {} again", "fake"))),
    Panel("elbo", "Evidence lower bound (ELBO)", "nats", (("elbo", "in training", G),)),
    Panel("reconstruction", "Reconstruction error", "error", (("reconstruction", "in training", G),)),
    Panel("kl", "KL divergence", "nats", (("kl", "in training", G),)),
    Panel("unlike", "How unlike is what comes back", "distance",
          (("unlike", "images", G), ("code_distance", "vectors and their codes", "critic"))),
    Panel("codes", "Codes in use", "perplexity", (("code_perplexity", "in training", G),)),
    Panel("restarted", "Codes that began anew", "share", (("restarted", "in training", "critic"),)),
    Panel("retrieval", "Found by its caption", "share",
          (("found_in_batch", "in the batch", "fake"), ("retrieval", "held out, of a hundred", "real")), percent=True),
    Panel("temperature", "Temperature of likenesses", "temperature", (("temperature", "learned", G),)),
    Panel("turn_change", "Change from side to side", "share of what real ones differ", (("turn_change", "generated", G),)),
    Panel("gradient", "Gradient norms", "norm", (), log=True),
    Panel("penalty", "Gradient penalty", "penalty", (("gradient_penalty", "Penalty", "critic"),)),
    Panel("rate", "Learning rates", "rate", ()),
    Panel("speed", "Speed", "samples per second", (("images_per_second", "Samples/s", ""),)),
)
LOSSES = {"d_loss": ("D loss", D), "g_loss": ("G loss", G)}  # of runs from before models declared theirs
LOSS = "_loss"
# What is charted of each player of a run: the panel, the end of its key, what it is called.
OF_PLAYERS = (("loss", LOSS, "loss"), ("gradient", "_gradient_norm", "gradient"), ("rate", "_learning_rate", "rate"))
# What a run takes of its machine, drawn over the time.
MACHINE = (
    Panel("cpu", "CPU", "cores", ((usage.CPU, "this run", ""),)),
    Panel("memory", "Memory", "GiB", ((usage.MEMORY, "this run", ""),)),
    Panel("gpu", "GPU", "share of the time at work", ((usage.GPU, "the card, whoever uses it", ""),), percent=True),
    Panel("gpu-memory", "GPU memory", "GiB", ((usage.GPU_MEMORY, "the card, whoever uses it", ""),)),
    Panel("disk", "Disk", "MiB per second", ((usage.READ, "read", ""), (usage.WRITTEN, "written", ""))),
    Panel("free", "Free on the disk", "GiB", ((usage.FREE, "where the workspace is", ""),)),
)
OF_MACHINE = {key for panel in MACHINE for key, _, _ in panel.curves}
OVER_TIME = View(0.0, False, True)
SMOOTHED = 30  # points that a curve needs to be smoothed: a mean of few tells what was measured minutes ago
HIDDEN = {"kernel_floor_std", "data_deviation", "rarest_place", "n_retrieval"}  # for alarms, and counts
OF_SIGNS = {"sure_of_real"}  # goes by the sign of a logit, which says nothing of a critic's: it only ranks


def controls(run):
    """Draw the controls of a run's charts; returns the :class:`View`."""
    smooth, log, axis, *more = st.columns([3, 2, 2, 2] if run.parent else [3, 2, 2], vertical_alignment="bottom")
    smoothing = smooth.slider("Smoothing", 0.0, 0.99, 0.6, 0.01, key="view:smoothing",
                              help="Weight of the past in the running average; the raw curve stays behind it, faint.")
    logarithmic = log.toggle("Log axis", key="view:log", help="A logarithmic axis hides values at or below zero.")
    x = "Steps"
    if not run.elsewhere or run.status in ACTIVE or run.seconds:  # of one that was taken in times may not be known
        x = axis.segmented_control("X axis", ["Steps", "Time"], default="Steps", key="view:x", required=True,
                                   label_visibility="collapsed")
    past = bool(more) and more[0].toggle("Before the fork", True, key="view:past",
                                         help="In grey, the curves of the runs that this one is a fork of, up to where it "
                                              "began.")
    return View(smoothing, logarithmic, x == "Time", past)


def draw(store, run, view):
    """Every panel that has rows, two a line, in an order that does not change while a run goes on."""
    series = shell.series(store, run.id).refresh()
    past = before(store, run) if view.past else None
    players = _of_players(run.facts.get("losses") or LOSSES)
    loss = Panel("loss", "Loss", "loss", players["loss"])
    known = [loss, *(replace(panel, curves=panel.curves or players[panel.key]) for panel in PANELS)]
    drawn = HIDDEN | OF_MACHINE | {key for panel in known for key, _, _ in panel.curves}
    extra = [Panel(key, key.replace("_", " ").capitalize(), "value", ((key, key.replace("_", " "), ""),))
             for key in series.keys() if key not in drawn]
    if OF_A_CRITIC in series:
        known = [replace(panel, curves=tuple(curve for curve in panel.curves if curve[0] not in OF_SIGNS))
                 for panel in known]
    panels = [_in_words(panel, run) for panel in (*known, *extra)
              if any(key in series or past and key in past for key, _, _ in panel.curves)]
    if not panels and run.status not in (QUEUED, *ACTIVE):
        st.caption("There are no curves: it ended before its first step.")
        return
    if not panels:
        panels = [loss]
    load_plotly_js()
    columns = st.columns(2)
    for index, panel in enumerate(panels):
        with columns[index % 2]:
            live_chart(
                f"{run.id}-{panel.key}", _traces(series, panel, view, past, lineage.minutes_before(run)), title=panel.title,
                x_title="minutes of training" if view.minutes else "step", y_title=panel.y_title, height=260,
                log_y=panel.log or (view.log and not panel.percent), percent=panel.percent,
                mode="minutes" if view.minutes else "steps", alt=_words(series, panel))


def _of_players(losses):
    """``{panel: its curves}`` of the players of a run, by their losses, ``{key: (what to call it, its side)}``.  Who plays
    alone needs no name."""
    sides, curves = [side for _, side in losses.values()], {}
    for panel, end, word in OF_PLAYERS:
        curves[panel] = tuple((f"{key.removesuffix(LOSS)}{end}",
                               word if len(losses) == 1 else f"{title.removesuffix(' loss')} {word}",
                               side if sides.count(side) == 1 else "") for key, (title, side) in losses.items())
    return curves


def _in_words(panel, run):
    """The panel with what the run learns in its words: images, or rows."""
    word = counted([run.data_kind])
    if panel.key == "speed":
        return replace(panel, y_title=f"{word} per second", curves=(("images_per_second", f"{word.capitalize()}/s", ""),))
    return replace(panel, curves=tuple((key, name.replace("{}", word), role) for key, name, role in panel.curves))


def before(store, run, besides=()):
    """The :class:`gan_core.store.lineage.Past` of a run, without the part of runs of these ids."""
    return lineage.Past(lineage.ancestors(store, run), lambda run_id: shell.series(store, run_id).refresh(), besides)


def machine_is_known(store, run):
    """Whether it was recorded what a run takes of its machine."""
    series = shell.series(store, run.id).refresh()
    return any(key in series for key in OF_MACHINE)


def machine(store, run):
    """What a run takes of its machine, over the time of its training; whether anything of that is known."""
    series = shell.series(store, run.id).refresh()
    panels = [panel for panel in MACHINE if any(key in series for key, _, _ in panel.curves)]
    if not panels:
        return False
    load_plotly_js("machine")
    columns = st.columns(2)
    for index, panel in enumerate(panels):
        with columns[index % 2]:
            live_chart(f"{run.id}-machine-{panel.key}", _traces(series, panel, OVER_TIME), title=panel.title,
                       x_title="minutes of training", y_title=panel.y_title, height=220, percent=panel.percent,
                       alt=_words(series, panel))
    return True


def _traces(series, panel, view, past=None, minutes_before=0.0):
    traces = []
    for key, name, role in panel.curves:
        if past and key in past:
            step, value, minutes, _ = past.curve(key)
            smoothing = view.smoothing if len(value) >= SMOOTHED else 0.0
            traces.append(Trace(name, *bucketed(minutes if view.minutes else step, smoothed(value, smoothing)), role=role,
                                past=True))
        step, value, minutes = series.curve(key)
        if not len(step):
            continue
        x = minutes + minutes_before if view.minutes else step
        smoothing = view.smoothing if len(value) >= SMOOTHED else 0.0
        if smoothing:
            traces.append(Trace(name, *bucketed(x, value), role=role, faint=True))
        traces.append(Trace(name, *bucketed(x, smoothed(value, smoothing)), role=role))
    return traces


def _words(series, panel):
    """The chart for those who cannot see it."""
    now = [f"{name} is {series.last(key):.3g}" for key, name, _ in panel.curves if key in series]
    return f"{panel.title}. " + (f"Now {', '.join(now)}." if now else "No values yet.")


def tiles(store, run):
    """The figures of this moment."""
    series = shell.series(store, run.id).refresh()
    speed = series.last("images_per_second")
    figures = [] if run.elsewhere and not speed else [
        (f"{counted([run.data_kind]).capitalize()} per second", f"{speed:,.0f}" if speed else "…")]
    figures += [(f"{network.replace('_', ' ').capitalize()} parameters", f"{number:,}")
                for network, number in run.facts.get("parameters", {}).items()]
    if run.status in ACTIVE:
        usage = launchers.usage(run.handle)
        if usage:
            figures += [("CPU", f"{usage.cpu:.1f} cores"), ("Memory", f"{usage.memory / 2**30:.2f} GiB")]
            figures += [("GPU", usage.gpu)] if usage.gpu else []
    for column, (label, value) in zip(st.columns(len(figures)) if figures else (), figures):
        column.metric(markdown.plain(label), markdown.plain(value))
