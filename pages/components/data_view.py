"""Some of a dataset, and what is in it."""

import pandas as pd
import streamlit as st

from gan_core.modalities.base import modality
from pages.components import artifact_view, asking, markdown

WIDTH = 400  # pixels of a sheet of images


def look(name, size, slot, **choices):
    """What the task ``look`` answers of a dataset or a file, read by the ``choices``: see
    :mod:`gan_core.tasks.kinds.look`."""
    return asking.answer("look", words="Looking at the data", slot=slot, data=name, size=size or 0, **choices)


def show(result):
    """Draw the sheet, the first rows of a table, and what the data are."""
    name, spec = result.values["name"], result.values["spec"]
    kind = modality(spec.kind)
    artifact_view.show(result.artifact("sheet"), alt=f"Some samples of {name}", width="content" if kind.wide else WIDTH)
    if "heard.wav" in result.files:
        artifact_view.show(result.artifact("heard"), caption=result.values["heard"])
    if rows := result.values["rows"]:
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=f"The first rows of {name}")
    labels = f", {spec.n_classes} classes ({', '.join(spec.classes[:10])})" if spec.labelled else ""
    st.caption(markdown.filled("{:,} training samples of {}. {}", result.values["count"], kind.sized(spec) + labels,
                               markdown.told(result.values["note"])))
