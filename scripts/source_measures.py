"""Measures of Python sources that may only fall: docstrings, vague names, calls, imports, types."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar, cast

POSITIONAL_LIMIT = 6
LINE_LIMIT = 100
VAGUE_VARIABLES = {"told", "found", "each", "wanted", "said"}
VAGUE_MODULES = {
    *("common", "core_utils", "helper", "helpers", "hooks", "misc", "parts", "shown", "stuff", "telling", "things"),
    *("told", "util", "utils", "voice", "wall", "wording", "words"),
}
RIDDLE = re.compile(r"(Of|What|Who|Whoever|Whose|How)\b")
INDENTED_IMPORT = re.compile(r"^[ \t]+(from|import)\b", re.MULTILINE)
TEMPLATE_TAG = re.compile(r"\{%\s*(\w+)(.*?)%\}")
TEMPLATE_ARGUMENT = re.compile(r"\b(\w+)=")
CELL_SOURCE = re.compile(r'\s*"source": \[')
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
FORMAT_SKIP = re.compile(r"#\s*fmt:\s*skip\b")
MEASURES = (
    "positional_calls",
    "local_imports",
    "any_lines",
    "format_skips",
    "vague_variables",
    "repeated_classes",
    "long_first_lines",
    "riddle_first_words",
    "vague_modules",
    "markdown_lines",
    "unmirrored_tests",
)
# Folders of tests/ with rules over the whole system, and with what several folders of tests share.
WHOLE_SYSTEM = ("golden", "journeys", "repository", "safety")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DOCUMENTED = (ast.Module, ast.ClassDef, *FUNCTIONS)
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Node = TypeVar("Node", bound=ast.AST)
LEAVES = {ast.Constant, ast.Name, ast.alias}  # their fields hold no node that is measured


@dataclass(frozen=True)
class Finding:
    """One place that breaks a rule; `measure` is the path of its number in scripts/counts.toml."""

    measure: str
    path: str
    line: int
    text: str
    advice: str

    def sentence(self) -> str:
        """Return place, fault and remedy as one line."""
        return f"{self.path}:{self.line}: {self.text}; {self.advice}"


@dataclass(frozen=True)
class PublicClass:
    """A public class and where it is defined."""

    name: str
    path: str
    line: int


@dataclass(frozen=True)
class Source:
    """A parsed Python file, its nodes grouped by type."""

    path: str
    text: str
    nodes: dict[type[ast.AST], list[ast.AST]]

    @property
    def folder(self) -> str:
        """Return the first folder of the path: src, tests, scripts or benchmarks."""
        return self.path.partition("/")[0]

    def of_type(self, *types: type[Node]) -> Iterator[Node]:
        """Yield the nodes of the types."""
        for kind in types:
            yield from cast("list[Node]", self.nodes.get(kind, []))


def parse_notebook(root: Path, path: Path) -> Source:
    """Read the code cells of a notebook; each line of code keeps the number of its line in the file."""
    lines: list[str] = []
    for start, kind, cell in list_cells(path.read_text(encoding="utf-8")):
        if kind == "code":
            lines += [""] * (start - 1 - len(lines)) + cell
    text = "\n".join(lines) + "\n"
    return Source(path.relative_to(root).as_posix(), text, group_nodes(ast.parse(text, str(path))))


def list_cells(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield the number of the first line, the kind and the lines of each cell of a notebook."""
    starts = [number for number, line in enumerate(text.splitlines(), 1) if CELL_SOURCE.match(line)]
    for start, cell in zip(starts, json.loads(text)["cells"], strict=True):
        yield start + 1, cell["cell_type"], "".join(cell["source"]).split("\n")


def parse_source(root: Path, path: Path) -> Source:
    """Read and parse a file below `root`."""
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(root).as_posix(), text, group_nodes(ast.parse(text, str(path))))


def group_nodes(tree: ast.AST) -> dict[type[ast.AST], list[ast.AST]]:
    """Return the nodes below `tree` by type; faster than `ast.walk`, which enters leaves."""
    groups: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        groups[type(node)].append(node)
        if type(node) not in LEAVES:
            for name in node._fields:
                value = getattr(node, name, None)
                if isinstance(value, ast.AST):
                    waiting.append(value)
                elif isinstance(value, list):
                    waiting += [item for item in value if isinstance(item, ast.AST)]
    return groups


def list_docstrings(source: Source) -> Iterator[tuple[int, str]]:
    """Yield the first line's number and the text of every docstring."""
    for node in cast("Iterator[Documented]", source.of_type(*DOCUMENTED)):
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            text = first.value.value
            if isinstance(text, str):
                yield first.lineno, text


def measure_source(source: Source) -> Iterator[Finding]:
    """Yield the findings of one file; classes of the same name need all files (`find_repeated_classes`)."""
    yield from _find_sentences(source)
    yield from _find_vague_module(source)
    yield from _find_vague_variables(source)
    if source.folder == "src":
        yield from _find_positional_calls(source)
        yield from _find_local_imports(source)
        yield from _find_any(source)
    if source.folder in {"src", "tests", "scripts"}:
        yield from _find_format_skips(source)


def measure_template(path: str, text: str) -> Iterator[Finding]:
    """Yield the vague variables that a Django template binds: `for`, `as` and `name=` of any tag."""
    for tag in TEMPLATE_TAG.finditer(text):
        for name in _list_bound_names(tag[1], tag[2]):
            if name in VAGUE_VARIABLES:
                line = text.count("\n", 0, tag.start()) + 1
                yield _finding("vague_variables", path, line, f"variable {name} is vague", "name what it holds")


