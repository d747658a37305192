"""A scan remembers how closely it looks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("faces", "0003_drop_index_on_means")]

    operations = [
        migrations.AddField(
            "scan",
            "mode",
            models.CharField(
                default="default", help_text="how closely: one of faces.vision.MODES", max_length=20
            ),
        ),
    ]
