"""Two model classes have a name of their own. The tables keep their names."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelTable(name="review", table="assistance_review"),
        migrations.RenameModel(old_name="Review", new_name="PlanReview"),
        migrations.AlterModelTable(name="delivery", table="assistance_delivery"),
        migrations.RenameModel(old_name="Delivery", new_name="ServiceDelivery"),
    ]
