"""What leaves the workbench: a run as one page that plays anywhere, as a site, in the formats of other tools, as a pack.

It takes from a run's record and its model what others need, and knows nothing of who asked.  Imports data, modalities,
models, evaluation and the store.
"""
