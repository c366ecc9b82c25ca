"""What a run is: hyperparameters declared once, and everything that decides a run's result, as plain values.

Light: imports ``errors`` and ``data``, and neither Keras nor anything that knows where a run is or what it becomes.
"""
