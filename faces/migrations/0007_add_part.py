"""A long video is scanned in parts by several workers at once."""

from django.db import migrations, models
from django.utils import timezone

_STATES = ["queued", "running", "done", "failed", "cancelled"]


class Migration(migrations.Migration):
    dependencies = [("faces", "0006_add_crowding_function")]

    operations = [
        migrations.AddField(
            "scan",
            "divisible",
            models.BooleanField(default=True, help_text="may be read in parts"),
        ),
        migrations.AddField(
            "frametimes",
            "open_shot",
            models.PositiveIntegerField(
                null=True, help_text="ms at which the shot began that goes on over this chunk's end"
            ),
        ),
        migrations.AlterField(
            "track",
            "shot",
            models.PositiveIntegerField(
                help_text="ms at which it begins: tracks of one shot alone can overlap in time; until a scan's end "
                "that of the chunk, of a shot that goes on from the one before"
            ),
        ),
        migrations.CreateModel(
            "Part",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[(state, state.capitalize()) for state in _STATES],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("priority", models.SmallIntegerField(default=0, help_text="higher is sooner")),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("run_after", models.DateTimeField(default=timezone.now)),
                ("lease_owner", models.UUIDField(editable=False, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("progress", models.FloatField(default=0.0, help_text="0 to 1")),
                ("error_code", models.CharField(blank=True, default="", max_length=40)),
                ("error_detail", models.TextField(blank=True, default="")),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("started", models.DateTimeField(null=True)),
                ("finished", models.DateTimeField(null=True)),
                ("number", models.PositiveIntegerField(help_text="from 0")),
                ("due_ms", models.PositiveIntegerField(help_text="it begins there, or soon after")),
                (
                    "until_ms",
                    models.PositiveIntegerField(
                        null=True, help_text="when the next one is due; the last has none"
                    ),
                ),
                (
                    "start_ms",
                    models.PositiveIntegerField(null=True, help_text="where it was found to begin"),
                ),
                (
                    "position_ms",
                    models.PositiveIntegerField(
                        null=True, help_text="its checkpoint: chunks before it are committed whole"
                    ),
                ),
                ("at_end", models.BooleanField(default=False, help_text="the video ends in it")),
                (
                    "scan",
                    models.ForeignKey("faces.scan", models.CASCADE, related_name="parts"),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["-priority", "run_after", "id"],
                        name="part_queued",
                        condition=models.Q(state="queued"),
                    ),
                    models.Index(
                        fields=["lease_until"], name="part_running", condition=models.Q(state="running")
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["scan", "number"], name="one_part_per_number")
                ],
            },
        ),
    ]
