"""The media library: videos, and the work that makes them playable."""

from __future__ import annotations

import errno
import re
import uuid
from contextlib import AbstractContextManager
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO, cast

from django.conf import settings
from django.db import models

from faces.models import LeasedJob
from mam.assets.originals import lies_there, originals, place_of


def _stored_as(asset: Asset, name: str) -> str:
    """Where an original lies: nothing of the uploaded name but a harmless suffix gets into a path."""
    return f"originals/{asset.pk}/original{safe_suffix(name)}"


def _poster_as(asset: Asset, name: str) -> str:
    return f"derived/{asset.pk}/poster.jpg"


def _proxy_as(asset: Asset, name: str) -> str:
    return f"derived/{asset.pk}/proxy{safe_suffix(name)}"


def _filmstrip_as(asset: Asset, name: str) -> str:
    return f"derived/{asset.pk}/{name}"


def safe_suffix(name: str) -> str:
    """The file name's suffix where it is a plain one, such as “.mp4”; else nothing."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""


def bare_name(name: str) -> str:
    """The last part of a path written for any system, without control characters."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    return "".join(character for character in last if character.isprintable()).strip()


class Asset(models.Model):
    """One video, or picture, with what editors relink by and archivists file by."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=300)
    file = models.FileField(upload_to=_stored_as, storage=originals, max_length=12_300)
    """In our storage or, as a file URL (4096 bytes, three characters each), in place."""
    size = models.PositiveBigIntegerField(default=0, help_text="bytes of the original")
    sha256 = models.CharField(max_length=64, blank=True, default="", help_text="of the original, in hex")
    modified = models.DateTimeField(null=True, help_text="of an original in place, when it was last written")
    original_path = models.CharField(max_length=1000, blank=True, default="")
    collection = models.CharField(max_length=200, null=True)  # noqa: DJ001  the contract says null where unfiled
    broadcast_date = models.DateField(null=True)
    catalogue_id = models.CharField(max_length=200, null=True)  # noqa: DJ001  the contract says null where unfiled
    reel = models.CharField(max_length=100, null=True)  # noqa: DJ001  null: the file names none
    start_timecode = models.CharField(max_length=20, null=True)  # noqa: DJ001  null: the file names none
    frame_rate = models.CharField(max_length=30, null=True, help_text="a fraction, 30000/1001")  # noqa: DJ001
    duration_ms = models.PositiveBigIntegerField(null=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    container = models.CharField(max_length=60, blank=True, default="")  # "mp4"; of a picture "image/jpeg"
    playable = models.BooleanField(null=True, help_text="browsers play the original; null: not looked at yet")
    poster = models.FileField(upload_to=_poster_as, max_length=300, blank=True)
    proxy = models.FileField(upload_to=_proxy_as, max_length=300, blank=True)
    filmstrip = models.FileField(upload_to=_filmstrip_as, max_length=300, blank=True)
    filmstrip_grid = models.JSONField(null=True, help_text="how its tiles lie: see mam.assets.filmstrips")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (
            models.Index(fields=["-created", "id"], name="asset_by_created"),
            models.Index(fields=["title", "id"], name="asset_by_title"),
            models.Index(fields=["collection", "id"], name="asset_by_collection"),
            models.Index(fields=["broadcast_date", "id"], name="asset_by_broadcast_date"),
            models.Index(fields=["sha256"], name="asset_by_sha256"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def still(self) -> bool:
        """A picture, not a video; told once the original has been looked into."""
        return self.container.startswith("image/")

    @property
    def in_place(self) -> bool:
        """The original lies where it always was; we only read it."""
        return place_of(self.file.name or "") is not None

    @property
    def offline(self) -> bool:
        """The original is kept in place and not there: moved, changed, or its disk is away."""
        place = place_of(self.file.name or "")
        return place is not None and (
            self.modified is None or not lies_there(place, self.size, self.modified)
        )


def original(asset: Asset) -> AbstractContextManager[BinaryIO]:
    """The file, opened anew, so that two readers don't share a position; named as the user knows it.

    Raises OSError where it is not to be had, or lies in place no more.
    """
    if not asset.file:
        raise FileNotFoundError(errno.ENOENT, "it is still to be fetched")
    if asset.offline:
        raise FileNotFoundError(errno.ENOENT, "it is offline: moved, changed, or its disk is away")
    opened = asset.file.storage.open(str(asset.file.name), "rb")
    opened.name = bare_name(asset.original_path) or asset.title
    return cast(AbstractContextManager[BinaryIO], opened)


class Preparation(LeasedJob):
    """What is made of an original so that people can find and play it, in two steps.

    First its figures and a poster, which take a moment; then, at a lower priority, what reads all of it: a filmstrip,
    and a proxy where browsers cannot play it.
    """

    FIRST, SECOND = 0, -1
    """The priorities of the two steps."""

    asset = models.OneToOneField(Asset, models.CASCADE, related_name="preparation")

    def __str__(self) -> str:
        return f"preparation of {self.asset_id}"


class Fetch(LeasedJob):
    """An asset whose original is still to come, from a URL. Its part file says how far it is; it goes when that is in.

    The URL may hold a password or a signature: only its worker reads it, and nobody is shown it.
    """

    max_attempts = 8  # some forty minutes, with nothing coming

    asset = models.OneToOneField(Asset, models.CASCADE, related_name="fetch")
    url = models.TextField()
    etag = models.CharField(max_length=300, blank=True, default="", help_text="of what there is of it")
    name = models.CharField(max_length=300, blank=True, default="", help_text="as the server calls the file")
    length = models.PositiveBigIntegerField(null=True, help_text="bytes of the whole file, once known")
    received = models.PositiveBigIntegerField(default=0, help_text="the most bytes of it that ever were here")
    same_content = models.BooleanField(default=False, help_text="add it also where the library has it")
    duplicate_of = models.ForeignKey(
        Asset, models.SET_NULL, null=True, related_name="+", help_text="where it failed for that reason"
    )

    def __str__(self) -> str:
        return f"fetch of {self.asset_id}"


class Upload(models.Model):
    """A file that is being sent in parts, over as many connections as it takes; its part file says how far it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    length = models.PositiveBigIntegerField(help_text="bytes of the whole file")
    metadata = models.TextField(blank=True, default="", help_text="as it was sent: keys and values in Base64")
    asset = models.ForeignKey(
        Asset, models.SET_NULL, null=True, related_name="+", help_text="once it is whole"
    )
    whole = models.BooleanField(default=False, help_text="all of it has come")
    already_here = models.BooleanField(default=False, help_text="the library had the same file")
    expires = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["expires"], name="upload_by_expiry"),)

    def __str__(self) -> str:
        return f"upload {self.pk}"
