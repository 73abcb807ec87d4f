"""Quality of record linkage: reviewer agreement, false links, rates by group, age of the queue."""

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
from kerege.casework.persons.models import MatchCandidate, Merge, PairReview
from kerege.casework.persons.queries.drift import Drift, measure_drift
from kerege.casework.persons.services.reviewer_assignment import (
    AWAITS_RECHECK,
    WAITING,
    has_colleague_left,
    has_coordinator_left,
    is_passed_on,
)
from kerege.casework.persons.thresholds import SMALLEST
from kerege.core import authorization
from kerege.core.authorization import Actor, session_scope
from kerege.linkage import register_matching


@dataclass(frozen=True)
class GroupRates:
    """Number of proposed pairs of one group, and the share of each answer among all its answers."""

    group: str
    label: str
    proposed: int
    same: float | None
    different: float | None
    unsure: float | None


@dataclass(frozen=True)
class RecheckRates:
    """Rechecked links of one origin: how many, and how many of them were answered "different"."""

    kind: str
    label: str
    looked: int
    false: int

    @property
    def rate(self) -> float | None:
        """Return the share of false links; None when too few were rechecked."""
        return self.false / self.looked if self.looked >= SMALLEST else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the 95% interval of the rate; None when too few were rechecked."""
        return wilson_interval(self.false, self.looked) if self.looked >= SMALLEST else None


@dataclass(frozen=True)
class QualityBoard:
    """Figures of the clerical review; None where there are no data. Small groups are joined."""

    # pairs answered by two reviewers, the share on which they agree, and Cohen's kappa
    twice: int = 0
    agreement: float | None = None
    kappa: float | None = None
    # rechecked links, those answered "different", their share with its 95% interval; then by origin
    sampled: int = 0
    false_merges: int = 0
    false_rate: float | None = None
    interval: tuple[float, float] | None = None
    by_tie: list[RecheckRates] = field(default_factory=list)
    # links drawn and not rechecked yet, which the share leaves out; of these, links without a reviewer left
    drawn: int = 0
    drawn_for_nobody: int = 0
    by_sex: list[GroupRates] = field(default_factory=list)
    by_language: list[GroupRates] = field(default_factory=list)
    by_script: list[GroupRates] = field(default_factory=list)
    # the queue: waiting pairs, and the days that the oldest and the median pair have waited
    waiting: int = 0
    oldest_days: int | None = None
    median_days: int | None = None
    # two parts of them: pairs of one agency passed on to the coordinator, and pairs without a reviewer left
    passed_on: int = 0
    for_nobody: int = 0
    # monthly agreement of the weightiest comparisons
    drift: list[Drift] = field(default_factory=list)
    # the current model, and the number of open pairs scored by an older one
    model_version: str = ""
    outdated: int = 0


def build_quality_board(actor: Actor, language: str = "en") -> QualityBoard:
    """Return the quality board over all agencies; comparisons are in a language (kk, ru, en).

    Raises Denied unless the actor is a coordinator, auditor or operator.
    """
    authorization.require(actor, "persons.quality")
    with session_scope.bypass_row_security("the page counts the reviews of all agencies; it shows no pair and no name"):
        answer_pairs = _answered_twice()
        rechecks = _recheck_rates()
        rechecked, false = sum(row.looked for row in rechecks), sum(row.false for row in rechecks)
        waiting_days = _waiting_days()
        unsettled = MatchCandidate.objects.filter(state__in=WAITING)
        awaiting_recheck = MatchCandidate.objects.filter(AWAITS_RECHECK)
        open_rows = MatchCandidate.objects.filter(state=MatchCandidate.State.OPEN)
        return QualityBoard(
            twice=len(answer_pairs),
            agreement=agreement(answer_pairs),
            kappa=kappa(answer_pairs),
            sampled=rechecked,
            false_merges=false,
            false_rate=false / rechecked if rechecked else None,
            interval=wilson_interval(false, rechecked) if rechecked else None,
            by_tie=rechecks,
            drawn=awaiting_recheck.count(),
            drawn_for_nobody=_without_reviewer(awaiting_recheck).count(),
            by_sex=_rates_by_group("sex", SEXES),
            by_language=_rates_by_group("language", LANGUAGES),
            by_script=_rates_by_group("script", SCRIPTS),
            waiting=len(waiting_days),
            oldest_days=max(waiting_days, default=None),
            median_days=int(median(waiting_days)) if waiting_days else None,
            passed_on=unsettled.filter(is_passed_on(), has_coordinator_left()).count(),
            for_nobody=_without_reviewer(unsettled).count(),
            drift=measure_drift(language),
            model_version=register_matching.model_version(),
            outdated=open_rows.exclude(model_version=register_matching.model_version()).count(),
        )


def count_rechecks(actor: Actor) -> tuple[int, int]:
    """Return how many links were rechecked, and how many of them were false. Raises Denied."""
    authorization.require(actor, "persons.quality")
    with session_scope.bypass_row_security("the count of rechecked links of all agencies shows no pair and no name"):
        rechecks = _recheck_rates()
        return sum(row.looked for row in rechecks), sum(row.false for row in rechecks)


def _without_reviewer(rows: QuerySet[MatchCandidate]) -> QuerySet[MatchCandidate]:
    """Return the pairs that neither a colleague nor a coordinator can answer."""
    return rows.exclude(has_colleague_left()).exclude(has_coordinator_left())


def _answered_twice() -> list[tuple[str, str]]:
    """Return the first two answers of every pair with at least two, in the order of time."""
    answers_by_pair: dict[UUID, list[str]] = {}
    for pk, answer in PairReview.standing.order_by("at", "pk").values_list("candidate_id", "answer"):
        answers_by_pair.setdefault(pk, []).append(answer)
    return [(answers[0], answers[1]) for answers in answers_by_pair.values() if len(answers) > 1]


def agreement(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Return the share of pairs on which two reviewers agree; None without pairs."""
    return sum(first == second for first, second in pairs) / len(pairs) if pairs else None


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Return Cohen's kappa (1960); None without pairs or when the expected agreement is 1."""
    if (observed := agreement(pairs)) is None:
        return None
    first, second = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    expected = sum(first[answer] * second[answer] for answer in first) / len(pairs) ** 2
    return (observed - expected) / (1 - expected) if expected < 1 else None


