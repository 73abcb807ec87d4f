"""Each part loads only the libraries that it uses, and names a missing extra in one line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from kerege.base.extras import MODULES, PARTS
from kerege.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OPTIONAL = PROJECT["optional-dependencies"]
HEAVY = sorted({module for modules in MODULES.values() for module in modules})
BOUND = re.compile(r"(?P<name>[A-Za-z0-9-]+)(\[(?P<extras>[a-z,]+)\])?(?P<bounds>>=[\d.]+,<[\d.]+)?")

# libraries that a part may load when it is imported; all others are an error
LOADED = {
    "kerege.vocabulary.codes": "",
    "kerege.vocabulary.profile": "",
    "kerege.linkage.names": "anyascii",
    "kerege.linkage.register_matching": "anyascii rapidfuzz",
    "kerege.linkage.matching.pair_scorer": "anyascii rapidfuzz sqlglot",
    "kerege.linkage.matching.link_files": "anyascii rapidfuzz sqlglot numpy polars",
    "kerege.linkage.tokens.run_study": "anyascii rapidfuzz sqlglot numpy polars pyarrow",
    "kerege.evidence.ledger.ledger": "",
    "kerege.evidence.ledger.statements": "",
    "kerege.evidence.data.record_frames": "polars",
    "kerege.evidence.data.snapshot": "numpy polars",
    "kerege.evidence.counting.frequency_table": "numpy polars",
    "kerege.evidence.sdc.suppression.method_choice": "numpy polars scipy highspy",
    "kerege.evidence.sdc.disclosure.intruder": "numpy polars scipy highspy",
    "kerege.evidence.sdc.perturbation.cell_key": "numpy polars scipy",
    "kerege.evidence.mse": "",
    "kerege.evidence.mse.lists": "numpy",
    "kerege.evidence.mse.list_files": "numpy",
    "kerege.evidence.mse.panels.panel": "numpy",
    "kerege.evidence.dp.tables": "numpy polars scipy",
    "kerege.evidence.synthesis": "numpy polars scipy",
    "kerege.evidence.release.spec": "",
    "kerege.evidence.release.build": "numpy polars pyarrow cryptography",
}

HIDE = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HEAVY:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden())
"""


