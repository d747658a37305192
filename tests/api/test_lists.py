"""What every list has in common."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from faces.models import Resolution
from mam.assets.models import Asset
from tests.api.answers import results
from tests.api.conftest import Client
from tests.api.test_documents import name_all
from tests.library import ScannedLibrary

LISTS = [
    *("assets/?", "assets/{asset}/tracks/?", "people/?", "people/{person}/appearances/?"),
    *("people/{person}/exemplars/?", "unknowns/?", "unknowns/?band=ignored&", "unknowns/{key}/tracks/?"),
    *("review/?", "decisions/?", "search/?any={person}&any=Joe Biden&"),
]


@pytest.mark.parametrize("path", LISTS)
def test_a_long_list_asks_the_database_no_more_often_than_a_short_one(
    path: str, editor: Client, scanned_library: ScannedLibrary
) -> None:
    person = name_all(editor, scanned_library)["Barack Obama"]
    key = scanned_library.unknown_of("barack_obama")
    if "unknown" in path or "review" in path:  # nobody is named, some are suggested, some ignored
        band = "ignored" if "ignored" in path else "suggested"
        Resolution.objects.update(band=band, person=person, distance=0.5)
        ignored = 3 if band == "ignored" else 0
        for unknown in {row.unknown for row in Resolution.objects.select_related("unknown")}:
            unknown.tracks, unknown.ignored, unknown.asked = 3 - ignored, ignored, 3 - ignored
            unknown.save()
    Asset.objects.update(duration_ms=None)  # as in a site that has no such figure
    address = f"/api/v1/{path.format(asset=scanned_library.videos[0].pk, person=person, key=key)}limit="
    assert len(results(editor.get(f"{address}1000"))) > 1
    asked = []
    for limit in (1, 1000):
        with CaptureQueriesContext(connection) as queries:
            editor.get(f"{address}{limit}")
        asked.append(len(queries))
    assert asked[1] <= asked[0], asked
