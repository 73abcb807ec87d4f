"""Drills: restore the newest backup into a scratch home folder, check it, and remove the folder.

A drill runs in two processes. The first one works on the register: it chooses the backup, limits the second one, and
records the result. The second one has the scratch folder as its home: it restores the backup there and checks it.
"""

from __future__ import annotations

from kerege.core.restore_drills.drill import newest_backup, run_drill
from kerege.core.restore_drills.report import DrillReport, RestoredFacts, read_report

__all__ = ["DrillReport", "RestoredFacts", "newest_backup", "read_report", "run_drill"]
