import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import mam.assets.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Asset",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("title", models.CharField(max_length=300)),
                ("file", models.FileField(max_length=300, upload_to=mam.assets.models._stored_as)),
                ("size", models.PositiveBigIntegerField(default=0, help_text="bytes of the original")),
                ("original_path", models.CharField(blank=True, default="", max_length=1000)),
                ("collection", models.CharField(max_length=200, null=True)),
                ("broadcast_date", models.DateField(null=True)),
                ("catalogue_id", models.CharField(max_length=200, null=True)),
                ("reel", models.CharField(max_length=100, null=True)),
                ("start_timecode", models.CharField(max_length=20, null=True)),
                (
                    "frame_rate",
                    models.CharField(help_text="a fraction, 30000/1001", max_length=30, null=True),
                ),
                ("duration_ms", models.PositiveBigIntegerField(null=True)),
                ("width", models.PositiveIntegerField(null=True)),
                ("height", models.PositiveIntegerField(null=True)),
                ("container", models.CharField(blank=True, default="", max_length=60)),
                (
                    "playable",
                    models.BooleanField(
                        help_text="browsers play the original; null: not looked at yet", null=True
                    ),
                ),
                (
                    "poster",
                    models.FileField(blank=True, max_length=300, upload_to=mam.assets.models._poster_as),
                ),
                (
                    "proxy",
                    models.FileField(blank=True, max_length=300, upload_to=mam.assets.models._proxy_as),
                ),
                ("created", models.DateTimeField(auto_now_add=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Preparation",
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
                (
                    "asset",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preparation",
                        to="assets.asset",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(fields=["-created", "id"], name="asset_by_created"),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(fields=["title", "id"], name="asset_by_title"),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(fields=["collection", "id"], name="asset_by_collection"),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(fields=["broadcast_date", "id"], name="asset_by_broadcast_date"),
        ),
        migrations.AddIndex(
            model_name="preparation",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["-priority", "run_after", "id"],
                name="preparation_queued",
            ),
        ),
        migrations.AddIndex(
            model_name="preparation",
            index=models.Index(
                condition=models.Q(("state", "running")), fields=["lease_until"], name="preparation_running"
            ),
        ),
    ]
