"""The Monte Carlo error of BCa with selection among all models.

The check is that of tests/evidence/mse/loglinear/test_bootstrap.py.
"""

from __future__ import annotations

from tests.evidence.mse.loglinear.test_bootstrap import check_error_of_bca


def test_the_monte_carlo_error_of_bca_includes_that_of_z0() -> None:
    check_error_of_bca("Kosovo", "bic", None)
