"""The `kerege` command: results to stdout, messages to stderr, exit 0 done, 1 refused, 2 bad input."""

from __future__ import annotations

import errno
import importlib
import os
import sys

from rich.console import Console
from rich.table import Table

from kerege import __version__
from kerege.base.errors import BadInput, Refused
from kerege.base.extras import MissingExtra, need
from kerege.base.redaction import places

# command -> (module under kerege.cli, required extra, description). A module holds a Typer `app` with its commands. It
# is imported only when one of them runs, so that the commands of the evidence libraries never load Django.
COMMANDS = {
    "demo": ("operations", "server", "Set up the demo programme and serve the whole system at localhost."),
    "serve": ("operations", "server", "Serve the system."),
    "worker": ("operations", "server", "Run background tasks and scheduled jobs."),
    "migrate": ("operations", "server", "Create or upgrade the database."),
    "createadmin": ("operations", "server", "Create the first agency and its administrator."),
    "doctor": ("operations", "server", "Check the installation and list what the country profile leaves unconfirmed."),
    "import": ("exchange", "server", "Read records from CSV, workbooks, exports of forms or JSON."),
    "xlsform": ("exchange", "server", "Write our form for KoboToolbox and ODK as a workbook."),
    "export": ("exchange", "server", "Write records in a standard format."),
    "figures": ("figures", "server", "Compute every headline figure (internal); compare with a file."),
    "snapshot": ("snapshot", "server", "Take a snapshot of the register: coded rows without names."),
    "table": ("table", "sdc", "Count a snapshot or any categorical CSV, protected on request."),
    "release": ("release", "release", "Assess a release together with all earlier ones, and sign it."),
    "attack": ("attack", "sdc", "Assess the disclosure risk of published tables."),
    "synthesize": ("synthesize", "synthesis", "Make synthetic records under differential privacy, with a certificate."),
    "schema": ("schema", "synthesis", "Draft a schema of a file for synthetic records, from its header alone."),
    "evaluate": ("evaluate", "synthesis", "Compare synthetic records with the original ones, and assess their risk."),
    "estimate": ("estimate", "mse", "Estimate from overlapping lists how many people are not detected."),
    "ledger": ("ledger", "", "List publications, their privacy loss and the remaining privacy budget."),
    "link": ("link", "linkage", "Find records of the same person in tables, across spellings and scripts."),
    "tokens": ("tokens", "tokens", "Count the overlap of agencies' lists without sharing names."),
    "verify": ("verify", "release", "Check the signature and hashes of a release or of an exported site."),
    "report": ("report", "server", "Write the public report of a year from its releases."),
    "site": ("site", "server", "Write the public site as signed files; check and publish them."),
    "pack": ("pack", "server", "Check, sign, trust, install and compare the pack of a country."),
    "audit": ("audit", "server", "Verify the audit chain."),
    "witness": ("witness", "witness", "Countersign the daily roots of a register on another machine."),
    "keys": ("keys", "server", "Rotate keys, rebuild the search index."),
    "roles": ("roles", "server", "Confirm roles as the second person, mark national agencies."),
    "retention": ("retention", "server", "List records past their retention period; dispose of the approved ones."),
    "backup": ("backup", "server", "Back up database, keys, uploads, releases and ledger."),
    "restore": ("backup", "server", "Restore a backup."),
}

# command -> the second word that can be left out, and the other ones
DEFAULT_WORDS = {
    "link": ("tables", {"tables", "review", "charts"}),
    "site": ("build", {"build", "check", "publish", "--help"}),
}

# command -> old name of an option -> its current name; an old name still works, and a note names the current one
OLD_OPTIONS = {
    "attack": {"--prior": "--published"},
    "estimate": {"--miss": "--missed-link-rate", "--false-link": "--false-link-rate"},
    "release": {"--prior": "--published"},
    "synthesize": {"--reported": "--values-p65"},
    "table": {"--D": "--max-noise", "--V": "--noise-variance", "--smallest": "--min-positive"},
    "tokens": {"--exercise": "--study"},
}


