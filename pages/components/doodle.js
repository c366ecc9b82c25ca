// The canvas itself is the player's, which stands before this. Streamlit calls the default export when it mounts, when its data
// change, and when the theme does.

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".doodle")
  const doodle = root.doodle ??= new Doodle(root)
  doodle.tell = (value) => setStateValue("drawn", value)
  doodle.begin(data)
}
