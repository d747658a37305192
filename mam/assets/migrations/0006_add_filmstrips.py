"""Sheets of small pictures, to look through a video without playing it."""

from django.db import migrations, models

import mam.assets.models


class Migration(migrations.Migration):
    dependencies = [("assets", "0005_create_uploads")]

    operations = [
        migrations.AddField(
            model_name="asset",
            name="filmstrip",
            field=models.FileField(blank=True, max_length=300, upload_to=mam.assets.models._filmstrip_as),
        ),
        migrations.AddField(
            model_name="asset",
            name="filmstrip_grid",
            field=models.JSONField(help_text="how its tiles lie: see mam.assets.filmstrips", null=True),
        ),
    ]
