"""What is exported says in its docstring what it takes, gives and refuses."""

from __future__ import annotations

import inspect
import re

import pytest

from kerege.evidence import mse

EXPORTED = [getattr(mse, name) for name in mse.__all__]
FUNCTIONS = [each for each in EXPORTED if inspect.isfunction(each)]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.__name__)
def test_every_parameter_and_the_result_are_told(function: object) -> None:
    told = inspect.getdoc(function) or ""
    assert "Parameters\n----------\n" in told
    assert "Returns\n-------\n" in told
    named = {name for line in re.findall(r"^[\w*][\w*, ]*(?= : |$)", told, re.M) for name in line.split(", ")}
    kinds = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    assert {("**" if each.kind is each.VAR_KEYWORD else "") + each.name for each in kinds} - named == set()


def test_every_class_has_a_docstring_of_its_own() -> None:
    for each in EXPORTED:
        if inspect.isclass(each):
            assert each.__doc__, each
            assert not each.__doc__.startswith(f"{each.__name__}("), each
