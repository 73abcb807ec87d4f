"""How well people and machine tell persons apart: agreement, false merges, rates by group, age of the queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import median
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from kerege.casework.persons.messages import LANGUAGES, OTHERS, SCRIPTS, SEXES, TIES, UNTOLD
from kerege.casework.persons.models import MatchCandidate, Merge, Review
from kerege.casework.persons.queries.drift import Drift, drift
from kerege.casework.persons.services.reviewer_assignment import (
    DRAWN,
    WAITING,
    colleague_left,
    coordinator_left,
    passed_on,
)
from kerege.casework.persons.thresholds import SMALLEST
from kerege.core import authorization
from kerege.core.authorization import Actor, session_scope
from kerege.linkage import register_matching


@dataclass(frozen=True)
class Rates:
    """Of the pairs of one group: how many were proposed, and the shares answered each way (of those answered)."""

    group: str
    label: str
    proposed: int
    same: float | None
    different: float | None
    unsure: float | None


@dataclass(frozen=True)
class Again:
    """Ties that were looked at once more, of one kind: how many, and how many of them were called different."""

    kind: str
    label: str
    looked: int
    false: int

    @property
    def rate(self) -> float | None:
        """The share of false ones; None where too few were looked at."""
        return self.false / self.looked if self.looked >= SMALLEST else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its 95% interval."""
        return wilson(self.false, self.looked) if self.looked >= SMALLEST else None


@dataclass(frozen=True)
class Board:
    """Figures of the clerical review; None where nothing can be said yet. Small groups are joined to others."""

    # pairs answered by two reviewers, and how often they agree; Cohen's kappa
    twice: int = 0
    agreement: float | None = None
    kappa: float | None = None
    # ties looked at once more, those called different, the share with its 95% interval; and by how they were made
    sampled: int = 0
    false_merges: int = 0
    false_rate: float | None = None
    interval: tuple[float, float] | None = None
    by_tie: list[Again] = field(default_factory=list)
    # ties that were drawn and not looked at yet: the share leaves them out; and those that nobody is left to look at
    drawn: int = 0
    drawn_for_nobody: int = 0
    by_sex: list[Rates] = field(default_factory=list)
    by_language: list[Rates] = field(default_factory=list)
    by_script: list[Rates] = field(default_factory=list)
    # the queue: pairs that wait, days of the oldest and of the median
    waiting: int = 0
    oldest_days: int | None = None
    median_days: int | None = None
    # of these, pairs of one agency that wait for the coordinator, and pairs that nobody is left to answer
    passed_on: int = 0
    for_nobody: int = 0
    # whether the comparisons agree as often as in the months before
    drift: list[Drift] = field(default_factory=list)
    # the model of now, and how many open pairs were scored by an older one
    model_version: str = ""
    outdated: int = 0


def quality(actor: Actor, language: str = "en") -> Board:
    """The board, over all agencies for the coordinator and the auditor; comparisons in a language (kk, ru, en)."""
    authorization.require(actor, "persons.quality")
    with session_scope.beyond("the review of all agencies is counted; no pair and no name is told"):
        twice = _answered_twice()
        again = _again()
        looked, false = sum(row.looked for row in again), sum(row.false for row in again)
        ages = _ages()
        unsettled = MatchCandidate.objects.filter(state__in=WAITING)
        drawn = MatchCandidate.objects.filter(DRAWN)
        open_rows = MatchCandidate.objects.filter(state=MatchCandidate.State.OPEN)
        return Board(
            twice=len(twice),
            agreement=agreement(twice),
            kappa=kappa(twice),
            sampled=looked,
            false_merges=false,
            false_rate=false / looked if looked else None,
            interval=wilson(false, looked) if looked else None,
            by_tie=again,
            drawn=drawn.count(),
            drawn_for_nobody=_for_nobody(drawn).count(),
            by_sex=_rates("sex", SEXES),
            by_language=_rates("language", LANGUAGES),
            by_script=_rates("script", SCRIPTS),
            waiting=len(ages),
            oldest_days=max(ages, default=None),
            median_days=int(median(ages)) if ages else None,
            passed_on=unsettled.filter(passed_on(), coordinator_left()).count(),
            for_nobody=_for_nobody(unsettled).count(),
            drift=drift(language),
            model_version=register_matching.model_version(),
            outdated=open_rows.exclude(model_version=register_matching.model_version()).count(),
        )


