"""Write the reference page on rules for combined values from the constraints of the database.

    .venv/bin/python scripts/combined_rules.py
A test fails when the page does not say what the models say.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import cast

from django.db.models import Q

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "combined-rules.md"
INTRODUCTION = """# Rules for combined values

Some values are right alone and wrong together. This page lists the rules for combined values. The
first part is what the database enforces, whichever way a row arrives: a page, an import, the API or
a command. `scripts/combined_rules.py` writes it from the models, and a test compares both.

## Rules that the database enforces

{count} rules. A rule of the kind *one* says which rows exist once.
"""
SERVICES = """
## Rules that services enforce

These rules need other records, codes or the day. A page, an import and the API use the same
services.

| rule | test |
|---|---|
{rows}
"""
ASSISTANCE, CASES = "tests/casework/assistance/services/", "tests/casework/cases/"
# rule: the test that shows it
SERVICE_RULES = {
    "A case that ended has a reason, and no day before it began.": CASES
    + "views/test_changes.py::test_an_ended_case_has_a_reason_and_no_day_before_it_began",
    "A case that is closed for an earlier day ends nothing before it began.": ASSISTANCE
    + "test_case_closing.py::test_a_back_dated_closing_ends_nothing_before_it_began",
    "A formal identification has grounds, a standard of proof and a document.": CASES
    + "services/test_decisions.py::test_a_formal_identification_needs_grounds_standard_of_proof_and_a_document",
    "A decision belongs to the track of the authority that takes it.": CASES
    + "services/test_decisions.py::test_an_officer_decides_only_on_the_track_of_their_authority",
    "A consent of a child names guardian and child, one of an adult no guardian.": ASSISTANCE
    + "test_consents.py::test_a_childs_consent_needs_guardian_and_child",
    "A referral needs a consent in force or a legal basis.": ASSISTANCE
    + "test_services.py::test_a_refused_or_withdrawn_consent_allows_no_referral",
    "A declined referral has a reason.": ASSISTANCE
    + "test_services.py::test_only_the_receiver_answers_and_a_decline_needs_a_reason",
    "A service that began has its first day.": ASSISTANCE
    + "test_services.py::test_a_begun_service_needs_its_first_day",
    "A delivery lies within the period of its service.": ASSISTANCE
    + "test_plans.py::test_a_delivery_outside_the_service_period_is_refused",
    "A person gets a bed for their sex, and an extension of a stay has a ground.": ASSISTANCE
    + "test_shelter.py::test_an_extension_needs_a_supervisor_and_a_ground",
    "A person departs after a risk assessment, a child after a determination of best interest.": ASSISTANCE
    + "test_returns.py::test_a_child_departs_only_with_a_best_interest_determination",
    "A conclusion of presumed victim without an indicator has a reason.": "tests/casework/intake/services/"
    "test_screening.py::test_presuming_a_victim_without_indicators_needs_a_reason",
    "A stage of a crime follows its registration, and goes back only with a reason.": "tests/casework/justice/"
    "test_services.py::test_a_stage_goes_back_only_with_a_reason",
    "Hearings, measures and compensations agree with their crime.": "tests/casework/justice/"
    "test_services.py::test_contradictory_lines_are_refused",
    "The rows of a file agree about a person and a case.": "tests/casework/exchange/htcds/"
    "test_import_plan.py::test_contradictions_within_a_file_are_errors",
}
COMPARISONS = {"gte": "≥", "gt": ">", "lte": "≤", "lt": "<"}


def describe(condition: Q, *, is_inner: bool = False) -> str:
    """Return a condition as text."""
    children = condition.children
    parts = [
        describe(child, is_inner=True) if isinstance(child, Q) else _describe_pair(*cast("tuple[str, object]", child))
        for child in children
    ]
    joined = f" {condition.connector.lower()} ".join(parts)
    if condition.negated:
        return f"not ({joined})"
    return f"({joined})" if is_inner and len(parts) > 1 else joined


def _describe_pair(lookup: str, value: object) -> str:
    name, _, kind = lookup.partition("__")
    if kind == "isnull":
        return f"`{name}` is {'empty' if value else 'given'}"
    if value in (None, ""):
        return f"`{name}` is {'given' if kind == 'gt' else 'empty'}"
    if isinstance(value, Collection) and not isinstance(value, str):
        return f"`{name}` is one of {', '.join(f'`{item}`' for item in value)}"
    other = f"`{value.name}`" if hasattr(value, "name") else f"`{value}`"
    return f"`{name}` {COMPARISONS.get(kind, '=')} {other}"


def list_rules() -> Iterator[tuple[str, str, str]]:
    """Yield model, name and meaning of every constraint, in the order of the models' names."""
    from django.apps import apps
    from django.db.models import UniqueConstraint

    ours = [model for model in apps.get_models() if model.__module__.startswith("kerege.")]
    for model in sorted(ours, key=lambda model: model._meta.label):
        for rule in model._meta.constraints:
            condition = getattr(rule, "condition", None)
            meaning = describe(condition) if condition is not None else ""
            if isinstance(rule, UniqueConstraint):
                fields = ", ".join(f"`{name}`" for name in rule.fields)
                meaning = f"one for each {fields}" + (f" where {meaning}" if meaning else "")
            yield model._meta.label, rule.name, meaning


def page() -> str:
    """Return the text of the page."""
    rules = list(list_rules())
    lines = [f"| `{model}` | `{name}` | {meaning} |" for model, name, meaning in rules]
    table = "\n".join(["| model | rule | what must hold |", "|---|---|---|", *lines])
    rows = "\n".join(f"| {rule} | `{test}` |" for rule, test in SERVICE_RULES.items())
    return f"{INTRODUCTION.format(count=len(rules))}\n{table}\n{SERVICES.format(rows=rows)}"


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kerege.config.settings")
    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
