"""What happens in the second site: `python -m tests.host_project.story VIDEO` tells it, as JSON on the last line."""

import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import django


def tell(video: Path) -> dict[str, Any]:
    from django.contrib.auth.models import User
    from django.core.files import File
    from django.core.management import call_command
    from rest_framework.test import APIClient

    from tests.host_project.archive.models import Film

    call_command("check")
    call_command("migrate", verbosity=0)
    call_command("makemigrations", check=True, dry_run=True)
    with video.open("rb") as content:
        film = Film._default_manager.create(name="Space", reel_file=File(content, "space.mp4"))
    call_command("faces_scan", all=True, here=True)

    client = APIClient()
    who = "/archive/who/"
    anonymous = client.get(f"{who}unknowns/")
    client.force_login(User.objects.create_user("archivist", is_staff=True))
    unknowns = client.get(f"{who}unknowns/").json()["results"]
    tracks = client.get(f"{who}assets/{film.pk}/tracks/").json()["results"]
    said = {"verdict": "is", "unknown": unknowns[0]["key"], "name": "Eileen Collins"}
    named = client.post(f"{who}decisions/", said, format="json").json()
    exported = StringIO()
    call_command("faces_export", str(film.pk), form="videobox", stdout=exported)
    told = {
        "anonymous": [anonymous.status_code, anonymous["Content-Type"], anonymous.json()["code"]],
        "unknowns": unknowns,
        "tracks": tracks,
        "thumbnail": client.get(tracks[0]["thumbnail"])["Content-Type"],
        "named": named,
        "exported": json.loads(exported.getvalue()),
        "csv": client.get(f"{who}assets/{film.pk}/appearances/?format=csv")["Content-Type"],
        "found": client.get(f"{who}search/?all=Eileen Collins").json()["results"],
        "no_film": [
            [answer.status_code, answer["Content-Type"]]
            for answer in (client.get(f"{who}assets/{key}/tracks/") for key in ("'", "9" * 30, "%00", "77"))
        ],
        "nonsense": client.post(f"{who}decisions/", {"verdict": "ignore"}, format="json").json()["code"],
        "asset_of_activity": client.get(f"{who}decisions/?asset={film.pk}").json()["results"],
        "modules_of_mam": sorted(name for name in sys.modules if name.split(".")[0] == "mam"),
    }
    film.delete()
    return told | {"left": client.get(f"{who}unknowns/").json()["results"]}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(tell(Path(sys.argv[1]))))
