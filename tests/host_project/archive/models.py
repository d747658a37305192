"""Films, which know nothing of faces."""

from django.db import models


class Film(models.Model):
    name = models.CharField(max_length=100)
    reel_file = models.FileField(upload_to="reels")

    def __str__(self) -> str:
        return f"Film: {self.name}"
