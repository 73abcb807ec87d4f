import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0003_complete_screenings"),
    ]

    operations = [
        migrations.AlterField(
            model_name="screening",
            name="agency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
            ),
        ),
        migrations.AlterField(
            model_name="screening",
            name="saved_at",
            field=models.DateTimeField(),
        ),
        migrations.AddConstraint(
            model_name="screening",
            constraint=models.CheckConstraint(
                condition=models.Q(("case__isnull", False), ("signal__isnull", False), _connector="OR"),
                name="screening_is_about_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="screening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("concluded_at__isnull", True), ("conclusion", "")),
                    models.Q(("concluded_at__isnull", False), models.Q(("conclusion", ""), _negated=True)),
                    _connector="OR",
                ),
                name="screening_concluded_has_conclusion",
            ),
        ),
    ]
