"""The user and agency of an approval, so that the right is required again when it is carried out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_approvals_of_earlier_versions")]

    operations = [
        migrations.AddField(
            model_name="retentionapproval",
            name="originator",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
    ]
