"""Networks that architectures share, as functions that return Keras models.  They know no losses, and of
data only what the columns of a table are."""
