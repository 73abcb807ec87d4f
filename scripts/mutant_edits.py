"""Mutants of a Python file: its syntax tree with one small change each."""

from __future__ import annotations

import ast
import copy
import difflib
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPILERS = {"compiled", "inlined", "jit", "njit"}  # decorators after which Numba compiles a function
ANNOTATIONS = {"annotation", "returns", "type_comment"}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
OPPOSITES = {"min": "max", "any": "all", "floor": "ceil", "minimum": "maximum", "logical_and": "logical_or"}
OPPOSITES |= {opposite: name for name, opposite in OPPOSITES.items()}


@dataclass(frozen=True)
class Mutant:
    """One change of one file.

    `number` counts the changes of the file in the order of `_list_edits`. `key` stays when other code of the file
    changes. `function` is the outermost function whose body holds the change; empty at module and class level.
    """

    path: str
    number: int
    key: str
    operator: str
    line: int
    span: tuple[int, int]  # lines of the statement, without the body of a compound one
    function: str = ""
    compiled: bool = False
    names: frozenset[str] = frozenset()  # at module level: what the statement binds or refers to
    source: str = ""  # hash of the file in which `number` counts

    def is_current(self, root: Path) -> bool:
        """Return whether the file is still the one in which the changes were counted."""
        return self.source == _hash(root / self.path)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


@dataclass
class _Place:
    """A position in the tree: parent node, field and position in a list, and the functions around."""

    parent: ast.AST
    name: str
    position: int | None
    statement: ast.stmt | None = None
    scopes: tuple[str, ...] = ()
    function: str = ""
    compiled: bool = False
    names: frozenset[str] = field(default_factory=frozenset)

    def put(self, node: ast.AST) -> None:
        """Put a node at this position."""
        if self.position is None:
            setattr(self.parent, self.name, node)
        else:
            getattr(self.parent, self.name)[self.position] = node


def list_mutants(root: Path, path: Path) -> list[Mutant]:
    """Return all mutants of a file."""
    relative, source = path.relative_to(root).as_posix(), _hash(path)
    seen: Counter[str] = Counter()
    mutants = []
    for number, (place, old, new, operator) in enumerate(_list_edits(ast.parse(path.read_text(encoding="utf-8")))):
        identity = "\0".join([relative, *place.scopes, operator, ast.unparse(old), ast.unparse(new)])
        seen[identity] += 1
        key = hashlib.sha256(f"{identity}\0{seen[identity]}".encode()).hexdigest()[:16]
        statement = place.statement
        line = getattr(old, "lineno", statement.lineno if statement else 1)
        span = _span(statement) if statement else (line, line)
        mutants.append(
            Mutant(
                path=relative,
                number=number,
                key=key,
                operator=operator,
                line=line,
                span=span,
                function=place.function,
                compiled=place.compiled,
                names=place.names,
                source=source,
            )
        )
    return mutants


def mutate(text: str, number: int) -> ast.Module:
    """Return the tree of a file with one of its changes."""
    tree = ast.parse(text)
    place, old, new, _ = _edit(tree, number)
    place.put(ast.fix_missing_locations(ast.copy_location(new, old)))
    return tree


def describe(text: str, number: int) -> tuple[str, str]:
    """Return the lines that a change removes, and those that it adds, as Python writes a tree."""
    tree = ast.parse(text)
    place, old, new, _ = _edit(tree, number)
    statement = place.statement
    if statement is None:
        return ast.unparse(old), ast.unparse(new)
    before = ast.unparse(statement).splitlines()
    if statement is old:
        statement = new
    else:
        place.put(ast.fix_missing_locations(ast.copy_location(new, old)))
    after = ast.unparse(statement).splitlines()
    lines = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    removed, added = ("\n".join(line[2:].strip() for line in lines if line[0] == sign) for sign in "-+")
    return removed, added


def _edit(tree: ast.Module, number: int) -> tuple[_Place, ast.AST, ast.AST, str]:
    for position, edit in enumerate(_list_edits(tree)):
        if position == number:
            return edit
    raise LookupError(f"no change {number}")


def _list_edits(tree: ast.Module) -> Iterator[tuple[_Place, ast.AST, ast.AST, str]]:
    """Yield every change of a tree: where, the node, the node in its place, and the name of the operator."""
    yield from _below(tree, _Place(tree, "", None))


