"""Work in progress for every role on the day of the demo. No published figure counts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from kerege.demo.programme import cohorts, identification, justice, overlaps
from kerege.demo.programme.cohorts import Pair
from kerege.demo.programme.draw import pick, stream
from kerege.demo.programme.sources import agency
from kerege.demo.programme.staff import HOME, OFFICE
from kerege.demo.programme.world import DemoCase, DemoConsent, DemoReferral, DemoService, DemoSignal, DemoTask, Live

# live records must not fall into a year of the cohorts
FIRST_DAY = date(2026, 1, 1)
LEGAL_BASIS = "order-844-406"
NOTES = (
    "Телефонмен сөйлестік, жағдайы тұрақты. Келесі кездесу сәрсенбіде.",
    "Встретили на вокзале, разместили. Просит не звонить до обеда.",
    "Құжаттарын қалпына келтіруге өтініш берілді.",
    "Была у врача, назначено лечение. Нужен переводчик на узбекский.",
    "Психолог екінші рет қабылдады, ұйқысы түзеліп келеді.",
    "Работодатель удерживает паспорт, обсудили с юристом, как его вернуть.",
    "Отбасымен байланыс орнады, анасы үйде күтіп отыр.",
    "Хочет вернуться домой до праздников, оценку рисков ещё не проводили.",
)
SIGNALS = (
    (
        "hotline",
        "hotline",
        "victim",
        "immediate",
        "forced_labour",
        "Құрылыста жұмыс істейді, шығармайды, төлқұжатын алып қойған.",
    ),
    ("police-35", "raid", "agency", "high", "sexual_exploitation", "После рейда в сауне две женщины просят о помощи."),
    (
        "labour-35",
        "labour_inspection",
        "agency",
        "normal",
        "forced_labour",
        "На ферме трое работников без договоров и зарплаты.",
    ),
)
SEEN = (
    ("health-35", "health", "agency", "normal", "servitude", "Поступила с истощением, живёт у хозяев, документов нет."),
    ("hotline", "hotline", "relative", "normal", "forced_labour", "Ағасынан үш ай хабар жоқ, фермаға кеткен."),
)
NEEDS = ("housing", "health", "mental_health", "legal_aid", "documents", "work", "safety")


@dataclass(frozen=True)
class Morning:
    """The day of the demo, with dates relative to it."""

    today: date

    def ago(self, days: int) -> date:
        """Return the date `days` before today, but never in a year of the cohorts."""
        return max(FIRST_DAY, self.today - timedelta(days=days))

    def ahead(self, days: int) -> date:
        """Return the date `days` after today."""
        return self.today + timedelta(days=days)


def morning(seed: int, today: date, assisted: list[Pair]) -> tuple[Live, list[tuple[str, str]]]:
    """Return the live work of a day, and the true persons of its planted duplicates."""
    rng, when, live = stream(seed, "live"), Morning(today), Live()
    mine = caseload(rng, when, live=live, worker="caseworker", count=20, days=165, name="mine")
    for owner, count in (("caseworker2", 11), ("caseworker3", 9), ("", 2)):
        caseload(rng, when, live=live, worker=owner, count=count, days=150, name=owner or "unassigned")
    elsewhere = other_centres(rng, when, live)
    work_of_caseworker(rng, when, live, mine)
    first_needs(rng, when, live)
    waiting_decisions(rng, when, live, mine)
    referrals(when, live, mine, elsewhere)
    signals(rng, when, live, mine)
    live.crimes = [
        justice.crime(rng, "mia", number=900 + number, on=when.ago(22 - 4 * number), offence=offence, region="35")
        for number, offence in enumerate(("kz309", "kz128", "kz308", "kz309", "kz134"))
    ]
    return live, duplicates(rng, when, live, assisted)


def caseload(rng: Random, when: Morning, live: Live, worker: str, count: int, days: int, name: str) -> list[DemoCase]:
    """Return open cases of a caseworker of the centre in Karaganda, newest last."""
    cases = []
    for number in range(count):
        ago = days - (days - 1) * number // max(1, count - 1) if worker else 1 + number
        cases.append(
            open_case(
                rng, when, key=f"live-{name}-{number + 1:02d}", owner=HOME, on=when.ago(ago), number=len(live.cases)
            )
        )
        cases[-1].caseworker = worker
        live.cases.append(cases[-1])
    return cases


def open_case(rng: Random, when: Morning, key: str, owner: str, on: date, number: int) -> DemoCase:
    """Return the open case of a person whom the state assists now."""
    row = {
        "sex": pick(rng, {"male": 0.55, "female": 0.45}),
        "age": pick(rng, {"9_17": 0.1, "18_25": 0.3, "26_30": 0.22, "31_40": 0.25, "41_50": 0.13}),
        "origin": pick(rng, {"KZ": 0.45, "UZ": 0.42, "KG": 0.08, "TJ": 0.05}),
    }
    row["form"] = pick(rng, {"forced_labour": 0.74, "sexual_exploitation": 0.6 if row["sex"] == "female" else 0.01})
    _, case = cohorts.person_and_case(rng, key, number=8000 + number, row=row, owner=owner, on=on)
    case.status, case.region, case.risk = (
        "open",
        agency(owner).region,
        pick(rng, {"low": 0.4, "medium": 0.4, "high": 0.2}),
    )
    case.services = running(rng, when, owner, on)
    decision = cohorts.formal(rng, OFFICE, on)
    decision.decided_on = on + timedelta(days=5 + rng.randrange(7))
    if decision.decided_on < when.today:
        decision.notified_on = None
        # a decision is reviewed after half a year
        decision.review_on = decision.decided_on + timedelta(days=182)
        case.decisions = [decision]
    return case


def running(rng: Random, when: Morning, owner: str, on: date) -> list[DemoService]:
    """Return services that are ongoing, completed or only requested."""
    services = [DemoService("shelter", "state", owner, "ongoing", on, requested_on=on)]
    for kind, chance in (
        ("psychological_support", 0.85),
        ("medical_care", 0.6),
        ("legal_aid", 0.5),
        ("documentation", 0.4),
    ):
        begun = on + timedelta(days=1 + rng.randrange(12))
        if rng.random() > chance:
            continue
        if begun >= when.today:
            services.append(DemoService(kind, "state", owner, "requested", None, requested_on=on))
        elif kind == "medical_care" and begun + timedelta(days=20) < when.today:
            services.append(
                DemoService(
                    kind=kind,
                    payer="state",
                    provider=owner,
                    status="completed",
                    started_on=begun,
                    ended_on=begun + timedelta(days=14),
                    requested_on=on,
                )
            )
        else:
            services.append(DemoService(kind, "state", owner, "ongoing", begun, requested_on=on))
    return services


def other_centres(rng: Random, when: Morning, live: Live) -> list[DemoCase]:
    """Add open cases at other agencies."""
    owners = ["crisis-astana", "crisis-shymkent", "crisis-turkestan-1", "ngo-almaty", "crisis-aktobe", "police-35"]
    cases = []
    for number in range(18):
        owner = owners[number % len(owners)]
        case = open_case(
            rng,
            when,
            key=f"live-other-{number + 1:02d}",
            owner=owner,
            on=when.ago(3 + 7 * number),
            number=len(live.cases),
        )
        if owner.startswith("police"):
            case.services, case.decisions, case.route = [], [], "raid"
        live.cases.append(case)
        cases.append(case)
    return cases


def work_of_caseworker(rng: Random, when: Morning, live: Live, mine: list[DemoCase]) -> None:
    """Add tasks (three due today, one overdue, some due soon), notes, needs and consents."""
    due = [("contact_person", 0, 3), ("medical_appointment", 0, 5), ("documents", 0, 9), ("follow_up", -2, 1)]
    # reviews, terms and returns create their own tasks
    due += [("contact_person", 1, 11), ("assess_needs", 2, 18), ("arrange_service", 3, 2), ("legal_appointment", 4, 7)]
    due += [("home_visit", 6, 14), ("legal_appointment", 12, 0)]
    for kind, days, number in due:
        live.tasks.append(DemoTask(HOME, "caseworker", kind, when.ahead(days), mine[number].key))
    live.tasks.append(DemoTask(HOME, "supervisor", "home_visit", when.today, live.cases[-20].key))
    live.tasks.append(DemoTask(HOME, "caseworker2", "contact_person", when.today, live.cases[22].key))
    for number, case in enumerate(mine):
        live.notes.append((case.key, NOTES[number % len(NOTES)]))
        live.consents.append(consent(rng, case, f"care-{number:02d}", "assistance", ""))


def first_needs(rng: Random, when: Morning, live: Live) -> None:
    """Add assessments of persons who have been in the centre for some days."""
    for case in live.cases:
        if case.services and case.registered_on < when.ago(2):
            needs = {need: rng.randrange(5) for need in NEEDS}
            live.needs.append((case.key, case.registered_on + timedelta(days=1), needs, case.risk))


def consent(rng: Random, case: DemoCase, key: str, purpose: str, recipient: str) -> DemoConsent:
    """Return a consent given on the day of registration."""
    manner = pick(rng, {"written": 0.8, "oral_with_witness": 0.2})
    language = case.identity.get("languages", ["ru"])[0]
    categories = ["identity", "contact", "needs", "health"] if purpose == "assistance" else ["identity", "needs"]
    return DemoConsent(
        key=key,
        case=case.key,
        purpose=purpose,
        recipient=recipient,
        categories=categories,
        manner=manner,
        language=language,
        given=True,
        on=case.registered_on,
    )


def waiting_decisions(rng: Random, when: Morning, live: Live, mine: list[DemoCase]) -> None:
    """Share the newest cases with the social protection department, where the identifying officer decides."""
    for days, case in enumerate(reversed(mine[-5:])):
        case.decisions = []
        live.shares.append((case.key, OFFICE))
        on = min(when.today, case.registered_on + timedelta(days=1))
        live.screenings.append((case.key, on, identification.answers(rng)))
        live.tasks.append(DemoTask(OFFICE, "identifying-officer", "request_decision", when.ahead(days + 1), case.key))


def referrals(when: Morning, live: Live, mine: list[DemoCase], elsewhere: list[DemoCase]) -> None:
    """Add one referral that awaits the centre's answer, and others.

    The centre sent the others, or received answers to them.
    """
    police = next(case for case in elsewhere if case.agency == "police-35")
    live.referrals.append(
        DemoReferral(
            police.key,
            HOME,
            ["shelter", "psychological_support"],
            ["identity", "needs"],
            when.ahead(1),
            legal_basis=LEGAL_BASIS,
            urgency="high",
            message="Нужно место сегодня вечером, говорит по-узбекски",
        )
    )
    # an embassy and a repatriation fit only persons from that country
    from_uz = [case for case in mine[7:15] if case.identity.get("citizenships") == ["UZ"]]
    uzbek, leaving = [*from_uz, mine[10], mine[13]][:2]
    sent = [
        (mine[2], "health-35", ["medical_care"], []),
        (mine[6], "social-35", ["employment"], [("seen", "")]),
        (uzbek, "embassy-uz", ["documentation"], [("accepted", "")]),
        (leaving, "iom", ["repatriation"], [("accepted", ""), ("started", "")]),
        (mine[4], "ngo-almaty", ["legal_aid"], [("declined", "no_capacity")]),
    ]
    for number, (case, to, services, answers) in enumerate(sent):
        key = f"refer-{number}"
        live.consents.append(
            DemoConsent(
                key=key,
                case=case.key,
                purpose="sharing_with_agency",
                recipient=to,
                categories=["identity", "needs"],
                manner="written",
                language="ru",
                given=True,
                on=case.registered_on,
            )
        )
        live.referrals.append(
            DemoReferral(
                case=case.key,
                to_agency=to,
                services=services,
                categories=["identity", "needs"],
                due_on=when.ahead(3 * number - 1),
                consent=key,
                answers=answers,
            )
        )


def signals(rng: Random, when: Morning, live: Live, mine: list[DemoCase]) -> None:
    """Add new and seen signals, and older signals that led to a case or to none."""
    for number, (sender, channel, caller, urgency, form, text) in enumerate(SIGNALS):
        live.signals.append(
            DemoSignal(
                from_agency=sender,
                to_agency=HOME,
                channel=channel,
                received_on=when.ago(number),
                caller=caller,
                urgency=urgency,
                region="35",
                language="kk",
                suspected_form=form,
                narrative=text,
                people=(1, 2, 3)[number],
            )
        )
    for number, (sender, channel, caller, urgency, form, text) in enumerate(SEEN):
        live.signals.append(
            DemoSignal(
                from_agency=sender,
                to_agency=HOME,
                channel=channel,
                received_on=when.ago(2 + number),
                caller=caller,
                urgency=urgency,
                region="35",
                language="ru",
                suspected_form=form,
                narrative=text,
                state="seen",
            )
        )
    for case in mine[-9:-3]:
        live.signals.append(
            DemoSignal(
                from_agency="hotline",
                to_agency=HOME,
                channel="hotline",
                received_on=case.registered_on,
                caller="victim",
                urgency="normal",
                region="35",
                language="ru",
                suspected_form="forced_labour",
                narrative="",
                state=case.key,
            )
        )
    live.signals.append(
        DemoSignal(
            from_agency="border",
            to_agency="mlsp",
            channel="border",
            received_on=when.ago(1),
            caller="agency",
            urgency="high",
            region="61",
            language="ru",
            suspected_form="forced_labour",
            narrative="Группа из пяти человек.",
        )
    )
    for number in range(12):
        live.signals.append(
            DemoSignal(
                from_agency="hotline",
                to_agency=HOME,
                channel="hotline",
                received_on=when.ago(5 + 6 * number),
                caller=pick(rng, {"public": 0.6, "relative": 0.4}),
                urgency="normal",
                region="35",
                language="ru",
                suspected_form="",
                narrative="",
                state="closed",
            )
        )


def duplicates(rng: Random, when: Morning, live: Live, assisted: list[Pair]) -> list[tuple[str, str]]:
    """Register three persons of last year's cohort again at the centre, under other spellings."""
    truth = []
    recent = [pair for pair in assisted if pair[1].registered_on.year == 2025 and pair[1].agency != HOME]
    for number, pair in enumerate(rng.sample(recent, 3), 1):
        case = overlaps.second(rng, pair, HOME, f"live-known-{number}")
        case.person, case.status, case.closure_reason = case.key, "open", ""
        case.registered_on, case.ended_on, case.closed_on = when.ago(number), None, None
        case.identity, case.caseworker = overlaps.misheard(rng, case.identity), "caseworker3"
        live.cases.append(case)
        truth.append((case.key, pair[0].key))
    return truth
