"""People, unknowns, and the derived answer to who a track is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from pgvector.django import HalfVectorField

from faces.models.scans import Faceprint, Track

UNKNOWN_LABEL = "Unknown Face "


class Person(models.Model):
    """Somebody with a name. Counts are stored, and kept by `faces.identity.counts`."""

    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=400, help_text="the name without case and accents, for finding it")
    aliases = models.JSONField(default=list)
    description = models.TextField(blank=True, default="")
    external_ids = models.JSONField(default=dict)
    born_of = models.ForeignKey(
        "faces.Decision",
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="the decision that made the name",
    )
    first_name = models.CharField(max_length=200, default="", help_text="before any renaming")
    retired = models.BooleanField(
        default=False,
        help_text="not shown: merged into another, deleted, or all that made the name is undone",
    )
    merged_into = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="derived: who this person is by the merges in force",
    )
    stranger = models.BooleanField(
        default=False, help_text="somebody told to be ignored, without a name; never listed"
    )
    leeway = models.FloatField(default=0.0, help_text="added to both radii for this person")
    cover = models.ForeignKey(Track, models.SET_NULL, null=True, related_name="+")
    tracks = models.PositiveIntegerField(default=0)
    assets = models.PositiveIntegerField(default=0)
    screen_time_ms = models.PositiveBigIntegerField(default=0)
    to_review = models.PositiveIntegerField(default=0, help_text="tracks suggested to be this person")
    uncounted = models.BooleanField(default=False, help_text="these figures are to be counted anew")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (
            models.Index(fields=["name_key", "id"], name="person_by_name"),
            models.Index(fields=["-screen_time_ms", "id"], name="person_by_screen_time"),
            models.Index(fields=["-created", "id"], name="person_by_created"),
            models.Index(fields=["id"], name="person_uncounted", condition=models.Q(uncounted=True)),
        )

    def __str__(self) -> str:
        return self.name


class Photo(models.Model):
    """An enrolled photograph of a person: the aligned face is kept, so that another model can read it again.

    It counts while a decision to enrol it is in force. Of a clip of one person, `used` is 0 and the faceprint the mean.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="photos")
    pack = models.CharField(max_length=200)
    crops = models.JSONField()
    faces = models.PositiveIntegerField(help_text="how many faces the picture showed")
    used = models.PositiveIntegerField(help_text="which of them, largest first, is the person")
    quality = models.FloatField()
    enrolled = models.BooleanField(default=True, help_text="derived: it counts as this person's face")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the uploaded file")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person", "digest", "used"], name="one_photo_once_per_person"),
        )

    def __str__(self) -> str:
        return f"photo {self.pk} of {self.person}"


class Unknown(models.Model):
    """A group of tracks believed to be one person, over the whole library, whether or not a name is known.

    The grouping knows nothing of names: a track keeps its unknown while it is named, so that taking the name
    away brings back exactly what was there. The counts speak of those of its tracks that nobody is named for.
    """

    key = models.CharField(
        max_length=16, unique=True, help_text="16 hex digits, from the track that founded it"
    )
    tracks = models.PositiveIntegerField(default=0)
    assets = models.PositiveIntegerField(default=0)
    ignored = models.PositiveIntegerField(default=0, help_text="its ignored tracks")
    asked = models.PositiveIntegerField(default=0, help_text="its tracks for which somebody is suggested")
    screen_time_ms = models.PositiveBigIntegerField(default=0)
    quality = models.FloatField(default=0.0, help_text="of its best track")
    covers = models.JSONField(default=list, help_text="ids of its best tracks, at most four")
    uncounted = models.BooleanField(default=False, help_text="these figures are to be counted anew")
    first_seen = models.DateTimeField(auto_now_add=True)
    last_seen = models.DateTimeField(auto_now_add=True)
    shown = models.BooleanField(default=False, help_text="people may have seen its key: no pass divides it")
    born_of = models.ForeignKey(
        "faces.Decision", models.SET_NULL, null=True, related_name="+", help_text="the split that made it"
    )
    split_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    absorbed_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+", help_text="where a pass found both to be one"
    )
    merged_into = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="derived: the key that this one is read as, by merges, undone splits and passes",
    )

    class Meta:
        indexes = (
            models.Index(
                fields=["-screen_time_ms", "id"],
                name="unknown_by_screen_time",
                condition=models.Q(tracks__gt=0),
            ),
            models.Index(
                fields=["-last_seen", "id"], name="unknown_by_recent", condition=models.Q(tracks__gt=0)
            ),
            models.Index(
                fields=["-assets", "id"], name="unknown_by_assets", condition=models.Q(tracks__gt=0)
            ),
            models.Index(
                fields=["-quality", "id"], name="unknown_by_quality", condition=models.Q(tracks__gt=0)
            ),
            models.Index(fields=["id"], name="unknown_ignored", condition=models.Q(ignored__gt=0)),
            models.Index(fields=["id"], name="unknown_uncounted", condition=models.Q(uncounted=True)),
            models.Index(
                fields=["-screen_time_ms", "id"],
                name="unknown_to_review",
                condition=models.Q(tracks__gt=0, asked__gt=0),
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return UNKNOWN_LABEL + self.key


class UnknownCentroid(models.Model):
    """The mean faceprint of an unknown's members under one model; apart from the counts, which change often."""

    unknown = models.ForeignKey(Unknown, models.CASCADE, related_name="centroids")
    model = models.CharField(max_length=40)
    vector = HalfVectorField()
    crowding = models.FloatField(default=0.0, help_text="the mean of its members'")
    members = models.PositiveIntegerField()
    placed = models.PositiveIntegerField(help_text="how many members the mean was made of")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["unknown", "model"], name="one_centroid_per_model"),)

    def __str__(self) -> str:
        return f"centroid of {self.unknown_id}"


