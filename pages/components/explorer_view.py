"""The explorer: a run's player in a frame of its own, which tells the page what a visitor wants to keep."""

import streamlit as st

HEIGHT = 1100  # pixels, until the page in the frame says how high it is

_component = st.components.v2.component(
    "explorer",
    html='<div class="explorer"></div>',
    css=".explorer { width: 100% } iframe { width: 100%; border: 1px solid var(--st-border-color); border-radius: 8px; "
        f"height: {HEIGHT}px }}",
    js="""
// Of this visit: the component and this script are made anew when a dialog comes or goes.
const kept = (window.explorerKept ??= { model: null, groups: null });

export default function ({ parentElement, data, setTriggerValue }) {
  const holder = parentElement.querySelector(".explorer");
  if (holder.key !== data.key) {
    if (kept.model !== data.model) Object.assign(kept, { model: data.model, groups: null });
    holder.key = data.key;
    // Another frame for another page: one that goes from page to page would be stations of the browser's Back.
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts allow-downloads");
    frame.title = data.alt;
    frame.srcdoc = data.page;
    holder.replaceChildren(frame);
  }
  window.removeEventListener("message", holder.hear);  // this function is called again when its data change
  holder.hear = ({ source, data }) => {
    const frame = holder.querySelector("iframe");
    if (source !== frame.contentWindow || !data || !data.explore) return;
    if (data.explore.kind === "size") frame.style.height = `${Math.min(data.explore.height + 40, 4000)}px`;
    else if (data.explore.kind === "groups") kept.groups = data.explore.groups;
    else if (data.explore.kind === "ready") kept.groups && frame.contentWindow.postMessage({ groups: kept.groups }, "*");
    else setTriggerValue("said", data.explore);
  };
  window.addEventListener("message", holder.hear);
  return () => window.removeEventListener("message", holder.hear);
}
""")


def explorer(page, name, model, title, heard):
    """Show a page of :mod:`gan_core.tasks.kinds.explorer`; ``name`` is another for another page, ``title`` the run's.

    What a visitor has put into groups stays while the ``model`` does, whatever of it is drawn anew.

    ``heard`` is called with what a visitor wants to keep: ``{"kind": "point", "point": ...}``, or
    ``{"kind": "marks", "having": ..., "lacking": ...}``.
    """
    key = "explorer"

    def said():
        if isinstance(told := st.session_state.get(key, {}).get("said"), dict):
            heard(told)

    _component(key=key, on_said_change=said, height="content",
               data={"page": page, "key": name, "model": model, "alt": f"Explore the model {title}"})
