"""One model class has a name of its own. The table keeps its name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("persons", "0004_plain_choice_labels"),
    ]

    operations = [
        migrations.AlterModelTable(name="review", table="persons_review"),
        migrations.RenameModel(old_name="Review", new_name="PairReview"),
    ]
