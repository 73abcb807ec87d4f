"""The attack on a publication together with everything that was public before it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

from kerege.evidence.counting.frequency_table import OK, PERTURBED
from kerege.evidence.sdc.constraints.populations import adopted, populations
from kerege.evidence.sdc.constraints.publication import Publication
from kerege.evidence.sdc.disclosure.disclosures import SECONDS, Disclosure, codes_of, published
from kerege.evidence.sdc.disclosure.messages import remedy, sentences
from kerege.evidence.sdc.disclosure.population_attack import Attack, Register
from kerege.evidence.sdc.disclosure.report import AttackReport, Examined, Finding, Remedy
from kerege.evidence.sdc.disclosure.temporal_differences import revised

THRESHOLD = 10
Cache = dict[tuple[Any, ...], Register]


def examine(folder: Path, prior: Sequence[Path] = (), threshold: int = THRESHOLD, *, label: str = "") -> AttackReport:
    """Attack the publication in `folder` together with earlier ones; returns the report.

    `safe` is whether nothing at all can be learned from all of them, and every figure of `folder` was decided (else
    `undecided` says how many were not). What follows from the earlier ones alone is marked `already_public`. `label` is
    what it is called where its folder has no name that people know. Raises BadInput for folders that hold no readable
    table.
    """
    new = Publication.read(folder)
    return report(_called(new, label) if label else new, public(prior), threshold)


def public(prior: Iterable[Path]) -> list[Publication]:
    """Earlier publications."""
    return [Publication.read(each) for each in prior]


def report(new: Publication, old: Sequence[Publication], threshold: int) -> AttackReport:
    """The report on a publication and the earlier ones."""
    *old, new = adopted(_apart([*old, new]))
    cache: Cache = {}
    everything = attack([*old, new], frozenset({new.label}), threshold, cache)
    before: dict[tuple[Any, ...], list[Disclosure]] = {}
    for found in attack(old, frozenset(), threshold, cache, explain=False).found if everything.found else ():
        before.setdefault(found.who, []).append(found)
    told = [_finding(found, _is_known(found, before), threshold) for found in everything.found]
    return AttackReport(
        safe=not told and not everything.undecided,
        undecided=everything.undecided,
        threshold=threshold,
        disclosures=told,
        groups=everything.groups,
        already_public=sum(each.already_public for each in told),
        examined=Examined(**everything.examined),
        notes=everything.notes,
    )


def _apart(publications: Sequence[Publication]) -> list[Publication]:
    """Publications under labels of their own."""
    found: dict[str, Publication] = {}
    for each in reversed(publications):
        label, number = each.label, 2
        while label in found:
            label, number = f"{each.label} ({number})", number + 1
        found[label] = _called(each, label)
    return list(found.values())[::-1]


def _called(publication: Publication, label: str) -> Publication:
    if label == publication.label:
        return publication
    return replace(publication, label=label, sheets=[replace(each, release=label) for each in publication.sheets])


def _is_known(found: Disclosure, before: dict[tuple[Any, ...], list[Disclosure]]) -> bool:
    """Whether as much could be learned of the same people before."""
    return any(
        known.lower >= found.lower
        and known.upper <= found.upper
        and (known.about == found.about if found.kind == "revision" else known.about & found.about)
        for known in before.get(found.who, ())
    )


def _finding(found: Disclosure, already: bool, threshold: int) -> Finding:
    advice = [
        Remedy(table=table, action="hide", cells=[cell for name, cell in found.hide if name == table])
        for table in dict.fromkeys(name for name, _ in found.hide)
    ]
    if not advice and not already:
        advice = [Remedy(table=found.drop or found.table, action="drop", cells=[])]
    return Finding(
        kind=found.kind,
        release=found.release,
        table=found.table,
        where=found.where,
        cell=found.cell,
        lower=found.lower,
        upper=found.upper,
        people=found.people,
        sources=list(found.sources),
        remedy=remedy(found, already=already, threshold=threshold),
        words=list(sentences(found, already=already, threshold=threshold)),
        advice=[] if already else advice,
        already_public=already,
    )


def attack(
    publications: Sequence[Publication], own: frozenset[str], threshold: int, cache: Cache, *, explain: bool = True
) -> Attack:
    """What an outsider learns from publications, oldest first; `own` names those that can still be changed."""
    told = Attack(threshold, own)
    told.examined["releases"] = len(publications)
    registers = []
    for each in populations(publications):
        key = (each.unit, each.key, each.alike, *map(id, each.sheets))
        cache[key] = cache.get(key) or Register(each, threshold, own)
        registers.append(cache[key])
    deadline = time.monotonic() + SECONDS if explain else 0.0
    for register in registers:
        told.notes += register.notes
        told.undecided += register.undecided
        told.examined |= {name: told.examined[name] + count for name, count in register.examined().items()}
        told.found += register.disclosures(deadline)
        for group, found in register.groups():
            told.groups.append(group)
            told.found += [found] if found else []
    for one, two in combinations(registers, 2):
        told.found += _revisions(one, two, told)
    closest: dict[tuple[Any, ...], Disclosure] = {}
    for found in told.found:
        other = closest.setdefault(found.key, found)
        if found.upper - found.lower < other.upper - other.lower:
            closest[found.key] = found
    told.found = sorted(closest.values(), key=lambda each: (each.release not in own, each.upper, each.table))
    return told


def _revisions(one: Register, two: Register, told: Attack) -> Iterator[Disclosure]:
    """Differences of the same figure at two dates that tell of a few people."""
    if one.population.unit != two.population.unit:
        return
    first, second = sorted((one, two), key=lambda each: each.population.own[0].as_of)
    about = frozenset((one.population.unit, each.population.key) for each in (one, two))
    for (old, a, new, b), (low, high) in revised(
        first.ledger, second.ledger, first.population.own, second.population.own, told.threshold
    ):
        mine, flat = (new, b) if new.release in told.own or old.release not in told.own else (old, a)
        sources = tuple(published(s, f) for s, f in ((old, a), (new, b)) if s.status.flat[f] in (OK, PERTURBED))
        yield Disclosure("revision", mine.release, mine.name, codes_of(mine, flat), low, high, sources, drop=mine.name,
                         where=mine.where, about=about)  # fmt: skip
