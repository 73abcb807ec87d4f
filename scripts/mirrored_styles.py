#!/usr/bin/env python3
"""Write the style sheets of the vendored components for languages that are written from right to left.

Each declaration that names a side is turned round: `margin-left` becomes `margin-right`, and four lengths in a row
change their second and fourth. Files are written beside their originals: NAME.rtl.min.css.
"""

from __future__ import annotations

import re
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "src" / "kerege" / "web" / "static" / "vendor"
SHEETS = ("govuk-frontend-*/govuk-frontend.min.css", "moj-frontend-*/moj-frontend.min.css")
RULE = re.compile(r"(?P<selector>[^{};]+){(?P<body>[^{}]*)}")
DECLARATION = re.compile(r"(?P<name>[a-z-]+):(?P<value>[^;{}]+)")
SIDE = re.compile(r"(?<![a-z])(left|right)(?![a-z])")
LENGTH = re.compile(r"(?:[^ (]|\([^)]*\))+")  # of a row of lengths, such as `1px max(1px,.06em) 0 0`
OTHER = {"left": "right", "right": "left"}
FOUR = ("margin", "padding", "border-width", "border-color", "border-style", "inset")
WITH_SIDE = ("text-align", "float", "clear", "background-position", "transform-origin")
TICK = "checkboxes__label:after"  # a tick has the same form in every language


def mirrored(text: str) -> str:
    """Return a style sheet in which left and right are exchanged.

    Examples
    --------
    >>> mirrored("a{margin-left:5px;padding:1px 2px 3px 4px;float:left}")
    'a{margin-right:5px;padding:1px 4px 3px 2px;float:right}'
    >>> mirrored("a{border-width:1px 1px 0 0;transform:rotate(225deg)}")
    'a{border-width:1px 0 0 1px;transform:rotate(-225deg)}'
    """
    return RULE.sub(_mirror_rule, text)


def _mirror_rule(rule: re.Match[str]) -> str:
    is_tick = TICK in rule["selector"]
    return f"{rule['selector']}{{{DECLARATION.sub(_mirror_tick if is_tick else _mirror, rule['body'])}}}"


def _mirror_tick(declaration: re.Match[str]) -> str:
    return declaration[0] if declaration["name"] in {"border-width", "transform"} else _mirror(declaration)


def _mirror(declaration: re.Match[str]) -> str:
    name, value = declaration["name"], declaration["value"]
    if name in FOUR:
        value = _turn(value)
    elif name in WITH_SIDE:
        value = _swap(value)
    elif name == "transform":
        value = re.sub(r"rotate\((-?)(?=[1-9])", lambda sign: f"rotate({'' if sign[1] else '-'}", value)
    elif name.endswith("clip-path"):
        value = re.sub(r"(?<=[(,])(0|100%) ", lambda place: "100% " if place[1] == "0" else "0 ", value)
    return f"{_swap(name)}:{value}"


def _swap(text: str) -> str:
    return SIDE.sub(lambda side: OTHER[side[1]], text)


def _turn(value: str) -> str:
    """Return four lengths with the second and the fourth exchanged; other values stay."""
    lengths, important = value.removesuffix("!important"), value.endswith("!important")
    parts = LENGTH.findall(lengths)
    if len(parts) != 4:
        return value
    top, right, bottom, left = parts
    return f"{top} {left} {bottom} {right}{'!important' if important else ''}"


def target_of(source: Path) -> Path:
    """Return the path of the mirrored sheet."""
    return source.with_name(source.name.replace(".min.css", ".rtl.min.css"))


def sources() -> list[Path]:
    """Return the vendored sheets."""
    return [path for pattern in SHEETS for path in sorted(VENDOR.glob(pattern))]


def main() -> None:
    """Write every mirrored sheet."""
    for source in sources():
        target_of(source).write_text(mirrored(source.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
