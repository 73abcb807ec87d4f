"""Rules for record linkage: an agency handles its own pairs, the coordinator those between agencies.

A pair of one agency without a reviewer left goes to the coordinator as well. Nobody else sees a pair.

The coordinator opens no record. They see a pair as a card (`queries.pair_card`), one pair at a time, and each read is
audited. The rules named `oversee` open a table, and its row-level security, to the list of pairs and to the counts of
the quality board; they show no name.
"""

from __future__ import annotations

from django.db.models import Q

from kerege.casework.persons.models import MatchCandidate, Merge, PairReview
from kerege.casework.persons.services.person_links import is_actor
from kerege.casework.persons.services.reviewer_assignment import WORKERS, has_colleagues, is_passed_on
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.authorization import Actor, Grant, Rule, everything, own_agency
from kerege.core.authorization.rules import rules

OPERATOR = Grant({"operator"}, everything)


def is_between_agencies(actor: Actor) -> Q:
    """Return the condition for pairs of records of two agencies."""
    return Q(agency=None)


def is_for_coordinator(actor: Actor) -> Q:
    """Return the condition for pairs between agencies, passed on, or answered by this coordinator."""
    return (
        is_between_agencies(actor)
        | is_passed_on()
        | Q(pk__in=PairReview.objects.filter(is_actor(actor, "reviewer", "by")).values("candidate"))
    )


def can_be_undone_by_coordinator(actor: Actor) -> Q:
    """Return the condition for merges that a coordinator may undo: who can link can unlink.

    Links between agencies; links of pairs for the coordinator; and links of an agency without active reviewers. A merge
    into one record stays with its agency.
    """
    pairs = MatchCandidate.objects.filter(is_for_coordinator(actor))
    return is_between_agencies(actor) | Q(Q(candidate__in=pairs) | ~has_colleagues(), kind=Merge.Kind.LINK)


MERGE_GRANTS = [Grant(WORKERS, own_agency("agency")), OPERATOR]
UNDO_GRANTS = [Grant(WORKERS, own_agency("agency")), Grant({"coordinator"}, can_be_undone_by_coordinator), OPERATOR]
rules.add(
    Rule(
        "persons.review",
        MatchCandidate,
        [Grant(WORKERS, own_agency("agency")), Grant({"coordinator"}, is_for_coordinator), OPERATOR],
    ),
    Rule("persons.oversee", MatchCandidate, [Grant({"coordinator"}, everything), OPERATOR]),
    # the audit log separates reading two records or a link from changing them
    *(Rule(action, IdentityRecord, MERGE_GRANTS) for action in ("persons.compare", "persons.merge")),
    *(Rule(action, Merge, UNDO_GRANTS) for action in ("persons.look_back", "persons.undo")),
    Rule("persons.oversee_merges", Merge, [Grant({"coordinator"}, everything), OPERATOR]),
    # aggregate figures of the clerical review, without pairs and names
    Rule("persons.quality", None, [Grant({"coordinator", "auditor"}), OPERATOR]),
    # the matching run
    Rule("persons.match", None, [OPERATOR]),
)
