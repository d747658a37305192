"""What humans said. Append-only; anchored to places in pictures, so that it outlives every scan."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from faces.models.identity import Person, Photo, Unknown
from faces.models.scans import Track


class Verdict(models.TextChoices):
    IS = "is"
    IS_NOT = "is_not"
    IGNORE = "ignore"
    NOT_A_FACE = "not_a_face"
    MERGE = "merge"
    SPLIT = "split"
    RENAME = "rename"
    SET_COVER = "set_cover"
    ADD_EXEMPLAR = "add_exemplar"
    REMOVE_EXEMPLAR = "remove_exemplar"
    ENROL = "enrol"
    DELETE_PERSON = "delete_person"
    UNDO = "undo"


class Decision(models.Model):
    """One human statement: who said what, when and why. `active` is False while an undo of it stands."""

    verdict = models.CharField(max_length=16, choices=Verdict.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="decisions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=150, help_text="kept where the account is deleted")
    at = models.DateTimeField(auto_now_add=True)
    why = models.TextField(blank=True, default="")
    reverts = models.ForeignKey("self", models.PROTECT, null=True, related_name="reverted_by")
    active = models.BooleanField(default=True)
    name = models.CharField(max_length=200, blank=True, default="", help_text="what a renaming says")
    photo = models.ForeignKey(Photo, models.SET_NULL, null=True, related_name="decisions")
    unknown = models.ForeignKey(
        Unknown,
        models.SET_NULL,
        null=True,
        related_name="decisions",
        help_text="of a merge of unknowns, the key that stays; of a split without a name, the new one",
    )
    unknown_key = models.CharField(
        max_length=16, blank=True, default="", help_text="the unknown that was decided on"
    )
    changed = models.JSONField(default=dict, help_text="how many tracks, appearances and assets it changed")
    to_review = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(fields=["person", "id"], name="decision_by_person"),
            models.Index(fields=["by", "id"], name="decision_by_user"),
        )

    def __str__(self) -> str:
        return f"decision {self.pk}: {self.verdict}"


class Merged(models.Model):
    """Who, or which key, a merge makes part of another."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="merged")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    unknown = models.ForeignKey(Unknown, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(person__isnull=True) ^ models.Q(unknown__isnull=True),
                name="merged_person_or_unknown",
            ),
        )

    def __str__(self) -> str:
        return f"merged by decision {self.decision_id}"


class Anchor(models.Model):
    """Where a decision points: a face on a stretch of an asset's timeline. Without an attachment it is an orphan."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="anchors")
    asset = models.ForeignKey(settings.FACES_ASSET_MODEL, models.CASCADE, related_name="+")
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    boxes = models.BinaryField(help_text="the face's boxes as they were when the decision fell")

    def __str__(self) -> str:
        return f"anchor of decision {self.decision_id} at {self.start_ms} ms"


class Attachment(models.Model):
    """Derived: which track of the live scan an anchor means."""

    anchor = models.ForeignKey(Anchor, models.CASCADE, related_name="attachments")
    track = models.ForeignKey(Track, models.CASCADE, related_name="attachments")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["anchor", "track"], name="one_attachment"),)

    def __str__(self) -> str:
        return f"anchor {self.anchor_id} is track {self.track_id}"
