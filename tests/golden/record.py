"""Records what the scenarios print and write, as one text a scenario."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.golden.scenarios import REGISTER, SCENARIOS, Scenario

HERE = Path(__file__).parent
INPUTS = HERE / "inputs"
LONGEST = 2_500  # bytes of a file that the record holds whole; a longer file is recorded by its hash

SHORT = 100
SYSTEM = ("urls", "schema", "models", "migrations", "rights", "names", "actions", "interface", "home")
REGISTERED = ("register", "audit")
PACK_HASH = re.compile("sha256:[0-9a-f]{64}")


def drive(tasks: list[dict[str, Any]]) -> list[Any]:
    """Let the driver answer tasks in a process of its own."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("KEREGE_", "DJANGO_", "COV_"))}
    environment = keep | {
        "PYTHONHASHSEED": "0",
        "COLUMNS": "100",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "LOGNAME": "golden",
        "TZ": "UTC",
    }
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-P", "-W", "ignore", str(HERE / "driver.py")]
    done = subprocess.run(
        command, input=json.dumps(tasks), env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return list(json.loads(done.stdout))


def prepare(scenario: Scenario, folder: Path) -> None:
    """Put the inputs of a scenario into its folder."""
    folder.mkdir(parents=True)
    for name in scenario.inputs:
        shutil.copyfile(INPUTS / name, folder / name)
    for name, text in scenario.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o600)
    if scenario.name == "evaluate":
        lines = (INPUTS / "rows.csv").read_text(encoding="utf-8").splitlines()
        (folder / "control.csv").write_text("\n".join([lines[0], *lines[1:200]]) + "\n", encoding="utf-8")


def record(folder: Path, scenarios: Sequence[Scenario] = SCENARIOS) -> dict[str, str]:
    """Run scenarios below a folder and return the record of each by its name."""
    before: dict[str, set[Path]] = {}
    tasks = []
    for scenario in scenarios:
        place = folder / scenario.name
        prepare(scenario, place)
        before[scenario.name] = set(place.rglob("*"))
        tasks += [{"run": argv, "folder": str(place), "sweeps": scenario.sweeps} for argv in scenario.argv]
    answers = iter(drive(tasks))
    return {
        scenario.name: _text(scenario, answers, folder / scenario.name, before[scenario.name]) for scenario in scenarios
    }


def record_register(folder: Path) -> dict[str, str]:
    """Make a register, run its scenario, and return what was recorded of it and of the system by name."""
    place = folder / REGISTER.name
    prepare(REGISTER, place)
    before = set(place.rglob("*"))
    tasks: list[dict[str, Any]] = [{"run": argv, "folder": str(place)} for argv in REGISTER.argv]
    fresh = [tasks[0], {"introspect": f"{place}/home"}]
    first, system, *rest = drive([*fresh, *tasks[1:], {"audit": ""}])
    answers = iter([first, *rest[:-1]])
    text = _text(REGISTER, answers, place, before | set(place.glob("home/**/*")))
    return {REGISTER.name: text, "audit": rest[-1], **system}


def _text(scenario: Scenario, answers: Iterator[Any], place: Path, before: set[Path]) -> str:
    steps = [_step(command, next(answers)) for command in scenario.commands]
    made = sorted(set(place.rglob("*")) - before)
    return _without_place("".join([*steps, *_files(made, place)]), place)


def _without_place(text: str, place: Path) -> str:
    """Return the text without the folder; a log with file paths has other hashes in every folder."""
    if str(place) not in text:
        return text
    log = place / "home" / "tokens" / "runs.jsonl"
    for number, line in enumerate(log.read_text().splitlines() if log.exists() else (), 1):
        text = text.replace(json.loads(line)["hash"], f"HASH{number}")
    return text.replace(str(place), "FOLDER")


def _step(command: str, answer: dict[str, Any]) -> str:
    parts = [f"$ kerege {command}\nexit {answer['exit']}\n"]
    parts += [f"--- {name}\n{_whole(answer[name])}" for name in ("stdout", "stderr") if answer[name]]
    return "".join(parts) + "\n"


def _files(paths: list[Path], folder: Path) -> list[str]:
    """Name, permissions and content of files; a content that stood before is not repeated."""
    lines, seen = [], dict[str, str]()
    for path in paths:
        name, mode = str(path.relative_to(folder)), f"{path.stat().st_mode & 0o777:03o}"
        held = "" if path.is_dir() else contents(path, folder)
        before = seen.setdefault(held, name)
        repeated = before != name and len(held) > SHORT
        lines.append(f"=== {name}{'/' if path.is_dir() else ''} {mode}\n" + (f"as {before}\n" if repeated else held))
    return lines


def contents(path: Path, folder: Path) -> str:
    """Return the content of a file: as it is if it is short, else its size and hash; of Parquet its parts."""
    content = path.read_bytes()
    if content[:4] == b"PAR1":
        return parquet(content)
    try:
        text = _without_place(content.decode("utf-8"), folder)
    except UnicodeDecodeError:
        return f"{len(content)} bytes, sha256 {_sha(content)}\n"
    plain = text.encode()
    return _whole(text) if len(plain) <= LONGEST else f"{len(plain)} bytes, sha256 {_sha(plain)}\n"


def parquet(content: bytes) -> str:
    """Return columns, metadata, number of rows, the hash of the rows and the hash of the file.

    A file that states a pack has no hash of its own here: each change of the pack would change it.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(content))
    about = (table.schema.metadata or {}).get(b"kerege", b"").decode()
    rows = json.dumps(table.to_pylist(), ensure_ascii=False, default=str).encode()
    lines = [f"{field.name}: {field.type}" for field in table.schema]
    lines += [f"metadata {PACK_HASH.sub('PACK', about)}", f"{table.num_rows} rows, sha256 of the rows {_sha(rows)}"]
    lines += [] if PACK_HASH.search(about) else [f"parquet file sha256 {_sha(content)}"]
    return "\n".join(lines) + "\n"


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _whole(text: str) -> str:
    """Return the text with visible control characters, and a mark if its last line has no end."""
    shown = text.replace("\r", "\\r").replace("\x1b", "\\e")
    return shown if shown.endswith("\n") or not shown else f"{shown}(no end of line)\n"


def options() -> str:
    """Return arguments and options of all commands, a line each."""
    [lines] = drive([{"describe": ""}])
    return "\n".join(lines) + "\n"
