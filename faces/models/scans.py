"""What a scan leaves behind: tracks, their faceprints, and the times of the frames."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from pgvector.django import HalfVectorField

from faces.models.jobs import JobState, LeasedJob, LeaseLost


class Scan(LeasedJob):
    """One extraction run over an asset. `position_ms` is its checkpoint: chunks before it are committed whole.

    That of a long video has parts, each with a checkpoint of its own; who holds the scan sees to all of them.
    """

    OPEN = (JobState.QUEUED, JobState.RUNNING)

    asset = models.ForeignKey(settings.FACES_ASSET_MODEL, models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(help_text="1 for the first scan of an asset")
    mode = models.CharField(
        max_length=20, default="default", help_text="how closely: one of faces.vision.MODES"
    )
    live = models.BooleanField(default=False, help_text="its tracks are the ones that the library shows")
    position_ms = models.PositiveIntegerField(default=0)
    divisible = models.BooleanField(default=True, help_text="may be read in parts")
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

    @property
    def parts_meet(self) -> bool:
        """Whether each part began where the one before ended, up to the video's end, or there are none. Decoders may
        disagree with themselves about damaged pictures, by where they began to read.
        """
        parts = list(self.parts.order_by("number"))
        position_ms, ended = 0, not parts
        for part in parts:
            if part.position_ms is None:  # found nothing that was not another's
                if not ended and (part.until_ms is None or position_ms < part.until_ms):
                    return False
                continue
            if ended or part.start_ms != position_ms:
                return False
            position_ms, ended = part.position_ms, part.at_end
        return ended

    def succeed(self, **fields: Any) -> None:
        with transaction.atomic():
            self.parts.all().delete()
            super().succeed(**fields)

    def fail(self, code: str, detail: str) -> None:
        with transaction.atomic():
            self.parts.all().delete()
            super().fail(code, detail)


class Part(LeasedJob):
    """A stretch of a long video that is scanned while other workers scan the others, chunk by chunk.

    Where it begins is found in the video, see faces.vision.ScanSettings.part_ms; the next one begins where it ends.
    """

    scan = models.ForeignKey(Scan, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField(help_text="from 0")
    due_ms = models.PositiveIntegerField(help_text="it begins there, or soon after")
    until_ms = models.PositiveIntegerField(null=True, help_text="when the next one is due; the last has none")
    start_ms = models.PositiveIntegerField(null=True, help_text="where it was found to begin")
    position_ms = models.PositiveIntegerField(
        null=True, help_text="its checkpoint: chunks before it are committed whole"
    )
    at_end = models.BooleanField(default=False, help_text="the video ends in it")

    class Meta(LeasedJob.Meta):
        constraints = (models.UniqueConstraint(fields=["scan", "number"], name="one_part_per_number"),)

    def __str__(self) -> str:
        return f"part {self.number} of scan {self.scan_id}"

    @property
    def read(self) -> bool:
        """Whether its last chunk is committed, and it is not the video's last."""
        reached = (
            self.position_ms is not None and self.until_ms is not None and self.position_ms >= self.until_ms
        )
        return reached and not self.at_end

    @classmethod
    def paused(cls) -> bool:
        return Scan.paused()

    @classmethod
    def waiting(cls) -> models.QuerySet[Self]:
        return super().waiting().filter(scan__state__in=Scan.OPEN).select_related("scan")

    @classmethod
    def claim_apart(cls, **those: Any) -> Self | None:
        """A part of the most urgent scan that has some waiting, far from who is at work: of the longest stretch that
        nobody reads the first; or the middle one, for who reads what comes before it reads on. those: as of `claim`.
        """
        waiting = cls.waiting().filter(**those)
        while first := waiting.order_by("-priority", "run_after", "scan", "number").first():
            numbers = (
                waiting.filter(scan_id=first.scan_id).order_by("number").values_list("number", flat=True)
            )
            runs = [[n for _, n in run] for _, run in groupby(enumerate(numbers), lambda at: at[1] - at[0])]
            longest = max(runs, key=len, default=[first.number])
            approached = cls.objects.filter(
                scan=first.scan, number=longest[0] - 1, state=JobState.RUNNING
            ).exists()
            claimed = cls.claim(
                scan=first.scan, number=longest[len(longest) // 2] if approached else longest[0]
            )
            if claimed is not None or cls.paused():
                return claimed
        return None

    def renew(self, **fields: Any) -> None:
        """As of LeasedJob; how far the scan is follows. LeaseLost also where that was cancelled."""
        super().renew(**fields)
        share = Part.objects.filter(scan=self.scan_id).aggregate(mean=models.Avg("progress"))["mean"]
        self._tell_scan(progress=min(share or 0.0, 0.99))

    def checkpoint(self, **fields: Any) -> None:
        super().checkpoint(**fields)
        self._tell_scan(attempt=1)

    def _tell_scan(self, **fields: Any) -> None:
        if not Scan.objects.filter(pk=self.scan_id, state__in=Scan.OPEN).update(**fields):
            raise LeaseLost(f"{self.scan} is over")


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
        help_text="ms at which it begins: tracks of one shot alone can overlap in time; until a scan's end that of the "
        "chunk, of a shot that goes on from the one before"
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
    open_shot = models.PositiveIntegerField(
        null=True, help_text="ms at which the shot began that goes on over this chunk's end"
    )

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
