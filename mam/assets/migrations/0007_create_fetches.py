"""Originals that are fetched from a URL."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assets", "0006_add_filmstrips")]

    operations = [
        migrations.CreateModel(
            name="Fetch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("priority", models.SmallIntegerField(default=0, help_text="higher is sooner")),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("run_after", models.DateTimeField(default=django.utils.timezone.now)),
                ("lease_owner", models.UUIDField(editable=False, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("progress", models.FloatField(default=0.0, help_text="0 to 1")),
                ("error_code", models.CharField(blank=True, default="", max_length=40)),
                ("error_detail", models.TextField(blank=True, default="")),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("started", models.DateTimeField(null=True)),
                ("finished", models.DateTimeField(null=True)),
                ("url", models.TextField()),
                (
                    "etag",
                    models.CharField(
                        blank=True, default="", help_text="of what there is of it", max_length=300
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        blank=True, default="", help_text="as the server calls the file", max_length=300
                    ),
                ),
                (
                    "length",
                    models.PositiveBigIntegerField(
                        help_text="bytes of the whole file, once known", null=True
                    ),
                ),
                (
                    "received",
                    models.PositiveBigIntegerField(
                        default=0, help_text="the most bytes of it that ever were here"
                    ),
                ),
                (
                    "same_content",
                    models.BooleanField(default=False, help_text="add it also where the library has it"),
                ),
                (
                    "asset",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="fetch", to="assets.asset"
                    ),
                ),
                (
                    "duplicate_of",
                    models.ForeignKey(
                        help_text="where it failed for that reason",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="assets.asset",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.AddIndex(
            model_name="fetch",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["-priority", "run_after", "id"],
                name="fetch_queued",
            ),
        ),
        migrations.AddIndex(
            model_name="fetch",
            index=models.Index(
                condition=models.Q(("state", "running")), fields=["lease_until"], name="fetch_running"
            ),
        ),
    ]
