"""Sound: notes that are played, and waves with their files.  NumPy and SciPy alone; it knows no kind of samples."""
