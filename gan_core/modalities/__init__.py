"""What a sample is, one file a kind: how it is drawn, saved and loaded, and which scores mean something for it.

Light: NumPy and Pillow, ``data`` and ``errors``; no Keras.
"""
