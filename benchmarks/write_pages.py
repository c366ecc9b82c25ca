"""Write docs/zoo.md, docs/claims.md and docs/modes.md anew from what was measured; nothing is trained.

    python benchmarks/write_pages.py

After a change of the code or of presets, which marks what was measured before it.
"""

import claims
import kept
import modes
import zoo


def pages(known):
    """``{path: text}`` of them all, for the architectures that are ``known``: ``{name: Card}``."""
    return zoo.pages(known) | claims.pages(known) | modes.pages(known)


if __name__ == "__main__":
    for path, text in pages(zoo.cards.cards(zoo.ROOT / "workspace-zoo" / "cache")).items():
        kept.write_whole(path, text)
