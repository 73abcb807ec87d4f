"""Django set-up for the commands that need the register."""

from __future__ import annotations

import os


def setup(*, demo: bool = False) -> None:
    """Configure Django once; later calls have no effect. `demo` counts in the first call only."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kerege.config.settings")
    if demo:
        os.environ["KEREGE_DEMO"] = "1"
    import django

    django.setup()
    from kerege.core.authorization import session_scope

    session_scope.open_process()
