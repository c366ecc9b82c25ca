"""What can be done with a trained model: drawing samples, scoring, looking inside.

Imports all rooms below; pages and the command line ask it.
"""
