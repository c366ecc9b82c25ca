"""What the author of an architecture reads: the model, its players, losses, inputs, shared knobs, networks, and the zoo.

Imports ``config``, ``data`` and ``engine``; knows nothing of training, scores, or the store.  ``cards`` and ``inputs``
are light, so that pages can talk about architectures without loading Keras.
"""
