"""Build hook that compiles the translation catalogues, so that wheel and sdist contain them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface):  # type: ignore[type-arg]
    """Hook that compiles all catalogues before the files of a distribution are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogues; raise FileNotFoundError when there is none."""
        sys.path.insert(0, str(Path(self.root) / "scripts"))
        from compile_messages import main

        main()
