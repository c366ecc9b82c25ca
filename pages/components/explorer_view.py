"""The explorer: a run's player in a frame of its own, which tells the page what a visitor wants to keep."""

import streamlit as st

HEIGHT = 1100  # pixels, until the page in the frame says how high it is

_component = st.components.v2.component(
    "explorer",
    html='<iframe sandbox="allow-scripts allow-downloads"></iframe>',
    css=f"iframe {{ width: 100%; height: {HEIGHT}px; border: 1px solid var(--st-border-color); border-radius: 8px }}",
    js="""
export default function ({ parentElement, data, setTriggerValue }) {
  const frame = parentElement.querySelector("iframe");
  if (frame.dataset.key !== data.key) {
    frame.dataset.key = data.key;
    frame.title = data.alt;
    frame.srcdoc = data.page;
  }
  const hear = ({ source, data }) => {
    if (source !== frame.contentWindow || !data || !data.explore) return;
    if (data.explore.kind === "size") frame.style.height = `${Math.min(data.explore.height + 40, 4000)}px`;
    else setTriggerValue("said", data.explore);
  };
  window.addEventListener("message", hear);
  return () => window.removeEventListener("message", hear);
}
""")


def explorer(page, name, title, heard):
    """Show a page of :mod:`gan_core.tasks.kinds.explorer`; ``name`` is another for another page, ``title`` the run's.

    ``heard`` is called with what a visitor wants to keep: ``{"kind": "point", "point": ...}``, or
    ``{"kind": "marks", "having": ..., "lacking": ...}``.
    """
    key = "explorer"

    def said():
        if isinstance(told := st.session_state[key].get("said"), dict):
            heard(told)

    _component(key=key, on_said_change=said, height="content",
               data={"page": page, "key": name, "alt": f"Explore the model {title}"})
