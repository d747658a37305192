"""Figures of people and unknowns may wait to be counted anew, while the whole library is resolved again."""

from django.db import migrations, models

_UNCOUNTED = models.BooleanField(default=False, help_text="these figures are to be counted anew")


class Migration(migrations.Migration):
    dependencies = [("faces", "0001_create_faces")]

    operations = [
        migrations.AddField("person", "uncounted", _UNCOUNTED),
        migrations.AddField("unknown", "uncounted", _UNCOUNTED),
        migrations.AddIndex(
            "person",
            models.Index(fields=["id"], name="person_uncounted", condition=models.Q(uncounted=True)),
        ),
        migrations.AddIndex(
            "unknown",
            models.Index(fields=["id"], name="unknown_uncounted", condition=models.Q(uncounted=True)),
        ),
    ]
