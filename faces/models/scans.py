"""What a scan leaves behind: tracks, their faceprints, and the times of the frames."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from pgvector.django import HalfVectorField

from faces.models.jobs import JobState, LeasedJob


class Scan(LeasedJob):
    """One extraction run over an asset. `position_ms` is its checkpoint: chunks before it are committed whole."""

    asset = models.ForeignKey(settings.FACES_ASSET_MODEL, models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(help_text="1 for the first scan of an asset")
    mode = models.CharField(
        max_length=20, default="default", help_text="how closely: one of faces.vision.MODES"
    )
    live = models.BooleanField(default=False, help_text="its tracks are the ones that the library shows")
    position_ms = models.PositiveIntegerField(default=0)
    detector = models.CharField(max_length=60, blank=True, default="")
    embedder = models.CharField(max_length=60, blank=True, default="")
    notice = models.TextField(blank=True, default="", help_text="what was unusual about the file")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta(LeasedJob.Meta):
        constraints = (
            models.UniqueConstraint(fields=["asset", "version"], name="one_scan_per_version"),
            models.UniqueConstraint(
                fields=["asset"], condition=models.Q(live=True), name="one_live_scan_per_asset"
            ),
            models.UniqueConstraint(
                fields=["asset"],
                condition=models.Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
                name="one_open_scan_per_asset",
            ),
        )

    def __str__(self) -> str:
        return f"scan {self.version} of asset {self.asset_id}"

    @classmethod
    def paused(cls) -> bool:
        return Pause.objects.exists()


class Pause(models.Model):
    """While there is one, no scan is begun, and one that runs stops at the end of its chunk and is queued again."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    since = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="one_pause"),)

    def __str__(self) -> str:
        return "scanning is paused"


class Track(models.Model):
    """One face followed through one shot, on [start_ms, end_ms) of the asset's timeline.

    A track is shown once it has a Resolution; the tracks of an unfinished rescan have none yet.
    """

    asset = models.ForeignKey(settings.FACES_ASSET_MODEL, models.CASCADE, related_name="+")
    scan = models.ForeignKey(Scan, models.CASCADE, related_name="tracks")
    shot = models.PositiveIntegerField(
        help_text="ms at which it begins: tracks of one shot alone can overlap in time"
    )
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    boxes = models.BinaryField(help_text="a faces.vision.BoxTrack in its compact form")
    quality = models.FloatField(help_text="0 to 1")
    yaw = models.FloatField(null=True, help_text="of its best crop, see faces.vision.pose; degrees")
    pitch = models.FloatField(null=True, help_text="of its best crop, see faces.vision.pose; degrees")
    pack = models.CharField(max_length=200, help_text="the stored file that holds the crops")
    crops = models.JSONField(help_text="[{kind, offset, length, at_ms, quality}], best first")

    class Meta:
        indexes = (
            models.Index(fields=["asset", "start_ms", "id"], name="track_in_asset"),
            models.Index(fields=["scan", "shot"], name="track_in_shot"),
        )

    def __str__(self) -> str:
        return f"track {self.pk}"


class FrameTimes(models.Model):
    """When the frames of one chunk are first shown: zlib-compressed int32 milliseconds, in presentation order."""

    scan = models.ForeignKey(Scan, models.CASCADE, related_name="frame_times")
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    times = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["scan", "start_ms"], name="one_row_per_chunk"),)

    def __str__(self) -> str:
        return f"frame times of scan {self.scan_id} from {self.start_ms} ms"


class Faceprint(models.Model):
    """The embedding of a track or of an enrolled photograph under one model. Narrow, and immutable but for its
    crowding, which is written anew when another function is put in force."""

    track = models.ForeignKey(Track, models.CASCADE, null=True, related_name="faceprints")
    photo = models.ForeignKey("faces.Photo", models.CASCADE, null=True, related_name="faceprints")
    model = models.CharField(max_length=40)
    vector = HalfVectorField()
    quality = models.FloatField()
    crowding = models.FloatField(default=0.0, help_text="how near it lies to faces in general, around 0")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(track__isnull=True) ^ models.Q(photo__isnull=True),
                name="faceprint_of_track_or_photo",
            ),
            models.UniqueConstraint(fields=["track", "model"], name="one_faceprint_per_track"),
            models.UniqueConstraint(fields=["photo", "model"], name="one_faceprint_per_photo"),
        )

    def __str__(self) -> str:
        return f"faceprint {self.pk}"
