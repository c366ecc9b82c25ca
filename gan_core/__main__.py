"""The command line: ``python -m gan_core --help``.

The same verbs as the dashboard, for machines with no browser.  Exit code 0 on success, 2 for bad arguments, 1 for a
failed run; an error is one sentence on stderr.
"""

import argparse
import os
import sys

try:
    from gan_core.cli import (anomalies, exploring, lists, outside, pictures, places, prompting, reports, restyling, samples,
                              serving, sharing, sweeps, tasks, terminal, training)
    from gan_core.errors import BadInput, UserError
except KeyboardInterrupt:  # it takes a second or more, in which a person may have thought better of it
    if __name__ != "__main__":
        raise
    print("Interrupted.", file=sys.stderr)
    sys.exit(130)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def parser():
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--workspace", metavar="DIR", help="default: $GAN_WORKSPACE, else ./workspace")
    top = _Parser(prog="python -m gan_core", description="Train, watch and sample generative adversarial networks.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name, function, help=None, *, json=False, run=False):
        """Add a verb; one without ``help`` is not for people, and not listed."""
        subparser = verbs.add_parser(name, parents=[common], **({"help": help, "description": help} if help else {}))
        subparser.set_defaults(function=function)
        if run:
            subparser.add_argument("run", metavar="RUN", help="a run's id, or its first letters")
        if json:
            subparser.add_argument("--json", action="store_true", help="print JSON")
        return subparser

    for module in (lists, training, sweeps, samples, pictures, restyling, prompting, anomalies, tasks, exploring, sharing,
                   outside, reports, places, serving):
        module.add_to(verb)
    return top


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise BadInput(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def main(arguments=None):
    with terminal.streams():
        try:
            args = parser().parse_args(arguments)
            code = args.function(args) or 0
            sys.stdout.flush()  # here, where it can still be said that it was in vain
            return code
        except UserError as error:
            print(terminal.one_line(error), file=sys.stderr)
            if isinstance(error, terminal.NotPrinted):
                terminal.leave_stdout()
            return error.exit_code
        except BrokenPipeError:  # `... | head`
            terminal.leave_stdout()
            return 0
        except MemoryError:
            print("This process may not use as much memory as it would need; ask for less, or raise the limit "
                  "(`ulimit -v`).", file=sys.stderr)
            return 1
        except OSError as error:
            where = f" at {error.filename}" if error.filename else ""
            print(terminal.one_line(f"The system refused what was asked of it{where}: {error.strerror or error}."),
                  file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("Interrupted.", file=sys.stderr)
            return 130


if __name__ == "__main__":
    sys.exit(main())
