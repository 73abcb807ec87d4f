"""Reader of environment variables; an invalid value stops the start with one sentence."""

from __future__ import annotations

import os

from kerege.base.errors import BadInput, Fault

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def env_str(name: str, default: str) -> str:
    """Return a text; an empty value counts as unset."""
    return os.environ.get(name) or default


def env_bool(name: str, default: bool) -> bool:
    """Return a truth value; raises BadInput for any other text."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    raise BadInput(Fault(f"{name} is neither yes nor no", "set it to 1 or 0", file="environment"))


def env_int(name: str, default: int) -> int:
    """Return a whole number; raises BadInput for any other text."""
    try:
        return int(os.environ.get(name) or default)
    except ValueError:
        raise BadInput(Fault(f"{name} is not a whole number", "correct it", file="environment")) from None


def env_list(name: str, default: list[str]) -> list[str]:
    """Return the parts of a text separated by commas."""
    value = os.environ.get(name)
    return [part.strip() for part in value.split(",") if part.strip()] if value else default
