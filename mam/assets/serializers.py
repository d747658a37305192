"""The shapes of the site's requests and answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

STATUSES = ("queued", "processing", "ready", "failed")


class AssetError(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    asset = serializers.CharField(required=False, help_text="of already-here: the one that the library has")


class Playback(serializers.Serializer[Any]):
    url = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=["ready", "preparing", "unavailable", "offline"])
    progress = serializers.FloatField()


class Filmstrip(serializers.Serializer[Any]):
    """A sheet of small pictures; tile i, counted along the rows, is of [i, i + 1) * interval_ms."""

    url = serializers.CharField()
    interval_ms = serializers.IntegerField()
    count = serializers.IntegerField(help_text="tiles, at most 100; the last rows may have empty places")
    columns = serializers.IntegerField()
    rows = serializers.IntegerField()
    tile_width = serializers.IntegerField(help_text="pixels")
    tile_height = serializers.IntegerField(help_text="pixels")


class CastMember(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    thumbnail = serializers.CharField(allow_null=True)


class OpenScan(serializers.Serializer[Any]):
    id = serializers.CharField()
    paused = serializers.BooleanField(
        help_text="an administrator holds all scans back; it goes on afterwards"
    )


class AssetOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUSES)
    progress = serializers.FloatField()
    scan = OpenScan(allow_null=True, help_text="that waits or is under way: scans/{id}/cancel/ stops it")
    scanned = serializers.FloatField(
        help_text="the share that was read by the scan whose finds are shown; another one's come with its end"
    )
    error = AssetError(allow_null=True)
    notice = serializers.CharField(
        allow_null=True, help_text="what was unusual about the file, or why a download waits for another try"
    )
    fetching = serializers.BooleanField(
        help_text="the original is still to come from its URL; status, progress and error are those of the download"
    )
    still = serializers.BooleanField(
        help_text="a picture, not a video: one frame, shown on [0, 1) ms; told once the file has been looked into"
    )
    duration_ms = serializers.IntegerField(allow_null=True)
    frame_rate = serializers.CharField(allow_null=True)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    start_timecode = serializers.CharField(allow_null=True)
    reel = serializers.CharField(allow_null=True)
    original_path = serializers.CharField()
    in_place = serializers.BooleanField(help_text="the original stays where it always was, at original_path")
    offline = serializers.BooleanField(help_text="it is not there now; what was found in it is")
    collection = serializers.CharField(allow_null=True)
    broadcast_date = serializers.DateField(allow_null=True)
    catalogue_id = serializers.CharField(allow_null=True)
    scans = serializers.IntegerField()
    created = serializers.DateTimeField()
    poster = serializers.CharField(allow_null=True)
    filmstrip = Filmstrip(allow_null=True, help_text="null: of a picture, or not made yet")
    playback = Playback()
    cast = CastMember(many=True, help_text="at most five, most time on screen first")
    people = serializers.IntegerField(help_text="how many named people appear")
    unknowns = serializers.IntegerField(help_text="how many unknowns appear")


class AssetIn(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=None, required=False)
    path = serializers.CharField(
        max_length=4096,
        required=False,
        trim_whitespace=False,
        help_text="instead of a file: where it lies on the server, and stays; below the folders that are allowed",
    )
    url = serializers.CharField(
        max_length=8000,
        required=False,
        help_text="instead of a file: where a worker is to fetch it, by http or https, on the public internet or in a "
        "network that the site allows; the asset is there at once and `fetching`",
    )
    title = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    collection = serializers.CharField(max_length=200, required=False, allow_null=True, default=None)
    broadcast_date = serializers.DateField(required=False, allow_null=True, default=None)
    catalogue_id = serializers.CharField(max_length=200, required=False, allow_null=True, default=None)
    same_content = serializers.BooleanField(
        required=False, default=False, help_text="add it also where the library has the same file"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(source in attrs for source in ("file", "path", "url")) != 1:
            raise serializers.ValidationError(
                {"file": "Send a file, or name a path or a URL, one of the three."}
            )
        return attrs


class FetchIn(serializers.Serializer[Any]):
    same_content = serializers.BooleanField(
        required=False, default=False, help_text="add it also where the library has the same file"
    )


class UploadIn(serializers.Serializer[Any]):
    """What is told of a file that is sent in parts; it comes with its bytes."""

    filename = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)
    title = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    collection = serializers.CharField(max_length=200, required=False)
    broadcast_date = serializers.DateField(required=False)
    catalogue_id = serializers.CharField(max_length=200, required=False)
    same_content = serializers.BooleanField(required=False, default=False)


class AssetPatch(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=300, required=False)
    collection = serializers.CharField(max_length=200, required=False, allow_null=True)
    broadcast_date = serializers.DateField(required=False, allow_null=True)
    catalogue_id = serializers.CharField(max_length=200, required=False, allow_null=True)
    reel = serializers.CharField(max_length=100, required=False, allow_null=True)
    start_timecode = serializers.RegexField(
        r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][:;][0-9]{2}$",
        max_length=11,
        required=False,
        allow_null=True,
        error_messages={"invalid": "A time code reads 10:00:00:00, or 10:00:00;00 where frames are dropped."},
    )


class UserOut(serializers.Serializer[Any]):
    username = serializers.CharField()
    role = serializers.ChoiceField(choices=["viewer", "editor", "administrator"])


class SessionOut(serializers.Serializer[Any]):
    user = UserOut(allow_null=True)


class Credentials(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)


class TokenOut(serializers.Serializer[Any]):
    token = serializers.CharField()


class SamplesOut(serializers.Serializer[Any]):
    available = serializers.BooleanField(help_text="the library is empty, and they may be added")
    state = serializers.ChoiceField(choices=["idle", "composing", "done", "failed"])
    progress = serializers.FloatField()
    error = serializers.CharField(allow_null=True)