class KeyRecord(models.Model):
    """Append-only: from `at` on, the key of `unknown` was read as `became`, or as itself again. Births are rows."""

    unknown = models.ForeignKey(Unknown, models.CASCADE, related_name="records")
    became = models.ForeignKey(Unknown, models.CASCADE, null=True, related_name="+")
    decision = models.ForeignKey(
        "faces.Decision", models.SET_NULL, null=True, related_name="+", help_text="empty: a pass"
    )
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.unknown_id} became {self.became_id}"


class Point(models.Model):
    """What a person is judged by under one model: the mean of all faceprints that humans say are this person."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="points")
    model = models.CharField(max_length=40)
    vector = HalfVectorField()
    spread = models.FloatField(default=0.0, help_text="what its squared distance to a face is increased by")
    crowding = models.FloatField(default=0.0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "model"], name="one_point_per_person"),)

    def __str__(self) -> str:
        return f"point of {self.person_id}"


class Exemplar(models.Model):
    """A faceprint chosen to show what a person looks like or, where `refused`, what somebody looks like of whom
    humans said that it is not this person."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="exemplars")
    model = models.CharField(max_length=40)
    faceprint = models.ForeignKey(Faceprint, models.CASCADE, related_name="+")
    refused = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=["person", "model", "refused"], name="exemplar_of_person"),)

    def __str__(self) -> str:
        return f"exemplar {self.pk} of {self.person_id}"


class Band(models.TextChoices):
    CONFIRMED = "confirmed"
    AUTO = "auto"
    SUGGESTED = "suggested"
    UNKNOWN = "unknown"
    IGNORED = "ignored"
    NOT_A_FACE = "not_a_face"


PublicBand = [(band.value, band.label) for band in Band if band is not Band.NOT_A_FACE]
"""The bands that routes show; what is not a face is never listed."""


class Resolution(models.Model):
    """The derived answer for a track that the library shows. Rewritten freely; holds nothing a human said."""

    track = models.OneToOneField(Track, models.CASCADE, primary_key=True, related_name="resolution")
    unknown = models.ForeignKey(Unknown, models.PROTECT, related_name="members", db_index=False)
    home = models.ForeignKey(
        Unknown, models.PROTECT, related_name="+", help_text="the group that the machine found for it"
    )
    base = models.ForeignKey(
        Unknown, models.PROTECT, related_name="based", help_text="its home, or where a split in force put it"
    )
    band = models.CharField(max_length=10, choices=Band.choices, default=Band.UNKNOWN)
    person = models.ForeignKey(
        Person,
        models.CASCADE,
        null=True,
        related_name="resolutions",
        db_index=False,
        help_text="named, or suggested",
    )
    distance = models.FloatField(null=True)
    exemplar = models.ForeignKey(Faceprint, models.SET_NULL, null=True, related_name="+", db_index=False)
    runner_up = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+", db_index=False)
    runner_up_distance = models.FloatField(null=True)
    yielded = models.ForeignKey(
        Person,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        help_text="who it would be, had not another face in the same picture the better claim",
    )
    yielded_distance = models.FloatField(null=True)
    model = models.CharField(max_length=40)

    class Meta:
        # an answer that changes touches every one of these: none twice, and none for what is mostly empty
        indexes = (
            models.Index(fields=["person", "band"], name="resolution_by_person"),
            models.Index(fields=["unknown", "band"], name="resolution_by_unknown"),
            *(
                models.Index(
                    fields=[name],
                    name=f"resolution_by_{name}",
                    condition=models.Q(**{f"{name}__isnull": False}),
                )
                for name in ("exemplar", "runner_up", "yielded")
            ),
        )

    def __str__(self) -> str:
        return f"track {self.track_id}: {self.band}"


__all__ = [
    "UNKNOWN_LABEL",
    "Band",
    "Exemplar",
    "KeyRecord",
    "Person",
    "Photo",
    "Point",
    "PublicBand",
    "Resolution",
    "Unknown",
    "UnknownCentroid",
]
