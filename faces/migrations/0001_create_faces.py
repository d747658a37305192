"""The plugin's tables. Its one tie to the host is settings.FACES_ASSET_MODEL, whose model declares nothing for us."""

import django.db.models.deletion
import django.utils.timezone
import pgvector.django
import pgvector.django.halfvec
import pgvector.django.vector
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.FACES_ASSET_MODEL),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgvector.django.VectorExtension(),
        migrations.CreateModel(
            name="Track",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "shot",
                    models.PositiveIntegerField(
                        help_text="ms at which it begins: tracks of one shot alone can overlap in time"
                    ),
                ),
                ("start_ms", models.PositiveIntegerField()),
                ("end_ms", models.PositiveIntegerField()),
                ("boxes", models.BinaryField(help_text="a faces.vision.BoxTrack in its compact form")),
                ("quality", models.FloatField(help_text="0 to 1")),
                (
                    "yaw",
                    models.FloatField(
                        help_text="of its best crop, see faces.vision.pose; degrees", null=True
                    ),
                ),
                (
                    "pitch",
                    models.FloatField(
                        help_text="of its best crop, see faces.vision.pose; degrees", null=True
                    ),
                ),
                ("pack", models.CharField(help_text="the stored file that holds the crops", max_length=200)),
                ("crops", models.JSONField(help_text="[{kind, offset, length, at_ms, quality}], best first")),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.FACES_ASSET_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Scan",
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
                ("version", models.PositiveIntegerField(help_text="1 for the first scan of an asset")),
                (
                    "live",
                    models.BooleanField(
                        default=False, help_text="its tracks are the ones that the library shows"
                    ),
                ),
                ("position_ms", models.PositiveIntegerField(default=0)),
                ("detector", models.CharField(blank=True, default="", max_length=60)),
                ("embedder", models.CharField(blank=True, default="", max_length=60)),
                (
                    "notice",
                    models.TextField(blank=True, default="", help_text="what was unusual about the file"),
                ),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.FACES_ASSET_MODEL,
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("is", "Is"),
                            ("is_not", "Is Not"),
                            ("ignore", "Ignore"),
                            ("not_a_face", "Not A Face"),
                            ("merge", "Merge"),
                            ("split", "Split"),
                            ("rename", "Rename"),
                            ("set_cover", "Set Cover"),
                            ("add_exemplar", "Add Exemplar"),
                            ("remove_exemplar", "Remove Exemplar"),
                            ("enrol", "Enrol"),
                            ("delete_person", "Delete Person"),
                            ("undo", "Undo"),
                        ],
                        max_length=16,
                    ),
                ),
                ("by_name", models.CharField(help_text="kept where the account is deleted", max_length=150)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("why", models.TextField(blank=True, default="")),
                ("active", models.BooleanField(default=True)),
                (
                    "name",
                    models.CharField(
                        blank=True, default="", help_text="what a renaming says", max_length=200
                    ),
                ),
                (
                    "unknown_key",
                    models.CharField(
                        blank=True, default="", help_text="the unknown that was decided on", max_length=16
                    ),
                ),
                (
                    "changed",
                    models.JSONField(
                        default=dict, help_text="how many tracks, appearances and assets it changed"
                    ),
                ),
                ("to_review", models.PositiveIntegerField(default=0)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reverts",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reverted_by",
                        to="faces.decision",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Anchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start_ms", models.PositiveIntegerField()),
                ("end_ms", models.PositiveIntegerField()),
                (
                    "boxes",
                    models.BinaryField(help_text="the face's boxes as they were when the decision fell"),
                ),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.FACES_ASSET_MODEL,
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="anchors",
                        to="faces.decision",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "name_key",
                    models.CharField(
                        help_text="the name without case and accents, for finding it", max_length=400
                    ),
                ),
                ("aliases", models.JSONField(default=list)),
                ("description", models.TextField(blank=True, default="")),
                ("external_ids", models.JSONField(default=dict)),
                ("first_name", models.CharField(default="", help_text="before any renaming", max_length=200)),
                (
                    "retired",
                    models.BooleanField(
                        default=False,
                        help_text="not shown: merged into another, deleted, or all that made the name is undone",
                    ),
                ),
                (
                    "stranger",
                    models.BooleanField(
                        default=False, help_text="somebody told to be ignored, without a name; never listed"
                    ),
                ),
                ("leeway", models.FloatField(default=0.0, help_text="added to both radii for this person")),
                ("tracks", models.PositiveIntegerField(default=0)),
                ("assets", models.PositiveIntegerField(default=0)),
                ("screen_time_ms", models.PositiveBigIntegerField(default=0)),
                (
                    "to_review",
                    models.PositiveIntegerField(default=0, help_text="tracks suggested to be this person"),
                ),
                ("created", models.DateTimeField(auto_now_add=True)),
                (
                    "born_of",
                    models.ForeignKey(
                        help_text="the decision that made the name",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="faces.decision",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        help_text="derived: who this person is by the merges in force",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="faces.person",
                    ),
                ),
                (
                    "cover",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="faces.track",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="decision",
            name="person",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="faces.person",
            ),
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("pack", models.CharField(max_length=200)),
                ("crops", models.JSONField()),
                ("faces", models.PositiveIntegerField(help_text="how many faces the picture showed")),
                (
                    "used",
                    models.PositiveIntegerField(help_text="which of them, largest first, is the person"),
                ),
                ("quality", models.FloatField()),
                (
                    "enrolled",
                    models.BooleanField(default=True, help_text="derived: it counts as this person's face"),
                ),
                ("digest", models.CharField(help_text="SHA-256 of the uploaded file", max_length=64)),
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
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="photos", to="faces.person"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="decision",
            name="photo",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="decisions",
                to="faces.photo",
            ),
        ),
        migrations.CreateModel(
            name="Point",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=40)),
                ("vector", pgvector.django.halfvec.HalfVectorField()),
                (
                    "spread",
                    models.FloatField(
                        default=0.0, help_text="what its squared distance to a face is increased by"
                    ),
                ),
                ("crowding", models.FloatField(default=0.0)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="points", to="faces.person"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Resolution",
            fields=[
                (
                    "track",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="resolution",
                        serialize=False,
                        to="faces.track",
                    ),
                ),
                (
                    "band",
                    models.CharField(
                        choices=[
                            ("confirmed", "Confirmed"),
                            ("auto", "Auto"),
                            ("suggested", "Suggested"),
                            ("unknown", "Unknown"),
                            ("ignored", "Ignored"),
                            ("not_a_face", "Not A Face"),
                        ],
                        default="unknown",
                        max_length=10,
                    ),
                ),
                ("distance", models.FloatField(null=True)),
                ("runner_up_distance", models.FloatField(null=True)),
                ("yielded_distance", models.FloatField(null=True)),
                ("model", models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="Faceprint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=40)),
                ("vector", pgvector.django.halfvec.HalfVectorField()),
                ("quality", models.FloatField()),
                (
                    "crowding",
                    models.FloatField(
                        default=0.0, help_text="how near it lies to faces in general, around 0"
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="faceprints",
                        to="faces.photo",
                    ),
                ),
                (
                    "track",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="faceprints",
                        to="faces.track",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "anchor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="faces.anchor",
                    ),
                ),
                (
                    "track",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="faces.track",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="track",
            name="scan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="tracks", to="faces.scan"
            ),
        ),
        migrations.CreateModel(
            name="FrameTimes",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start_ms", models.PositiveIntegerField()),
                ("end_ms", models.PositiveIntegerField()),
                ("count", models.PositiveIntegerField()),
                ("times", models.BinaryField()),
                (
                    "scan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="frame_times",
                        to="faces.scan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Unknown",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="16 hex digits, from the track that founded it", max_length=16, unique=True
                    ),
                ),
                ("tracks", models.PositiveIntegerField(default=0)),
                ("assets", models.PositiveIntegerField(default=0)),
                ("ignored", models.PositiveIntegerField(default=0, help_text="its ignored tracks")),
                (
                    "asked",
                    models.PositiveIntegerField(
                        default=0, help_text="its tracks for which somebody is suggested"
                    ),
                ),
                ("screen_time_ms", models.PositiveBigIntegerField(default=0)),
                ("quality", models.FloatField(default=0.0, help_text="of its best track")),
                ("covers", models.JSONField(default=list, help_text="ids of its best tracks, at most four")),
                ("first_seen", models.DateTimeField(auto_now_add=True)),
                ("last_seen", models.DateTimeField(auto_now_add=True)),
                (
                    "shown",
                    models.BooleanField(
                        default=False, help_text="people may have seen its key: no pass divides it"
                    ),
                ),
                (
                    "absorbed_by",
                    models.ForeignKey(
                        help_text="where a pass found both to be one",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="faces.unknown",
                    ),
                ),
                (
                    "born_of",
                    models.ForeignKey(
                        help_text="the split that made it",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="faces.decision",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        help_text="derived: the key that this one is read as, by merges, undone splits and passes",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="faces.unknown",
                    ),
                ),
                (
                    "split_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="faces.unknown",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Merged",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="merged",
                        to="faces.decision",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="faces.person",
                    ),
                ),
                (
                    "unknown",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="faces.unknown",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="KeyRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "decision",
                    models.ForeignKey(
                        help_text="empty: a pass",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="faces.decision",
                    ),
                ),
                (
                    "became",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="faces.unknown",
                    ),
                ),
                (
                    "unknown",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="records",
                        to="faces.unknown",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="decision",
            name="unknown",
            field=models.ForeignKey(
                help_text="of a merge of unknowns, the key that stays; of a split without a name, the new one",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="decisions",
                to="faces.unknown",
            ),
        ),
        migrations.CreateModel(
            name="UnknownCentroid",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=40)),
                ("vector", pgvector.django.vector.VectorField()),
                ("crowding", models.FloatField(default=0.0, help_text="the mean of its members'")),
                ("members", models.PositiveIntegerField()),
                ("placed", models.PositiveIntegerField(help_text="how many members the mean was made of")),
                (
                    "unknown",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="centroids",
                        to="faces.unknown",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AppliedCalibration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=40)),
                (
                    "people",
                    models.PositiveIntegerField(help_text="the size of gallery that they were made for"),
                ),
                ("crowding", models.FloatField(help_text="0: plain distances, 1: relieved of all crowding")),
                ("auto", models.FloatField()),
                ("suggested", models.FloatField()),
                ("midpoint", models.FloatField()),
                ("slope", models.FloatField()),
                (
                    "source",
                    models.CharField(help_text="manifest, or the library's own confirmations", max_length=20),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["model", "-id"], name="calibration_in_force")],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                (
                    "fingerprint",
                    models.CharField(help_text="SHA-256 of method, path and body", max_length=64),
                ),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        help_text="empty while the first request is at work", null=True
                    ),
                ),
                ("body", models.JSONField(null=True)),
                ("created", models.DateTimeField(auto_now_add=True)),
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
                "indexes": [models.Index(fields=["created"], name="idempotency_by_age")],
                "constraints": [models.UniqueConstraint(fields=("user", "key"), name="one_answer_per_key")],
            },
        ),
        migrations.CreateModel(
            name="Exemplar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=40)),
                ("refused", models.BooleanField(default=False)),
                (
                    "faceprint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="faces.faceprint"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exemplars",
                        to="faces.person",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "model", "refused"], name="exemplar_of_person")],
            },
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.UniqueConstraint(
                fields=("person", "digest", "used"), name="one_photo_once_per_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="point",
            constraint=models.UniqueConstraint(fields=("person", "model"), name="one_point_per_person"),
        ),
        migrations.AddField(
            model_name="resolution",
            name="exemplar",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="faces.faceprint",
            ),
        ),
        migrations.AddField(
            model_name="resolution",
            name="home",
            field=models.ForeignKey(
                help_text="the group that the machine found for it",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="faces.unknown",
            ),
        ),
        migrations.AddField(
            model_name="resolution",
            name="base",
            field=models.ForeignKey(
                help_text="its home, or where a split in force put it",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="based",
                to="faces.unknown",
            ),
        ),
        migrations.AddField(
            model_name="resolution",
            name="person",
            field=models.ForeignKey(
                db_index=False,
                help_text="named, or suggested",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="resolutions",
                to="faces.person",
            ),
        ),
        migrations.AddField(
            model_name="resolution",
            name="runner_up",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="faces.person",
            ),
        ),
        migrations.AddField(
            model_name="resolution",
            name="unknown",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                to="faces.unknown",
            ),
        ),
        migrations.AddField(
            model_name="resolution",
            name="yielded",
            field=models.ForeignKey(
                db_index=False,
                help_text="who it would be, had not another face in the same picture the better claim",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="faces.person",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["name_key", "id"], name="person_by_name"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["-screen_time_ms", "id"], name="person_by_screen_time"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["-created", "id"], name="person_by_created"),
        ),
        migrations.AddConstraint(
            model_name="faceprint",
            constraint=models.CheckConstraint(
                condition=models.Q(("track__isnull", True), ("photo__isnull", True), _connector="XOR"),
                name="faceprint_of_track_or_photo",
            ),
        ),
        migrations.AddConstraint(
            model_name="faceprint",
            constraint=models.UniqueConstraint(fields=("track", "model"), name="one_faceprint_per_track"),
        ),
        migrations.AddConstraint(
            model_name="faceprint",
            constraint=models.UniqueConstraint(fields=("photo", "model"), name="one_faceprint_per_photo"),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.UniqueConstraint(fields=("anchor", "track"), name="one_attachment"),
        ),
        migrations.AddIndex(
            model_name="track",
            index=models.Index(fields=["asset", "start_ms", "id"], name="track_in_asset"),
        ),
        migrations.AddIndex(
            model_name="track",
            index=models.Index(fields=["scan", "shot"], name="track_in_shot"),
        ),
        migrations.AddIndex(
            model_name="scan",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["-priority", "run_after", "id"],
                name="scan_queued",
            ),
        ),
        migrations.AddIndex(
            model_name="scan",
            index=models.Index(
                condition=models.Q(("state", "running")), fields=["lease_until"], name="scan_running"
            ),
        ),
        migrations.AddConstraint(
            model_name="scan",
            constraint=models.UniqueConstraint(fields=("asset", "version"), name="one_scan_per_version"),
        ),
        migrations.AddConstraint(
            model_name="scan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("live", True)), fields=("asset",), name="one_live_scan_per_asset"
            ),
        ),
        migrations.AddConstraint(
            model_name="scan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["queued", "running"])),
                fields=("asset",),
                name="one_open_scan_per_asset",
            ),
        ),
        migrations.AddConstraint(
            model_name="frametimes",
            constraint=models.UniqueConstraint(fields=("scan", "start_ms"), name="one_row_per_chunk"),
        ),
        migrations.AddIndex(
            model_name="unknown",
            index=models.Index(
                condition=models.Q(("tracks__gt", 0)),
                fields=["-screen_time_ms", "id"],
                name="unknown_by_screen_time",
            ),
        ),
        migrations.AddIndex(
            model_name="unknown",
            index=models.Index(
                condition=models.Q(("tracks__gt", 0)), fields=["-last_seen", "id"], name="unknown_by_recent"
            ),
        ),
        migrations.AddIndex(
            model_name="unknown",
            index=models.Index(
                condition=models.Q(("tracks__gt", 0)), fields=["-assets", "id"], name="unknown_by_assets"
            ),
        ),
        migrations.AddIndex(
            model_name="unknown",
            index=models.Index(
                condition=models.Q(("tracks__gt", 0)), fields=["-quality", "id"], name="unknown_by_quality"
            ),
        ),
        migrations.AddIndex(
            model_name="unknown",
            index=models.Index(condition=models.Q(("ignored__gt", 0)), fields=["id"], name="unknown_ignored"),
        ),
        migrations.AddIndex(
            model_name="unknown",
            index=models.Index(
                condition=models.Q(("asked__gt", 0), ("tracks__gt", 0)),
                fields=["-screen_time_ms", "id"],
                name="unknown_to_review",
            ),
        ),
        migrations.AddConstraint(
            model_name="merged",
            constraint=models.CheckConstraint(
                condition=models.Q(("person__isnull", True), ("unknown__isnull", True), _connector="XOR"),
                name="merged_person_or_unknown",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["person", "id"], name="decision_by_person"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["by", "id"], name="decision_by_user"),
        ),
        migrations.AddConstraint(
            model_name="unknowncentroid",
            constraint=models.UniqueConstraint(fields=("unknown", "model"), name="one_centroid_per_model"),
        ),
        migrations.AddIndex(
            model_name="resolution",
            index=models.Index(fields=["person", "band"], name="resolution_by_person"),
        ),
        migrations.AddIndex(
            model_name="resolution",
            index=models.Index(fields=["unknown", "band"], name="resolution_by_unknown"),
        ),
        *(
            migrations.AddIndex(
                model_name="resolution",
                index=models.Index(
                    condition=models.Q((f"{name}__isnull", False)),
                    fields=[name],
                    name=f"resolution_by_{name}",
                ),
            )
            for name in ("exemplar", "runner_up", "yielded")
        ),
        # Rows that change often leave room on their page, so that an update touches no index (HOT).
        migrations.RunSQL(
            "ALTER TABLE faces_resolution SET (fillfactor = 70);"
            "ALTER TABLE faces_person SET (fillfactor = 70);"
            "ALTER TABLE faces_unknown SET (fillfactor = 70);"
            "ALTER TABLE faces_unknowncentroid SET (fillfactor = 80)",
            migrations.RunSQL.noop,
        ),
        # An index wants a fixed number of dimensions: those of the model in use. Others are searched one by one.
        migrations.RunSQL(
            "CREATE INDEX unknown_by_centre ON faces_unknowncentroid"
            " USING hnsw ((vector::halfvec(128)) halfvec_l2_ops) WHERE model = 'dlib-resnet-v1'",
            "DROP INDEX unknown_by_centre",
        ),
    ]
