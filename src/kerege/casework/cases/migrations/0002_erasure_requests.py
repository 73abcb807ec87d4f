"""Requests for erasure follow the record of their case: one waits per case, not per person."""

from django.db import migrations, models


def withdraw_repeated(apps, schema_editor):
    """Withdraw all but the newest of several waiting requests about one case."""
    requests = apps.get_model("cases", "ErasureRequest").objects
    newest = {}
    for row in requests.filter(outcome="").order_by("requested_at"):
        if earlier := newest.get(row.case_id):
            requests.filter(pk=earlier.pk).update(
                outcome="withdrawn", decided_at=row.requested_at, decided_by="cli:upgrade"
            )
        newest[row.case_id] = row


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_bound_secrets"),
        ("cases", "0001_initial"),
        ("vault", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="erasurerequest",
            name="one_waiting_erasure_per_person",
        ),
        migrations.RunPython(withdraw_repeated, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="erasurerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "")), fields=("case",), name="one_waiting_erasure_per_case"
            ),
        ),
    ]
