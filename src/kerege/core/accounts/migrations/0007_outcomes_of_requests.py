"""A request that a second person decides is open, given or refused: no page withdrew one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_link_time"),
    ]

    operations = [
        migrations.AlterField(
            model_name="factorreset",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[("", "Open"), ("given", "Given"), ("refused", "Refused")],
                default="",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="rolerequest",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[("", "Open"), ("given", "Given"), ("refused", "Refused")],
                default="",
                max_length=10,
            ),
        ),
    ]
