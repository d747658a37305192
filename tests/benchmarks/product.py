"""The whole product on videos whose truth is known: `python -m tests.benchmarks.product`.

A home, a database and a library of their own: people are enrolled by photographs, videos added and scanned, exports
written and judged by the scorer beside the data. Then one stranger's unknown is named in one video, and what follows
elsewhere is counted and timed. Needs the shared test data; takes a few minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from mam.embedded.postgres import EmbeddedPostgres
from tests import material

GROUPS = {
    "dev1-4": ("dev1_clean", "dev2_mixed", "dev3_2997", "dev4_vfr"),
    "dev5_hard": ("dev5_hard",),
    "dev6_real": ("dev6_real",),
}
VIDEOS = [name for names in GROUPS.values() for name in names]
NOBODY_ENROLLED = ("facenet_street", "dlib_mot20")


def main() -> int:
    data = material.shared_data()
    if data is None:
        print("This needs the shared test data (DRAMATIS_SHARED, or ../shared).", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        os.environ |= {"DRAMATIS_HOME": str(home), "DJANGO_SETTINGS_MODULE": "mam.settings"}
        os.environ |= {"CELERY_BROKER_URL": "memory://"}  # scans run in this process
        os.environ.pop("DATABASE_URL", None)
        if weights := material.weights_folder():
            os.environ["DRAMATIS_WEIGHTS"] = str(weights)
        with EmbeddedPostgres(home):
            measure(data, Path(folder))
    return 0


def measure(data: Path, scratch: Path) -> None:
    """Fill a library and print what it knows."""
    import django

    django.setup()
    from django.core.files import File
    from django.core.management import call_command

    from faces import enrolment, networks, scanning
    from faces.export import export
    from faces.identity import people
    from mam.assets import library

    call_command("migrate", verbosity=0)
    for name, photos in photographs(data).items():
        person = people.create(name)
        for photo in photos:
            try:
                enrolment.enrol_photo(person, photo.read_bytes())
            except enrolment.NoFace:
                print(f"no face: {photo.name} of {name}")
    assets: dict[str, Any] = {}
    began = time.perf_counter()
    for video in [*VIDEOS, *NOBODY_ENROLLED]:
        path = data / ("videos" if video in VIDEOS else "clips") / f"{video}.mp4"
        with path.open("rb") as content:
            assets[video] = library.add(File(content), path.name)
    while scanning.scan_next(networks.loader()):
        pass
    print(f"scanned {len(assets)} videos in {time.perf_counter() - began:.0f} s")

    print(
        "\n| videos | named precision | named recall | named F1 | strangers named | boundary error, median / p90 |"
    )
    print("|---|---|---|---|---|---|")
    for group, videos in GROUPS.items():
        files: list[str] = []
        for video in videos:
            prediction = scratch / f"{video}.json"
            prediction.write_text(export(assets[video], "videobox")[0])
            files += [str(data / "videos" / f"{video}.truth.json"), str(prediction)]
        scores = scored(data, files)
        named, edges = scores["named"], scores["boundary_error_ms"]
        print(
            f"| {group} | {named['precision']:.3f} | {named['recall']:.3f} | **{named['f1']:.3f}** "
            f"| {scores['stranger_given_a_name_s']:.1f} s "
            f"| {edges['start_median']:.0f} / {edges['start_p90']:.0f} ms at starts, "
            f"{edges['end_median']:.0f} / {edges['end_p90']:.0f} ms at ends |"
        )
    for clip in NOBODY_ENROLLED:
        faces = json.loads(export(assets[clip], "videobox")[0])["faces"]
        wrong = sum(i["end_ms"] - i["start_ms"] for face in faces if face["name"] for i in face["instances"])
        print(f"\n{clip}, where nobody is enrolled: {wrong / 1000:.1f} s named")
    follow(data, assets)


def follow(data: Path, assets: dict[str, Any]) -> None:
    """Name each recurring stranger's unknown in one video; count what follows elsewhere, time it, undo it."""
    from faces.export import export
    from faces.identity import decisions
    from faces.identity.model import current_model
    from faces.identity.saying import Said
    from faces.models import Resolution

    def exports() -> list[str]:
        return [
            export(assets[video], form)[0]
            for video in VIDEOS
            for form in ("videobox", "json", "csv", "webvtt")
        ]

    print("\n| stranger | named in | tracks elsewhere that followed | naming | undo | exports after undo |")
    print("|---|---|---|---|---|---|")
    for person, seen in strangers(data, assets).items():
        if len(seen) < 2:
            continue
        video, tracks = max(seen.items(), key=lambda item: len(item[1]))
        shown = Resolution.objects.filter(track__in=tracks, band__in=["unknown", "suggested"])
        if (first := shown.order_by("-track__quality").first()) is None:
            continue
        elsewhere = [track for other, found in seen.items() if other != video for track in found]
        before = exports()
        began = time.perf_counter()
        said = Said(verdict="is", unknown=first.unknown.key, name=f"Stranger {person}")
        outcome = decisions.decide(said, by=None, model=current_model())
        took = time.perf_counter() - began
        followed = Resolution.objects.filter(
            track__in=elsewhere, person=outcome.person, band__in=["confirmed", "auto"]
        ).count()
        began = time.perf_counter()
        assert outcome.decision.pk is not None
        decisions.undo(outcome.decision.pk, by=None, model=current_model())
        undone = time.perf_counter() - began
        same = "identical" if exports() == before else "DIFFERENT"
        print(
            f"| {person} | {video} | {followed} of {len(elsewhere)} "
            f"| {took * 1000:.0f} ms | {undone * 1000:.0f} ms | {same} |"
        )


