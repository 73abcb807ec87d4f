import kerege.core.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("awareness", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="languages",
            field=kerege.core.fields.CodesField("language", blank=True, default=list),
        ),
        migrations.AddField(
            model_name="campaign",
            name="materials",
            field=kerege.core.fields.CodesField("campaign_material", blank=True, default=list),
        ),
        migrations.AddField(
            model_name="campaign",
            name="planned_cost",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="campaign",
            name="planned_reach",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="campaign",
            name="reach_by_channel",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="hotlinecontact",
            name="heard_through",
            field=kerege.core.fields.CodeField("campaign_channel", blank=True, default="", max_length=48),
        ),
    ]
