"""The loop that plays the game, what it tells through a recorder, and what is measured while it goes on.

Imports ``models``, ``modalities``, ``evaluation``, ``engine`` and what lies below; never the store.
"""
