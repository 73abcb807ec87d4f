"""Every fault and note of an uploaded file has a sentence of its own on the page."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from kerege.base.errors import Fault
from kerege.casework import exchange
from kerege.casework.exchange.fault_texts import OTHER, join_repeated, note_text, text_of
from kerege.casework.exchange.htcds.columns import BadValue, canonical, file_columns

pytestmark = pytest.mark.usefixtures("in_english")
ROOT = Path(exchange.__file__).parent
READERS = [*sorted((ROOT / "formats").glob("*.py"))] + [
    ROOT / "htcds" / f"{name}.py" for name in ("columns", "read_file", "parsed_cases", "changes", "import_plan")
]
# raised for options of the command only
OF_THE_COMMAND = {"there is no such file", "7 has no answer '7'", "is 7, not 7", "no agency has the code 7"}
FILLED = {"error.what": "is not a date", "share": "filled in 50% of the rows"}


def words(node: ast.expr) -> Iterator[str]:
    """Yield the texts that a literal can be, with a value in each gap."""
    if isinstance(node, ast.IfExp):
        yield from (*words(node.body), *words(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else _gap(part) for part in node.values)


def _gap(part: ast.expr) -> str:
    assert isinstance(part, ast.FormattedValue)
    return "'7'" if part.conversion == ord("r") else FILLED.get(ast.unparse(part.value), "7")


def texts_of(*callers: str) -> set[str]:
    """Return the texts given to these functions: directly, under the name `what`, or by a `_note`."""
    texts: set[str] = set()
    for path in READERS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith(callers):
                texts |= set(words(node.args[0]))
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "what" and "Fault" in callers:
                texts |= set(words(node.value))
            elif isinstance(node, ast.FunctionDef) and node.name.endswith("_note") and "notes.append" in callers:
                returned = [part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value]
                texts.update(text for value in returned for text in words(value))
    return texts


def test_each_fault_that_the_readers_raise_has_its_sentence() -> None:
    texts = texts_of("Fault", "BadValue", "faults.add") - OF_THE_COMMAND
    assert len(texts) > 50
    assert {text for text in texts if text_of(Fault(text, "")) == OTHER} == set()


def test_a_fault_of_many_rows_is_one_line_that_counts_them() -> None:
    dates = [Fault("is not a date", "write it as 2025-07-30", "a.csv", row, "Birthdate") for row in (3, 4, 9)]
    other = Fault("'Mars' is not one of its codes", "use one", "a.csv", 4, "Citizenship")
    whole = Fault("and 10 more", "correct those above first", "a.csv")
    assert [str(fault) for fault in join_repeated([dates[0], other, *dates[1:], whole])] == [
        "a.csv: row 3, column Birthdate: is not a date (and in 2 more rows, up to row 9), write it as 2025-07-30",
        str(other),
        str(whole),
    ]


def test_each_note_of_the_readers_has_its_sentence() -> None:
    notes = texts_of("notes.append")
    assert len(notes) > 5
    assert any("hidden sheet" in note for note in notes)
    assert {note for note in notes if note_text(note) == OTHER} == set()


@pytest.mark.parametrize(
    ("name", "cell", "sentence"),
    [
        ("prs_Citizenship", "Uzbek", "“Uzbek” is not a value"),
        ("prs_Citizenship", "Cote d'Or", "“Cote d'Or” is not a value"),
        ("prs_Citizenship", "Unknown;KZ", "An answer such as “Unknown” is given beside other values"),
        ("cas_Id", "x" * 201, "This id has more than 200 characters"),
    ],
)
def test_a_cell_that_cannot_be_read_says_why(name: str, cell: str, sentence: str) -> None:
    with pytest.raises(BadValue) as caught:
        canonical(file_columns()[name], cell)
    assert sentence in text_of(Fault(caught.value.what, caught.value.todo))
