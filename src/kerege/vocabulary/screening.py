"""Indicator questionnaires and the rules that combine their answers into a proposal; a person decides.

A questionnaire is a TOML file under `data/screening`, or under `screening` of the country's pack. An installation adds
its own, or replaces one by its id, with files in KEREGE_HOME/screening. The rule of the two Delphi lists is that of ILO
and European Commission (2009), Operational indicators of trafficking in human beings;
docs/decisions/0009-indicators-propose.md explains how its gaps are filled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files as resources
from typing import Annotated, Literal

from pydantic import Field, model_validator

from kerege.base import local_toml
from kerege.base.errors import BadInput, Fault
from kerege.vocabulary import codes
from kerege.vocabulary.pack import Pack, active_pack
from kerege.vocabulary.profile_parts import Fact, ProfilePart, TranslatedText

FOLDER = "screening"  # folder of a pack, and of KEREGE_HOME
Weight = Literal["S", "M", "W", ""]
Code = Annotated[str, Field(pattern="^[a-z0-9_]{1,40}$")]
YES = "yes"
ACT = "act"
# dimensions in the combined classes of the Delphi lists
MEANS = {"deceptive_recruitment", "coercive_recruitment", "vulnerable_recruitment", "coercion", "vulnerability"}
RECRUITMENT = {"deceptive_recruitment", "coercive_recruitment", "vulnerable_recruitment"}
EXPLOITATION, COERCION = "exploitation", "coercion"
# in ascending order: more indicators never give a lower class
CLASSES = ("insufficient", "indicators_present", "labour_rights", "intermediate", "trafficking")
# classes that support a presumption that the person is a victim
CONSISTENT = {"indicators_present", "intermediate", "trafficking"}


class Question(ProfilePart):
    """Question of a questionnaire."""

    ask: TranslatedText


class Dimension(ProfilePart):
    """Group of indicators that are combined."""

    code: Code
    title: TranslatedText


class Indicator(Question):
    """Indicator of a dimension and its weight: strong, medium, weak, or '' without a weight."""

    code: Code
    dimension: Code
    weight: Weight = ""


class Tool(Fact):
    """Questionnaire. `profile` selects the rule that combines its answers."""

    id: Code
    version: Annotated[str, Field(pattern="^[0-9A-Za-z.-]{1,20}$")]
    profile: Literal["adult", "child", "presence"]
    title: TranslatedText
    note: TranslatedText
    act: Question | None = None  # for a child: act and exploitation suffice, without means
    dimension: list[Dimension]
    indicator: list[Indicator]

    @model_validator(mode="after")
    def _fits_together(self) -> Tool:
        dimensions = [row.code for row in self.dimension]
        indicators = [row.code for row in self.indicator]
        for name, times in Counter([*dimensions, *indicators]).items():
            if times > 1:
                raise ValueError(f"{name} occurs twice")
        if unknown_dimensions := {row.dimension for row in self.indicator} - set(dimensions):
            raise ValueError(f"there is no dimension {', '.join(sorted(unknown_dimensions))}")
        if self.profile == "presence":
            return self
        if missing := {*MEANS, EXPLOITATION} - set(dimensions):
            raise ValueError(f"the dimension {', '.join(sorted(missing))} is missing")
        if unweighted := [row.code for row in self.indicator if not row.weight]:
            raise ValueError(f"{', '.join(unweighted)} has no weight")
        return self

    @property
    def usable(self) -> bool:
        """Return whether the tool has an indicator; a tool without one is not offered."""
        return bool(self.indicator)

    @property
    def questions(self) -> list[str]:
        """Return the codes of all questions."""
        return ([ACT] if self.act else []) + [row.code for row in self.indicator]

    def of(self, dimension: str) -> list[Indicator]:
        """Return the indicators of a dimension, in order."""
        return [row for row in self.indicator if row.dimension == dimension]


@dataclass(frozen=True)
class DimensionFinding:
    """Result of one dimension: present indicators by weight, and whether the dimension is positive.

    `open`: not positive, but positive if every unanswered, unknown, not asked or refused indicator were a yes.
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
    """Combined result of the answers, and the result if every open answer were a yes."""

    findings: tuple[DimensionFinding, ...]
    combined: str
    reachable: str
    answered: int
    asked: int

    @property
    def consistent(self) -> bool:
        """Return whether the indicators support a presumption that the person is a victim."""
        return self.combined in CONSISTENT

    def stored(self) -> dict[str, object]:
        """Return the codes and counts that a screening stores."""
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
    """Return whether a dimension is positive by the Delphi rule.

    Parameters
    ----------
    strong, medium, weak : int
        Number of present indicators of the dimension by weight.

    Returns
    -------
    bool
        True for at least 2 strong; 1 strong and 1 other; 3 medium; or 2 medium and 1 weak indicators.

    Notes
    -----
    ILO and European Commission 2009, "Operational indicators of trafficking in human beings".

    Examples
    --------
    >>> positive(1, 0, 0), positive(1, 0, 1), positive(0, 2, 1)
    (False, True, True)
    """
    return strong >= 2 or (strong >= 1 and medium + weak >= 1) or medium >= 3 or (medium >= 2 and weak >= 1)


