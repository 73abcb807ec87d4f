"""Model of `estimates/NAME.json`: the figures of an estimate, or the rule that withholds them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kerege.base.file_model import FileModel
from kerege.base.file_types import Count, Given, PartName, Positive, Text, Values
from kerege.evidence.release.manifest import DetectedTotal, Period

FORMAT = "kerege-estimate/2"
Interval = Annotated[list[Count], Field(min_length=2, max_length=2)]


class WithheldReason(FileModel):
    """The publication rule under which there is no estimate."""

    rule: str
    reason: Text


class MethodFigures(FileModel):
    """The rounded figures of one method of the panel, in people."""

    estimate: Count | None
    interval80: Interval | None
    interval95: Interval | None


class SensitivityFigure(FileModel):
    """The rounded estimate under another assumption, in people."""

    key: str
    label: Text
    estimate: Count | None


class EstimateContents(FileModel):
    """The contents of the file of an estimate.

    `kind` says which figures there are: a `range` has `lower` and `upper`, `at_least` has `lower` alone. `upper` holds
    if nobody had less than `least_chance` of coming onto a list. Files of the older format have no `kind`; their range
    is that of the methods. For real people `methods` and `sensitivity` are empty. `planted` is the true number of
    invented people.
    """

    format: Literal["kerege-estimate/1", "kerege-estimate/2"]
    name: PartName
    title: Text
    of: str
    period: Period
    where: dict[str, Values]
    invented: bool
    notice: Annotated[Text | None, Given()] = None
    lists: dict[str, Values]
    notes: list[str]
    assumptions: Text
    seed: Count
    bootstrap: Count
    code_version: str
    linkage_reviewed: Annotated[bool | None, Given()] = None
    planted: Annotated[Positive | None, Given()] = None
    detected: DetectedTotal | None
    no_estimate: WithheldReason | None
    kind: Annotated[Literal["range", "at_least", "none"] | None, Given()] = None
    lower: Count | None
    upper: Count | None
    least_chance: Annotated[float | None, Given()] = None
    methods: dict[str, MethodFigures]
    sensitivity: list[SensitivityFigure]
