"""What comes round in the audit."""

from __future__ import annotations

from kerege.core.audit import roots
from kerege.core.jobs.registry import every

every("audit.root", days=1)(roots.write)
