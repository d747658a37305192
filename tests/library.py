"""A library of really scanned sample videos, made once a run and then put into a test's database in milliseconds."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.files import File
from django.core.management.color import no_style
from django.db import connection, transaction

from faces import scanning
from faces.models import Track, Unknown
from mam.assets import fetches, library, preparing
from mam.assets.models import Asset
from mam.samples import Sample, Truth
from tests import material

_APPS = ("assets", "faces")


@dataclass(frozen=True, slots=True)
class ScannedVideo:
    """One sample video in the library, with its exact truth."""

    pk: UUID
    sample: Sample

    @property
    def truth(self) -> Truth:
        return self.sample.truth

    @property
    def title(self) -> str:
        return self.sample.title

    @property
    def asset(self) -> Asset:
        return Asset.objects.get(pk=self.pk)


@dataclass(frozen=True, slots=True)
class ScannedLibrary:
    """The three sample videos, scanned and prepared, nobody named; and the rows of the database that hold them.

    The files, originals, posters and crops, stay in the tests' home: tests don't delete those of the samples.
    """

    videos: tuple[ScannedVideo, ...]
    rows: dict[str, bytes]

    def unknown_of(self, person: str) -> str:
        """The key of the unknown that this person of the truth (“grace_hopper”) is."""
        return Unknown.objects.get(members__track__in=self.tracks_alone(person)[:1]).key

    def tracks_alone(self, person: str) -> list[int]:
        """The tracks of the shots in which this person of the truth is alone, in order."""
        shots = [
            (video.pk, shot["start_ms"])
            for video in self.videos
            for shot in video.truth["shots"]
            if [seen["person"] for seen in shot["people"]] == [person]
        ]
        return [Track.objects.get(asset=asset, start_ms=start_ms).pk for asset, start_ms in shots]

    def intervals(self, person: str) -> list[list[tuple[int, int]]]:
        """When the truth shows this person in each of the videos: [start_ms, end_ms)."""
        return [
            [
                (start, end)
                for seen in video.truth["people"]
                if seen["person"] == person
                for start, end in seen["intervals"]
            ]
            for video in self.videos
        ]

    def restore(self) -> None:
        """Put the rows into the (empty) tables of this connection's database."""
        with connection.cursor() as cursor:
            for table, content in self.rows.items():
                with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                    copy.write(content)
            models = [model for label in _APPS for model in apps.get_app_config(label).get_models()]
            for sql in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(sql)


def scan_the_samples() -> ScannedLibrary:
    """Add the sample videos, scan and prepare them in this process, and leave the database as it was."""
    with transaction.atomic():
        videos = []
        for sample in material.sample_videos():
            with sample.path.open("rb") as content:
                asset = library.add(File(content), sample.path.name, title=sample.title, collection="Samples")
            videos.append(ScannedVideo(asset.pk, sample))
        work_off()
        rows = _rows()
        transaction.set_rollback(True)
    return ScannedLibrary(tuple(videos), rows)


def work_off() -> None:
    """Do in this process what the workers would: every fetch, preparation and scan that waits."""
    while fetches.fetch_next():
        pass
    while preparing.prepare_next():
        pass
    while scanning.scan_next(material.networks_for_scans):
        pass


def add_file(name: str, content: bytes, **about: Any) -> Asset:
    """Add a file of these bytes to the library, again where it is there."""
    return library.add(File(io.BytesIO(content), name), name, **{"same_content": True, **about})


def _rows() -> dict[str, bytes]:
    """Every row of the library's tables in COPY's binary form. Foreign keys wait until commit: any order serves."""
    tables: Sequence[str] = [
        model._meta.db_table for label in _APPS for model in apps.get_app_config(label).get_models()
    ]
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                found[table] = b"".join(bytes(block) for block in copy)
    return found
