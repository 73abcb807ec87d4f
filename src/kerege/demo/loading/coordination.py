"""Plan of measures, session of the commission and risk assessment of the demo; all invented."""

from __future__ import annotations

from datetime import date, timedelta

from kerege.coordination.commissions import services as commissions
from kerege.coordination.commissions.models import AgendaItem, Commission, CommissionMember, Meeting, Resolution
from kerege.coordination.measures import publications
from kerege.coordination.measures import services as measures
from kerege.coordination.measures.models import Measure, MeasureBody, MeasurePlan, MeasureReport, days_of_half
from kerege.coordination.measures.states import list_halves
from kerege.coordination.risk import services as risk
from kerege.coordination.risk.models import RiskFactor, RiskRound
from kerege.coordination.risk.queries import list_regions
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.demo.programme.another_country import adapt_code, is_another, select_texts, translate_note
from kerege.demo.programme.draw import stream
from kerege.vocabulary.dates import half
from kerege.web.partial_dates import numeric

Agencies = dict[str, Agency]
SEED = 41
# direction, term, bodies (the first leads), wording in Kazakh, Russian and English
MEASURES = (
    (
        "prevention",
        "half_yearly",
        "mlsp social-35",
        "Ақпараттық науқандар өткізу",
        "Проводить информационные кампании",
        "Run awareness campaigns",
    ),
    (
        "prevention",
        "yearly",
        "labour-35 mlsp",
        "Жұмыс берушілерге түсіндіру жүргізу",
        "Разъяснять права работодателям",
        "Inform employers",
    ),
    (
        "prosecution",
        "permanent",
        "mia pgo",
        "Тергеушілердің біліктілігін арттыру",
        "Повышать квалификацию следователей",
        "Train investigators",
    ),
    (
        "prosecution",
        "day",
        "mia",
        "Сұрау әдістемесін әзірлеу",
        "Разработать методику опроса",
        "Write a guide to interviews",
    ),
    (
        "protection",
        "half_yearly",
        "social-35 crisis-karaganda",
        "Панажайларды қаржыландыру",
        "Финансировать приюты",
        "Fund shelters",
    ),
    (
        "protection",
        "day",
        "mlsp",
        "Қызмет стандартын қайта қарау",
        "Пересмотреть стандарт услуг",
        "Revise the standard of services",
    ),
    (
        "partnership",
        "yearly",
        "mlsp iom",
        "Елшіліктермен кездесу өткізу",
        "Проводить встречи с посольствами",
        "Meet the embassies",
    ),
    (
        "partnership",
        "permanent",
        "hotline mlsp",
        "Жедел желінің жұмысын қамтамасыз ету",
        "Обеспечивать работу горячей линии",
        "Keep the hotline running",
    ),
)
FACTORS = (
    ("threat", "Жедел желіге өтініштер", "Обращения на горячую линию", "Hotline contacts", True),
    ("vulnerability", "Жұмыссыздық", "Безработица", "Unemployment", True),
    ("vulnerability", "Оқымайтын балалар", "Дети вне школы", "Children outside school", True),
    ("exposure", "Маусымдық жұмысшылар", "Сезонные работники", "Seasonal workers", True),
    ("exposure", "Құрылыс алаңдары", "Строительные площадки", "Construction sites", True),
    ("response", "Еңбек инспекторлары", "Инспекторы труда", "Labour inspectors", False),
    ("", "Анықталған құрбандар", "Выявленные жертвы", "Detected victims", True),
)


def load_coordination(actor: Actor, agencies: Agencies, users: dict[str, User], today: date) -> None:
    """Write the plan, the commissions and the risk assessment."""
    _load_plan(actor, agencies, users, today)
    _load_commissions(actor, agencies, today)
    _load_risk(actor, agencies, today)


