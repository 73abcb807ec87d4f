"""The fixtures of casework, for stories that cross rooms."""

from __future__ import annotations

from tests.casework.conftest import make_case, operator

__all__ = ["make_case", "operator"]
