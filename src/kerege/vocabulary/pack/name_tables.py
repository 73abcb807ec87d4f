"""Tables of names that a pack adds to those of record linkage."""

from __future__ import annotations

import os
from pathlib import Path

from kerege.vocabulary.pack.search_order import active_pack

FOLDER = "names"
VARIABLE = "KEREGE_NAME_TABLES"  # read by kerege.linkage.names when it is imported


def use_name_tables() -> None:
    """Let the folding of names read the tables of the active pack, also in further processes.

    Call it before `kerege.linkage.names` is imported. A pack without tables changes nothing.
    """
    folder = active_pack().folder / FOLDER
    if isinstance(folder, Path) and folder.is_dir():
        os.environ[VARIABLE] = str(folder)
