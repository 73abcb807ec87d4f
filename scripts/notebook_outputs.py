"""Run the notebooks of `examples/` and store what their cells print.

    .venv/bin/python scripts/notebook_outputs.py [examples/mse.ipynb ...]
A test fails when a cell prints something else than its stored output.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"


def run(path: Path) -> None:
    """Run the code cells of one notebook in its folder and write the notebook with their outputs."""
    path = path.resolve()
    notebook = json.loads(path.read_text(encoding="utf-8"))
    os.chdir(path.parent)
    known: dict[str, object] = {"__name__": "__main__"}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, 1):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile("".join(cell["source"]), path.name, "exec"), known)  # noqa: S102 - our own notebooks
        text = out.getvalue().splitlines(keepends=True)
        cell["execution_count"] = number
        cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": text}] if text else []
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for path in [Path(name) for name in sys.argv[1:]] or sorted(EXAMPLES.glob("*.ipynb")):
        run(path)