def _list_bound_names(tag: str, arguments: str) -> list[str]:
    words = arguments.split()
    if tag == "for" and "in" in words:
        return re.findall(r"\w+", " ".join(words[: words.index("in")]))
    names = [name for before, name in pairwise(words) if before == "as"]
    return names + TEMPLATE_ARGUMENT.findall(QUOTED.sub("", arguments))


def list_public_classes(source: Source) -> Iterator[PublicClass]:
    """Yield the public classes at the top of a module of src."""
    if source.folder == "src":
        for module in source.of_type(ast.Module):
            for node in module.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    yield PublicClass(node.name, source.path, node.lineno)


def find_repeated_classes(classes: Iterable[PublicClass]) -> Iterator[Finding]:
    """Yield one finding for each public class name that two or more modules of src define."""
    places: dict[str, dict[str, int]] = defaultdict(dict)
    for definition in classes:
        places[definition.name][definition.path] = definition.line
    for name, lines in sorted(places.items()):
        if len(lines) > 1:
            *others, path = sorted(lines)
            problem = f"class {name} is also in {', '.join(others)}"
            yield _finding("repeated_classes", path, lines[path], problem, "rename one")


def find_unmirrored_tests(root: Path) -> Iterator[Finding]:
    """Yield the test files that do not stand at the path of the module or package that they test.

    `tests/core/jobs/test_queue.py` tests `src/kerege/core/jobs/queue.py`. More files for the same module add a topic:
    `test_queue_locks.py`. Tests of a whole package stand inside or beside its folder, and tests of a helper of tests,
    such as an oracle, beside the helper.
    """
    for path in sorted((root / "tests").rglob("test_*.py")):
        folder = path.parent.relative_to(root / "tests")
        if folder.parts[:1] not in {(name,) for name in WHOLE_SYSTEM} and not _is_mirrored(root, folder, path.stem):
            advice = "move it to the path of the module that it tests: test_MODULE.py or test_MODULE_TOPIC.py"
            yield _finding(
                "unmirrored_tests", path.relative_to(root).as_posix(), 1, "tests no module of its path", advice
            )


def _is_mirrored(root: Path, folder: Path, stem: str) -> bool:
    sources = root / folder if folder.parts[:1] in {("scripts",), ("benchmarks",)} else root / "src" / "kerege" / folder
    words = stem.split("_")[1:]
    names = ["_".join(words[:number]) for number in range(1, len(words) + 1)]
    in_package = folder.name in names and sources.is_dir()
    if in_package or (root / "tests" / folder / f"{names[-1]}.py").exists():
        return True
    return any((sources / f"{name}.py").exists() or (sources / name).exists() for name in names)


def _finding(measure: str, path: str, line: int, text: str, advice: str) -> Finding:
    return Finding(f"sources.{measure}", path, line, text, advice)


def _find_sentences(source: Source) -> Iterator[Finding]:
    for line, text in list_docstrings(source):
        first = text.strip().partition("\n")[0].strip()
        if len(first) > LINE_LIMIT:
            problem = f"first line of the docstring has {len(first)} characters"
            yield _finding("long_first_lines", source.path, line, problem, f"write at most {LINE_LIMIT}")
        if RIDDLE.match(first):
            problem = f'docstring begins with "{first.split()[0]}"'
            advice = "begin with a verb (functions) or a noun (classes, modules)"
            yield _finding("riddle_first_words", source.path, line, problem, advice)


def _find_vague_module(source: Source) -> Iterator[Finding]:
    path = Path(source.path)
    name = path.parent.name if path.name == "__init__.py" else path.stem
    if name.strip("_") in VAGUE_MODULES:
        yield _finding("vague_modules", source.path, 1, f"module name {name} is vague", "name what the module holds")


def _find_positional_calls(source: Source) -> Iterator[Finding]:
    for node in source.of_type(ast.Call):
        if len(node.args) >= POSITIONAL_LIMIT:
            problem = f"call with {len(node.args)} positional arguments"
            yield _finding("positional_calls", source.path, node.lineno, problem, "pass arguments by keyword")


def _find_local_imports(source: Source) -> Iterator[Finding]:
    lines = set()
    for function in source.of_type(*FUNCTIONS) if INDENTED_IMPORT.search(source.text) else ():
        lines |= {node.lineno for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom))}
    for line in sorted(lines):
        yield _finding("local_imports", source.path, line, "import inside a function", "import at the top")


def _find_any(source: Source) -> Iterator[Finding]:
    if "Any" in source.text:
        lines = {node.lineno for node in source.of_type(ast.Name) if node.id == "Any"}
        for line in sorted(lines):
            yield _finding("any_lines", source.path, line, "type Any", "write the precise type, or object")


def _find_vague_variables(source: Source) -> Iterator[Finding]:
    names = [(node.lineno, node.id) for node in source.of_type(ast.Name) if not isinstance(node.ctx, ast.Load)]
    names += [(node.lineno, node.arg) for node in source.of_type(ast.arg)]
    for line, name in sorted(names):
        if name in VAGUE_VARIABLES:
            yield _finding("vague_variables", source.path, line, f"variable {name} is vague", "name what it holds")


def _find_format_skips(source: Source) -> Iterator[Finding]:
    if "fmt:" in source.text:
        for number, line in enumerate(source.text.splitlines(), 1):
            if FORMAT_SKIP.search(line):
                yield _finding("format_skips", source.path, number, "fmt: skip", "let the formatter lay out the line")