def strangers(data: Path, assets: dict[str, Any]) -> dict[str, dict[str, list[int]]]:
    """Which tracks show each person who was not enrolled, by the truth's boxes: {person: {video: [track]}}."""
    from faces.models import Track
    from faces.vision import BoxTrack

    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for video in VIDEOS:
        truth = json.loads((data / "videos" / f"{video}.truth.json").read_text())
        for track in Track.objects.filter(asset=assets[video]).order_by("pk"):
            boxes = BoxTrack.from_bytes(bytes(track.boxes))
            best = (0.5, None)
            for shot in truth["shots"]:
                for person in shot["people"]:
                    if shot["end_ms"] > track.start_ms and shot["start_ms"] < track.end_ms:
                        best = max(
                            best,
                            (_overlap(boxes, person.get("track") or []), person),
                            key=lambda pair: pair[0],
                        )
            if best[1] is not None and not best[1]["enrolled"]:
                found[best[1]["person"]][video].append(track.pk)
    return found


def _overlap(boxes: Any, samples: list[dict[str, float]]) -> float:
    """Share of the truth's samples within the track's time whose middle lies in its box."""
    inside = [s for s in samples if boxes.times_ms[0] <= s["t_ms"] <= boxes.times_ms[-1]]
    hits = 0
    for sample in inside:
        at = int(abs(boxes.times_ms - sample["t_ms"]).argmin())
        left, top, width, height = boxes.boxes[at]
        x, y = sample["x"] + sample["w"] / 2, sample["y"] + sample["h"] / 2
        hits += left <= x <= left + width and top <= y <= top + height
    return hits / len(inside) if inside else 0.0


def photographs(data: Path) -> dict[str, list[Path]]:
    """The photographs to enrol, by person: references, and for people of real clips, frames."""
    found: dict[str, list[Path]] = defaultdict(list)
    for item in json.loads((data / "manifest.json").read_text())["items"]:
        if item["enrolled"] and item["role"] == "reference":
            found[item["person"].replace("_", " ").title()].append(data / item["file"])
    for path in sorted((data / "clips" / "refs").glob("*/*.jpg")):
        found[path.parent.name.replace("_", " ").title()].append(path)
    return found


def scored(data: Path, files: list[str]) -> dict[str, Any]:
    """What the scorer says of pairs of truth and prediction."""
    scorer = [sys.executable, str(data / "eval_wholeappears.py"), *files]
    done = subprocess.run(scorer, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    sys.exit(main())