def _load_plan(actor: Actor, agencies: Agencies, users: dict[str, User], today: date) -> None:
    first, last = date(today.year - 1, 1, 1), date(today.year + 1, 12, 31)
    titles = select_texts(
        kk="Іс-шаралар жоспары (ойдан)", ru="План мероприятий (вымышленный)", en="Plan of measures (invented)"
    )
    plan = MeasurePlan(agency=agencies["mlsp"], titles=titles, starts_on=first, ends_on=last)
    measures.set_up_plan(actor, plan)
    rows, bodies = [], []
    for place, (direction, term, names, kk, ru, en) in enumerate(MEASURES, start=1):
        due_on = days_of_half(half(today - timedelta(days=200)))[1] if term == "day" else last
        row = Measure(plan=plan, number=str(place), place=place, direction=direction, term=term, due_on=due_on)
        row.texts, row.terms = (
            select_texts(kk=kk, ru=ru, en=en),
            select_texts(ru=numeric(due_on), en=numeric(due_on)) if is_another() else {"ru": numeric(due_on)},
        )
        rows.append(row)
        for at, name in enumerate(names.split()):
            bodies.append(MeasureBody(measure=row, agency=agencies[name], leads=at == 0, place=at))
    measures.write_import(actor, plan, new=rows, worded=[], bodies=bodies)
    keeper = actor_for(users["coordinator"])
    _report(actor, bodies, plan, keeper, today)
    final = [name for name in list_halves(plan.starts_on, today) if publications.is_final(name, today)]
    summary = publications.request_publication(keeper, plan, final[-1], today)
    publications.decide(actor_for(users["publisher"]), summary, accept=True)


def _report(actor: Actor, bodies: list[MeasureBody], plan: MeasurePlan, keeper: Actor, today: date) -> None:
    """Let the bodies report on all measures but two; the keeper accepts all reports but the last."""
    halves = list_halves(plan.starts_on, today)[:-1]
    for name in halves:
        for body in bodies:
            if body.measure.place in {4, 7} or half(body.measure.due_on) < name:
                continue
            report = MeasureReport(
                body=body,
                half=name,
                text=translate_note("Сделано по плану."),
                completes=body.measure.term != "permanent",
            )
            measures.save_report(actor, report, submit=True)
            if name != halves[-1] or body.leads:
                measures.decide_report(keeper, report, accept=True)


def _load_commissions(actor: Actor, agencies: Agencies, today: date) -> None:
    held = today - timedelta(days=30)
    national = commissions.set_up(actor, Commission(agency=agencies["mlsp"]))
    regional = commissions.set_up(actor, Commission(agency=agencies["social-35"], region=adapt_code("35")))
    for commission, names in ((national, "mia mlsp pgo iom"), (regional, "social-35 labour-35 crisis-karaganda")):
        for at, name in enumerate(names.split()):
            member = CommissionMember(commission=commission, agency=agencies[name], from_on=date(today.year - 1, 1, 1))
            member.post = "member" if at else "chair"
            commissions.add_member(actor, member)
    meeting = Meeting(commission=national, number="1", on=held, present=4)
    meeting.minutes = select_texts(
        kk="Комиссия есепті тыңдады.", ru="Комиссия заслушала отчёт.", en="The commission heard the report."
    )
    commissions.save_meeting(actor, meeting)
    titles = select_texts(kk="Көмек алған адамдар", ru="О людях, получивших помощь", en="People who were helped")
    # the release of that year is published after the records are stored: the services would not find it yet
    cited = {"release": f"annual-{today.year - 2}", "table": "state_assisted_by_year"}
    item = AgendaItem.objects.create(meeting=meeting, place=1, titles=titles, speaker=agencies["mlsp"], **cited)
    for number, days, names, kk, ru, en in (
        (
            "1",
            60,
            "mia mlsp",
            "Деректер алмасуын келісу",
            "Согласовать обмен данными",
            "Agree on the exchange of data",
        ),
        (
            "2",
            -5,
            "pgo",
            "Тергеу тәжірибесін талдау",
            "Обобщить следственную практику",
            "Review the practice of investigation",
        ),
    ):
        row = Resolution(meeting=meeting, item=item, number=number, texts=select_texts(kk=kk, ru=ru, en=en))
        row.due_on = today + timedelta(days=days)
        commissions.add_resolution(actor, row, [agencies[name] for name in names.split()])


def _load_risk(actor: Actor, agencies: Agencies, today: date) -> None:
    draw = stream(SEED, "risk")
    row = risk.set_up_round(actor, RiskRound(agency=agencies["mlsp"], year=today.year - 1, invented=True))
    regions = list_regions()
    level = {region: draw.random() for region in regions}
    for place, (group, kk, ru, en, raises) in enumerate(FACTORS):
        factor = RiskFactor(
            round=row, labels=select_texts(kk=kk, ru=ru, en=en), group=group, detects=not group, raises=raises
        )
        factor.source, factor.as_of = "Kerege, demo: invented", date(today.year - 1, 12, 31)
        risk.add_factor(actor, factor)
        known = [region for region in regions if draw.random() > 0.06]
        side = 1 if raises else -1
        numbers = {
            region: round(50 + 30 * side * (level[region] - 0.5) * (place > 0) + draw.gauss(0, 6), 1)
            for region in known
        }
        risk.set_values(actor, factor, numbers)
