"""The shared vocabulary: code lists, fields, snapshot columns, crosswalks, country profiles. Pure."""

from __future__ import annotations


def validate() -> list[str]:
    """What in the shipped vocabulary does not fit together, one sentence each; an empty list is as it should be."""
    from kerege.vocabulary import self_check

    return self_check.problems()
