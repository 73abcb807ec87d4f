"""One model class has a name of its own. The table keeps its name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelTable(name="review", table="intake_review"),
        migrations.RenameModel(old_name="Review", new_name="DecisionReview"),
    ]
