"""Answers given once, kept so that a repeated request gets the same answer and changes nothing."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

KEPT_FOR = timedelta(days=1)
"""How long a repeated request is answered from memory; whoever retries does so within minutes."""


class IdempotencyKey(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body")
    status = models.PositiveSmallIntegerField(null=True, help_text="empty while the first request is at work")
    body = models.JSONField(null=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key"),)
        indexes = (models.Index(fields=["created"], name="idempotency_by_age"),)

    def __str__(self) -> str:
        return self.key

    @classmethod
    def forget_old(cls) -> None:
        """Delete the answers that are older than KEPT_FOR."""
        cls.objects.filter(created__lt=timezone.now() - KEPT_FOR).delete()
