"""What can be done with a trained model: one file a task under ``kinds/``, processes that do it, and what they use.

Imports all rooms below; pages and the command line ask it.
"""
