"""Russian formats: Django's own, with grouped thousands and 24 hours."""

from __future__ import annotations

DATE_FORMAT = "j E Y"
DATETIME_FORMAT = "j E Y, H:i"
TIME_FORMAT = "H:i"
THOUSAND_SEPARATOR = "\u00a0"
NUMBER_GROUPING = 3
