"""Mounted file systems, as the kernel of Linux lists them."""

from __future__ import annotations

import re
from pathlib import Path

TABLE = Path("/proc/self/mountinfo")
NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "lustre", "gpfs", "beegfs", "afs", "glusterfs", "sshfs"}
)
ESCAPED = re.compile(r"\\([0-7]{3})")  # a space of a path, for instance, is \040


def is_network_path(path: Path) -> bool:
    """Return whether a path is on a file system of another machine; False where the kernel lists none."""
    try:
        lines = TABLE.read_text("utf-8").splitlines()
    except OSError:
        return False
    kinds = dict(map(_read_line, lines))  # the last of several mounts at one place hides the others
    place = path.resolve()
    nearest = next((folder for folder in (place, *place.parents) if folder in kinds), None)
    return nearest is not None and kinds[nearest].removeprefix("fuse.") in NETWORK_TYPES


def _read_line(line: str) -> tuple[Path, str]:
    """Return the folder and the type of a mount; optional fields stand before the dash."""
    fields, _, rest = line.partition(" - ")
    folder = ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields.split()[4])
    return Path(folder), rest.split()[0]
