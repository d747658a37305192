"""Files that are being sent in parts."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("assets", "0004_add_originals_in_place"),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("length", models.PositiveBigIntegerField(help_text="bytes of the whole file")),
                (
                    "metadata",
                    models.TextField(
                        blank=True, default="", help_text="as it was sent: keys and values in Base64"
                    ),
                ),
                (
                    "whole",
                    models.BooleanField(default=False, help_text="all of it has come"),
                ),
                (
                    "already_here",
                    models.BooleanField(default=False, help_text="the library had the same file"),
                ),
                ("expires", models.DateTimeField()),
                (
                    "asset",
                    models.ForeignKey(
                        help_text="once it is whole",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="assets.asset",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["expires"], name="upload_by_expiry")],
            },
        ),
    ]
