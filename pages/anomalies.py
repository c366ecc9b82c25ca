"""Odd ones out: pictures that are unlike what a run has learned is normal, where they are odd, and how well that is told."""

import base64
import json

import plotly.graph_objects as go
import streamlit as st

from gan_core import data, visitors
from gan_core.anomalies.methods import methods
from gan_core.compare.report import drawn_text
from gan_core.data import texts
from gan_core.errors import BadInput, UserError
from gan_core.modalities.base import Artifact
from gan_core.store import odd
from gan_core.tasks import background
from gan_core.tasks.kinds.anomalies import MOST
from gan_core.tasks.registry import task
from pages.components import artifact_view, checkpoint_choice, data_choice, markdown, once, shell, work_view

HELD_OUT, DATASET, MINE = WAYS = "Kept from training", "A dataset", "My pictures"
TOGETHER = 60  # megabytes
FILES = ["png", "jpg", "jpeg", "webp", "bmp", "gif", "avif", "tiff"]
LISTED = 200
store = shell.store()
cards = shell.known_cards()
runs = shell.some_runs(store, "Odd ones out")


def asked(run):
    """What the task is to look at: values of its knobs; None where nothing is chosen yet."""
    way = st.segmented_control("What is looked at", WAYS, default=HELD_OUT, required=True, key=f"odd:{run.id}:way")
    values = {}
    if way == MINE:
        files = st.file_uploader("Pictures", type=FILES, accept_multiple_files=True, max_upload_size=20,
                                 key=f"odd:{run.id}:files")
        if not files:
            return None
        if len(files) > MOST or sum(file.size for file in files) > TOGETHER * 2**20:
            raise BadInput(f"At most {MOST} pictures of {TOGETHER} MB together are looked at here; give a folder or a zip "
                           f"of more to `python -m gan_core anomalies`.")
        return {"pictures": json.dumps([[file.name, base64.b64encode(file.getvalue()).decode()] for file in files])}
    if way == DATASET:
        infos = {info.name: info for info in data.catalogue(store.workspace) if info.kind == run.kind and info.available}
        called = data_choice.titles(infos)
        name = st.selectbox("Dataset", list(infos), key=f"odd:{run.id}:data",
                            format_func=lambda name: markdown.isolated(called[name]))
        values["data"], classes = name, infos[name].classes
    else:
        classes = run.classes
    if classes:
        normal = st.multiselect("Normal classes", list(classes), key=f"odd:{run.id}:normal", format_func=markdown.isolated,
                                placeholder="Which are normal? All others are odd",
                                help="With them it is known which pictures are odd, and told how well they are found.")
        values["normal"] = ",".join(map(texts.quoted, normal))
    values["n"] = int(st.number_input("Pictures at most", 20, 5000, 300, step=20, key=f"odd:{run.id}:n"))
    return values


def start(run, step):
    """The form, and what is at work."""
    known = methods()
    name = st.selectbox("Method", list(known), key=f"odd:{run.id}:method", format_func=lambda name: known[name].title)
    st.caption(markdown.plain(known[name].words))
    values = asked(run)
    if once.button("Find odd ones", key=f"odd:{run.id}:start", type="primary", icon=":material/troubleshoot:",
                   width="stretch",
                   disabled=values is None):
        with shell.telling():
            background.start(store, "anomalies", run, values | {"method": name}, checkpoint=step)


def histogram(result):
    """Scores of normal pictures and of those looked at, with the threshold."""
    figure = go.Figure()
    scores = [one["score"] for one in result["scores"]]
    low, high = min([*scores, *result["normal_scores"]]), max([*scores, *result["normal_scores"], result["threshold"]])
    bins = {"start": low, "end": high, "size": max((high - low) / 40, 1e-9)}
    for title, values in (("Normal ones", result["normal_scores"]), ("Looked at", scores)):
        figure.add_histogram(x=values, name=title, histnorm="percent", opacity=0.65, xbins=bins)
    figure.add_vline(x=result["threshold"], line_dash="dash", annotation_text="threshold")
    figure.update_layout(barmode="overlay", height=280, margin={"l": 0, "r": 0, "t": 24, "b": 0}, xaxis_title="how odd",
                         yaxis_title="%", legend={"orientation": "h", "y": 1.15})
    st.plotly_chart(figure, key=f"odd:{result['key']}:histogram", alt="Scores of normal pictures and of those looked at")


