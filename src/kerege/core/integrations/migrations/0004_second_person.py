"""A second person confirms a token that reads or changes records. Older tokens keep working."""

from django.db import migrations, models
from django.db.models import F


def confirm_older(apps, schema_editor):
    apps.get_model("systems", "SystemToken").objects.update(confirmed_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("systems", "0003_class_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="systemtoken", name="confirmed_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="systemtoken", name="confirmed_by", field=models.CharField(blank=True, default="", max_length=80)
        ),
        migrations.RunPython(confirm_older, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="systemtoken",
            constraint=models.CheckConstraint(
                condition=~models.Q(confirmed_by=models.F("created_by")), name="a_second_person_confirms_a_token"
            ),
        ),
    ]
