"""The pages of the library: all snippets run, in their order on the page."""

from __future__ import annotations

import re
import shutil
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.evidence import mse
from kerege.evidence.mse.covariates.strata import Strata
from tests.evidence.mse.tables import DATA

DOCS = Path(__file__).parents[3] / "docs"
PAGES = [DOCS / "howto" / "estimate-in-python.md", DOCS / "libraries" / "mse-from-r.md"]
FASTER = {"2_000": "200", "100_000": "1_000", "20_000": "200", "bootstrap=500": "bootstrap=5"}


def simulated_people() -> pl.DataFrame:
    """Return simulated people by list, sex, age and form; the hotline does not record the form."""
    rng = np.random.default_rng(3)
    rows = []
    for sex, age, form in product(("female", "male"), ("adult", "child"), ("labour", "sexual")):
        is_on = rng.random((400, 3)) < (0.3, 0.25, 0.2)
        for police, shelter, hotline in is_on[is_on.any(axis=1)].astype(int).tolist():
            rows.append((police, shelter, hotline, sex, age, form if police or shelter else None))
    table = pl.DataFrame(rows, ["police", "shelter", "hotline", "sex", "age", "form"], orient="row")
    return table.group_by(table.columns, maintain_order=True).len("count")


def snippets(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize(("page", "height"), list(zip(PAGES, (8, 4), strict=True)), ids=["how-to", "from R"])
def test_every_snippet_runs(page: Path, height: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(DATA / "Kosovo.csv", "lists.csv")
    simulated_people().write_csv("people.csv")
    namespace: dict[str, object] = {}
    assert len(snippets(page)) >= 7
    for snippet in snippets(page):
        code = snippet
        for slow, fast in FASTER.items():
            code = code.replace(slow, fast)
        exec(compile(code, str(page), "exec"), namespace)
    strata = namespace["strata"]
    assert isinstance(strata, Strata)
    assert strata.table.height == height
    assert strata.no_estimate is None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_imports_only_public_names(page: Path) -> None:
    lines = re.findall(r"from kerege\.evidence\.mse import (.+)", "\n".join(snippets(page)))
    assert len(lines) >= 6
    for line in lines:
        assert set(line.split(", ")) <= set(mse.__all__)
