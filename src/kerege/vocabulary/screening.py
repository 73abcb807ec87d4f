"""Indicator questionnaires and what their answers amount to. They propose; a named person concludes.

A questionnaire is a TOML file under `data/screening`; a country adds its own, or replaces one of ours by its id, with
files in KEREGE_HOME/screening. The rule of the two Delphi lists is that of ILO and European Commission (2009),
Operational indicators of trafficking in human beings; docs/decisions/0009-indicators-propose.md says how its gaps are
read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files as resources
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from kerege.base import local_toml
from kerege.base.errors import BadInput, Fault
from kerege.vocabulary import codes
from kerege.vocabulary.profile_parts import Fact, Part, Text

Weight = Literal["S", "M", "W", ""]
Code = Annotated[str, Field(pattern="^[a-z0-9_]{1,40}$")]
YES = "yes"
ACT = "act"
# the dimensions that the combined classes of the Delphi lists speak of
MEANS = {"deceptive_recruitment", "coercive_recruitment", "vulnerable_recruitment", "coercion", "vulnerability"}
RECRUITMENT = {"deceptive_recruitment", "coercive_recruitment", "vulnerable_recruitment"}
EXPLOITATION, COERCION = "exploitation", "coercion"
# from least to most: more indicators present never lead to an earlier one
CLASSES = ("insufficient", "indicators_present", "labour_rights", "intermediate", "trafficking")
# the classes that speak for presuming a victim
CONSISTENT = {"indicators_present", "intermediate", "trafficking"}


class Question(Part):
    """What is asked."""

    ask: Text


class Dimension(Part):
    """A group of indicators, judged together."""

    code: Code
    title: Text


class Indicator(Question):
    """A question of a dimension and how much a yes weighs: strong, medium, weak, or nothing where no list weighs it."""

    code: Code
    dimension: Code
    weight: Weight = ""


class Tool(Fact):
    """A questionnaire. `profile` says by which rule its answers combine."""

    id: Code
    version: Annotated[str, Field(pattern="^[0-9A-Za-z.-]{1,20}$")]
    profile: Literal["adult", "child", "presence"]
    title: Text
    note: Text
    act: Question | None = None  # asked of a child: act and exploitation suffice
    dimension: list[Dimension]
    indicator: list[Indicator]

    @model_validator(mode="after")
    def _fits_together(self) -> Tool:
        known = [row.code for row in self.dimension]
        asked = [row.code for row in self.indicator]
        for name, times in Counter([*known, *asked]).items():
            if times > 1:
                raise ValueError(f"{name} stands twice")
        if lost := {row.dimension for row in self.indicator} - set(known):
            raise ValueError(f"there is no dimension {', '.join(sorted(lost))}")
        if self.profile == "presence":
            return self
        if missing := {*MEANS, EXPLOITATION} - set(known):
            raise ValueError(f"the dimension {', '.join(sorted(missing))} is missing")
        if heavy := [row.code for row in self.indicator if not row.weight]:
            raise ValueError(f"{', '.join(heavy)} has no weight")
        return self

    @property
    def usable(self) -> bool:
        """Whether it asks anything: one without a question is not offered."""
        return bool(self.indicator)

    @property
    def questions(self) -> list[str]:
        """Codes of everything that is asked."""
        return ([ACT] if self.act else []) + [row.code for row in self.indicator]

    def of(self, dimension: str) -> list[Indicator]:
        """The indicators of a dimension in the order asked."""
        return [row for row in self.indicator if row.dimension == dimension]


@dataclass(frozen=True)
class Finding:
    """One dimension: how many indicators of each weight are present, and whether that makes it positive.

    `open`: not positive, but could still become so, if what is unanswered, unknown, not asked or refused were a yes.
    """

    dimension: str
    strong: int
    medium: int
    weak: int
    present: int
    asked: int
    positive: bool
    open: bool


@dataclass(frozen=True)
class Result:
    """What the answers amount to, and what they could still amount to."""

    findings: tuple[Finding, ...]
    combined: str
    reachable: str
    answered: int
    asked: int

    @property
    def consistent(self) -> bool:
        """Whether the indicators speak for presuming a victim."""
        return self.combined in CONSISTENT

    def stored(self) -> dict[str, Any]:
        """Codes and counts, as a screening keeps them."""
        rows = {row.dimension: {**vars(row)} for row in self.findings}
        for row in rows.values():
            del row["dimension"]
        return {
            "class": self.combined,
            "reachable": self.reachable,
            "answered": self.answered,
            "asked": self.asked,
            "dimensions": rows,
        }


def positive(strong: int, medium: int, weak: int) -> bool:
    """The Delphi rule of one dimension: 2 strong; 1 strong and 1 other; 3 medium; or 2 medium and 1 weak, at least."""
    return strong >= 2 or (strong >= 1 and medium + weak >= 1) or medium >= 3 or (medium >= 2 and weak >= 1)


def judge(tool: Tool, answers: Mapping[str, str]) -> Result:
    """Combine the answers of a screening (question code -> code of the list `answer`); only a yes counts as present.

    The result is no decision about a person. Raises BadInput for a question or an answer that there is not.

    Examples
    --------
    >>> tool = next(iter(shipped().values()))
    >>> judge(tool, {}).combined
    'insufficient'
    """
    check(tool, answers)
    present = {code for code, answer in answers.items() if answer == YES}
    possible = {code for code in tool.questions if answers.get(code) != "no"}
    findings = tuple(_finding(tool, row.code, present, possible) for row in tool.dimension)
    could = {row.dimension for row in findings if row.positive or row.open}
    are = {row.dimension for row in findings if row.positive}
    answered = sum(1 for code in tool.questions if answers.get(code))
    combined, reachable = combine(tool.profile, are, ACT in present), combine(tool.profile, could, ACT in possible)
    return Result(findings, combined, reachable, answered, len(tool.questions))


def check(tool: Tool, answers: Mapping[str, str]) -> None:
    """Raise BadInput for a question that the tool does not ask, or an answer that there is not."""
    known = set(codes.code_list("answer").codes) | {""}
    if set(answers) - set(tool.questions):
        raise BadInput(Fault("an answer to a question that this questionnaire does not ask", "leave it out"))
    if set(answers.values()) - known:
        raise BadInput(Fault("an answer that there is not", "use yes, no, unknown, not_asked or refused"))


def _finding(tool: Tool, dimension: str, present: set[str], possible: set[str]) -> Finding:
    rows = tool.of(dimension)
    judged = _presence if tool.profile == "presence" else _weighed
    count = Counter(row.weight for row in rows if row.code in present)
    found = judged(row for row in rows if row.code in present)
    could = judged(row for row in rows if row.code in possible)
    return Finding(dimension, count["S"], count["M"], count["W"], count.total(), len(rows), found, could and not found)


def _weighed(rows: Iterable[Indicator]) -> bool:
    count = Counter(row.weight for row in rows)
    return positive(count["S"], count["M"], count["W"])


def _presence(rows: Iterable[Indicator]) -> bool:
    return any(True for _ in rows)


def combine(profile: str, found: set[str], act: bool = False) -> str:
    """The combined class of the positive dimensions; `act`: somebody recruited, moved, hid or received a child."""
    if profile == "presence":
        return "indicators_present" if found else "insufficient"
    if EXPLOITATION not in found:
        return "insufficient"
    if profile == "child":
        # a positive dimension of recruitment tells of an act; means only add weight
        return "trafficking" if act or found & RECRUITMENT else "labour_rights"
    if COERCION in found and found & RECRUITMENT:
        return "trafficking"
    return "intermediate" if found & MEANS else "labour_rights"


# -- the files --------------------------------------------------------------------------------------------------------


def parse(text: str, name: str) -> Tool:
    """Read a questionnaire; raises BadInput with one fault for each thing wrong."""
    return local_toml.parse(Tool, text, name, "questionnaire")


def tools() -> dict[str, Tool]:
    """Return every questionnaire by id: those shipped, and beside or instead of them those of KEREGE_HOME/screening.

    Examples
    --------
    >>> sorted(tools()) == sorted(tool.id for tool in tools().values())
    True
    """
    return shipped() | _own(local_toml.found("screening"))[0]


def offered() -> list[Tool]:
    """The questionnaires that people may choose."""
    return [tool for tool in tools().values() if tool.usable]


def faults() -> list[Fault]:
    """What is wrong with the files of KEREGE_HOME/screening. A wrong file is left out: screening goes on without it."""
    return _own(local_toml.found("screening"))[1]


@lru_cache(maxsize=4)
def _own(there: local_toml.Found) -> tuple[dict[str, Tool], list[Fault]]:
    good, wrong = local_toml.read(there, parse)
    return {tool.id: tool for tool in good.values()}, wrong


@cache
def shipped() -> dict[str, Tool]:
    """The questionnaires that come with the system, by id."""
    folder = resources("kerege.vocabulary") / "data" / "screening"
    rows = sorted(folder.iterdir(), key=lambda row: row.name)
    read = [parse(row.read_text(encoding="utf-8"), row.name) for row in rows if row.name.endswith(".toml")]
    return {tool.id: tool for tool in read}
