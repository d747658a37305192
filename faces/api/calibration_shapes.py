"""The shapes of what is said of calibration: what is in force, what else is offered, and what it would change."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from faces.models import Band


class ThresholdsOut(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="names these thresholds and no others")
    function = serializers.CharField(
        help_text="names the crowding function that they are made for; empty: none"
    )
    origin = serializers.ChoiceField(choices=["manifest", "library"])
    people = serializers.IntegerField(help_text="the size of library that they were made for")
    crowding = serializers.FloatField(help_text="0: plain distances, 1: relieved of all crowding")
    auto = serializers.FloatField(help_text="a track within this distance of somebody is named")
    suggested = serializers.FloatField(help_text="within this one it is asked about")
    midpoint = serializers.FloatField(help_text="the distance at which a name is as likely right as wrong")
    slope = serializers.FloatField(help_text="how fast confidence falls there")


class OfferedThresholds(ThresholdsOut):
    in_force = serializers.BooleanField()
    switches = serializers.BooleanField(
        help_text="they come with another crowding function than the one in force: every faceprint is measured anew"
    )
    former = serializers.BooleanField(help_text="offered because they were applied once")
    strangers_named = serializers.FloatField(
        allow_null=True,
        help_text="the share of strangers who would get a name here; null where decisions are too few to tell",
    )


class OwnDecisions(serializers.Serializer[Any]):
    enough = serializers.BooleanField(help_text="to fit thresholds to")
    detail = serializers.CharField(help_text="why they are not, in words")
    confirmed = serializers.IntegerField(help_text="confirmed faces of people of whom there are several")
    confirmed_needed = serializers.IntegerField()
    pairs = serializers.IntegerField(help_text="of a face and somebody else")
    pairs_needed = serializers.IntegerField()


class CalibrationOut(serializers.Serializer[Any]):
    people = serializers.IntegerField(help_text="how many have a name")
    options = OfferedThresholds(many=True)
    fitting = serializers.CharField(help_text="the id of the manifest's for a library of this size")
    outgrown = serializers.BooleanField(help_text="what is in force was made for a smaller library")
    new_function = serializers.BooleanField(
        help_text="the manifest brings another crowding function than the one in force"
    )
    own = OwnDecisions()


class CalibrationIn(serializers.Serializer[Any]):
    calibration = serializers.CharField(max_length=16, help_text="the id of thresholds that are offered")


class EffectOnTracks(serializers.Serializer[Any]):
    tracks = serializers.IntegerField()
    people = serializers.IntegerField(help_text="who win or lose tracks, as their name or as a suggestion")


class BandChange(serializers.Serializer[Any]):
    before = serializers.ChoiceField(choices=Band.choices)
    after = serializers.ChoiceField(choices=Band.choices)
    tracks = serializers.IntegerField()


class CalibrationEffect(ThresholdsOut):
    changed = EffectOnTracks()
    bands = BandChange(many=True)


class AppliedThresholds(ThresholdsOut):
    by = serializers.CharField(help_text="empty: at the server's own terminal, or an account that is gone")
    at = serializers.DateTimeField()


class CalibrationApplied(AppliedThresholds):
    changed = EffectOnTracks()
    bands = BandChange(many=True)
