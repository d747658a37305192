"""An administrator may hold scanning back for a while."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("faces", "0004_add_scan_mode"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            "Pause",
            [
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("since", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.SET_NULL,
                        null=True,
                        editable=False,
                        related_name="+",
                    ),
                ),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(id=1), name="one_pause")],
            },
        ),
    ]
