"""The documentation says what the program does: it builds.

It names only commands, options and files that exist.
"""

from __future__ import annotations

import importlib
import os
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from kerege.cli import COMMANDS, DEFAULT_WORDS
from kerege.evidence.data.snapshot import read
from kerege.evidence.release import build
from kerege.vocabulary import htcds, load_profile, snapshot_columns

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
CLI = TEXTS["docs/reference/cli.md"]
GROUPS = {
    "audit": {"address", "verify"},
    "keys": {"rotate", "retire", "reindex", "reseal", "seal"},
    "link": {"review", "charts"},
    "ledger": {"budget", "approve", "give-up", "verify"},
    "schema": {"draft"},
    "pack": {"check", "sign", "trust", "install", "back", "diff"},
    "roles": {"requests", "confirm", "refuse", "recover", "national", "check"},
    "site": {"check", "publish"},
    "tokens": {"key", "encode", "overlap", "runs"},
}
NOT_A_COMMAND = {"COMMAND", "-"}


def options(words: list[str]) -> set[str]:
    """Return the long options of a command; raise KeyError for an unknown command."""
    app = importlib.import_module(f"kerege.cli.{COMMANDS[words[0]][0]}").app
    command: Any = typer.main.get_command(app)
    words = [*words, DEFAULT_WORDS[words[0]][0]] if len(words) == 1 and words[0] in DEFAULT_WORDS else words
    for word in words if hasattr(command, "commands") and words[0] in command.commands else words[1:]:
        command = command.commands[word]
    names = (name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts))
    return {name for name in names if name.startswith("--")} - {"--help"}


def words_of(text: str) -> list[str]:
    """Return the name of the command with which a line of the documentation begins."""
    first, *rest = text.split()[1:]
    return [first, rest[0]] if first in GROUPS and rest and rest[0] in GROUPS[first] else [first]


def written_commands(page: str) -> list[str]:
    """Return the commands of a page: indented lines, their continuations, and inline code."""
    joined = re.sub(r"\\\n\s+", "", page)
    lines = re.findall(r"^    (kerege [^\n]*)", joined, re.M) + re.findall(r"`(kerege [^`]+)`", joined)
    lines = [line.split(" #")[0].replace("\\|", "|") for line in lines]
    return [line for line in lines if line.split()[1] not in NOT_A_COMMAND and not line.split()[1].startswith("--")]


def test_the_site_builds_strictly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "site" / "tutorial" / "index.html").is_file()


def test_every_command_is_documented() -> None:
    named = {words_of(line)[0] for line in written_commands(CLI)}
    assert set(COMMANDS) - named == set()


@pytest.mark.parametrize("page", [name for name in TEXTS if written_commands(TEXTS[name])])
def test_pages_name_only_commands_and_options_that_exist(page: str) -> None:
    for line in written_commands(TEXTS[page]):
        documented = set(re.findall(r"--[A-Za-z][a-z0-9-]*", line))
        assert documented - options(words_of(line)) == set(), line


def test_every_option_is_documented() -> None:
    documented: dict[str, set[str]] = {}
    for line in written_commands(CLI):
        documented.setdefault(" ".join(words_of(line)), set()).update(re.findall(r"--[A-Za-z][a-z0-9-]*", line))
    missing = {name: options(name.split()) - names for name, names in documented.items()}
    assert {name: gone for name, gone in missing.items() if gone} == {}


def test_every_environment_variable_is_documented_and_read() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    reads = set(re.findall(r"""["'](KEREGE_[A-Z_]+|DATABASE_URL)["']""", code))
    documented = set(re.findall(r"`(KEREGE_[A-Z_]+|DATABASE_URL)`", CLI.split("## Environment")[1]))
    assert documented == reads


@pytest.mark.parametrize("page", TEXTS)
def test_no_page_names_a_place_of_somebodys_machine(page: str) -> None:
    assert re.findall(r"(?:^|[\s`\"'(=])(?:/work|/root|/home|/tmp|/Users|[A-Z]:\\)\b[^\s`]*", TEXTS[page]) == []


def pictures(page: str) -> list[tuple[str, str]]:
    """Return alternative text and path of each image of a page."""
    marked = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page)
    tags = [(alt, path) for path, alt in re.findall(r'<img src="([^"]+)"[^>]*alt="([^"]*)"', page)]
    return marked + tags


def test_every_picture_exists_says_what_it_shows_and_is_small() -> None:
    used = set()
    for name, text in TEXTS.items():
        for alt, path in pictures(text):
            file = ((ROOT / name).parent / path).resolve()
            assert file.is_file(), f"{name}: {path}"
            assert len(alt) > 10, f"{name}: {path} has no alternative text"
            assert file.stat().st_size < 250_000, path
            used.add(file)
    assert {file.resolve() for file in (DOCS / "img").iterdir()} == used


def test_the_readme_shows_home_case_report_and_a_phone() -> None:
    shown = [path for _, path in pictures(TEXTS["README.md"]) if path.endswith(".png")]
    widths = [struct.unpack(">I", (ROOT / path).read_bytes()[16:20])[0] for path in shown]
    assert widths[:3] == [1280] * 3
    assert widths[3] < 500


@pytest.mark.parametrize("page", [path.name for path in ROOT.glob("*.md")])
def test_links_between_files_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", TEXTS[page])
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_exchange_page_names_every_kind_of_column() -> None:
    prefixes = {name.split("_")[0] + "_" for name in htcds.columns()}
    assert set(re.findall(r"`([a-z]{3}_)`", TEXTS["docs/reference/exchange.md"])) == prefixes


def test_the_snapshot_page_names_every_unit() -> None:
    units = re.findall(r"^\| `([a-z]+)`", TEXTS["docs/reference/snapshots.md"], re.M)
    assert [unit for unit in units if unit in snapshot_columns.units()] == list(snapshot_columns.units())


def test_the_release_page_names_every_key_of_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("sex\n" + "female\n" * 40 + "male\n" * 30)
    spec = {"title": "Sex", "period": "2025", "table": [{"name": "sex", "of": "records", "by": ["sex"]}]}
    manifest = build.build([read(tmp_path / "people.csv")], spec, tmp_path / "out", key=bytes(32)).tree
    keys = {*manifest, *manifest["tables"][0], *manifest["tables"][0]["cells"], *manifest["snapshots"][0]}
    documented = set(re.findall(r"`([a-z0-9_]+)`", TEXTS["docs/reference/releases.md"]))
    assert keys - documented == set()


def test_the_readme_counts_what_the_law_leaves_open() -> None:
    assert f"{len(load_profile('kz').unconfirmed())} facts of the country profile" in TEXTS["README.md"]