def _below(node: ast.AST, around: _Place) -> Iterator[tuple[_Place, ast.AST, ast.AST, str]]:
    for name, value in ast.iter_fields(node):
        if name in ANNOTATIONS:
            continue
        children = value if isinstance(value, list) else [value]
        for position, child in enumerate(children):
            if not isinstance(child, ast.AST) or _is_left_out(name, child):
                continue
            place = replace(around, parent=node, name=name, position=position if isinstance(value, list) else None)
            if isinstance(child, ast.stmt):
                place.statement = child
            if isinstance(node, FUNCTIONS) and name == "body" and not place.function:
                compilers = {_last_name(decorator) for decorator in node.decorator_list} & COMPILERS
                place.function, place.compiled = ".".join(place.scopes), bool(compilers)
            if not place.function:
                place.names = around.names | _names(child)
            for new, operator in _changes(child, place):
                yield place, child, new, operator
            if isinstance(child, (ast.ClassDef, *FUNCTIONS)):
                place = replace(place, scopes=(*place.scopes, child.name))
            yield from _below(child, place)


def _is_left_out(name: str, node: ast.AST) -> bool:
    """Return whether nothing below a node is worth a mutant."""
    if name == "decorator_list" and _last_name(node) == "dataclass":
        return True  # frozen, order: no behaviour that a test should state
    if isinstance(node, ast.If):
        tested = ast.unparse(node.test)
        return "TYPE_CHECKING" in tested or "__name__" in tested
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _names(node: ast.AST) -> frozenset[str]:
    """Return the names that a node at module or class level binds, and the names of actions in a call."""
    if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
        return frozenset({node.name})
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return frozenset(part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))
    if isinstance(node, ast.Call):
        words = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        return frozenset(word for word in words if isinstance(word, str) and "." in word and " " not in word)
    return frozenset()


def _span(statement: ast.stmt) -> tuple[int, int]:
    """Return the lines of a statement; of a compound one, those before its body."""
    body = getattr(statement, "body", None)
    last = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
    return statement.lineno, max(statement.lineno, last)


def _changes(node: ast.AST, place: _Place) -> Iterator[tuple[ast.AST, str]]:
    """Yield the replacements of a node, each with the name of the operator."""
    if place.name == "test" and not isinstance(node, (ast.Compare, ast.UnaryOp)):
        yield ast.UnaryOp(ast.Not(), copy.deepcopy(node)), "condition"
    if place.name == "ifs":
        yield ast.Constant(True), "filter"
    if isinstance(node, ast.Compare):
        for position, operator in enumerate(node.ops):
            for other in COMPARISONS[type(operator)]:
                changed = copy.deepcopy(node)
                changed.ops[position] = other()
                yield changed, "comparison"
    elif isinstance(node, ast.BoolOp):
        changed = copy.deepcopy(node)
        changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield changed, "and, or"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub, ast.Invert)):
        yield copy.deepcopy(node.operand), "negation"
    elif isinstance(node, ast.Constant):
        yield from ((ast.Constant(value), "constant") for value in _other_values(node.value))
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and not _is_type_union(node):
        changed = copy.deepcopy(node)
        changed.op = OPERATORS[type(node.op)]()
        yield changed, "arithmetic"
    elif isinstance(node, ast.Set) and len(node.elts) > 1:
        for position in range(len(node.elts)):
            changed = copy.deepcopy(node)
            del changed.elts[position]
            yield changed, "set element"
    elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(place.parent, ast.Call) and place.name == "func":
        # `all` of a query or of a registry is not the opposite of `any`
        owner = _last_name(node.value) if isinstance(node, ast.Attribute) else "np"
        if (opposite := OPPOSITES.get(_last_name(node))) and owner in {"np", "math"}:
            changed = copy.deepcopy(node)
            setattr(changed, "id" if isinstance(node, ast.Name) else "attr", opposite)
            yield changed, "opposite function"
    elif isinstance(node, ast.Return) and not place.compiled and not isinstance(node.value, (ast.Constant, type(None))):
        yield ast.Return(ast.Constant(None)), "return value"
    if _is_removable(node):
        yield ast.Pass(), "statement"


def _is_type_union(node: ast.AST) -> bool:
    """Return whether an operation is a type such as `str | None`."""
    return isinstance(node, ast.BinOp) and any(
        isinstance(side, ast.Constant) and side.value is None for side in (node.left, node.right)
    )


def _other_values(value: object) -> list[object]:
    """Return other values of a constant: neighbours of a whole number, twice and half a fraction."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, float):
        return [2 * value, value / 2] if value else [1.0]
    return []


def _is_removable(node: ast.AST) -> bool:
    """Return whether the code is still complete without a statement: it binds no name."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, (ast.Call, ast.Await))
    if isinstance(node, ast.Assign):
        return not any(isinstance(target, (ast.Name, ast.Tuple, ast.List)) for target in node.targets)
    return isinstance(node, (ast.AugAssign, ast.Raise, ast.Continue, ast.Break, ast.Delete))