def python(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run code in a separate process; code that begins with HIDE cannot import the libraries in HEAVY."""
    return subprocess.run(
        [sys.executable, "-c", f"HEAVY = {HEAVY!r}\n{code}", *args],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def requirements(extra: str) -> set[str]:
    """Return the distributions of an extra, including those of its included extras."""
    extra_requirements: set[str] = set()
    for text in OPTIONAL[extra]:
        match = BOUND.fullmatch(text)
        assert match, text
        if match["name"] == PROJECT["name"]:
            extra_requirements |= {name for other in match["extras"].split(",") for name in requirements(other)}
        else:
            extra_requirements.add(match["name"].lower().replace("_", "-"))
    return extra_requirements


def test_every_dependency_is_bounded_below_and_above() -> None:
    for text in [*PROJECT["dependencies"], *(requirement for listed in OPTIONAL.values() for requirement in listed)]:
        match = BOUND.fullmatch(text)
        assert match, text
        assert match["name"] == PROJECT["name"] or match["bounds"], text


def test_the_locked_versions_are_within_the_bounds() -> None:
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\d+)", (ROOT / "requirements/run.txt").read_text("utf-8"), re.M))
    for text in [*PROJECT["dependencies"], *(requirement for name in MODULES for requirement in OPTIONAL[name])]:
        if not text.startswith("kerege["):
            name, low, high = re.findall(r"^([\w-]+)[^>]*>=([\d.]+),<([\d.]+)$", text)[0]
            major = int(locked[name.lower()])
            assert int(low.split(".")[0]) <= major <= int(high.split(".")[0]), text


def test_modules_match_the_requirements_of_each_extra() -> None:
    homes = packages_distributions()
    for extra, modules in MODULES.items():
        named = {name.lower().replace("_", "-") for module in modules for name in homes[module]}
        named &= {name for other in OPTIONAL for name in requirements(other)}
        assert named == requirements(extra), extra


# A process loads the libraries that a part may use, and forks; the child imports the part, and nothing of ours before.
FORKS = """
import importlib, json, os, sys

def fork(act, *arguments):
    if child := os.fork():
        if os.waitpid(child, 0)[1]:
            sys.exit(1)
        return
    act(*arguments)
    sys.stdout.flush()
    os._exit(0)

def load(part):
    importlib.import_module(part)
    print(json.dumps([part, [name for name in HEAVY if name in sys.modules]]))

def visit(libraries):
    for library in libraries[-1:]:
        importlib.import_module(library)
    longer = {tuple(names[: len(libraries) + 1]) for names in LOADED.values() if names[: len(libraries)] == libraries}
    for part in (part for part, names in LOADED.items() if names == libraries):
        fork(load, part)
    for names in sorted(longer - {tuple(libraries)}):
        fork(visit, list(names))

visit([])
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """Return the libraries that are loaded after the import of each part."""
    process = python(f"LOADED = { {part: names.split() for part, names in LOADED.items()} }\n{FORKS}")
    assert process.returncode == 0, process.stderr
    return dict(json.loads(line) for line in process.stdout.splitlines())


@pytest.mark.parametrize("part", LOADED)
def test_a_part_loads_only_what_it_uses(part: str, loaded: dict[str, list[str]]) -> None:
    assert set(loaded[part]) <= set(LOADED[part].split())


RUN = """
from kerege.cli import COMMANDS, main
for command, (_, extra, _) in COMMANDS.items():
    try:
        main([command, sys.argv[1]])
    except SystemExit as ended:
        print("ended", command, ended.code)
"""


def test_help_of_the_evidence_commands_needs_no_library() -> None:
    ours = [command for command, (_, extra, _) in COMMANDS.items() if extra != "server"]
    process = python(f"{HIDE}\nfrom kerege.cli import main\nfor each in {ours}:\n    main([each, '--help'])")
    assert process.returncode == 0, process.stderr
    assert process.stdout.count("Usage: ") == len(ours)


EVERY = """
import importlib, pkgutil, kerege.evidence, kerege.linkage, kerege.base, kerege.vocabulary
from kerege.base.extras import MissingExtra
for package in (kerege.evidence, kerege.linkage, kerege.base, kerege.vocabulary):
    for each in pkgutil.walk_packages(package.__path__, package.__name__ + ".", onerror=lambda name: None):
        try:
            importlib.import_module(each.name)
        except MissingExtra as missing:
            assert str(missing).endswith(f'needs the extra "{missing.extra}": pip install "kerege[{missing.extra}]"')
        except ImportError as error:
            print(each.name, error)
"""
# helpers that are never imported alone: the caller's import raises the error first
QUIET = {"kerege.base.geometric_noise"}


def test_without_libraries_every_module_loads_or_names_its_extra() -> None:
    process = python(HIDE + EVERY)
    assert process.returncode == 0, process.stderr
    assert {line.split()[0] for line in process.stdout.splitlines()} <= QUIET, process.stdout


def test_an_import_of_a_part_names_its_extra() -> None:
    process = python(HIDE + "from kerege.evidence import mse")
    assert process.returncode == 1
    last_line = process.stderr.splitlines()[-1]
    assert last_line.endswith('MissingExtra: kerege.evidence.mse needs the extra "mse": pip install "kerege[mse]"')


def test_commands_without_their_extra_say_so_in_one_line() -> None:
    process = python(HIDE + RUN, "--no-such-option")
    needing = {command: extra for command, (_, extra, _) in COMMANDS.items() if extra}
    assert {f"ended {command} 2" for command in needing} <= set(process.stdout.splitlines())
    error_lines = set(process.stderr.splitlines())
    for command, extra in needing.items():
        assert f'error: kerege {command} needs the extra "{extra}": pip install "kerege[{extra}]"' in error_lines


def test_one_missing_library_is_enough() -> None:
    code = "HEAVY = ['highspy']\n" + HIDE + "from kerege.evidence import mse"
    assert 'needs the extra "mse"' in python(code).stderr


def test_parts_are_modules_of_kerege() -> None:
    for part in PARTS:
        path = ROOT / "src" / part.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), part
        assert set(PARTS[part]) <= set(MODULES)
