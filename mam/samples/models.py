"""The wish for sample videos, as a job: composing survives its worker."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from faces.models import LeasedJob


class SampleRequest(LeasedJob):
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return "request for the sample videos"
