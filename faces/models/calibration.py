"""By which model, and how, distances are judged in this library: the newest row is in force; without one, the manifest.

A library keeps what it began with, so that another release of the manifest changes no answer by itself.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models


class CrowdingFunction(models.Model):
    """A crowding function as its file said it: what every faceprint of a library was measured by, now or once."""

    model = models.CharField(max_length=40)
    digest = models.CharField(max_length=16, help_text="of the document")
    document = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["model", "digest"], name="one_row_per_function"),)

    def __str__(self) -> str:
        return f"crowding function {self.digest} of {self.model}"


class AppliedCalibration(models.Model):
    """Thresholds that an administrator put in force, or that the library began with, and the crowding function that
    they are made for. Append-only: going back is applying the old ones again, also to a former model."""

    model = models.CharField(max_length=40)
    function = models.ForeignKey(
        CrowdingFunction,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="empty: distances are plain",
    )
    people = models.PositiveIntegerField(help_text="the size of gallery that they were made for")
    crowding = models.FloatField(help_text="0: plain distances, 1: relieved of all crowding")
    auto = models.FloatField()
    suggested = models.FloatField()
    midpoint = models.FloatField()
    slope = models.FloatField()
    source = models.CharField(max_length=20, help_text="manifest, or the library's own confirmations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["model", "-id"], name="calibration_in_force"),)

    def __str__(self) -> str:
        return f"calibration {self.pk} of {self.model}"