def usage() -> None:
    """Print the list of commands."""
    table = Table(box=None, show_header=False, padding=(0, 3, 0, 2))
    for name, (_, _, description) in COMMANDS.items():
        table.add_row(name, description)
    console = Console()
    console.print(f"kerege {__version__}: case work, safe figures and the public report\n")
    console.print("kerege COMMAND [ARGS]; kerege COMMAND --help\n", markup=False)
    console.print(table)


def rename_old_options(argv: list[str]) -> list[str]:
    """Return a command line with the current option names; print one note for each old name."""
    names = OLD_OPTIONS.get(argv[0], {})
    old_spellings: dict[str, str] = {}
    renamed = argv[:1]
    for argument in argv[1:]:
        option, sign, value = argument.partition("=")
        if option in names:
            old_spellings[option] = names[option]
        renamed.append(f"{names.get(option, option)}{sign}{value}")
    for option, name in old_spellings.items():
        print(f"note: {option} is the old name of {name}", file=sys.stderr)
    return renamed


def add_default_word(argv: list[str]) -> list[str]:
    """Return a command line in which `kerege site OUT` is `kerege site build OUT`."""
    word, others = DEFAULT_WORDS.get(argv[0], ("", set[str]()))
    return argv if not word or (argv[1:] and argv[1] in others) else [argv[0], word, *argv[1:]]


def run(argv: list[str]) -> None:
    """Run one command line; raises SystemExit, BadInput or Refused."""
    if not argv or argv[0] in {"--help", "-h", "help"}:
        usage()
    elif argv[0] == "--version":
        print(__version__)
    elif argv[0] not in COMMANDS:
        print(f"error: no command {argv[0]!r}, see kerege --help", file=sys.stderr)
        sys.exit(2)
    else:
        module, extra, _ = COMMANDS[argv[0]]
        if "--help" not in argv:
            need(f"kerege {argv[0]}", [extra] if extra else [])
        app = importlib.import_module(f"kerege.cli.{module}").app
        argv = add_default_word(rename_old_options(argv))
        # pass the command name only to a module with several top-level commands
        has_command_name = (
            argv[0] in {command.name for command in app.registered_commands} and len(app.registered_commands) > 1
        )
        name = "kerege" if has_command_name else f"kerege {argv[0]}"
        code = app(argv if has_command_name else argv[1:], prog_name=name, standalone_mode=False)
        if isinstance(code, int) and code:
            sys.exit(code)


def main(argv: list[str] | None = None) -> None:
    """Run the command line; print each error as one line and exit with its code."""
    # Our matrices are small: threads of OpenBLAS mostly wait for one another, which took a third of the processor time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = sys.argv[1:] if argv is None else argv
    try:
        run(arguments)
    except BadInput as bad_input:
        for fault in bad_input.faults:
            print(f"error: {fault}", file=sys.stderr)
        sys.exit(2)
    except Refused as refusal:
        print(f"refused: {refusal}", file=sys.stderr)
        sys.exit(1)
    except MissingExtra as missing:
        print(f"error: {MissingExtra(f'kerege {arguments[0]}', missing.extra)}", file=sys.stderr)
        sys.exit(2)
    except UnicodeEncodeError as error:
        print(f"failed: the output cannot be written in {error.encoding}, set PYTHONIOENCODING=utf-8", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            print("failed: no space is left for the output, make room or name another place", file=sys.stderr)
            sys.exit(1)
        if hasattr(error, "format_message"):  # usage error of the parser
            print(f"error: {error.format_message()}", file=sys.stderr)
            sys.exit(2)
        if type(error).__name__ in {"OperationalError", "ProgrammingError"}:
            print("failed: the database is not ready, run kerege migrate and kerege doctor", file=sys.stderr)
            sys.exit(1)
        # print the place in the code only: the message can contain personal data
        print(f"failed: {type(error).__name__} in {' < '.join(reversed(places(error)[-3:]))}", file=sys.stderr)
        sys.exit(1)
