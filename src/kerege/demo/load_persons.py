"""Who is the same person, on the day of the demo: what the machine proposes, and what people made of some of it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.cases.services.registration import register
from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.services import bulk, match_run, review, unmerge
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.vault.identity import Identity
from kerege.core import authorization
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.demo import world
from kerege.demo.staff import HOME

State = MatchCandidate.State
# two intake officers wrote one man down in a week, and two women by one name are two
ONE_MAN = (
    Identity(names=[{"kind": "main", "family": "Төлегенов", "given": "Бекзат", "middle": "Маратұлы"}],
             birth_date="1989-03-22", gender="masculine", citizenships=["KZ"], phones=["+7 700 000 41 17"]),
    Identity(names=[{"kind": "main", "family": "Tolegenov", "given": "Bekzat"}],
             birth_date="1989-03-22", gender="masculine", citizenships=["KZ"], phones=["+7 700 000 41 17"]),
)  # fmt: skip
TWO_WOMEN = (
    Identity(
        names=[{"kind": "main", "family": "Исаева", "given": "Мадина", "middle": "Рустамовна"}],
        birth_date="1994-11-02",
        gender="feminine",
        citizenships=["KG"],
    ),
    Identity(
        names=[{"kind": "main", "family": "Isaeva", "given": "Madina"}],
        birth_date="1994-11-02",
        gender="feminine",
        citizenships=["KG"],
    ),
)
Cases = dict[str, Case]
# the reviewers have been through every pair of which both records are older
SINCE = date(2025, 11, 1)


def linked(built: world.World) -> dict[str, str]:
    """The persons to whom reviewers have linked older records that were registered unknown, by the key of the case."""
    older = {case.key for case in built.cases if case.registered_on < SINCE}
    return {key: person for key, person in built.truth if key in older}


def load_persons(
    built: world.World, cases: Cases, agencies: dict[str, Agency], users: dict[str, User], today: date
) -> int:
    """Run the matching once over what is stored, then some answers, a merge and two ties that were undone.

    Returns how many cases were added. Of what counts in a figure only `linked` records are tied for good.
    """
    boss = actor_for(users["supervisor"], agencies[HOME])
    coordinators = [actor_for(users[name], agencies["mlsp"]) for name in ("coordinator", "coordinator2")]
    pairs = [_twice(agencies[HOME], identities, today) for identities in (ONE_MAN, TWO_WOMEN)]
    match_run.match_due(Actor.system("demo"))
    _conclude_older(coordinators, built, cases)
    _answers(coordinators[0], built, cases)
    merges = [_merged(boss, *pair) for pair in pairs]
    unmerge.undo_merge(boss, merges[1], "Екі бөлек адам: екеуі де осында болды")
    match_run.match_due(Actor.system("demo"))  # what the merges changed
    return sum(map(len, pairs))


def _twice(agency: Agency, identities: tuple[Identity, Identity], today: date) -> tuple[Case, Case]:
    actor = Actor.system("demo")
    first, second = (register(actor, Registration(agency, told, today, route="walk_in")) for told in identities)
    return first, second


def _conclude_older(coordinators: list[Actor], built: world.World, cases: Cases) -> None:
    """What the coordinators made of the older pairs that wait for them: those that are two persons stay apart."""
    key_of = {case.record_id: key for key, case in cases.items()}
    registered = {case.record_id: case.registered_on for case in cases.values()}
    person = {case.key: case.person for case in built.cases} | dict(built.truth)
    waiting = authorization.scope(coordinators[0], MatchCandidate, action="persons.review").filter(state=State.OPEN)
    rows = [row for row in waiting if _known(row, key_of)]
    older = [row for row in rows if max(registered[row.left_id], registered[row.right_id]) < SINCE]
    two = [row for row in older if person.get(key_of[row.left_id]) != person.get(key_of[row.right_id])]
    bulk.keep_apart(coordinators, two)


def _answers(coordinator: Actor, built: world.World, cases: Cases) -> None:
    """The coordinator's morning: strangers kept apart, one pair she could not tell, one tied and taken apart again.

    Pairs stand in the order of the generator's keys: their ids are other ones on every machine.
    """
    keys = {case.record_id: key for key, case in cases.items()}
    rows = MatchCandidate.objects.filter(agency=None, state=State.OPEN)
    pairs = (((keys[row.left_id], keys[row.right_id]), row) for row in rows if _known(row, keys))
    asked = sorted(pairs, key=lambda pair: sorted(pair[0]))
    person = {case.key: case.person for case in built.cases} | dict(built.truth)
    true = [row for (one, two), row in asked if person.get(one) == person.get(two)]
    false = [row for (one, two), row in asked if person.get(one) != person.get(two)]
    for row in false[:3]:
        review.answer(coordinator, row, "different", "Туған жылы мен аты басқа")
    for row in true[:1]:
        review.answer(coordinator, row, "unsure", "Әкесінің аты екеуінде де жоқ")
    for row in [row for row in true[1:] if not row.is_risky][:1]:
        review.answer(coordinator, row, "same", "Аты мен туған күні бірдей")
        for merge in Merge.objects.filter(candidate=row):
            unmerge.undo_merge(coordinator, merge, "Қате басылды", keep_apart=False)
    for row in [row for row in true[1:] if row.is_risky][:1]:
        review.answer(coordinator, row, "same", "Аты ұқсас, телефоны бірдей")  # a second colleague is asked


def _known(row: MatchCandidate, keys: dict[UUID, str]) -> bool:
    return row.left_id in keys and row.right_id in keys


def _merged(boss: Actor, kept: Case, other: Case) -> Merge:
    draft = merge_services.MergeDraft(kept.record, other.record, goes_on=kept, reason="Екі рет тіркелген")
    return merge_services.merge_records(boss, draft)
