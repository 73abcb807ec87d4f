"""Checks of a draft: budget, noise, the queue of the worker, and refusals in three sentences."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

from kerege.base.errors import BadInput, Refused
from kerege.core.authorization import Actor, Denied
from kerege.core.jobs import requests
from kerege.core.jobs.models import Schedule
from kerege.publishing.gate import error_messages, messages, run_gate
from kerege.publishing.presenters import privacy_budget, tables
from kerege.publishing.releases import queries
from kerege.publishing.releases.services import check, compose
from tests.publishing import release_driver
from tests.publishing.gate.gate_driver import checked
from tests.queued import run_queued_tasks

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("method", "params", "says"),
    [
        ("cellkey", {}, "A figure is at most 10 from the truth."),
        ("dp", {"rho": 0.05}, "In 95 of 100 cases a figure is at most"),
    ],
)
def test_perturbed_figures_state_their_largest_error(
    house: Path, analyst: Actor, method: str, params: dict[str, Any], says: str
) -> None:
    row = release_driver.ready(
        analyst, release_driver.freeze(house), release_driver.SEX | {"method": method, "params": params}
    )
    files = queries.get_files(row)
    assert files is not None
    with translation.override("en"):
        [table] = tables.present_tables(files)
    assert table.error.startswith(says)
    assert all("±" in row.figures[0].words for row in table.rows if not row.figures[0].withheld)
    spent = privacy_budget.period_budget("2025")
    assert spent is not None
    assert (spent.spent > 0) == (method == "dp")


def test_a_release_beyond_the_privacy_budget_is_refused(house: Path, analyst: Actor) -> None:
    run_gate.open_ledger().set_budget("2025", 0.02, "tests")
    noisy = release_driver.SEX | {"method": "dp", "params": {"rho": 0.05}}
    row = checked(analyst, release_driver.compose(analyst, release_driver.freeze(house), noisy))
    assert row.state == "refused"
    with translation.override("en"):
        finding = error_messages.describe_refusal(row.faults[0]["what"], row.spec["table"])
    assert (
        finding.figure == "The tables with noise and the synthetic records need more budget than is left: epsilon 1.88."
    )


def test_noise_that_hides_no_small_group_is_refused_with_the_largest_rho(house: Path, analyst: Actor) -> None:
    noisy = release_driver.SEX | {"method": "dp", "params": {"rho": 0.5}}
    row = checked(analyst, release_driver.compose(analyst, release_driver.freeze(house), noisy))
    assert row.state == "draft"
    spent = privacy_budget.period_budget("2025")
    assert spent is None or not spent.spent
    [fault] = row.faults
    with translation.override("en"):
        sentence = error_messages.fault_sentence(fault["what"], fault["todo"])
    assert "people and does not hide a figure under 10: take a privacy loss (rho) of at most 0." in sentence
    with translation.override("ru"):
        assert "стандартное отклонение шума" in error_messages.translate_fault(fault["what"])


# -- the worker --------------------------------------------------------------------------------------------------------
@pytest.mark.db
def test_with_a_worker_the_check_is_queued_and_a_later_change_voids_it(house: Path, analyst: Actor) -> None:
    Schedule.objects.create(name="x", due_at=timezone.now(), last_at=timezone.now())
    row = release_driver.compose(analyst, release_driver.freeze(house))
    assert check.ask_check(analyst, row)
    row.refresh_from_db()
    assert row.state == "checking"
    compose.put_table(analyst, row, release_driver.SEX, "sex")
    run_queued_tasks()
    row.refresh_from_db()
    assert (row.state, row.draft_sha256) == ("draft", "")
    assert check.ask_check(analyst, row)
    run_queued_tasks()
    row.refresh_from_db()
    assert (row.state, row.faults) == ("refused", [])


def test_without_a_worker_the_check_runs_at_once(house: Path, analyst: Actor) -> None:
    row = release_driver.compose(analyst, release_driver.freeze(house))
    assert check.ask_check(analyst, row) is False
    row.refresh_from_db()
    assert row.state == "ready"


def test_a_queued_check_can_be_run_here(house: Path, analyst: Actor) -> None:
    Schedule.objects.create(name="x", due_at=timezone.now(), last_at=timezone.now())
    row = release_driver.compose(analyst, release_driver.freeze(house))
    check.ask_check(analyst, row)
    check.check_here(analyst, row)
    row.refresh_from_db()
    assert row.state == "ready"


@pytest.mark.db
def test_snapshots_are_taken_through_the_job_registry(
    house: Path, analyst: Actor, make_actor: Any, make_agency: Any
) -> None:
    from kerege.casework.cases.services import registration
    from kerege.casework.cases.services.inputs import Registration
    from kerege.publishing.storage import source_snapshots

    with pytest.raises(Denied):
        compose.take_snapshots(make_actor("auditor"))
    registration.register(Actor.system("tests"), Registration(make_agency(), {}, date(2025, 3, 3)))
    assert compose.take_snapshots(analyst) is False
    assert [item.unit for item in source_snapshots.list_snapshots()] == ["victims"]
    assert "register.freeze" in requests.queued_work


def test_the_safe_variant_of_conflicting_tables_leaves_one_out(
    house: Path, analyst: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = run_gate.prepare

    def refuse_two_tables(names: Any, spec: dict[str, Any], out: Path, *more: Any) -> str:
        if len(spec["table"]) > 1:
            raise Refused("tables sex and again cannot be published together: why; leave one out")
        return prepare(names, spec, out, *more)

    monkeypatch.setattr(run_gate, "prepare", refuse_two_tables)
    both = release_driver.SEX | {"method": "suppress"}, release_driver.SEX | {"name": "again", "method": "suppress"}
    row = checked(analyst, release_driver.compose(analyst, release_driver.freeze(house), *both))
    assert (row.state, queries.get_files(row)) == ("refused", None)
    with translation.override("en"):
        refusals = [error_messages.describe_refusal(fault["what"], row.spec["table"]) for fault in row.faults]
    assert [refusal.figure.count("“") for refusal in refusals] == [2]
    check.adopt_safe_variant(analyst, row)
    row.refresh_from_db()
    assert (row.state, [table["name"] for table in row.spec["table"]]) == ("ready", ["sex"])


OVERDRAWN = (
    "the privacy budget of {} does not allow it: epsilon 3 is requested, 1 is left, 3.5 of 4 is spent or set aside (at "
    "delta 1e-09; losses add up in rho); ask for at most what is left, or raise it with kerege ledger budget all "
    "--epsilon E"
)


REFUSED = [
    "tables a and b cannot be published together: why; leave one out or change its filter",
    "everybody in a group has the same exploitation, and no suppression protects it: x. Leave it out",
    "this table cannot be made safe, whatever is suppressed",
    OVERDRAWN.format("2025"),
    OVERDRAWN.format("all periods together"),
]


@pytest.mark.parametrize("text", REFUSED)
def test_every_refusal_is_three_sentences_in_the_language(text: str) -> None:
    with translation.override("kk"):
        sentences = error_messages.describe_refusal(text, [release_driver.SEX]).sentences
    assert len(sentences) == 3
    assert text not in sentences
    assert all(set(sentence) & set("әіңғүұқөһ") for sentence in sentences)


# -- bad input ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"by": ["nothing"]}, "there is no such column"),
        ({"where": {"sex": ["nobody"]}}, "the filter selects nobody"),
        ({"of": "crimes", "by": ["offence"]}, "there is no snapshot of crimes"),
    ],
)
def test_a_table_that_cannot_be_counted_gives_one_fault_and_no_draft(
    house: Path, analyst: Actor, change: dict[str, Any], says: str
) -> None:
    row = checked(analyst, release_driver.compose(analyst, release_driver.freeze(house), release_driver.SEX | change))
    assert row.state == "draft"
    assert [says in fault["what"] for fault in row.faults] == [True]
    assert queries.get_files(row) is None
    with translation.override("ru"):
        assert says not in error_messages.translate_fault(row.faults[0]["what"])


def test_an_empty_draft_is_not_checked(house: Path, analyst: Actor) -> None:
    row = compose.create(analyst, {"title": release_driver.TITLE, "period": "2025", "threshold": 10, "table": []})
    with pytest.raises(BadInput) as error:
        check.ask_check(analyst, row)
    assert [fault.column for fault in error.value.faults] == ["data", "tables"]


def test_undecided_figures_give_one_finding_in_the_language() -> None:
    with translation.override("kk"):
        (finding,) = messages.list_findings({"disclosures": [], "undecided": 3}, [], known=False)
        assert messages.list_findings({"disclosures": [], "undecided": 3}, [], known=True) == []
    assert "3" in finding.figure
    assert all(set(sentence) & set("әіңғүұқөһ") for sentence in finding.sentences)
