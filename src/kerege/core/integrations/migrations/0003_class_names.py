"""One model class has a name of its own. The table keeps its name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("systems", "0002_bound_secrets"),
    ]

    operations = [
        migrations.AlterModelTable(name="delivery", table="systems_delivery"),
        migrations.RenameModel(old_name="Delivery", new_name="WebhookDelivery"),
    ]
