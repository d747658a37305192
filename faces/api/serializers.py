"""The shapes of requests and answers, as API documents them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from faces import photo_search
from faces.models import PublicBand, Verdict
from faces.vision import LIKE_DEGREES, MODES

_SAYABLE = ["is", "is_not", "ignore", "not_a_face", "merge", "split"]


class NamedPerson(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()


class Suggestion(serializers.Serializer[Any]):
    person = NamedPerson()
    confidence = serializers.FloatField()


class Why(serializers.Serializer[Any]):
    exemplar = serializers.CharField(
        allow_null=True, help_text="the person's faceprint that is most like the track"
    )
    confirmed_by = serializers.CharField(allow_null=True, help_text="who said that it is this person")
    distance = serializers.FloatField(allow_null=True, help_text="to the mean of the person's faceprints")
    runner_up = NamedPerson(allow_null=True)
    runner_up_distance = serializers.FloatField(allow_null=True)
    yielded = NamedPerson(
        allow_null=True,
        help_text="who it would be, had not another face in the same picture the better claim",
    )
    model = serializers.CharField()


class TrackOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    asset = serializers.CharField()
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    band = serializers.ChoiceField(choices=PublicBand)
    person = NamedPerson(allow_null=True)
    unknown = serializers.CharField(allow_null=True)
    key = serializers.CharField()
    confidence = serializers.FloatField(allow_null=True)
    distance = serializers.FloatField(allow_null=True)
    why = Why(allow_null=True)
    suggestion = Suggestion(allow_null=True)
    quality = serializers.FloatField()
    thumbnail = serializers.CharField()


class BoxesOfTrack(serializers.Serializer[Any]):
    id = serializers.CharField()
    times = serializers.ListField(child=serializers.IntegerField(), help_text="milliseconds, ascending")
    boxes = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=4, max_length=4),
        help_text="left, top, width, height at each time",
    )


class BoxesOut(serializers.Serializer[Any]):
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    tracks = BoxesOfTrack(many=True)


class FramesOut(serializers.Serializer[Any]):
    first = serializers.IntegerField(help_text="number of the first frame listed")
    total = serializers.IntegerField(help_text="frames of the whole asset, as far as it was read")
    times = serializers.ListField(child=serializers.IntegerField())


class UnknownOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the contract says label, DRF has an attribute
    tracks = serializers.IntegerField()
    assets = serializers.IntegerField()
    screen_time_ms = serializers.IntegerField()
    first_seen = serializers.DateTimeField()
    last_seen = serializers.DateTimeField()
    thumbnails = serializers.ListField(child=serializers.CharField())
    suggestion = Suggestion(allow_null=True)


class PartsOut(serializers.Serializer[Any]):
    parts = serializers.ListField(
        child=TrackOut(many=True),
        help_text="2 to 5 groups that it may be a mixture of, the smallest first; none where it is of one piece",
    )


class PersonOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField())
    description = serializers.CharField()
    external_ids = serializers.DictField(child=serializers.CharField())
    tracks = serializers.IntegerField()
    assets = serializers.IntegerField()
    screen_time_ms = serializers.IntegerField()
    to_review = serializers.IntegerField()
    cover = serializers.CharField(allow_null=True)
    leeway = serializers.FloatField()
    created = serializers.DateTimeField()


class PersonIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=1000, trim_whitespace=False, allow_blank=True)
    aliases = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=50, required=False
    )
    description = serializers.CharField(max_length=5000, allow_blank=True, required=False)
    external_ids = serializers.DictField(child=serializers.CharField(max_length=200), required=False)
    same_name = serializers.BooleanField(required=False, default=False)


class PersonPatch(PersonIn):
    cover = serializers.CharField(
        max_length=18, required=False, help_text="the track whose picture stands for the person"
    )
    leeway = serializers.FloatField(
        min_value=-0.2,
        max_value=0.2,
        required=False,
        help_text="added to both radii for this person: above 0 more is named, below 0 less",
    )
    name = serializers.CharField(max_length=1000, trim_whitespace=False, allow_blank=True, required=False)


class AppearanceOut(serializers.Serializer[Any]):
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    band = serializers.ChoiceField(choices=PublicBand)


class AssetBrief(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()
    duration_ms = serializers.IntegerField(allow_null=True)
    poster = serializers.CharField(allow_null=True)


class PersonInAsset(serializers.Serializer[Any]):
    asset = AssetBrief()
    screen_time_ms = serializers.IntegerField()
    appearances = AppearanceOut(many=True)


class ExemplarOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=["photo", "track"])
    photo = serializers.CharField(allow_null=True)
    track = serializers.CharField(allow_null=True)
    quality = serializers.FloatField()
    thumbnail = serializers.CharField()


class ExemplarIn(serializers.Serializer[Any]):
    track = serializers.CharField(max_length=18, help_text="one that is confirmed to be this person")


class SimilarPerson(serializers.Serializer[Any]):
    person = NamedPerson()
    confidence = serializers.FloatField(help_text="calibrated probability that both are one person")
    distance = serializers.FloatField(help_text="between the means of their faceprints")
    thumbnails = serializers.ListField(child=serializers.CharField(), help_text="at most four, best first")


class PhotoIn(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=None)
    face = serializers.IntegerField(
        min_value=0, required=False, help_text="which, largest first, where several"
    )


class PhotoOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    faces = serializers.IntegerField()
    used = serializers.IntegerField()
    quality = serializers.FloatField()


class DecisionIn(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=_SAYABLE)
    unknown = serializers.CharField(max_length=64, required=False)
    tracks = serializers.ListField(
        child=serializers.CharField(max_length=18), max_length=20_000, required=False
    )
    unknowns = serializers.ListField(
        child=serializers.CharField(max_length=64), max_length=1000, required=False
    )
    people = serializers.ListField(
        child=serializers.CharField(max_length=18), max_length=1000, required=False
    )
    into = serializers.CharField(max_length=18, required=False, help_text="who of the merged gives the name")
    person = serializers.CharField(max_length=18, required=False)
    name = serializers.CharField(max_length=1000, trim_whitespace=False, allow_blank=True, required=False)
    why = serializers.CharField(max_length=2000, allow_blank=True, required=False, default="")


class ChangedOut(serializers.Serializer[Any]):
    tracks = serializers.IntegerField()
    appearances = serializers.IntegerField()
    assets = serializers.IntegerField()


class DecisionOut(serializers.Serializer[Any]):
    id = serializers.CharField(allow_null=True)
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    person = NamedPerson(allow_null=True)
    cover = serializers.CharField(allow_null=True, help_text="a picture of that person")
    unknown = serializers.CharField(allow_null=True)
    by = serializers.CharField()
    at = serializers.DateTimeField()
    why = serializers.CharField()
    reverts = serializers.CharField(allow_null=True)
    active = serializers.BooleanField()
    changed = ChangedOut(
        allow_null=True, help_text="null in lists, where the site hides some assets from you"
    )
    to_review = serializers.IntegerField(allow_null=True, help_text="null as `changed` is")


class UndoIn(serializers.Serializer[Any]):
    part = serializers.BooleanField(
        required=False, default=False, help_text="undo what later decisions leave free"
    )


class ScanIn(serializers.Serializer[Any]):
    priority = serializers.IntegerField(min_value=-100, max_value=100, required=False, default=0)
    mode = serializers.ChoiceField(
        choices=list(MODES), required=False, help_text="default: the site's usual one"
    )


class ScanOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    asset = serializers.CharField()
    version = serializers.IntegerField()
    mode = serializers.ChoiceField(choices=list(MODES))
    state = serializers.CharField()
    progress = serializers.FloatField()


class Box(serializers.Serializer[Any]):
    left = serializers.IntegerField()
    top = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class IdentifyIn(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=None)


class IdentifiedFace(serializers.Serializer[Any]):
    box = Box()
    band = serializers.ChoiceField(choices=["auto", "suggested", "unknown"])
    person = NamedPerson(allow_null=True)
    confidence = serializers.FloatField(allow_null=True)
    suggestion = Suggestion(allow_null=True)


class IdentifyOut(serializers.Serializer[Any]):
    faces = IdentifiedFace(many=True)


class SearchPhotoIn(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=None, help_text="a photograph; it is not kept")
    face = serializers.IntegerField(
        min_value=0,
        required=False,
        help_text="look for that face alone, counted from the largest; without it, for the "
        f"{photo_search.MAX_FACES} largest",
    )
    pose = serializers.ChoiceField(
        choices=["any", "like"],
        required=False,
        default="any",
        help_text="like: only tracks whose best picture is turned like the face, to within "
        f"{LIKE_DEGREES:.0f} degrees",
    )


class PersonLike(serializers.Serializer[Any]):
    person = NamedPerson()
    confidence = serializers.FloatField(help_text="calibrated probability that it is this person")
    distance = serializers.FloatField(help_text="to the mean of the person's faceprints")


class UnknownLike(serializers.Serializer[Any]):
    key = serializers.CharField()
    confidence = serializers.FloatField(help_text="of its track that is most like the face")


class MomentLike(serializers.Serializer[Any]):
    asset = serializers.CharField()
    track = serializers.CharField()
    start_ms = serializers.IntegerField()
    confidence = serializers.FloatField()


class FaceLikeness(serializers.Serializer[Any]):
    box = Box()
    people = PersonLike(many=True, help_text=f"the {photo_search.MAX_PEOPLE} likeliest, likeliest first")
    unknowns = UnknownLike(many=True, help_text=f"the {photo_search.MAX_UNKNOWNS} likeliest, likeliest first")
    moments = MomentLike(
        many=True,
        help_text=f"the {photo_search.MAX_MOMENTS} tracks that are most like the face, whoever they show, but for "
        "those ignored",
    )


class SearchPhotoOut(serializers.Serializer[Any]):
    faces = FaceLikeness(many=True, help_text="largest first")


class MomentOut(serializers.Serializer[Any]):
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    people = serializers.ListField(child=serializers.CharField())


class FoundAsset(serializers.Serializer[Any]):
    asset = AssetBrief()
    moments = MomentOut(many=True)


class FaceprintOut(serializers.Serializer[Any]):
    model = serializers.CharField()
    vector = serializers.ListField(child=serializers.FloatField())
    quality = serializers.FloatField()
