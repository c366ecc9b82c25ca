"""What a browser is a while at, drawn when somebody scrolls there."""

import streamlit as st

_component = st.components.v2.component(
    "when_seen",
    html='<div class="when-seen" role="status"></div>',
    css=".when-seen { color: var(--st-gray-text-color); padding: .5rem 0 }",
    js="""
export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".when-seen")
  place.textContent = data.alt
  let stays = 0   // a timer: while the page is built, what belongs below stands at the top for a moment
  const seen = new IntersectionObserver((entries) => {
    clearTimeout(stays)
    if (entries.at(-1).isIntersecting) stays = setTimeout(() => setTriggerValue("seen", true), 500)
  }, { rootMargin: "150px" })
  seen.observe(place)
  return () => { seen.disconnect(); clearTimeout(stays) }
}""",
)


def when_seen(key: str, height: int) -> bool:
    """Whether the place where this stands has been in view; until then it keeps so many pixels free.

    Use it in a fragment, which is drawn again when somebody gets there.
    """
    state = f"seen:{key}"
    if not st.session_state.get(state):
        with st.container(height=height, border=False):
            _component(key=f"when-seen:{key}", data={"alt": "Drawn when you get here ..."},
                       on_seen_change=lambda: st.session_state.update({state: True}))
    return st.session_state.get(state, False)
