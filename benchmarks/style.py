"""One picture in the style of another: is it nearer to both than the two laid over each other, by networks that were not
asked?

    python benchmarks/style.py [--steps 300] [--seeds 2] [--side 256] [--encoders random,lite0] [--write]

Photographs and textures that come with scikit-image and scikit-learn. What is made by a network is judged by three others of
random weights: the distance to the content, place by place, and to the style, as a whole; beside it the content itself, the
style itself, and the two half and half. --write keeps the figures in docs/style.json, and writes docs/style.md and its
sheet.
"""

import argparse
import json
import os
import sys
import time

import numpy as np
from PIL import Image
from verbs import ROOT

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

FIGURES, PAGE, SHEET = (ROOT / "docs" / name for name in ("style.json", "style.md", "style.png"))
CONTENTS, STYLES = ("astronaut", "china"), ("immunohistochemistry", "gravel", "hubble_deep_field")
JUDGES = (101, 102, 103)


def picture(name, side):
    from gan_core.data import shipped

    image = Image.fromarray(shipped.picture(name))
    least = min(image.size)
    left, top = ((length - least) // 2 for length in image.size)
    image = image.crop((left, top, left + least, top + least)).resize((side, side), Image.LANCZOS)
    return np.asarray(image, np.float32) / 127.5 - 1


def judged(pictures, content, style):
    """``{what: (distance to the content, to the style)}`` of pictures by name, the mean over the judges."""
    from gan_core.restyling import encoders, search

    found = {name: [] for name in pictures}
    for seed in JUDGES:
        network = encoders.encoder("random", content[None], style[None], seed=seed)
        wanted, grams = network.maps(content[None])[0], [search.gram(maps) for maps in network.maps(style[None])[1]]
        for name, image in pictures.items():
            maps, of_style = network.maps(image[None])
            found[name].append((float(search.content_distance(maps, wanted)),
                                float(search.style_distance([search.gram(each) for each in of_style], grams))))
    return {name: np.mean(values, axis=0).tolist() for name, values in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--encoders", default="random,lite0")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    from gan_core import engine
    from gan_core.restyling import search

    engine.configure()
    found, seconds, rows = {}, {}, []
    for content_name in CONTENTS:
        content = picture(content_name, args.side)
        rows.append([content, *(picture(name, args.side) for name in STYLES)])
        made = {encoder: [] for encoder in args.encoders.split(",")}
        for style_name in STYLES:
            style = picture(style_name, args.side)
            pictures = {"the content": content, "the style": style, "half and half": (content + style) / 2}
            for encoder in made:
                for seed in range(args.seeds):
                    began = time.monotonic()
                    image = search.restyled(content, style, encoder=encoder, steps=args.steps, seed=seed)
                    seconds.setdefault(encoder, []).append(time.monotonic() - began)
                    pictures[f"{encoder}, seed {seed}"] = image
                    made[encoder] += [image] if seed == 0 else []
            for name, (to_content, to_style) in judged(pictures, content, style).items():
                found.setdefault(name, []).append({"content": content_name, "style": style_name, "to_content": to_content,
                                                   "to_style": to_style})
            print(content_name, style_name, {name: [round(told[-1]["to_content"], 3), round(told[-1]["to_style"], 3)]
                                             for name, told in found.items()}, flush=True)
        rows += [[np.ones_like(content), *images] for images in made.values()]
    told = {"side": args.side, "steps": args.steps, "cores": len(os.sched_getaffinity(0)),
            "seconds": {name: float(np.median(values)) for name, values in seconds.items()}, "pictures": found}
    if not args.write:
        return
    FIGURES.write_text(json.dumps(told, indent=1) + "\n")
    sheet = np.concatenate([np.concatenate(row, 1) for row in rows])
    Image.fromarray(np.rint((sheet + 1) * 127.5).clip(0, 255).astype(np.uint8)).resize(
        (sheet.shape[1] // 2, sheet.shape[0] // 2), Image.LANCZOS).save(SHEET)
    lines = ["# In the style of another", "", "Made by `python benchmarks/style.py`, whose head says how; figures in "
             f"[style.json](style.json). {args.side} pixels, {args.steps} steps, {told['cores']} CPU cores: " + ", ".join(
                 f"{value:.0f} s by {name}" for name, value in told["seconds"].items()) + ". Distances are by three "
                                                                                          "networks of "
             "random weights that were not asked, shares of the content's and of the style's own; smaller is nearer.", "",
             "| | to the content | to the style |", "|---|---|---|"]
    for name, values in found.items():
        cells = [f"{np.mean([one[key] for one in values]):.3f}" for key in ("to_content", "to_style")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    PAGE.write_text("\n".join([*lines, "", "![Contents and styles; below what was made by each network, seed 0](style.png)"])
                    + "\n")


if __name__ == "__main__":
    main()
