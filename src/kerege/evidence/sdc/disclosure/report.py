"""The report of a disclosure risk assessment, printed by `kerege attack --json` and kept in drafts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from kerege.base.file_model import FileModel
from kerege.base.file_types import Count, Given, Integer

Codes = dict[str, str]  # by column
Where = dict[str, list[str]]
# no longer found: revision
Kind = Literal["small", "interval", "difference", "noise", "revision", "entered", "group"]


class Source(FileModel):
    """A published number that an intruder uses; `printed` is a share that gives the number."""

    release: str
    table: str
    cell: Codes
    value: Integer
    printed: Annotated[str | None, Given()] = None


class Remedy(FileModel):
    """A change of a table that stops a disclosure: further cells to suppress, or the table to leave out."""

    table: str
    action: Literal["hide", "drop"]
    cells: list[Codes]


class Finding(FileModel):
    """A disclosure: a cell or difference of at least `lower` and at most `upper` people."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    kind: Kind
    release: str
    table: str
    where: Where
    cell: Codes
    lower: Integer
    upper: Integer
    people: Count
    sources: list[Source] = Field(validation_alias="from", serialization_alias="from")
    remedy: str
    words: list[str]
    advice: list[Remedy]
    already_public: bool
    of: Annotated[str | None, Given()] = None  # the unit of the table


class SharedValue(FileModel):
    """A group whose members share a value."""

    release: str
    table: str
    where: Where
    cell: Codes
    shares: Codes
    people: Count


class Examined(FileModel):
    """Numbers of objects that an assessment examined."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    releases: Count
    tables: Count
    cells: Count
    hidden: Count
    groups: Count = Field(alias="differences")  # derived groups of people; files keep the name of version 0.1


class RemedyPlan(FileModel):
    """Changes that stop the disclosures of a report together.

    `left` counts the disclosures that remain after them, and `undecided` the figures that stay undecided.
    """

    steps: list[Remedy]
    left: Count
    undecided: Count


class AttackReport(FileModel):
    """Disclosures of a publication together with everything public before it."""

    safe: bool
    undecided: Count
    threshold: Integer
    disclosures: list[Finding]
    groups: list[SharedValue]
    already_public: Count
    examined: Examined
    notes: list[str]
    plan: Annotated[RemedyPlan | None, Given()] = None

    @property
    def added(self) -> list[Finding]:
        """Return the disclosures that the assessed release adds to the earlier ones."""
        return [finding for finding in self.disclosures if not finding.already_public]
