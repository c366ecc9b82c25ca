"""Verbs about where things are kept: doctor, move."""

import dataclasses

from gan_core.cli.terminal import one_line, print_json, progress, tell
from gan_core.errors import UserError
from gan_core.launch import launchers
from gan_core.store import doctor as doctors
from gan_core.store import workspace_path
from gan_core.store.addresses import Place


def add_to(verb):
    verb("doctor", doctor, "Say where the catalogue and the artifacts lie, and whether all can be reached and written.",
         json=True)
    parser = verb("move", move, "Copy runs from one place to another, checked; the same again goes on where it broke off.",
                  json=True)
    what = "the folder of a workspace, or CATALOGUE,ARTIFACTS: each an address or the folder of a workspace"
    parser.add_argument("--from", dest="source", metavar="PLACE", required=True, help=what)
    parser.add_argument("--to", dest="target", metavar="PLACE", required=True, help="the same")


def doctor(args):
    """Exit code 2 where something cannot be worked with."""
    findings = doctors.findings(workspace_path(args.workspace))
    ok = all(finding.ok for finding in findings)
    launcher, trouble = _launcher()
    if args.json:
        print_json({"ok": ok and not trouble, "places": [finding.as_dict() for finding in findings],
                    "launcher": {"name": launcher, "ok": not trouble, "words": trouble}})
        return 0 if ok and not trouble else UserError.exit_code
    for finding in findings:
        by = f"  ({finding.by})" if finding.by else ""
        print(f"{'ok ' if finding.ok else 'NO '} {finding.what:<10} {one_line(finding.where)}{by}\n"
              f"               {one_line(finding.words)}")
    print(f"{'NO ' if trouble else 'ok '} {'launcher':<10} {one_line(launcher)}")
    if trouble:
        print(f"{'':15}{one_line(trouble)}")
    return 0 if ok and not trouble else UserError.exit_code


def _launcher():
    """``(name, what is wrong with it)``."""
    try:
        launchers.chosen()
    except UserError as error:
        return launchers.wanted(), str(error)
    return launchers.wanted(), ""


def move(args):
    from gan_core.store import moving

    source, target = Place.of(args.source), Place.of(args.target)
    with progress(delay=1) as bar:
        done = moving.move(source, target, bar.told)
    tell([f"{done.runs:,} runs, {done.artifacts:,} artifacts ({done.bytes / 10**6:,.1f} MB), {done.rows:,} rows of curves, "
          f"{done.tasks:,} tasks and {done.sweeps:,} sweeps were copied; {done.there:,} runs were there already. All is "
          "checked."])
    if args.json:
        print_json(dataclasses.asdict(done))
