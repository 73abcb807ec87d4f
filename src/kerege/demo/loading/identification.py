"""Loading of screenings and of requested, notified and reviewed decisions."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.decisions import decide
from kerege.casework.cases.services.inputs import DecisionDraft
from kerege.casework.intake.models import Screening
from kerege.casework.intake.services import identification
from kerege.casework.intake.services import screening as screening_services
from kerege.casework.vault.queries import identities as vault
from kerege.core import audit
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.demo.programme.another_country import adapt_code, translate_note
from kerege.demo.programme.identification import TOOL
from kerege.demo.programme.staff import OFFICE, SPOKEN
from kerege.vocabulary import screening

SAID = {
    "deceptive_recruitment": "Обещали стройку в городе и 300 тысяч в месяц; привезли на ферму.",
    "exploitation": "С пяти утра до темноты, без выходных. За три месяца заплатили один раз.",
    "coercion": "Паспорт взял хозяин «для регистрации» и не вернул. Уйти пешком нельзя: до трассы сорок километров.",
}
MESSAGE = "Опрос проведён, согласие на передачу обстоятельств есть. Просим решить до конца месяца: истекает виза."
GROUNDS = "По протоколу беседы принуждение на месте не установлено; невыплата заработка передана инспекции труда."
WHY = "Заявитель не согласен: переводчик был не на его языке. Просит опросить заново."


def load_screenings(actor: Actor, rows: list[tuple[str, date, dict[str, str]]], cases: dict[str, Case]) -> None:
    """Record a screening of each case by its caseworker; the last one is unfinished."""
    for number, (key, on, given) in enumerate(rows):
        case = cases[key]
        worker = _as(actor, case, "caseworker")
        row = screening_services.start(worker, TOOL, case=case)
        over = number < len(rows) - 1
        answers = given if over else dict(list(given.items())[: len(given) // 2])
        row = screening_services.save_answers(
            worker, row, answers, {code: translate_note(text) for code, text in SAID.items()}
        )
        with audit.act(actor, "screenings.record", target=f"case:{case.pk}"):
            language = next(iter(vault.read(worker, case.record).get("languages", [])), "ru")
        interpreter = "no" if language in map(adapt_code, SPOKEN) else "yes"
        screening_services.save_frame(
            worker,
            row,
            screened_on=on,
            place="shelter",
            language=language,
            interpreter=interpreter,
            minutes=55,
            breaks=2,
        )
        if over:
            reason = (
                ""
                if row.result["class"] in screening.CONSISTENT
                else translate_note("Отвечал брат; наедине молчит и боится.")
            )
            screening_services.conclude(worker, row, "presumed", reason)
            # concluded on the evening of the screening
            evening = min(timezone.now(), timezone.make_aware(datetime.combine(on, time(17, 40))))
            Screening.objects.filter(pk=row.pk).update(created_at=evening, saved_at=evening, concluded_at=evening)


def load_decisions(
    actor: Actor, keys: list[str], cases: dict[str, Case], agencies: dict[str, Agency], today: date
) -> None:
    """Request decisions on cases shared with the office, one of them overdue; review a refusal."""
    for number, key in enumerate(keys[:3]):
        asked_on = max(cases[key].registered_on, today - timedelta(days=(1, 6, 25)[number]))
        worker = _as(actor, cases[key], "caseworker")
        identification.request_decision(
            worker,
            cases[key],
            authority=agencies[OFFICE],
            track="social",
            message=translate_note(MESSAGE) if number == 0 else "",
            on=asked_on,
        )
    refused(actor, cases[keys[-1]], agencies[OFFICE], today)


def refused(actor: Actor, case: Case, office: Agency, today: date) -> None:
    """Record a refusal of the office, its notification to the person, and the person's request for review."""
    on = max(case.registered_on, today - timedelta(days=12))
    officer = Actor("user:identifying-officer", agency_id=office.id, roles=actor.roles)
    draft = DecisionDraft(
        case,
        "social",
        "not_identified",
        on,
        officer.label,
        kind="refusal",
        authority=office,
        grounds=translate_note(GROUNDS),
        standard_of_proof="balance_of_probabilities",
        documents_used=["interview", "screening"],
    )
    decision, worker = decide(officer, draft), _as(actor, case, "caseworker")
    told_on = min(today, on + timedelta(days=2))
    identification.notify(worker, decision, told_on=told_on, manner="in_person", language="ru", interpreter="yes")
    identification.ask_review(
        worker, decision, max(told_on, today - timedelta(days=4)), "representative", translate_note(WHY)
    )


def _as(actor: Actor, case: Case, username: str) -> Actor:
    """Return the loader as an actor with a role in the case's agency."""
    return Actor(f"user:{username}", agency_id=case.agency_id, roles=actor.roles)
