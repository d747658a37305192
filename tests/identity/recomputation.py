"""All that is derived, thrown away and computed again from faceprints and decisions: it must be what was stored."""

from __future__ import annotations

from django.db import transaction

from faces.export import FORMATS
from faces.export.appearances import document
from faces.identity import counts, exemplars, following, people
from faces.identity.model import Model
from faces.models import Band, Exemplar, Person, Point, Resolution, Track, Unknown, UnknownCentroid
from mam.assets.models import Asset


def stored() -> list[object]:
    """Every derived row; of whoever is not shown, nothing."""
    return [
        list(Resolution.objects.order_by("track_id").values_list()),
        list(Person.objects.order_by("pk").exclude(retired=True).values_list()),
        list(Unknown.objects.order_by("pk").exclude(born_of__active=False).values_list()),
        list(Point.objects.order_by("person", "model").values_list("person", "model", "spread", "crowding")),
        [list(point.vector) for point in Point.objects.order_by("person", "model")],
        list(Exemplar.objects.order_by("person", "faceprint").values_list("person", "faceprint", "refused")),
        list(UnknownCentroid.objects.order_by("unknown").values_list("unknown", "members")),
    ]


def exported(model: Model) -> list[str]:
    """The fullest export of every asset in every form; that somebody has seen the unknowns in it is not noted."""
    with transaction.atomic():
        written = [
            document(asset, model.calibration, include=("suggested", "ignored"))
            for asset in Asset.objects.filter(pk__in=Track.objects.values("asset")).order_by("pk")
        ]
        transaction.set_rollback(True)
    return [form.render(one) for one in written for form in FORMATS.values()]


def holds(model: Model) -> None:
    """Asserts that derived rows and exports are those of a recomputation from nothing; changes nothing."""
    with transaction.atomic():
        rows, documents = stored(), exported(model)
        recompute(model)
        assert stored() == rows
        assert exported(model) == documents
        transaction.set_rollback(True)


def recompute(model: Model) -> None:
    """Forget who anybody is and how they are called and counted, and find it out again from what humans said.

    Of the grouping, which has a history, only the counts. In a transaction.
    """
    everybody = list(Person.objects.order_by("pk").values_list("pk", flat=True))
    unknowns = list(Unknown.objects.values_list("pk", flat=True))
    Exemplar.objects.all().delete()
    Point.objects.all().delete()
    Resolution.objects.update(
        band=Band.UNKNOWN,
        person=None,
        distance=None,
        exemplar=None,
        runner_up=None,
        runner_up_distance=None,
        yielded=None,
        yielded_distance=None,
    )
    Person.objects.update(
        name="", name_key="", retired=False, merged_into=None, cover=None, tracks=0, assets=0, to_review=0
    )
    Unknown.objects.update(tracks=0, assets=0, ignored=0, asked=0, screen_time_ms=0, covers=[])
    people.refresh_merges(everybody)
    for person in Person.objects.order_by("pk"):
        people.refresh(person)
    exemplars.rebuild(everybody, model)
    for _ in following.resolve_all(model, write=True):
        pass
    counts.recount_people(everybody)
    counts.recount_unknowns(unknowns)
