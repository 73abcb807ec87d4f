"""The pages of the plan of measures in an exported site hold exactly the states of its signed file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kerege.evidence.release import signed_site
from kerege.publishing.site_check.figure_check import check_figures
from kerege.publishing.site_check.plan_check import check_plans, list_plans
from kerege.publishing.site_check.site_pages import Site
from tests.publishing.export_site.conftest import site

__all__ = ["site"]
pytestmark = pytest.mark.django_db  # the exported site is made from a database


def plan_page(folder: Path) -> str:
    [page] = folder.glob("ru/plan/*/2025-H1/index.html")
    return str(page.relative_to(folder))


def faults_of(site: Path, copied: Path, old: str, new: str) -> list[str]:
    """Return the faults of the plan after a change of its page in Russian."""
    name = plan_page(site)
    (copied / name).parent.mkdir(parents=True)
    for part in ("index.html", "plan.json"):
        shutil.copy(site / name.replace("index.html", part), copied / name.replace("index.html", part))
    text = (copied / name).read_text(encoding="utf-8")
    assert old in text
    (copied / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    manifest = signed_site.read_list(site)
    changed = Site(
        copied, manifest.model_copy(update={"files": {n: f for n, f in manifest.files.items() if "ru/plan/" in n}})
    )
    numbers = [fault for fault in check_figures(changed) if "/plan/2025" in fault or "217" in fault or "218" in fault]
    return [*check_plans(changed), *numbers]


def test_the_plan_is_exported_in_each_language_and_its_pages_agree_with_its_file(site: Path) -> None:
    exported = Site(site, signed_site.read_list(site))
    assert [plan.states for plan in list_plans(exported)] == [["done", "overdue"]] * 2
    assert list(check_plans(exported)) == []
    assert "Обучить не менее 217" in exported.text(plan_page(site))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('data-plan-state="overdue"', 'data-plan-state="done"', "the states of the measures are not those"),
        ('<tr data-plan-state="done">', "<tr>", "the states of the measures are not those"),
        ('data-plan-count="done">1<', 'data-plan-count="done">2<', "it says 2 for done, and plan.json holds 1"),
        ("не менее 217", "не менее 218", "218 in"),
    ],
)
def test_a_changed_state_count_or_number_of_the_page_is_found(
    site: Path, tmp_path: Path, old: str, new: str, fault: str
) -> None:
    assert any(fault in sentence for sentence in faults_of(site, tmp_path / "copy", old, new))
