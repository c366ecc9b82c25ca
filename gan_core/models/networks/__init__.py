"""Networks that architectures share, as functions that return Keras models.  They know neither losses nor data."""
