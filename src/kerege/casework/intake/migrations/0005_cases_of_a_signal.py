from django.db import migrations, models

COPY = """INSERT INTO intake_signal_cases (signal_id, case_id)
    SELECT id, case_id FROM intake_signal WHERE case_id IS NOT NULL"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_emergencies"),
        ("intake", "0004_screenings_are_whole"),
    ]

    operations = [
        migrations.AlterField(
            model_name="signal",
            name="case",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=models.SET_NULL, related_name="+", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="signal",
            name="cases",
            field=models.ManyToManyField(blank=True, related_name="signals", to="cases.case"),
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="signal", name="case"),
    ]
