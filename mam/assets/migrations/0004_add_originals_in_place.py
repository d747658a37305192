"""Originals may stay where they are: then they are named by their file URL, as long as a path may be."""

from django.db import migrations, models

import mam.assets.models
import mam.assets.originals


class Migration(migrations.Migration):
    dependencies = [("assets", "0003_add_content_hash")]

    operations = [
        migrations.AlterField(
            model_name="asset",
            name="file",
            field=models.FileField(
                max_length=12300,
                storage=mam.assets.originals.originals,
                upload_to=mam.assets.models._stored_as,
            ),
        ),
        migrations.AddField(
            model_name="asset",
            name="modified",
            field=models.DateTimeField(
                help_text="of an original in place, when it was last written", null=True
            ),
        ),
    ]
