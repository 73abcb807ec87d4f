"""An invalid request or schema file is one sentence, and nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import Request, synthesize
from kerege.evidence.synthesis.measurement import public_schema
from kerege.evidence.synthesis.measurement.public_schema import DISCOVERED
from tests.evidence.synthesis.invented_requests import AB, foreign, made_of, rows

pytestmark = pytest.mark.usefixtures("fit_in_this_process")

ASKED: list[tuple[dict[str, Any], str]] = [
    *[({"epsilon": value}, "epsilon is not a number") for value in (0, -1, 1e9, float("nan"), float("inf"), 1e-9)],
    *[({"delta": value}, "delta is not a number") for value in (1, 0, -1e-9, float("nan"), 0.01)],
    ({"preset": "bold"}, "no preset bold"),
    *[({"seed": value}, "seed is not a whole number") for value in (-1, 2**31)],
    *[({"order": value}, "not measured") for value in (0, 4)],
    ({"columns": ("a", "nothing")}, "no such column"),
    ({"columns": ("a", "a")}, "named twice"),
]


@pytest.mark.parametrize(("asked", "words"), ASKED)
def test_an_invalid_request_is_refused_and_nothing_is_written(
    asked: dict[str, Any], words: str, tmp_path: Path
) -> None:
    for noise in (None, repeatable(1)):
        with pytest.raises(BadInput, match=words):
            synthesize(
                foreign(rows()), Request(**asked), Ledger(tmp_path / "l"), tmp_path / "out", listed=AB, noise=noise
            )
    assert not (tmp_path / "out").exists()
    assert not Ledger(tmp_path / "l").entries()


def test_rare_values_that_nobody_listed_leave_empty_records(tmp_path: Path) -> None:
    """Two people have one value each of the only column: none of these values is found."""
    certificate = made_of(pl.DataFrame({"m": [["u"], ["v"]]}), tmp_path, multi=frozenset({"m"}))
    assert certificate["schema"]["columns"]["m"]["values"] == []
    assert not certificate["worth"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a =", "is not TOML"),
        ("a = 1", "names no columns"),
        ("[columns]", "names no columns"),
        ("more = 1\n[columns.a]\nvalues = ['x']", "names no columns"),
        ("columns.a = 1", "is not described"),
        ("[columns.a]", "needs one of values, list"),
        ("[columns.a]\nvalues = ['x']\nlist = 'sex'", "needs one of values"),
        ("[columns.a]\nlist = 'nothing'", "does not exist"),
        ("[columns.a]\nlist = [1]", "does not exist"),
        ("[columns.a]\nvalues = []", "names no values"),
        ("[columns.a]\nvalues = ['x', 'x']", "a value twice"),
        ("[columns.a]\nvalues = []\nsource = 'discovered under delta'", "names no values"),
        ("[columns.a]\nvalues = [1]", "no list of texts"),
        ("[columns.a]\nvalues = ['']", "no list of texts"),
        ("[columns.a]\nvalues = 'x'", "no list of texts"),
        ("[columns.a]\nvalues = ['_T', 'x']", "are reserved for"),
        ("[columns.a]\nvalues = ['x']\nmulti = 3", "needs one of values"),
        ("[columns.a]\nvalues = ['x']\nmore = 1", "is not"),
        ("[columns.a]\nvalues = ['x;y']\nmulti = true", "separates values"),
    ],
)
def test_each_fault_of_a_schema_file_has_its_sentence(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "schema.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=words) as error:
        public_schema.read(path)
    assert "\n" not in str(error.value)


def test_a_schema_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        public_schema.read(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="is not TOML"):
        public_schema.read(tmp_path / "bad.toml")


def test_a_schema_file_cannot_open_a_column(tmp_path: Path) -> None:
    """A listed column is closed, whatever its `source` key says."""
    path = tmp_path / "schema.toml"
    path.write_text(f"[columns.a]\nvalues = ['x']\nsource = '{DISCOVERED}'\n[columns.b]\nlist = 'sex'\nmulti = true")
    columns = public_schema.read(path)
    assert [column.open for column in columns] == [False, False]
    assert columns[1].multi
    assert columns[1].values
