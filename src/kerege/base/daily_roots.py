"""Line of the file of daily roots."""

from __future__ import annotations

import json

from kerege.base.file_model import OpenModel


class DailyRoot(OpenModel):
    """A daily root: the head of the chain at a time, and the root before it. A signature covers both.

    Roots of version 0.1 have no number and name no previous root. Further keys are statements of other apps.
    """

    at: str
    seq: int
    hash: str
    key: str
    number: int | None = None
    previous: str | None = None
    signature: str = ""

    @property
    def signed(self) -> bytes:
        """Return the bytes that the signature covers."""
        content = {name: value for name, value in self.tree.items() if name != "signature"}
        return json.dumps(content, sort_keys=True).encode()
