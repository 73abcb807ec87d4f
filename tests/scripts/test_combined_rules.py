"""The page on combined values states every constraint of the models, and tests that exist."""

from __future__ import annotations

import re

import pytest
from django.db.models import F, Q

from scripts import combined_rules
from tests.conftest import ROOT


def test_the_page_is_current() -> None:
    assert combined_rules.PAGE.read_text(encoding="utf-8") == combined_rules.page(), "run scripts/combined_rules.py"


def test_every_rule_of_a_service_names_a_test_that_exists() -> None:
    for reference in combined_rules.SERVICE_RULES.values():
        path, _, name = reference.partition("::")
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), reference


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Q(a=None), "`a` is empty"),
        (Q(a__isnull=False), "`a` is given"),
        (~Q(a=""), "not (`a` is empty)"),
        (Q(a=None) | Q(a__gte=F("b")), "`a` is empty or `a` ≥ `b`"),
        (Q(a=1) & (Q(b__lt=2) | Q(c__in=["x", "y"])), "`a` = `1` and (`b` < `2` or `c` is one of `x`, `y`)"),
    ],
)
def test_a_condition_is_described(condition: Q, text: str) -> None:
    assert combined_rules.describe(condition) == text
