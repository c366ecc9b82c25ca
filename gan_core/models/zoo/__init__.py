"""One file an architecture: its knobs, its networks, its game.  Imports the rest of ``models``, and nothing above."""
