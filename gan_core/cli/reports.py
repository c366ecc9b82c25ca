"""The verb for what somebody has written about runs: reports."""

from pathlib import Path

from gan_core.cli.terminal import check_file, one_line, print_json, tell, written_to
from gan_core.errors import BadInput
from gan_core.reporting.panels.base import Source
from gan_core.reporting.writing import as_html
from gan_core.store import open_store, reports as kept_reports
from gan_core.whole_files import write_whole


def add_to(verb):
    parser = verb("reports", reports, "List the reports, or write one as a file.", json=True)
    parser.add_argument("key", nargs="?", metavar="KEY")
    parser.add_argument("--out", type=Path, metavar="FILE.html", help="write the report of a key: one file, no network")
    parser.add_argument("--delete", metavar="KEY", help="forget the report of a key")


def reports(args):
    store = open_store(args.workspace)
    if args.delete is not None:
        kept_reports.forget(store.workspace, args.delete)
    if args.out is not None:
        return _write(store, args.key, args.out)
    known = kept_reports.kept(store.workspace) if args.key is None else [kept_reports.get(store.workspace, args.key)]
    if args.json:
        return print_json(known)
    for report in known:
        count = len(report["parts"])
        print(f"{report['key']}  {one_line(report['title']):<40} {count:,} part{'s' * (count != 1)}  "
              f"/report?report={report['key']}")


def _write(store, key, out):
    if key is None:
        raise BadInput("Say which report to write: its key, as `reports` lists them.")
    report = kept_reports.get(store.workspace, key)
    if out.suffix.lower() != ".html":
        raise BadInput(f"A report is written as HTML: give a name that ends in .html, not {out.name!r}.")
    check_file(out)
    with written_to(out):
        write_whole(out, as_html(Source.of(store), report).encode())
    tell([f"{out} is the report {report['title']}."])
