"""Style sheets for languages from right to left."""

from __future__ import annotations

import re

import mirrored_styles as mirror
import pytest


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("a{margin-left:5px}", "a{margin-right:5px}"),
        ("a{padding:1px 2px 3px 4px}", "a{padding:1px 4px 3px 2px}"),
        ("a{padding:1px 2px 3px 4px!important}", "a{padding:1px 4px 3px 2px!important}"),
        ("a{margin:0 auto}", "a{margin:0 auto}"),
        ("a{text-align:left;float:right}", "a{text-align:right;float:left}"),
        ("a{border-width:max(1px,.06em) max(1px,.06em) 0 0}", "a{border-width:max(1px,.06em) 0 0 max(1px,.06em)}"),
        ("a{transform:rotate(-45deg)}", "a{transform:rotate(45deg)}"),
        ("a{clip-path:polygon(0 0,100% 50%,0 100%)}", "a{clip-path:polygon(100% 0,0 50%,100% 100%)}"),
        ("a{font-weight:bold;copyright-logo:none}", "a{font-weight:bold;copyright-logo:none}"),
        (".x-checkboxes__label:after{left:1px;transform:rotate(-45deg)}",) * 2,
    ],
)
def test_a_rule_is_turned_round(rule: str, expected: str) -> None:
    if mirror.TICK in rule:
        expected = rule.replace("left", "right")
    assert mirror.mirrored(rule) == expected


@pytest.mark.parametrize("source", mirror.sources(), ids=lambda path: path.name)
def test_the_mirrored_sheets_are_up_to_date_and_twice_mirrored_ones_are_the_originals(source) -> None:
    text = source.read_text(encoding="utf-8")
    mirrored = mirror.target_of(source).read_text(encoding="utf-8")
    assert mirrored == mirror.mirrored(text) != text
    assert _without_polygons(mirror.mirrored(mirrored)) == _without_polygons(text)


def _without_polygons(text: str) -> str:
    return re.sub(r"polygon\([^)]*\)", "", text)