def wilson_interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95% interval of a share (Wilson 1927), which is valid for small and zero counts too."""
    z = 1.959963984540054
    share, width = count / total, z * z / total
    middle = (share + width / 2) / (1 + width)
    half = z / (1 + width) * sqrt(share * (1 - share) / total + width / (4 * total))
    return max(0.0, middle - half), min(1.0, middle + half)


def _recheck_rates() -> list[RecheckRates]:
    """Return the recheck results by the origin of the link at the time of the recheck."""
    rows = MatchCandidate.objects.exclude(sample_answer="").values_list("pk", "sample_answer")
    links_before = Merge.objects.filter(candidate__reviews__of_sample=True, made_at__lte=F("candidate__reviews__at"))
    links: dict[UUID, set[tuple[str, str]]] = {}
    for pk, *link in links_before.values_list("candidate_id", "kind", "source"):
        links.setdefault(pk, set()).add((link[0], link[1]))
    counts = Counter((_link_origin(links.get(pk, set())), answer) for pk, answer in rows)
    false = PairReview.Answer.DIFFERENT
    return [
        RecheckRates(kind, str(label), sum(n for (link, _), n in counts.items() if link == kind), counts[kind, false])
        for kind, label in TIES.items()
    ]


def _link_origin(links: set[tuple[str, str]]) -> str:
    """Return the origin of a linked pair, a code of messages.TIES.

    A pair that people reviewed may have been linked by the machine as well, or merged later: it counts as reviewed.
    """
    if links == {(Merge.Kind.MERGE, Merge.Source.HUMAN)}:
        return "merged"
    is_human = (Merge.Kind.LINK, Merge.Source.HUMAN) in links
    return "machine" if links and not is_human else "reviewed"


def _waiting_days() -> list[int]:
    """Return for each waiting pair the days since it was found."""
    now = timezone.now()
    rows = MatchCandidate.objects.filter(state__in=WAITING)
    return [(now - at).days for at in rows.values_list("found_at", flat=True)]


def _rates_by_group(column: str, labels: Mapping[str, Promise]) -> list[GroupRates]:
    """Return proposals and answers by group; groups below SMALLEST are joined as one.

    If the joined groups are still below SMALLEST, the smallest large group joins them.
    """
    proposed = Counter(MatchCandidate.objects.values_list(column, flat=True))
    answers = Counter(PairReview.standing.values_list(f"candidate__{column}", "answer"))
    large = [group for group, count in proposed.most_common() if count >= SMALLEST]
    small = [group for group in proposed if group not in large]
    if small and sum(proposed[group] for group in small) < SMALLEST and large:
        small.append(large.pop())  # otherwise the total would disclose the small rest
    groups = [(str(labels.get(group, group)) if group else str(UNTOLD), group, [group]) for group in large]
    if small:
        groups.append((str(OTHERS), "other", small))
    return [
        _group_rates(label, name, members, proposed, answers)
        for label, name, members in groups
        if _is_large_enough(proposed, members)
    ]


def _is_large_enough(proposed: Counter[str], groups: list[str]) -> bool:
    """Return whether the groups together have at least SMALLEST pairs."""
    return sum(proposed[group] for group in groups) >= SMALLEST


def _group_rates(
    label: str, name: str, groups: list[str], proposed: Counter[str], answers: Counter[tuple[str, str]]
) -> GroupRates:
    """Return the rates of some groups taken together; shares are None below SMALLEST answers."""
    counts = {answer: sum(answers[group, answer] for group in groups) for answer in PairReview.Answer.values}
    total = sum(counts.values())
    shares = {answer: count / total if total >= SMALLEST else None for answer, count in counts.items()}
    return GroupRates(name, label, sum(proposed[group] for group in groups), **shares)
