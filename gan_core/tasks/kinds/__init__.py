"""The tasks, one file each; the file's name is the task's.  Light to import: Keras is loaded within ``run``."""
