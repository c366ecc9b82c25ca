"""The laboratory in a frame without rights, which tells the page its state and when a game is to be trained for real."""

import streamlit as st

from gan_core import laboratory
from pages.components import shell

HEIGHT = 1500  # pixels, until the page in the frame says how high it is
KNOBS = 40  # that a game may set on the Train page, at most

_component = st.components.v2.component(
    "laboratory",
    html='<div class="laboratory"></div>',
    css=".laboratory { width: 100%; color: var(--st-text-color) } "
        f"iframe {{ width: 100%; border: 0; height: {HEIGHT}px }}",
    js="""
export default function ({ parentElement, data, setTriggerValue }) {
  const holder = parentElement.querySelector(".laboratory");
  if (!holder.firstChild) {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts allow-downloads");
    frame.title = data.alt;
    frame.srcdoc = data.page;
    holder.replaceChildren(frame);
  }
  const frame = holder.querySelector("iframe");
  const paint = () => {
    const [red, green, blue] = getComputedStyle(holder).color.match(/[\\d.]+/g).map(Number);
    frame.contentWindow.postMessage({ scheme: red + green + blue > 384 ? "dark" : "light" }, "*");
  };
  const address = (state) => {
    const url = new URL(window.location.href);
    if (state) url.searchParams.set("state", state);
    else url.searchParams.delete("state");
    return url.href;
  };
  paint();
  window.removeEventListener("message", holder.hear);  // this function is called again when its data change
  holder.hear = ({ source, data }) => {
    if (source !== frame.contentWindow || !data || !data.laboratory) return;
    const said = data.laboratory;
    if (said.kind === "size") frame.style.height = `${Math.min(said.height + 20, 6000)}px`;
    else if (said.kind === "ready") paint();
    // The address says what is played, so that it can be sent to someone; the script need not run for that.
    else if (said.kind === "state") window.history.replaceState(window.history.state, "", address(said.state));
    else if (said.kind === "copy") navigator.clipboard?.writeText(address(said.state));
    else if (said.kind === "train") setTriggerValue("train", said);
  };
  window.addEventListener("message", holder.hear);
  return () => window.removeEventListener("message", holder.hear);
}
""")


def show(state, *, train):
    """Show the laboratory, beginning with ``state`` of an address; where one may ``train``, a button leads to Train."""
    result = _component(key="laboratory", height="content", on_train_change=lambda: None, data={
        "page": laboratory.composed(embedded=True, state=state, train=train).decode(),
        "alt": "The laboratory: a game of two networks in the plane"})
    if train and (query := training_query(getattr(result, "train", None))):
        st.switch_page(shell.page("train"), query_params=query)


def training_query(told):
    """The address of Train for what the frame has said; None of what is no game.  Train itself checks names and values."""
    try:
        knobs = [f"{name}={value}" for name, value in told["set"].items()][:KNOBS]
        return {"architecture": str(told["architecture"]), "data": str(told["data"]), "set": knobs}
    except (TypeError, KeyError, AttributeError):
        return None