def judge(tool: Tool, answers: Mapping[str, str]) -> Result:
    """Combine the answers of a screening into a result; it is not a decision about a person.

    Parameters
    ----------
    tool : Tool
        The questionnaire, such as one of `tools`.
    answers : mapping of str to str
        Code of the question to code of the list `answer`. Only "yes" counts as present. An absent question or '' is
        unanswered.

    Returns
    -------
    Result
        `findings` by dimension, the class `combined`, and the class `reachable` if every open answer were a yes.

    Raises
    ------
    BadInput
        If a question is not in the questionnaire, or an answer is not in the list.

    Notes
    -----
    The rule of the two Delphi lists: ILO and European Commission 2009, "Operational indicators of trafficking in human
    beings". Decision record 0009 explains how Kerege fills its gaps.

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
    reachable_dimensions = {row.dimension for row in findings if row.positive or row.open}
    positive_dimensions = {row.dimension for row in findings if row.positive}
    answered = sum(1 for code in tool.questions if answers.get(code))
    combined, reachable = (
        combine(tool.profile, positive_dimensions, ACT in present),
        combine(tool.profile, reachable_dimensions, ACT in possible),
    )
    return Result(findings, combined, reachable, answered, len(tool.questions))


def check(tool: Tool, answers: Mapping[str, str]) -> None:
    """Raise BadInput for a question outside the questionnaire, or an unknown answer."""
    known = set(codes.code_list("answer").codes) | {""}
    if set(answers) - set(tool.questions):
        raise BadInput(Fault("answers a question that the questionnaire does not have", "leave it out"))
    if set(answers.values()) - known:
        raise BadInput(Fault("has an answer that is not a choice", "use yes, no, unknown, not_asked or refused"))


def _finding(tool: Tool, dimension: str, present: set[str], possible: set[str]) -> DimensionFinding:
    rows = tool.of(dimension)
    is_positive_for = _by_presence if tool.profile == "presence" else _by_weights
    count = Counter(row.weight for row in rows if row.code in present)
    is_positive = is_positive_for(row for row in rows if row.code in present)
    is_reachable = is_positive_for(row for row in rows if row.code in possible)
    return DimensionFinding(
        dimension=dimension,
        strong=count["S"],
        medium=count["M"],
        weak=count["W"],
        present=count.total(),
        asked=len(rows),
        positive=is_positive,
        open=is_reachable and not is_positive,
    )


def _by_weights(rows: Iterable[Indicator]) -> bool:
    count = Counter(row.weight for row in rows)
    return positive(count["S"], count["M"], count["W"])


def _by_presence(rows: Iterable[Indicator]) -> bool:
    return any(True for _ in rows)


def combine(profile: str, positive_dimensions: set[str], act: bool = False) -> str:
    """Return the combined class of the positive dimensions.

    Parameters
    ----------
    profile : str
        Rule of the questionnaire: `adult`, `child` or `presence`.
    positive_dimensions : set of str
        Codes of the positive dimensions.
    act : bool
        Whether a child was recruited, moved, hidden or received.

    Returns
    -------
    str
        One of `CLASSES`. For an adult, `trafficking` needs exploitation, coercion and a means of recruitment. For a
        child, exploitation and an act suffice.

    Notes
    -----
    ILO and European Commission 2009, "Operational indicators of trafficking in human beings". For a child no means is
    needed: article 3 (c) of the Palermo Protocol.

    Examples
    --------
    >>> combine("adult", {"exploitation", "coercion"}), combine("child", {"exploitation"}, act=True)
    ('intermediate', 'trafficking')
    """
    if profile == "presence":
        return "indicators_present" if positive_dimensions else "insufficient"
    if EXPLOITATION not in positive_dimensions:
        return "insufficient"
    if profile == "child":
        # a positive recruitment dimension implies an act; means only add weight
        return "trafficking" if act or positive_dimensions & RECRUITMENT else "labour_rights"
    if COERCION in positive_dimensions and positive_dimensions & RECRUITMENT:
        return "trafficking"
    return "intermediate" if positive_dimensions & MEANS else "labour_rights"


# -- the files --------------------------------------------------------------------------------------------------------


def parse(text: str, name: str) -> Tool:
    """Parse a questionnaire; raises BadInput with every fault."""
    return local_toml.parse(Tool, text, name, "questionnaire")


def tools() -> dict[str, Tool]:
    """Return every questionnaire by id.

    Questionnaires of the country's pack add to those that Kerege ships, and files in KEREGE_HOME/screening to both. A
    later one replaces an earlier one by its id.

    Returns
    -------
    dict of str to Tool
        A questionnaire without an indicator is included; `offered` leaves it out. `faults` lists the local files that
        were ignored.

    Notes
    -----
    Each questionnaire names its source in its field `source`.

    Examples
    --------
    >>> sorted(tools()) == sorted(tool.id for tool in tools().values())
    True
    """
    return shipped() | of_pack(active_pack()) | _local_tools(local_toml.list_files(FOLDER))[0]


def offered() -> list[Tool]:
    """Return the questionnaires that users can choose."""
    return [tool for tool in tools().values() if tool.usable]


def faults() -> list[Fault]:
    """Return the faults of the files in KEREGE_HOME/screening.

    A faulty file is ignored, so that screening still works.
    """
    return _local_tools(local_toml.list_files(FOLDER))[1]


@lru_cache(maxsize=4)
def _local_tools(files: local_toml.Found) -> tuple[dict[str, Tool], list[Fault]]:
    parsed, tool_faults = local_toml.read(files, parse)
    return {tool.id: tool for tool in parsed.values()}, tool_faults


@cache
def of_pack(pack: Pack) -> dict[str, Tool]:
    """Return the questionnaires of a pack by id; raises BadInput with the faults of the first wrong file."""
    read = [parse(pack.read_text(f"{FOLDER}/{name}"), f"{FOLDER}/{name}") for name in pack.names(FOLDER)]
    return {tool.id: tool for tool in read}


@cache
def shipped() -> dict[str, Tool]:
    """Return the bundled questionnaires by id."""
    folder = resources("kerege.vocabulary") / "data" / "screening"
    rows = sorted(folder.iterdir(), key=lambda row: row.name)
    read = [parse(row.read_text(encoding="utf-8"), row.name) for row in rows if row.name.endswith(".toml")]
    return {tool.id: tool for tool in read}