def _for_nobody(rows: QuerySet[MatchCandidate]) -> QuerySet[MatchCandidate]:
    return rows.exclude(colleague_left()).exclude(coordinator_left())


def _answered_twice() -> list[tuple[str, str]]:
    """The first two answers of every pair that two reviewers answered, in the order of time."""
    given: dict[UUID, list[str]] = {}
    for pk, answer in Review.standing.order_by("at", "pk").values_list("candidate_id", "answer"):
        given.setdefault(pk, []).append(answer)
    return [(answers[0], answers[1]) for answers in given.values() if len(answers) > 1]


def agreement(pairs: Sequence[tuple[str, str]]) -> float | None:
    """The share of pairs on which two reviewers said the same."""
    return sum(one == two for one, two in pairs) / len(pairs) if pairs else None


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa (1960): agreement beyond that of chance, 1 is full; None when chance alone would always agree."""
    if (seen := agreement(pairs)) is None:
        return None
    first, second = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    chance = sum(first[answer] * second[answer] for answer in first) / len(pairs) ** 2
    return (seen - chance) / (1 - chance) if chance < 1 else None


def wilson(found: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927), which also holds for few and for none."""
    z = 1.959963984540054
    share, width = found / of, z * z / of
    middle = (share + width / 2) / (1 + width)
    half = z / (1 + width) * sqrt(share * (1 - share) / of + width / (4 * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def _again() -> list[Again]:
    """Second looks by how the two had been tied when somebody looked."""
    rows = MatchCandidate.objects.exclude(sample_answer="").values_list("pk", "sample_answer")
    before = Merge.objects.filter(candidate__reviews__of_sample=True, made_at__lte=F("candidate__reviews__at"))
    ties: dict[UUID, set[tuple[str, str]]] = {}
    for pk, *how in before.values_list("candidate_id", "kind", "source"):
        ties.setdefault(pk, set()).add((how[0], how[1]))
    said = Counter((_tied(ties.get(pk, set())), answer) for pk, answer in rows)
    false = Review.Answer.DIFFERENT
    return [
        Again(kind, str(label), sum(n for (how, _), n in said.items() if how == kind), said[kind, false])
        for kind, label in TIES.items()
    ]


def _tied(ties: set[tuple[str, str]]) -> str:
    """A code of words.TIES. What people had reviewed may have been merged later, and what the machine tied too."""
    if ties == {(Merge.Kind.MERGE, Merge.Source.HUMAN)}:
        return "merged"
    human = (Merge.Kind.LINK, Merge.Source.HUMAN) in ties
    return "machine" if ties and not human else "reviewed"


def _ages() -> list[int]:
    now = timezone.now()
    rows = MatchCandidate.objects.filter(state__in=WAITING)
    return [(now - at).days for at in rows.values_list("found_at", flat=True)]


def _rates(column: str, labels: Mapping[str, Promise]) -> list[Rates]:
    """Proposals and answers by group; groups that are too small stand together, with a further one if need be."""
    proposed = Counter(MatchCandidate.objects.values_list(column, flat=True))
    answers = Counter(Review.standing.values_list(f"candidate__{column}", "answer"))
    large = [group for group, count in proposed.most_common() if count >= SMALLEST]
    small = [group for group in proposed if group not in large]
    if small and sum(proposed[group] for group in small) < SMALLEST and large:
        small.append(large.pop())  # what is left would be told by the total
    parts = [(str(labels.get(group, group)) if group else str(UNTOLD), group, [group]) for group in large]
    if small:
        parts.append((str(OTHERS), "other", small))
    return [_rate(label, name, groups, proposed, answers) for label, name, groups in parts if _count(proposed, groups)]


def _count(proposed: Counter[str], groups: list[str]) -> bool:
    return sum(proposed[group] for group in groups) >= SMALLEST


def _rate(label: str, name: str, groups: list[str], proposed: Counter[str], answers: Counter[tuple[str, str]]) -> Rates:
    said = {answer: sum(answers[group, answer] for group in groups) for answer in Review.Answer.values}
    total = sum(said.values())
    shares = {answer: count / total if total >= SMALLEST else None for answer, count in said.items()}
    return Rates(name, label, sum(proposed[group] for group in groups), **shares)
