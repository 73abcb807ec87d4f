from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_share_out_the_work")]

    operations = [
        migrations.AddField("note", "withheld", models.BooleanField(default=False)),
    ]
