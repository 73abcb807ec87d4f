"""Open approvals of disposal end: they were given when the schedule disposed of nothing by itself."""

from django.db import migrations
from django.utils import timezone

RUN_BY = "upgrade"


def end_open_approvals(apps, schema_editor):
    """End every open approval without a disposal. A coordinator looks again and approves anew."""
    apps.get_model("cases", "RetentionApproval").objects.filter(run_at=None).update(
        run_at=timezone.now(), run_by=RUN_BY, removed=0
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_sealed_sources")]

    operations = [migrations.RunPython(end_open_approvals, migrations.RunPython.noop)]
