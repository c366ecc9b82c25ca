"""Verbs about runs that other programs make, and about what people are told of runs: import, notices."""

import sys
from pathlib import Path

from gan_core.cli.terminal import one_line, print_json, progress, tell
from gan_core.store import open_store


def add_to(verb):
    parser = verb("import", take_in, "Take in a run made elsewhere, of TensorBoard's event files or CSV.",
                  json=True)
    parser.add_argument("path", type=Path, metavar="FILE|FOLDER",
                        help="a file, or a folder with all below it: several runs, perhaps")
    parser.add_argument("--name", default="", metavar="TEXT", help="of the run; of several what their names begin with")
    parser.add_argument("--steps", default="", metavar="COLUMN", help="of a CSV file: which column counts the steps")

    parser = verb("notices", notices, "Say who is told when a run ends or goes wrong, and try whether it arrives.",
                  json=True)
    parser.add_argument("--test", action="store_true", help="send a notice of nothing by each channel")


def take_in(args):
    from gan_core.outside import importing

    store = open_store(args.workspace)
    with progress(delay=1) as bar:
        taken = importing.take_in(store, args.path, name=args.name, steps=args.steps, progress=bar.told)
    if args.json:
        return print_json([{"id": one.run.id, "name": one.run.name, "steps": one.run.steps, "curves": one.curves,
                            "sheets": one.sheets, "notes": list(one.notes)} for one in taken])
    for one in taken:
        tell(one.notes)
        counted = " and ".join(f"{number:,} {noun}{'s' * (number != 1)}" for number, noun in (
            (len(one.curves), "curve"), (one.sheets, "sheet")) if number)
        tell([f"{one.run.name} has {counted} up to step {one.run.steps:,}."])
        print(one.run.id)


def notices(args):
    from gan_core.notices import channels, settings
    from gan_core.notices.channels.base import NotSent
    from gan_core.notices.notice import a_test
    from gan_core.notices.sending import sent

    for sentence in channels.broken().values():
        print(one_line(sentence), file=sys.stderr)
    wanted = settings.wanted()
    told = {name: {"to": place} for name, place in wanted.channels.items()}
    for name in told if args.test else ():
        try:
            sent(name, a_test(wanted.link), wanted, pauses=())
            told[name]["arrived"] = True
        except NotSent as error:
            told[name] |= {"arrived": False, "why": str(error)}
    failed = any(one.get("arrived") is False for one in told.values())
    if args.json:
        print_json({"channels": told, "events": list(wanted.events), "link": wanted.link})
        return int(failed)
    if settings.off():
        print(f"{settings.PREFIX}={settings.off()} is set, so that nobody is told of anything.")
        return 0
    if not told:
        keys = {key: words for channel in channels.channels().values() for key, words in channel.keys.items()} | settings.OWN
        print("Nobody is told of anything. Set in the environment, or in [notices] of .streamlit/secrets.toml:")
        for key, words in keys.items():
            print(f"{settings.PREFIX}_{key.upper():<10} {key:<10} {words}")
        return 0
    for name, one in told.items():
        came = {None: "", True: "  a test was sent", False: f"  {one.get('why')}"}[one.get("arrived")]
        print(one_line(f"{channels.channels()[name].title:<16} {one['to']}{came}"))
    print(f"of {', '.join(wanted.events)}")
    return int(failed)
