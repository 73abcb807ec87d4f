"""A screening keeps every answer, proposes a conclusion, rejects nobody, and changes no status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from kerege.base.errors import BadInput
from kerege.casework.cases.services.shares import share
from kerege.casework.cases.services.tasks import add_tasks
from kerege.casework.intake.models import Screening, Signal
from kerege.casework.intake.services import screening as screening_services
from kerege.casework.intake.services import signals
from kerege.casework.intake.services.screening import read_evidence
from kerege.casework.vault.models.identities import SealedText
from kerege.core import authorization
from kerege.core.accounts.actors import actor_for
from kerege.core.audit.models import AuditEvent
from kerege.vocabulary import screening as standard

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[4]
TOOL = "ilo_delphi_adult_labour"
STORY = "Он не отдаёт паспорт, сказала она"
TRAFFICKING = {
    "deceived_job": "yes",
    "deceived_wages": "yes",
    "exploited_hours": "yes",
    "exploited_pay": "yes",
    "held_papers": "yes",
    "held_debt": "yes",
}


@pytest.fixture
def case(make_case: Any) -> Any:
    return make_case()


@pytest.fixture
def worker(make_actor: Any) -> Any:
    return make_actor("caseworker")


@pytest.fixture
def screening(case: Any, worker: Any) -> Screening:
    return screening_services.start(worker, TOOL, case=case)


def send(operator: Any, make_agency: Any) -> Signal:
    draft = signals.SignalDraft(make_agency("border", "border_service"), make_agency(), "border", narrative=STORY)
    return signals.send_signal(operator, draft)


@pytest.mark.db
def test_partial_answers_are_kept_and_a_second_start_continues(screening: Screening, case: Any, worker: Any) -> None:
    screening_services.save_answers(worker, screening, {"deceived_job": "yes", "deceived_wages": "refused"}, {})
    screening_services.save_answers(worker, screening, {"held_papers": "unknown"}, {"coercion": STORY})
    restarted = screening_services.start(worker, TOOL, case=case)
    assert restarted.pk == screening.pk
    assert restarted.answers == {"deceived_job": "yes", "deceived_wages": "refused", "held_papers": "unknown"}
    assert restarted.result["class"] == "insufficient"
    assert restarted.result["reachable"] == "trafficking"
    assert restarted.result["dimensions"]["deceptive_recruitment"]["strong"] == 1
    assert read_evidence(restarted) == {"coercion": STORY}


@pytest.mark.db
def test_an_answer_can_be_removed_and_old_evidence_is_deleted(screening: Screening, worker: Any) -> None:
    screening_services.save_answers(worker, screening, {"held_papers": "yes"}, {"coercion": STORY})
    screening_services.save_answers(worker, screening, {"held_papers": ""}, {"coercion": ""})
    row = Screening.objects.get(pk=screening.pk)
    assert (row.answers, row.evidence) == ({}, None)
    assert not SealedText.objects.exists()


@pytest.mark.db
def test_evidence_is_encrypted(screening: Screening, worker: Any) -> None:
    screening_services.save_answers(worker, screening, {}, {"coercion": STORY})
    sealed = SealedText.objects.get()
    assert "паспорт".encode() not in bytes(sealed.ciphertext)


@pytest.mark.db
def test_a_conclusion_changes_no_status_and_may_differ_with_a_reason(
    screening: Screening, case: Any, worker: Any
) -> None:
    screening_services.save_answers(worker, screening, TRAFFICKING, {})
    assert Screening.objects.get().result["class"] == "trafficking"
    with pytest.raises(BadInput):
        screening_services.conclude(worker, screening, "not_identified")
    screening_services.conclude(worker, screening, "not_identified", "Her brother answered for her")
    row = Screening.objects.get()
    assert (row.conclusion, row.concluded_by) == ("not_identified", worker.label)
    before = case.social_status
    case.refresh_from_db()
    assert (case.social_status, case.police_status) == (before, "")
    assert case.events.filter(kind="screening").count() == 1


@pytest.mark.db
def test_presuming_a_victim_without_indicators_needs_a_reason(screening: Screening, worker: Any) -> None:
    with pytest.raises(BadInput):
        screening_services.conclude(worker, screening, "presumed")
    screening_services.conclude(worker, screening, "presumed", "She is too afraid to answer")


@pytest.mark.db
@pytest.mark.parametrize("conclusion", ["identified", "lost", "nonsense", ""])
def test_a_screening_cannot_conclude_a_formal_status(screening: Screening, worker: Any, conclusion: str) -> None:
    with pytest.raises(BadInput):
        screening_services.conclude(worker, screening, conclusion, "x")


@pytest.mark.db
def test_a_concluded_screening_is_not_changed(screening: Screening, worker: Any) -> None:
    screening_services.conclude(worker, screening, "declined")
    for change in (
        lambda: screening_services.save_answers(worker, screening, {"held_debt": "yes"}, {}),
        lambda: screening_services.save_frame(worker, screening, place="office"),
        lambda: screening_services.conclude(worker, screening, "declined"),
    ):
        with pytest.raises(BadInput):
            change()


@pytest.mark.db
def test_services_do_not_require_a_screening(screening: Screening, case: Any, worker: Any) -> None:
    from django.utils import timezone

    from kerege.casework.assistance.models.provision import Service
    from kerege.casework.assistance.services.provision import add_services
    from kerege.casework.cases.models.case import Task
    from kerege.vocabulary import codes

    screening_services.conclude(worker, screening, "not_identified")
    today = timezone.localdate()
    kinds = list(codes.code_list("service").codes)
    rows = [Service(case=case, kind=kind, status="ongoing", provider=case.agency, started_on=today) for kind in kinds]
    assert len([service for row in rows for service in add_services(worker, [row])]) == len(kinds)
    add_tasks(worker, [Task(agency=case.agency, case=case, kind="follow_up", due_on=today)])


@pytest.mark.db
def test_screenings_of_a_signal_move_to_its_case(
    operator: Any, make_agency: Any, make_user: Any, sign_in: Any, make_actor: Any
) -> None:
    signal = send(operator, make_agency)
    first = make_actor("first_responder", agency=make_agency("border"))
    row = screening_services.start(first, "ilo_eleven", signal=signal)
    screening_services.save_answers(first, row, {"papers": "yes"}, {"forced_labour": STORY})
    client = sign_in(make_user("caseworker"))
    assert client.get(reverse("intake:screening", args=[row.pk])).status_code == 200
    assert client.post(reverse("intake:open-case", args=[signal.pk])).status_code == 302
    moved = Screening.objects.get()
    assert moved.case is not None
    assert moved.evidence is not None
    assert moved.evidence.data_key == moved.case.record.data_key
    assert read_evidence(moved) == {"forced_labour": STORY}


@pytest.mark.db
def test_a_first_responder_completes_a_screening_until_the_signal_is_opened(
    operator: Any, make_agency: Any, make_actor: Any
) -> None:
    signal = send(operator, make_agency)
    first, third = (make_actor("first_responder", agency=make_agency(code)) for code in ("border", "third"))
    row = screening_services.start(first, "ilo_eleven", signal=signal)
    assert authorization.allows(first, "screenings.fill", row)
    assert not authorization.allows(first, "screenings.conclude", row)
    assert not authorization.allows(first, "screenings.view", row)
    assert not authorization.allows(third, "screenings.fill", row)
    signals.mark_seen(make_actor("caseworker"), signal)
    assert not authorization.allows(first, "screenings.fill", row)
    with pytest.raises(authorization.Denied):
        screening_services.save_answers(first, row, {"papers": "yes"}, {})


@pytest.mark.db
def test_another_agency_reads_a_screening_only_with_exploitation_shared(
    screening: Screening, case: Any, operator: Any, make_agency: Any, make_actor: Any
) -> None:
    office = make_agency("office", "social_protection")
    officer = make_actor("identifying_officer", agency=office)
    assert not authorization.allows(officer, "screenings.view", screening)
    share(operator, case, office, "legal", categories=["identity"])
    assert not authorization.allows(officer, "screenings.view", screening)
    share(operator, case, office, "legal", categories=["identity", "exploitation"])
    assert authorization.allows(officer, "screenings.view", screening)
    assert not authorization.allows(officer, "screenings.fill", screening)
    own = screening_services.start(officer, TOOL, case=case)
    assert own.pk != screening.pk
    assert authorization.allows(officer, "screenings.conclude", own)


@pytest.mark.parametrize("language", ["kk", "ru", pytest.param("en", marks=pytest.mark.db)])
def test_the_questionnaire_works_without_javascript(language: str, case: Any, make_user: Any, sign_in: Any) -> None:
    from django.utils import translation

    client = sign_in(make_user("caseworker"))
    with translation.override(language):
        answer = client.post(reverse("intake:screen-case", args=[case.pk]), {"tool": TOOL})
        row = Screening.objects.get()
        assert answer["Location"] == reverse("intake:screening", args=[row.pk])
        assert client.get(answer["Location"]).status_code == 200
        parts = [dimension.code for dimension in standard.shipped()[TOOL].dimension]
        url = reverse("intake:ask", args=[row.pk, parts[0]])
        for part in parts:
            assert url == reverse("intake:ask", args=[row.pk, part])
            assert client.get(url).status_code == 200
            answers = {
                code: "yes" for code in TRAFFICKING if code in {q.code for q in standard.shipped()[TOOL].of(part)}
            }
            url = client.post(url, answers | {"evidence": STORY})["Location"]
        day = {"screened_on_day": "1", "screened_on_month": "3", "screened_on_year": "2025"}
        frame = day | {"place": "shelter", "interpreter": "yes", "minutes": "50"}
        assert client.post(url, frame).status_code == 302
        assert client.get(reverse("intake:conclude", args=[row.pk])).status_code == 200
        answer = client.post(reverse("intake:conclude", args=[row.pk]), {"conclusion": "presumed", "reason": ""})
        page = client.get(answer["Location"]).content.decode()
    row.refresh_from_db()
    assert (row.conclusion, row.result["class"], row.place, row.minutes) == ("presumed", "trafficking", "shelter", 50)
    assert STORY in page
    tab = client.get(reverse("cases:case", args=[case.pk]) + "?tab=identification").content.decode()
    assert reverse("intake:screening-read", args=[row.pk]) in tab


@pytest.mark.db
def test_an_unknown_dimension_is_not_found(screening: Screening, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    assert client.get(reverse("intake:ask", args=[screening.pk, "nonsense"])).status_code == 404


@pytest.mark.db
def test_an_empty_screening_can_be_discarded_by_its_author(
    case: Any, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    user = make_user("caseworker")
    row = screening_services.start(actor_for(user), TOOL, case=case)
    client = sign_in(user)
    address = reverse("intake:discard", args=[row.pk])
    assert address in client.get(reverse("intake:screening", args=[row.pk])).content.decode()
    assert client.post(address).status_code == 302
    assert not Screening.objects.exists()
    event = AuditEvent.objects.get(action="screenings.discard")
    assert event.target == f"screening:{row.pk}"


@pytest.mark.db
def test_a_screening_with_an_answer_or_of_a_colleague_cannot_be_discarded(
    screening: Screening, worker: Any, make_user: Any
) -> None:
    colleague = actor_for(make_user("supervisor"))
    with pytest.raises(authorization.Denied):
        screening_services.discard(colleague, screening)
    screening_services.save_answers(worker, screening, {"deceived_job": "unknown"}, {})
    with pytest.raises(authorization.Denied):
        screening_services.discard(worker, screening)
    screening_services.save_answers(worker, screening, {"deceived_job": ""}, {"coercion": STORY})
    with pytest.raises(authorization.Denied):
        screening_services.discard(worker, screening)
    assert Screening.objects.get() == screening


@pytest.mark.db
def test_the_questionnaire_in_the_manual_is_valid() -> None:
    page = (ROOT / "docs" / "howto" / "questionnaire.md").read_text(encoding="utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    tool = standard.parse(example, "manual")
    assert (tool.id, tool.usable) == ("national_criteria", True)
    assert standard.judge(tool, {"beaten": "yes"}).combined == "indicators_present"
