"""Loading of team work: open approvals, a returned one, and cover for an absent colleague."""

from __future__ import annotations

from datetime import date, timedelta

from kerege.casework.assistance.models.plans import Plan
from kerege.casework.assistance.services import plans
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.services import approvals, delegation, tasks
from kerege.casework.cases.services import closing as closing_services
from kerege.casework.desk import reminders
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.demo.loading.care import GOALS
from kerege.demo.programme.another_country import translate_note
from kerege.demo.programme.staff import HOME
from kerege.vocabulary.dates import add_months

CLOSE = "Жоспар орындалды, адам туыстарының қасында тұрады, жұмысқа орналасты."
PLAN = "Просим утвердить план: жильё есть, остались документы и работа."
RETURNED = "Жоспарда құжаттарды қалпына келтіру мерзімі жоқ, қосыңыз."
LINEN = "Купить постельное бельё на четыре места, счёт у бухгалтера."


def load_work(
    actor: Actor, cases: dict[str, Case], agencies: dict[str, Agency], users: dict[str, User], today: date
) -> None:
    """Store approvals, a cover and tasks with remarks, and plan the reminders that are due."""
    home = agencies[HOME]
    aynur, marina = (actor_for(users[name], home) for name in ("caseworker", "caseworker2"))
    boss = actor_for(users["supervisor"], home)
    closing = closing_services.Closing("closed", "completed", today, translate_note(CLOSE))
    closing_services.close(aynur, fresh(cases["live-mine-02"]), closing)
    plans.ask_for_approval(
        marina, running_plan(marina, fresh(cases["live-caseworker2-03"]), today), translate_note(PLAN)
    )
    approval = plans.ask_for_approval(aynur, running_plan(aynur, fresh(cases["live-mine-05"]), today))
    approvals.decide_approval(boss, approval, "returned", translate_note(RETURNED))
    delegation.set_cover(
        boss, home, absent=users["caseworker3"], by=users["caseworker"], from_on=today, until=today + timedelta(days=7)
    )
    linen = Task(agency=home, assignee=users["caseworker"], kind="other", due_on=today + timedelta(days=1))
    tasks.add_task(aynur, linen, translate_note(LINEN))
    reminders.plan(actor, today)


def running_plan(worker: Actor, case: Case, today: date) -> Plan:
    """Return the running plan of a case, else a new one with two goals."""
    plan: Plan | None = case.plans.filter(ended_on=None).first()
    if plan is None:
        plan = plans.begin_plan(worker, case, Plan(starts_on=today, planned_end_on=add_months(today, 6)))
        for domain, text in GOALS[:2]:
            plans.add_goal(worker, plan, domain, translate_note(text))
    plan.case = case
    return plan


def fresh(case: Case) -> Case:
    """Read the case again, with the relations that encryption needs."""
    return Case.objects.select_related("record__data_key", "agency", "caseworker").get(pk=case.pk)
