"""Half a year of a plan with 55 measures, from the table of the act to the summary."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from kerege.base.errors import BadInput
from kerege.coordination.measures import queries, services
from kerege.coordination.measures.act_import import import_act
from kerege.coordination.measures.models import BodyName, Measure, MeasureBody, MeasurePlan, MeasureReport
from kerege.coordination.measures.states import STATES
from kerege.coordination.measures.summary_paper import build_paper
from kerege.coordination.papers import to_docx, to_pdf, to_xlsx
from kerege.core.authorization import Denied
from tests.coordination.conftest import act_rows, as_csv, as_docx, as_xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.db]
HALF = "2025-H1"


@pytest.fixture
def keeper(make_actor: Any, bodies: dict[str, Any]) -> Any:
    """Return the coordinator who keeps the plan."""
    return make_actor("coordinator", agency=bodies["mlsp"])


@pytest.fixture
def plan(keeper: Any, bodies: dict[str, Any]) -> MeasurePlan:
    """Return an empty plan whose keeper recorded the short names of the act."""
    names = {"МВД": {"agency": bodies["mia"]}, "МТСЗН": {"agency": bodies["mlsp"]}, "акиматы": {"kind": "akimat"}}
    for name, meaning in names.items():
        services.name_body(keeper, BodyName(owner=bodies["mlsp"], name=name, **meaning))
    days = {"starts_on": date(2025, 1, 1), "ends_on": date(2026, 12, 31)}
    return services.set_up_plan(keeper, MeasurePlan(agency=bodies["mlsp"], titles={"ru": "План"}, act="Приказ", **days))


@pytest.fixture
def imported(plan: MeasurePlan, keeper: Any) -> MeasurePlan:
    """Return the plan with its 55 measures."""
    assert import_act(keeper, plan, as_xlsx(act_rows()), "ru", dry_run=False).faults == []
    return plan


def test_a_dry_run_writes_nothing_and_a_second_import_changes_nothing(plan: MeasurePlan, keeper: Any) -> None:
    preview = import_act(keeper, plan, as_docx(act_rows()), "ru")
    assert (len(preview.new), preview.unknown, preview.faults) == (55, ["НПО"], [])
    assert not Measure.objects.exists()
    import_act(keeper, plan, as_docx(act_rows()), "ru", dry_run=False)
    before = list(MeasureBody.objects.order_by("pk").values())
    again = import_act(keeper, plan, as_csv(act_rows()), "ru", dry_run=False)
    assert (again.changes_nothing, again.faults) == (True, [])
    assert list(MeasureBody.objects.order_by("pk").values()) == before
    assert Measure.objects.count() == 55


def test_an_act_without_funding_and_form_of_completion_is_imported(plan: MeasurePlan, keeper: Any) -> None:
    rows = [[row[0], row[1], row[3], row[4]] for row in act_rows(3) if row[1] != "2"]
    assert import_act(keeper, plan, as_xlsx(rows), "ru", dry_run=False).faults == []
    assert [measure.fundings for measure in plan.measures.all()] == [{}, {}, {}]


def test_a_file_with_one_fault_imports_nothing(plan: MeasurePlan, keeper: Any) -> None:
    rows = act_rows()
    rows[10][4] = "по мере необходимости"
    preview = import_act(keeper, plan, as_xlsx(rows), "ru", dry_run=False)
    assert [(fault.row, fault.column) for fault in preview.faults] == [(11, "term")]
    assert not Measure.objects.exists()


@pytest.mark.parametrize(("place", "column"), [(1, "text"), (2, "completion"), (5, "funding")])
def test_the_check_of_a_file_finds_a_reference_in_each_text_before_anything_is_written(
    plan: MeasurePlan, keeper: Any, place: int, column: str
) -> None:
    rows = act_rows(3)
    rows[4][place] += ", дело KZ-2025-00417"
    preview = import_act(keeper, plan, as_xlsx(rows), "ru")
    assert [(fault.row, fault.column) for fault in preview.faults] == [(5, column)]
    measure = Measure(plan=plan, number="1", place=1, texts={"ru": "x"}, term="day", due_on=plan.ends_on)
    measure.fundings = {"ru": "KZ-2025-00417"}
    with pytest.raises(BadInput):
        services.write_import(keeper, plan, new=[measure], worded=[], bodies=[])


def test_only_an_act_changes_a_wording_and_the_history_keeps_the_earlier_one(
    imported: MeasurePlan, keeper: Any
) -> None:
    rows = act_rows()
    rows[3][1] = "Другая формулировка"
    preview = import_act(keeper, imported, as_xlsx(rows), "ru", dry_run=False)
    assert [(fault.row, fault.column) for fault in preview.faults] == [(4, "text")]
    measure = Measure.objects.get(number="1.")
    earlier = measure.text
    services.change_measure(keeper, measure, {"texts": {"ru": "Другая"}}, act="Приказ 7", on=date(2025, 3, 1))
    [change] = measure.changes.all()
    assert (change.before["texts"]["ru"], change.after["texts"]["ru"]) == (earlier, "Другая")


def test_the_table_in_a_second_language_adds_its_wording_to_the_same_measures(
    imported: MeasurePlan, keeper: Any
) -> None:
    rows = [[cell.replace("Мероприятие", "Шара") for cell in row] for row in act_rows()]
    preview = import_act(keeper, imported, as_xlsx(rows), "kk", dry_run=False)
    assert (len(preview.new), len(preview.worded), preview.faults) == (0, 55, [])
    assert Measure.objects.get(number="7.").texts["kk"].startswith("Шара 7")


def test_half_a_year_of_fifty_five_measures(
    imported: MeasurePlan, keeper: Any, bodies: dict[str, Any], make_actor: Any, make_user: Any, sign_in: Any
) -> None:
    secretaries = {agency.pk: make_actor("secretary", agency=agency) for agency in bodies.values()}
    end, closed = date(2025, 6, 30), date(2025, 7, 17)
    assert states(keeper, imported, end) == {
        "done": 0,
        "under_way": 55,
        "overdue": 0,
        "not_reported": 0,
        "cancelled": 0,
    }
    # no body reports: measures of June and of the half-year are overdue, all others lack their reports
    due_now = sum(measure.term == "half_yearly" or measure.due_on <= end for measure in imported.measures.all())
    assert due_now == 22
    assert states(keeper, imported, closed) == {
        "done": 0,
        "under_way": 0,
        "overdue": 22,
        "not_reported": 33,
        "cancelled": 0,
    }

    write_reports(imported, secretaries)
    assert states(keeper, imported, closed) == {
        "done": 0,
        "under_way": 55,
        "overdue": 0,
        "not_reported": 0,
        "cancelled": 0,
    }

    waiting = list(queries.list_waiting(keeper))
    assert waiting == sorted(waiting, key=place_in_act)
    first = next(report for report in waiting if report.body.leads and is_due_in_june(report.body))
    [second, *others] = [report for report in waiting if report != first]
    services.decide_report(keeper, first, accept=False, remark="Добавьте акт")
    services.decide_report(keeper, second, accept=True)
    accepted = {"state": "accepted", "decided_by": "x", "decided_on": closed}
    MeasureReport.objects.filter(pk__in=[report.pk for report in others]).update(**accepted)
    returned = first.body
    after = states(keeper, imported, closed)
    assert (after["done"], after["overdue"] + after["not_reported"]) == (10, 1)

    owed = queries.list_due_reports(secretaries[returned.agency_id], closed)
    assert [(due.body, due.state) for due in owed if due.half == HALF and due.state == "returned"] == [
        (returned, "returned")
    ]
    page = sign_in(make_user("secretary", agency=returned.agency)).get(reverse("measures:plan", args=[imported.pk]))
    assert page.status_code == 200


def write_reports(plan: MeasurePlan, secretaries: dict[Any, Any]) -> None:
    """Let each body report on each measure: those of the first five measures through the service."""
    rows = []
    for body in MeasureBody.objects.select_related("measure__plan"):
        completes = body.measure.due_on <= date(2025, 6, 30) or body.measure.term == "half_yearly"
        written = MeasureReport(body=body, half=HALF, text="Сделано", completes=completes)
        if body.measure.place <= 5:
            services.save_report(secretaries[body.agency_id], written, submit=True)
        else:
            rows.append(written)
            written.state, written.submitted_on, written.written_by = "submitted", date(2025, 7, 10), "x"
    MeasureReport.objects.bulk_create(rows)


def place_in_act(report: MeasureReport) -> tuple[str, int, int]:
    return str(report.submitted_on), report.body.measure.place, report.body.place


def is_due_in_june(body: MeasureBody) -> bool:
    return body.measure.term == "day" and body.measure.due_on == date(2025, 6, 30)


def states(actor: Any, plan: MeasurePlan, today: date) -> dict[str, int]:
    """Return the numbers of measures by state."""
    lines = queries.build_lines(actor, plan, today)
    return {state: sum(line.state == state for line in lines) for state in STATES}


def test_the_summary_counts_each_measure_once_and_its_files_hold_the_same_numbers(
    imported: MeasurePlan, keeper: Any
) -> None:
    summary = queries.summarise(keeper, imported, HALF, date(2026, 1, 1))
    assert summary.as_of == date(2025, 7, 16)
    assert dict(summary.counts) == {"done": 0, "under_way": 0, "overdue": 22, "not_reported": 33, "cancelled": 0}
    assert sum(row.total for row in summary.by_direction) == 55
    paper = build_paper(summary)
    sheet = load_workbook(BytesIO(to_xlsx(paper)))["1"]
    assert [cell.value for cell in sheet[3]][1:] == [0, 0, 22, 33, 0, 55]
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(to_pdf(paper))).pages)
    assert all(f"Мероприятие {number} " in text.replace("\n", " ") for number in (1, 28, 55))
    assert to_docx(paper)[:2] == b"PK"


def test_a_body_reports_only_on_its_own_measures_and_nobody_accepts_their_own_report(
    imported: MeasurePlan, keeper: Any, bodies: dict[str, Any], make_actor: Any
) -> None:
    own = MeasureBody.objects.filter(agency=bodies["mlsp"]).first()
    foreign = MeasureBody.objects.filter(agency=bodies["mia"]).first()
    assert own is not None
    assert foreign is not None
    with pytest.raises(Denied):
        services.save_report(
            make_actor("secretary", agency=bodies["akimat-35"]), MeasureReport(body=foreign, half=HALF), submit=False
        )
    report = services.save_report(keeper, MeasureReport(body=own, half=HALF, text="x"), submit=True)
    with pytest.raises(BadInput):
        services.decide_report(keeper, report, accept=True)


@pytest.mark.parametrize("text", ["Дело KZ-2025-00417 закрыто", "ИИН 990101300123", "990101 300123"])
def test_a_reference_or_an_identity_number_is_refused_in_a_report(
    imported: MeasurePlan, keeper: Any, bodies: dict[str, Any], text: str
) -> None:
    own = MeasureBody.objects.filter(agency=bodies["mlsp"]).first()
    assert own is not None
    with pytest.raises(BadInput):
        services.save_report(keeper, MeasureReport(body=own, half=HALF, text=text), submit=False)
    assert not MeasureReport.objects.exists()


def test_the_page_of_a_plan_asks_as_many_queries_for_55_measures_as_for_few(
    imported: MeasurePlan, keeper: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(4):
        assert len(queries.build_lines(keeper, imported, date(2025, 7, 1))) == 55
