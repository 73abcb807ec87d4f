"""Who compares records, ties them and takes them apart: an agency its own, the coordinator what lies between agencies.

A pair of one agency in which nobody is left to answer goes on to the coordinator.

Nobody else learns of a pair. The coordinator opens no record: a pair is shown to them as a card of its own
(`queries.pair_card`), one pair at a time, every read with its trace. The rules named `oversee` open a table to the list
of pairs and to the counts of the quality board (and row-level security with it); they show nobody's name.
"""

from __future__ import annotations

from django.db.models import Q

from kerege.casework.persons.models import MatchCandidate, Merge, Review
from kerege.casework.persons.services.reviewer_assignment import WORKERS, colleagues, passed_on
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.authorization import Actor, Grant, Rule, everything, own_agency
from kerege.core.authorization.rules import rules

OPERATOR = Grant({"operator"}, everything)


def between(actor: Actor) -> Q:
    """Pairs of records of two agencies."""
    return Q(agency=None)


def asked_of_coordinator(actor: Actor) -> Q:
    """Those, what agencies cannot settle, and what she answered of it."""
    return between(actor) | passed_on() | Q(pk__in=Review.objects.filter(by=actor.label).values("candidate"))


def hers_to_part(actor: Actor) -> Q:
    """Whoever may tie may take it apart: links between agencies, of pairs that she was asked, and of an office where
    nobody is to do it. What an agency merged into one record is its own."""
    asked = MatchCandidate.objects.filter(asked_of_coordinator(actor))
    return between(actor) | Q(Q(candidate__in=asked) | ~colleagues(), kind=Merge.Kind.LINK)


MERGING = [Grant(WORKERS, own_agency("agency")), OPERATOR]
UNDOING = [Grant(WORKERS, own_agency("agency")), Grant({"coordinator"}, hers_to_part), OPERATOR]
rules.add(
    Rule(
        "persons.review",
        MatchCandidate,
        [Grant(WORKERS, own_agency("agency")), Grant({"coordinator"}, asked_of_coordinator), OPERATOR],
    ),
    Rule("persons.oversee", MatchCandidate, [Grant({"coordinator"}, everything), OPERATOR]),
    # looking at two records or at a tie, and what becomes of them, are two things in the audit
    *(Rule(action, IdentityRecord, MERGING) for action in ("persons.compare", "persons.merge")),
    *(Rule(action, Merge, UNDOING) for action in ("persons.look_back", "persons.undo")),
    Rule("persons.oversee_merges", Merge, [Grant({"coordinator"}, everything), OPERATOR]),
    # figures of the clerical review: no pair, no name
    Rule("persons.quality", None, [Grant({"coordinator", "auditor"}), OPERATOR]),
    # the machine's own run
    Rule("persons.match", None, [OPERATOR]),
)
