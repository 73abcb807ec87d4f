from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def read_handovers(apps: Any, schema_editor: Any) -> None:
    """The handovers of before tell who owned their cases until then, and until they were undone."""
    change = apps.get_model("assistance", "OwnerChange")
    rows = apps.get_model("assistance", "Handover").objects.filter(status__in=["accepted", "undone"])
    known = {str(pk) for pk in apps.get_model("cases", "Case").objects.values_list("pk", flat=True)}
    for row in rows.iterator():
        there = {"handover": row, "from_agency_id": row.from_agency_id, "to_agency_id": row.to_agency_id}
        back = there | {"from_agency_id": row.to_agency_id, "to_agency_id": row.from_agency_id}
        ids = sorted(known & {str(row.case_id), *row.before.get("cases", ())})
        change.objects.bulk_create([change(case_id=pk, at=row.answered_at, **there) for pk in ids])
        if row.undone_at:
            change.objects.bulk_create([change(case_id=pk, at=row.undone_at, **back) for pk in ids])


def _agency() -> Any:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency")


def _of(to: str) -> Any:
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="owner_changes", to=to)


class Migration(migrations.Migration):
    """Who owned a case until when."""

    dependencies = [
        ("accounts", "0002_services_offered"),
        ("assistance", "0005_referral_reference"),
        ("cases", "0008_removed_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="OwnerChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("case", _of("cases.case")),
                ("handover", _of("assistance.handover")),
                ("from_agency", _agency()),
                ("to_agency", _agency()),
            ],
            options={
                "ordering": ["at", "id"],
                "indexes": [
                    models.Index(fields=["case", "at"], name="owners_of_a_case"),
                    models.Index(fields=["from_agency", "at"], name="cases_that_left"),
                ],
            },
        ),
        migrations.RunPython(read_handovers, migrations.RunPython.noop, elidable=True),
    ]
