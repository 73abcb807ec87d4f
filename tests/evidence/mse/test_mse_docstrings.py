"""Exported functions document parameters and result; exported classes have a docstring."""

from __future__ import annotations

import inspect
import re

import pytest

from kerege.evidence import mse

EXPORTED = [getattr(mse, name) for name in mse.__all__]
FUNCTIONS = [export for export in EXPORTED if inspect.isfunction(export)]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_every_parameter_and_the_result_are_documented(function: object) -> None:
    docstring = inspect.getdoc(function) or ""
    assert "Parameters\n----------\n" in docstring
    assert "Returns\n-------\n" in docstring
    documented = {name for line in re.findall(r"^[\w*][\w*, ]*(?= : |$)", docstring, re.M) for name in line.split(", ")}
    kinds = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    assert {
        ("**" if parameter.kind is parameter.VAR_KEYWORD else "") + parameter.name for parameter in kinds
    } - documented == set()


def test_every_class_has_a_docstring_of_its_own() -> None:
    for export in EXPORTED:
        if inspect.isclass(export):
            assert export.__doc__, export
            assert not export.__doc__.startswith(f"{export.__name__}("), export
