"""The pytest plugin of `scripts/check_extras`: test functions run with few of their repetitions.

`make test` runs all parameter sets, and as many Hypothesis examples as a test asks for, in the full environment. An
environment with one extra differs in what is installed. The first and the last parameter set of a function, and ten
examples, meet the same imports as the others. Long functions repeat an experiment, such as a bootstrap: `make test`
runs them alone. Without this plugin everything runs.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import settings

EXAMPLES = 10
LONG = set(Path(__file__).with_name("long_functions.txt").read_text(encoding="utf-8").splitlines())
SETTINGS = "_hypothesis_internal_use_settings"  # Hypothesis has no public way to change those of a decorated test


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect long functions, and parameter sets between the first and the last; limit examples."""
    functions: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        functions[item.nodeid.partition("[")[0]].append(item)
    left_out = {id(item) for repeated in functions.values() for item in repeated[1:-1]}
    left_out |= {id(item) for item in items if getattr(item, "originalname", item.name) in LONG}
    config.hook.pytest_deselected(items=[item for item in items if id(item) in left_out])
    items[:] = [item for item in items if id(item) not in left_out]
    for item in items:
        test = getattr(item, "obj", None)
        if chosen := getattr(test, SETTINGS, None):
            setattr(test, SETTINGS, settings(chosen, max_examples=min(EXAMPLES, chosen.max_examples)))
