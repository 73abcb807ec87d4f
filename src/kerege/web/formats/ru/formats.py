"""Russian formats: `26 ноября 2026 г.` (ends a sentence by itself), grouped thousands, 24 hours."""

from __future__ import annotations

DATE_FORMAT = "j E Y г."
DATETIME_FORMAT = "j E Y г., H:i"
TIME_FORMAT = "H:i"
THOUSAND_SEPARATOR = "\u00a0"
NUMBER_GROUPING = 3
