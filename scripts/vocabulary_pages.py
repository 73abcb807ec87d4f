"""Write the reference pages on code lists, exchange columns and snapshot columns.

The data are those that the code reads.

    .venv/bin/python scripts/vocabulary_pages.py
A test fails when a page does not say what the data say.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from wrap_markdown import wrap_markdown

from kerege.vocabulary import codes, ctdc, htcds, sdg
from kerege.vocabulary import snapshot_columns as vocabulary_snapshot_columns
from kerege.vocabulary.languages import BUILT_IN

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
LONG = {"country", "language"}  # lists that are named but too long to print
LISTS = (
    "{lists} lists with {codes} codes, each labelled in Kazakh, Russian and English. The files are"
    " `src/kerege/vocabulary/data/codes/*.csv`; regions and offences are of the pack of Kazakhstan,"
    " `src/kerege/vocabulary/packs/kz/lists/*.csv`. In every coded field the answers `unknown`,"
    " `not_asked`, `refused` and `no` keep codes of their own; an empty field is *not reported*. In"
    " tables `_T` is the total, `_U` not reported."
)
COLUMNS = (
    "All {fields} fields of HTCDS {version} (IOM, CC BY 4.0; IOM does not endorse this software) and {ours} extension"
    " columns of ours. Values are read in any case and written as the standard writes them; several values of a cell"
    " are separated by `;`. `Unknown`, `NotAsked`, `Refused` and `No` are answers; an empty cell is *not reported*."
    " Identifying and sealed columns leave only in an export with identity."
)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def mark(yes: bool) -> str:
    """Return a tick or an empty text."""
    return "yes" if yes else ""


def code_lists() -> str:
    """Return the page of all code lists."""
    listed = [codes.code_list(name) for name in codes.names()]
    total = sum(len(code_list.codes) for code_list in listed)
    parts = [
        "# Code lists",
        LISTS.format(lists=len(listed), codes=total),
    ]
    for code_list in listed:
        parts += [f"## {code_list.titles['en']} (`{code_list.name}`)", about(code_list)]
        if code_list.name not in LONG:
            parts.append(
                table(["code", "Kazakh", "Russian", "English", "parent", "HTCDS"], map(line, code_list.codes.values()))
            )
    return "\n\n".join(parts) + "\n"


def about(code_list: codes.CodeList) -> str:
    """Return one line about a code list."""
    parent = f" Parent list: `{code_list.parent_list}`." if code_list.parent_list else ""
    mapping_note = {"one": " One to one with HTCDS.", "many": " Several codes share an HTCDS code."}.get(
        code_list.htcds, ""
    )
    return f"{len(code_list.codes)} codes. Source: {code_list.source}.{parent}{mapping_note}"


def line(code: codes.Code) -> list[str]:
    """Return a row of a code list's table."""
    return [f"`{code.code}`", *(code.labels[language] for language in BUILT_IN), code.parent, code.htcds]


def exchange_columns() -> str:
    """Return the page of all columns of exchange files."""
    head = ["column", "type", "record", "code list", "identifies", "sealed", "several", "repeats", "also read", "note"]
    parts = [
        "# Columns of exchange files",
        COLUMNS.format(fields=len(htcds.htcds_fields()), version=htcds.VERSION, ours=len(htcds.extensions())),
        "## Fields of the standard",
        table(head, map(column, htcds.htcds_fields().values())),
        "## Extension columns",
        table(head, map(column, htcds.extensions().values())),
        "## CTDC",
        f"The {len(ctdc.VARIABLES)} variables of the Global Synthetic Data Set, many to one: "
        + ", ".join(f"`{name}`" for name in ctdc.VARIABLES)
        + ".",
        f"## SDG {sdg.INDICATOR}",
        sdg.CAVEAT["en"],
        table(
            ["count", "rate", "definition"],
            ([f"`{one.code}`", f"`{one.rate}`", one.titles["en"]] for one in sdg.series()),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def column(field: htcds.Field) -> list[str]:
    """Return a row of the table of columns."""
    state = "deprecated. " if field.state == "deprecated" else ""
    return [
        f"`{field.name}`",
        field.type,
        field.entity,
        f"`{field.list}`" if field.list else "",
        *map(mark, (field.identifying, field.sealed, field.multi, field.repeats)),
        ", ".join(f"`{alias}`" for alias in field.aliases),
        state + field.note,
    ]


def snapshot_columns() -> str:
    """Return the page of all columns of snapshots."""
    parts = [
        "# Columns of snapshots",
        "A snapshot holds codes only: no names, no text, no date finer than a quarter, no place below region.",
    ]
    for name in vocabulary_snapshot_columns.units():
        unit = vocabulary_snapshot_columns.unit(name)
        rows = (
            [f"`{column.name}`", column.title("en"), f"`{column.list}`", mark(column.multi)] for column in unit.columns
        )
        parts += [f"## {unit.titles['en']} (`{name}`)", f"A row is a {unit.row['en']}."]
        parts.append(table(["column", "title", "code list", "several"], rows))
    return "\n\n".join(parts) + "\n"


def pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    texts = {
        "code-lists.md": code_lists(),
        "exchange-columns.md": exchange_columns(),
        "snapshot-columns.md": snapshot_columns(),
    }
    return {name: wrap_markdown(text) for name, text in texts.items()}


if __name__ == "__main__":
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
