"""What an original's bytes are known by, so that the same is not taken in twice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assets", "0002_add_editors_group")]

    operations = [
        migrations.AddField(
            model_name="asset",
            name="sha256",
            field=models.CharField(
                blank=True, default="", help_text="of the original, in hex", max_length=64
            ),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(fields=["sha256"], name="asset_by_sha256"),
        ),
    ]
