"""Epsilon and delta in files: numbers in their range, else one sentence that says what to give."""

from __future__ import annotations

import pytest

from kerege.base.errors import BadInput
from kerege.base.file_model import FileModel
from kerege.evidence.dp.loss_fields import Delta, Epsilon


class Losses(FileModel):
    """A file with a privacy loss."""

    epsilon: Epsilon
    delta: Delta = None


@pytest.mark.parametrize("epsilon", [0.001, 1, 4.5, 100])
@pytest.mark.parametrize("delta", [None, 1e-30, 1e-9, 1e-4])
def test_numbers_in_their_range_are_read_unchanged(epsilon: float, delta: float | None) -> None:
    losses = Losses.parsed({"epsilon": epsilon, "delta": delta}, "spec.toml")
    assert (losses.epsilon, losses.delta) == (epsilon, delta)


@pytest.mark.parametrize("epsilon", [0.0009, 0, -1, 100.1, float("inf"), float("nan"), "4", True, None, [1]])
def test_another_epsilon_is_refused_with_its_range_and_an_example(epsilon: object) -> None:
    with pytest.raises(BadInput) as caught:
        Losses.parsed({"epsilon": epsilon}, "spec.toml")
    assert str(caught.value) == "spec.toml: epsilon is not a number from 0.001 to 100, give one such as 4"


@pytest.mark.parametrize("delta", [0, 1e-31, 0.00011, 1, -1e-9, float("nan"), "1e-9", False])
def test_another_delta_is_refused_with_its_range_and_an_example(delta: object) -> None:
    with pytest.raises(BadInput) as caught:
        Losses.parsed({"epsilon": 1.0, "delta": delta}, "spec.toml")
    assert str(caught.value) == "spec.toml: delta is not a number from 1e-30 to 0.0001, give one such as 1e-9, or none"


def test_a_missing_epsilon_is_refused_and_a_missing_delta_is_the_default() -> None:
    assert Losses.parsed({"epsilon": 1.0}, "spec.toml").delta is None
    with pytest.raises(BadInput, match=r"spec\.toml: epsilon is missing, add it"):
        Losses.parsed({}, "spec.toml")
