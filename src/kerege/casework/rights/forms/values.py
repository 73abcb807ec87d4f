"""Values of a valid form, by name of the field."""

from __future__ import annotations

from typing import Any

Values = dict[str, Any]
