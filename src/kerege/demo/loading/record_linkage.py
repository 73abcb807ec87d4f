"""Record linkage on the day of the demo: proposed matches, and the reviewers' answers to some of them."""

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
from kerege.demo.programme import world
from kerege.demo.programme.another_country import NO_COUNTRY, is_another, pack_country, translate_note
from kerege.demo.programme.staff import HOME

State = MatchCandidate.State
# one man registered twice in a week, and two women of the same name
ONE_MAN = (
    Identity(
        names=[{"kind": "main", "family": "Төлегенов", "given": "Бекзат", "middle": "Маратұлы"}],
        birth_date="1989-03-22",
        gender="masculine",
        citizenships=["KZ"],
        phones=["+7 700 000 41 17"],
    ),
    Identity(
        names=[{"kind": "main", "family": "Tolegenov", "given": "Bekzat"}],
        birth_date="1989-03-22",
        gender="masculine",
        citizenships=["KZ"],
        phones=["+7 700 000 41 17"],
    ),
)
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
# reviewers have answered all pairs of which both records are older
SINCE = date(2025, 11, 1)


def linked(built: world.World) -> dict[str, str]:
    """Return, by case key, the person to whom reviewers have linked an older record."""
    older = {case.key for case in built.cases if case.registered_on < SINCE}
    return {key: person for key, person in built.truth if key in older}


def load_persons(
    built: world.World, cases: Cases, agencies: dict[str, Agency], users: dict[str, User], today: date
) -> int:
    """Run the matching, answer some pairs, merge two pairs of records, and undo one merge and one link.

    Return the number of added cases. Among the records that figures count, only those of `linked` stay linked.
    """
    boss = actor_for(users["supervisor"], agencies[HOME])
    coordinators = [actor_for(users[name], agencies["mlsp"]) for name in ("coordinator", "coordinator2")]
    pairs = [_register_pair(agencies[HOME], identities, today) for identities in (_here(ONE_MAN), TWO_WOMEN)]
    match_run.match_due(Actor.system("demo"))
    _conclude_older(coordinators, built, cases)
    _answer_pairs(coordinators[0], built, cases)
    merges = [_merge(boss, *pair) for pair in pairs]
    unmerge.undo_merge(boss, merges[1], translate_note("Екі бөлек адам: екеуі де осында болды"))
    match_run.match_due(Actor.system("demo"))  # match the records that the merges changed
    return sum(map(len, pairs))


def _here(identities: tuple[Identity, Identity]) -> tuple[Identity, Identity]:
    """Return the identities of a citizen of the pack's country, with a telephone number of no country."""
    if not is_another():
        return identities
    first, second = (
        Identity(**{**row, "citizenships": [pack_country()], "phones": [NO_COUNTRY + "0000004117"]})
        for row in identities
    )
    return first, second


def _register_pair(agency: Agency, identities: tuple[Identity, Identity], today: date) -> tuple[Case, Case]:
    actor = Actor.system("demo")
    first, second = (register(actor, Registration(agency, identity, today, route="walk_in")) for identity in identities)
    return first, second


def _conclude_older(coordinators: list[Actor], built: world.World, cases: Cases) -> None:
    """Answer the older open pairs: mark pairs of two different persons as not linked."""
    key_of = {case.record_id: key for key, case in cases.items()}
    registered = {case.record_id: case.registered_on for case in cases.values()}
    person = {case.key: case.person for case in built.cases} | dict(built.truth)
    waiting = authorization.scope(coordinators[0], MatchCandidate, action="persons.review").filter(state=State.OPEN)
    rows = [row for row in waiting if _known(row, key_of)]
    older = [row for row in rows if max(registered[row.left_id], registered[row.right_id]) < SINCE]
    two = [row for row in older if person.get(key_of[row.left_id]) != person.get(key_of[row.right_id])]
    bulk.keep_apart(coordinators, two)


def _answer_pairs(coordinator: Actor, built: world.World, cases: Cases) -> None:
    """Answer pairs of two agencies.

    Three are "different", one "unsure", one linked and unlinked, one risky pair "same".

    Pairs are sorted by the generator's keys, because database ids differ between machines.
    """
    keys = {case.record_id: key for key, case in cases.items()}
    rows = MatchCandidate.objects.filter(agency=None, state=State.OPEN)
    pairs = (((keys[row.left_id], keys[row.right_id]), row) for row in rows if _known(row, keys))
    ordered = sorted(pairs, key=lambda pair: sorted(pair[0]))
    person = {case.key: case.person for case in built.cases} | dict(built.truth)
    true = [row for (left, right), row in ordered if person.get(left) == person.get(right)]
    false = [row for (left, right), row in ordered if person.get(left) != person.get(right)]
    for row in false[:3]:
        review.answer(coordinator, row, "different", translate_note("Туған жылы мен аты басқа"))
    for row in true[:1]:
        review.answer(coordinator, row, "unsure", translate_note("Әкесінің аты екеуінде де жоқ"))
    for row in [row for row in true[1:] if not row.is_risky][:1]:
        review.answer(coordinator, row, "same", translate_note("Аты мен туған күні бірдей"))
        for merge in Merge.objects.filter(candidate=row):
            unmerge.undo_merge(coordinator, merge, translate_note("Қате басылды"), keep_apart=False)
    for row in [row for row in true[1:] if row.is_risky][:1]:
        review.answer(
            coordinator, row, "same", translate_note("Аты ұқсас, телефоны бірдей")
        )  # a risky pair needs a second reviewer


def _known(row: MatchCandidate, keys: dict[UUID, str]) -> bool:
    return row.left_id in keys and row.right_id in keys


def _merge(boss: Actor, surviving: Case, duplicate: Case) -> Merge:
    draft = merge_services.MergeDraft(
        surviving.record, duplicate.record, goes_on=surviving, reason=translate_note("Екі рет тіркелген")
    )
    return merge_services.merge_records(boss, draft)
