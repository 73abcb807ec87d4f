"""Services in progress on the day of the demo.

They are plans, deliveries, beds, documents and returns with follow-ups.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import cast

from kerege.casework.assistance.models.documents import Document
from kerege.casework.assistance.models.plans import Plan, PlanReview
from kerege.casework.assistance.models.provision import Service, ServiceDelivery
from kerege.casework.assistance.models.returns import Return
from kerege.casework.assistance.models.shelter import Bed, Stay
from kerege.casework.assistance.services import contact, documents, plans, provision, shelter
from kerege.casework.assistance.services import needs as need_services
from kerege.casework.assistance.services import returns as return_services
from kerege.casework.cases.models.case import Case
from kerege.casework.vault.identity import ContactRules
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.demo.programme.another_country import adapt_code, translate_note
from kerege.demo.programme.staff import HOME
from kerege.vocabulary.dates import add_months

CENTRES = {HOME: 20, "crisis-astana": 8}
CHILDREN = {"0_8", "9_17"}
# kinds of persons for whom the rooms of a centre are, by room number
ROOMS = ("women", "men", "women", "men", "men", "family", "child")
IN_A_ROOM = 3
GOALS = (
    ("housing", "Бөлек бөлме табу, қызымен бірге тұру."),
    ("documents", "Төлқұжатын қайтарып алу."),
    ("mental_health", "Ұйқысы түзеліп, түнде қорықпай жүретін болу."),
    ("work", "Найти работу рядом с домом, хотя бы на полдня."),
    ("health", "Долечить спину и зубы."),
    ("legal_aid", "Взыскать зарплату за восемь месяцев."),
)
REVIEWS = (
    ("goes_on", "Психологқа үзбей келіп жүр."),
    ("changed", "Передумала уезжать, ищет работу здесь."),
    ("stuck", "Консульство молчит второй месяц."),
)
REMARKS = ("Алғаш рет жымиды.", "Пришла сама, без напоминания.", "")
RULES: tuple[ContactRules, ...] = (
    {
        "channels": ["messenger", "in_person"],
        "times": "дүйсенбі–жұма, 14:00-ден кейін",
        "answerers": "әпкесі көтеруі мүмкін: «кітапханадан» деп таныстыру",
        "never_say": "орталық, полиция",
    },
    {
        "channels": ["call", "text_message"],
        "times": "по субботам до обеда",
        "code_word": "ромашка",
        "never_say": "название центра, имя психолога",
    },
    {
        "channels": ["trusted_person", "in_person"],
        "answerers": "только сестра",
        "never_say": "ничего по домашнему телефону",
    },
)


def load_care(actor: Actor, cases: Mapping[str, Case], agencies: Mapping[str, Agency], today: date) -> None:
    """Add plans, beds, contact rules, documents and returns to the live cases of two centres."""
    mine = [case for key, case in cases.items() if key.startswith("live-mine")]
    centres = [agencies[code] for code in CENTRES]
    centre = [case for case in cases.values() if case.agency == agencies[HOME] and case.status == "open"]
    live = [case for key, case in cases.items() if key.startswith("live-other") and case.agency in centres]
    beds = {code: add_beds(actor, agencies[code], count) for code, count in CENTRES.items()}
    house(actor, mine[:12], beds[HOME], today)
    house(actor, live, beds["crisis-astana"], today)
    for number, case in enumerate(mine):
        progress(actor, case, number, today)
        if number % 4 != 3:
            plan(actor, case, number, today)
        if number < 9:
            contact.set_contact_rules(actor, case, contact_rules(number))
    papers(actor, mine, today)
    returns(actor, mine, [case for case in centre if case not in mine], today)


def add_beds(actor: Actor, agency: Agency, count: int) -> list[Bed]:
    """Add the beds of a centre, up to three in a room; all beds of a room have the same kind."""
    places = [divmod(number, IN_A_ROOM) for number in range(count)]
    return [shelter.add_bed(actor, agency, str(1 + room), str(1 + bed), ROOMS[room]) for room, bed in places]


def house(actor: Actor, cases: list[Case], beds: list[Bed], today: date) -> None:
    """Give each case a bed of its kind; extend stays that are past their ordinary term."""
    free = list(beds)
    for case in cases:
        bed = next(bed for bed in free if bed.kind == kind_of(case))
        free.remove(bed)
        stay = shelter.begin_stay(actor, case, bed, case.registered_on)
        if shelter.ends_on(stay) <= today:
            extend_stay(actor, stay)


def kind_of(case: Case) -> str:
    """Return the kind of bed for a case: child, women or men."""
    return "child" if case.age_band in CHILDREN else "women" if case.sex == "female" else "men"


def extend_stay(actor: Actor, stay: Stay) -> None:
    """Extend a stay past its ordinary term because proceedings continue."""
    shelter.extend(actor, stay, shelter.longest_end(stay.arrived_on), "proceedings")


def progress(actor: Actor, case: Case, number: int, today: date) -> None:
    """Record four monthly assessments in which some needs decrease."""
    first = case.assessments.last()
    needs = dict(first.needs) if first else {"housing": 4, "health": 3, "work": 4}
    for month in range(1, 5):
        on = case.registered_on + timedelta(days=33 * month)
        if on > today:
            return
        needs = {
            domain: max(0, level - (number + place + month) % 2) for place, (domain, level) in enumerate(needs.items())
        }
        level = max(needs.values(), default=0)
        need_services.assess(
            actor, case, on, needs, "high" if level == 4 and number % 5 == 0 else "medium" if level > 1 else "low"
        )


def plan(actor: Actor, case: Case, number: int, today: date) -> None:
    """Begin a plan with two goals, assign the running services to them, and record deliveries and reviews."""
    begun = min(today, case.registered_on + timedelta(days=3))
    row = plans.begin_plan(actor, case, Plan(starts_on=begun, planned_end_on=add_months(begun, 6)))
    chosen = [GOALS[(number + place) % len(GOALS)] for place in range(2)]
    goals = [plans.add_goal(actor, row, domain, translate_note(text)) for domain, text in chosen]
    if number % 5:
        answer = {"agreement": "agreed" if number % 7 else "agreed_in_part", "agreed_on": begun}
        plans.agree(
            actor,
            row,
            answer | {"agreement_language": adapt_code("kk") if number % 2 else "ru", "agreement_manner": "oral"},
        )
    for place, service in enumerate(case.services.filter(status="ongoing").exclude(kind="shelter")):
        plans.put_under_goal(actor, service, goals[place % 2])
        record_sessions(actor, service, number, today)
    record_plan_reviews(actor, row, number, today)


def record_sessions(actor: Actor, service: Service, number: int, today: date) -> None:
    """Record one to four sessions, one a fortnight."""
    for week in range(1 + number % 4):
        on = (service.started_on or today) + timedelta(days=14 * week)
        if on <= today:
            provision.deliver(
                actor,
                service,
                ServiceDelivery(kind="session", on=on),
                translate_note(REMARKS[(number + week) % len(REMARKS)]),
            )


def record_plan_reviews(actor: Actor, row: Plan, number: int, today: date) -> None:
    """Record past plan reviews; some next reviews are due soon and some are late, none today."""
    on = row.review_on
    while on and (on < today - timedelta(days=8 * (number % 4)) or on == today):
        result, text = REVIEWS[number % len(REVIEWS)]
        plans.review(actor, row, PlanReview(on=on, result=result), translate_note(text))
        on = row.review_on


def contact_rules(number: int) -> ContactRules:
    """Return rules for contact with a person, in a language of the pack."""
    rules = RULES[number % len(RULES)]
    texts = {key: translate_note(text) for key, text in rules.items() if isinstance(text, str)}
    return cast(ContactRules, {**rules, **texts})


def papers(actor: Actor, cases: list[Case], today: date) -> None:
    """Request five documents, one at each stage of the procedure."""
    ways = (
        ("passport", "withheld", "consulate", 40, ("applied_on",), 6),
        ("identity_card", "lost", "public_service_centre", 30, ("applied_on", "issued_on"), 0),
        ("birth_certificate", "destroyed", "civil_registry", 20, (), 9),
        ("return_certificate", "never_had", "consulate", 25, ("applied_on",), -2),
        ("migration_card", "expired", "migration_service", 35, ("applied_on", "issued_on", "handed_over_on"), 0),
    )
    for case, (kind, loss, authority, ago, steps, due) in zip(cases, ways, strict=False):
        requested_on = max(case.registered_on, today - timedelta(days=ago))
        country = next(iter(case.citizenships), "")
        row = Document(kind=kind, loss=loss, authority=authority, country=country, requested_on=requested_on)
        row.due_on = today + timedelta(days=due) if due else None
        documents.want_document(actor, case, row)
        span = (today - requested_on).days
        days = {name: requested_on + timedelta(days=span * (place + 1) // 4) for place, name in enumerate(steps)}
        if days:
            documents.update_document(actor, row, days)


def returns(actor: Actor, mine: list[Case], others: list[Case], today: date) -> None:
    """Plan returns: one decided, one arranged, one cancelled, and two arrived with follow-ups due."""
    abroad = [case for case in [*mine, *others] if case.citizenships and case.citizenships[0] in {"UZ", "KG", "TJ"}]
    adults = [case for case in abroad if case.age_band not in CHILDREN]
    steps = ("decided", "arranged", "cancelled", "arrived", "arrived")
    for number, (case, step) in enumerate(zip(adults, steps, strict=False)):
        decided = max(case.registered_on, today - timedelta(days=75 if step == "arrived" else 12))
        row = Return(country=case.citizenships[0], decided_on=decided, language="ru", manner="written")
        return_services.plan_return(actor, case, row)
        if step != "decided":
            travel(actor, row, step, number, today)


def travel(actor: Actor, row: Return, step: str, number: int, today: date) -> None:
    """Assess the risks of a return and advance the return to `step`."""
    risk = {
        "risks": ["debt", "no_income"],
        "risk_level": "medium" if number % 2 else "low",
        "assessed_on": row.decided_on,
    }
    return_services.change_return(
        actor,
        row,
        risk | {"risk_text": translate_note("Ауылда анасы күтіп отыр, қарызы бар.")},
        "assessed",
        sealed="risk_text",
    )
    if step == "cancelled":
        return_services.cancel_return(actor, row, min(today, row.decided_on + timedelta(days=4)), "changed_mind")
        return
    leaves = today + timedelta(days=5) if step == "arranged" else min(today, row.decided_on + timedelta(days=9))
    plan = {
        "travels_on": leaves,
        "escorted": "no",
        "fit_to_travel": "yes",
        "arrangements": translate_note("Поезд, встречает сестра."),
    }
    return_services.change_return(actor, row, plan, "arranged", sealed="arrangements")
    if step == "arrived":
        return_services.depart(actor, row, leaves)
        follow_ups = return_services.arrived(actor, row, min(today, leaves + timedelta(days=1)))
        if number % 2 and follow_ups[0].due_on <= today:
            return_services.follow_up(
                actor,
                follow_ups[0],
                follow_ups[0].due_on,
                "safe",
                translate_note("Работает в пекарне, живёт у сестры."),
            )