def roc(result):
    """How well odd ones are told from normal ones, by this method and by the plain ones."""
    columns = st.columns(len(result["methods"]))
    figure = go.Figure()
    for column, told in zip(columns, result["methods"].values()):
        column.metric(markdown.plain(told["title"]), markdown.plain(f"{told['auroc']:.3f}"),
                      help=markdown.plain(f"AUROC, the chance that an odd picture scores higher than a normal one: "
                                          f"{told['auroc_low']:.3f} to {told['auroc_high']:.3f} (95 %). AUPRC "
                                          f"{told['auprc']:.3f} ({told['auprc_low']:.3f} to {told['auprc_high']:.3f})."))
        false, true = told["roc"]
        figure.add_scatter(x=false, y=true, name=drawn_text(told["title"]), mode="lines")
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": "#98a0ac"}, name="by chance")
    figure.update_layout(height=300, margin={"l": 0, "r": 0, "t": 8, "b": 0}, xaxis_title="normal ones called odd",
                         yaxis_title="odd ones found")
    st.plotly_chart(figure, key=f"odd:{result['key']}:roc", alt="ROC curves: odd ones found against normal ones called odd")


def show(run, result):
    held = store.artifacts(run.id)
    count = sum(bool(one.get("odd")) for one in result["scores"])
    st.markdown(markdown.filled("**{} of {} pictures {} odd** by {}, at step {:,}.", f"{count:,}",
                                f"{len(result['scores']):,}", "is" if count == 1 else "are",
                                result.get("title", result["method"]), int(result["step"])))
    for sentence in result.get("left_out", []):
        st.warning(markdown.told(sentence), icon=":material/broken_image:")
    if result.get("methods"):
        roc(result)
    histogram(result)
    if png := odd.RESULTS.picture(held, result["key"]):
        st.subheader("The oddest")
        words = "The oddest pictures, what the method takes for their normal likes, and where the two differ"
        artifact_view.show(Artifact(png, "image/png", words),
                           caption="In rows: the picture, what it is most like, where they differ")
    with st.expander("All scores"):
        rows = sorted(result["scores"], key=lambda one: -one["score"])
        st.dataframe([{"picture": markdown.cleaned(str(one.get("file", one.get("index")))), "score": one["score"],
                       "odd": bool(one.get("odd")), "class": markdown.cleaned(one.get("class", ""))}
                       for one in rows[:LISTED]],
                     hide_index=True, alt="Scores of the pictures, the oddest first")
        st.download_button("Download all (JSON)", json.dumps(result), f"{run.id}-{result['key']}.json", "application/json",
                           icon=":material/download:", on_click="ignore", key=f"odd:{result['key']}:download")
    with st.expander("How it was done"):
        for sentence in result["protocol"]:
            st.markdown(markdown.plain(sentence))


@st.fragment(run_every=1)
def results(run):
    """What is at work, and what was found, the newest first."""
    if active := work_view.active(store, "anomalies", run):
        work_view.progress(store, active, key="odd", titled=False)
    else:
        work_view.problem(work_view.last(store, "anomalies", run), serious=False)
    found = odd.RESULTS.kept(store.artifacts(run.id))
    if not found:
        if not active:
            st.info("Nothing was looked for with this run yet." + ("" if visitors.are_here() else " Choose a method on the "
                                                                                                  "left."),
                    icon=":material/troubleshoot:")
        return
    known = {result["key"]: result for result in found}
    key = st.selectbox("Found", list(known), key=f"odd:{run.id}:shown", label_visibility="collapsed",
                       format_func=lambda key: markdown.isolated(f"{known[key].get('title', '')}: "
                                                                 f"{known[key].get('data', '')}"))
    show(run, known[key])


able = [run for run in runs if not task("anomalies").refuses(run, cards.get(run.architecture))]
if not able:
    st.info("No run here has learned images. Train one on normal pictures alone: any GAN, or a VAE.", icon=":material/info:")
    shell.link("train", label="Train", icon=":material/tune:")
    st.stop()
run = shell.chosen_run(store, able, key="odd")
shell.must_be_usable(run)
kept = checkpoint_choice.kept(store, run, "look with")
try:
    left, right = st.columns([2, 4], gap="large")
    with left:
        step = checkpoint_choice.choose(store, run, kept, f"odd:{run.id}:step")[0]
        if not visitors.are_here():
            start(run, step)
    with right:
        results(run)
except UserError as error:
    st.error(markdown.told(error), icon=":material/error:")
