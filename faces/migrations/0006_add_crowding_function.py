"""A library keeps the crowding function and the thresholds that it is judged by, whatever a later manifest brings."""

import hashlib
import json
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from faces.vision.networks.manifest import MANIFEST

_MODEL = "dlib-resnet-v1"
_FIRST = {
    "people": 30,
    "crowding": 0.75,
    "auto": 0.515,
    "suggested": 0.568,
    "midpoint": 0.532,
    "slope": 55.0,
}
"""What the manifest began with: in force wherever nobody applied anything."""


def keep_what_is_in_force(apps: Any, schema_editor: Any) -> None:
    """Until now there was one function for this model, in a file that stays as it is: others are other files."""
    applied = apps.get_model("faces", "AppliedCalibration").objects.filter(model=_MODEL)
    faceprints = apps.get_model("faces", "Faceprint").objects.filter(model=_MODEL).exists()
    if not faceprints and not applied.exists():
        return
    document = json.loads(MANIFEST.with_name(f"{_MODEL}.crowding.json").read_text(encoding="utf-8"))
    written = json.dumps(document, sort_keys=True, separators=(",", ":"))
    function = apps.get_model("faces", "CrowdingFunction").objects.create(
        model=_MODEL, digest=hashlib.sha256(written.encode()).hexdigest()[:16], document=document
    )
    if not applied.update(function=function):
        applied.create(model=_MODEL, function=function, source="manifest", **_FIRST)


class Migration(migrations.Migration):
    dependencies = [("faces", "0005_add_pause")]

    operations = [
        migrations.CreateModel(
            name="CrowdingFunction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=40)),
                ("digest", models.CharField(help_text="of the document", max_length=16)),
                ("document", models.JSONField()),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("model", "digest"), name="one_row_per_function")
                ]
            },
        ),
        migrations.AddField(
            model_name="appliedcalibration",
            name="function",
            field=models.ForeignKey(
                db_index=False,
                help_text="empty: distances are plain",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="faces.crowdingfunction",
            ),
        ),
        migrations.RunPython(keep_what_is_in_force, migrations.RunPython.noop),
    ]
