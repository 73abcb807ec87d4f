from django.db import migrations
from django.db.models import F, OuterRef, Subquery


def complete(apps, schema_editor):
    """Screenings of before were concluded when they were recorded, by the agency that owns the case."""
    screening, case = apps.get_model("intake", "Screening"), apps.get_model("cases", "Case")
    owner = case.objects.filter(pk=OuterRef("case")).values("agency")[:1]
    rows = screening.objects.filter(agency=None)
    rows.filter(conclusion="").update(conclusion="unknown")
    rows.update(
        agency=Subquery(owner), saved_at=F("created_at"), concluded_at=F("created_at"), concluded_by=F("screened_by")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0002_identification"),
    ]

    operations = [
        migrations.RunPython(complete, migrations.RunPython.noop),
    ]
