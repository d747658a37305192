"""`faces_enroll --video`: people learnt from clips that show them."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError

from faces import clips, crops, networks
from faces.models import Decision, Faceprint, Person, Photo, Point, Scan, Track
from faces.vision import scan
from mam.assets.models import Asset
from mam.samples import Card, ClipForm, Pose, Scene
from tests import material
from tests.api.answers import refused
from tests.api.conftest import Client, client_of, editor_named
from tests.commands.test_commands import manage
from tests.library import ScannedLibrary
from tests.vision.tiny import pattern, silence, write

_FIVE_A_SECOND = ClipForm(rate=5, audio=False)  # type: ignore[arg-type]  # a whole number is a fraction, too


def shown(*who: str, frames: int) -> Scene:
    """So many frames of these portraits side by side, at five a second."""
    cards = (
        Card(name, Pose(350 + 560 * i, 330, 250), Pose(370 + 560 * i, 340, 260)) for i, name in enumerate(who)
    )
    return Scene(frames, None, tuple(cards))


def clip(*scenes: Scene) -> Path:
    return material.composed(scenes, _FIVE_A_SECOND).path


def alone() -> Path:
    """Barack Obama in two shots, as he looks in two photographs."""
    return clip(shown("obama", frames=20), shown("obama3", frames=10))


def test_whom_a_clip_shows_is_known_in_the_whole_library_and_no_asset_is_made(
    scanned_library: ScannedLibrary,
) -> None:
    assets = Asset.objects.count(), Scan.objects.count(), Track.objects.count()
    out, err = manage("faces_enroll", name="Barack Obama", video=[alone()])
    assert "enrolled 0 photographs and 1 clips of 1 people, refused 0" in out
    assert err == ""
    assert (Asset.objects.count(), Scan.objects.count(), Track.objects.count()) == assets
    obama = Person.objects.get()
    assert (obama.name, obama.tracks) == ("Barack Obama", 7)
    (decision,) = Decision.objects.all()
    assert (decision.verdict, decision.person, decision.photo) == ("enrol", obama, obama.photos.get())


def test_the_exemplar_of_a_clip_is_the_mean_of_all_crops(db: None) -> None:
    manage("faces_enroll", name="Barack Obama", video=[alone()])
    photo = Photo.objects.get()
    assert (photo.faces, photo.used) == (1, 0)
    assert photo.digest == hashlib.sha256(alone().read_bytes()).hexdigest()
    tracks = [track for chunk in scan(alone(), networks.loader()()) for track in chunk.tracks]
    assert len(tracks) == 2
    counts = [len(track.crops) for track in tracks]
    mean = np.average([track.faceprint for track in tracks], axis=0, weights=counts)
    assert np.abs(np.array(Faceprint.objects.get().vector, np.float32) - mean).max() < 1e-3
    assert Point.objects.get().spread == 0
    assert photo.quality == pytest.approx(
        np.mean([crop.quality for track in tracks for crop in track.crops]), abs=1e-6
    )
    pictures = crops.chips(photo.pack, photo.crops)
    assert 1 <= len(pictures) <= clips.MAX_CROPS
    assert crops.picture(photo.pack, photo.crops, "portrait")


def test_the_same_clip_twice_is_one_exemplar(db: None) -> None:
    for _ in range(2):
        manage("faces_enroll", name="Barack Obama", video=[alone()])
    assert (Person.objects.count(), Photo.objects.count(), Decision.objects.count()) == (1, 1, 1)


def test_whoever_is_seen_longest_is_taken_and_a_second_is_noticed(db: None) -> None:
    """Eileen Collins is there for 6 s, Joe Biden for 4 s of them."""
    both = clip(shown("astronaut", "biden", frames=20), shown("astronaut", frames=10))
    _, err = manage("faces_enroll", name="Eileen Collins", video=[both])
    assert (
        "shows somebody else for 4.0 s; whom it shows longest, for 6.0 s, was taken for Eileen Collins" in err
    )
    assert Photo.objects.get().faces == 2
    editor = client_of(editor_named("edith"))
    for name, who in (("astronaut", "Eileen Collins"), ("biden", None)):
        file = SimpleUploadedFile("p.jpg", material.portrait_path(name).read_bytes())
        (face,) = editor.post("/api/v1/identify/", {"file": file}, format="multipart").json()["faces"]
        assert (face["person"] or {"name": None})["name"] == who


def test_somebody_who_only_passes_by_is_not_worth_a_notice(db: None) -> None:
    passing = clip(shown("astronaut", frames=30), shown("astronaut", "biden", frames=8))
    _, err = manage("faces_enroll", name="Eileen Collins", video=[passing])
    assert err == ""
    assert Photo.objects.get().faces == 2


def test_photographs_and_clips_are_enrolled_together(db: None) -> None:
    photos = material.reference_photos()["Barack Obama"]
    out, _ = manage("faces_enroll", *photos, name="Barack Obama", video=[alone()])
    assert f"enrolled {len(photos)} photographs and 1 clips of 1 people, refused 0" in out
    assert Photo.objects.count() == len(photos) + 1


def test_clips_that_enrol_nobody_are_refused_and_leave_nothing(db: None, tmp_path: Path) -> None:
    nobody = write(tmp_path / "nobody.mp4", [(40 * i, pattern(1, 640, 360)) for i in range(25)])
    (tmp_path / "notes.mp4").write_text("no video")
    with pytest.raises(CommandError, match="nobody was enrolled") as failed:
        manage(
            "faces_enroll",
            name="Ada",
            video=[nobody, tmp_path / "notes.mp4", silence(tmp_path / "song.m4a")],
        )
    said = "\n".join([str(failed.value), *failed.value.__notes__])
    assert "nobody.mp4: No face was found in nobody.mp4" in said
    assert "notes.mp4 is not a video" in said
    assert "song.m4a has no pictures" in said
    assert "refused 3" in said
    assert not Person.objects.exists()
    assert not Photo.objects.exists()


def test_it_says_what_is_lacking(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--name NAME"):
        manage("faces_enroll", video=[alone()])
    with pytest.raises(CommandError, match="say whom to enrol"):
        manage("faces_enroll", name="Ada")
    with pytest.raises(CommandError, match="is no file; nobody was enrolled"):
        manage("faces_enroll", name="Ada", video=[tmp_path / "gone.mp4"])
    with pytest.raises(CommandError, match="nobody was enrolled") as failed:
        manage("faces_enroll", name="a" * 201, video=[alone()])
    assert "200 are the most" in str(failed.value)


def test_a_clip_can_be_taken_back_and_enrolled_again(scanned_library: ScannedLibrary) -> None:
    manage("faces_enroll", name="Barack Obama", video=[alone()])
    editor = client_of(editor_named("edith"))
    assert editor.post(f"/api/v1/decisions/{Decision.objects.get().pk}/undo/").status_code == 201
    assert not Person.objects.filter(retired=False, tracks__gt=0).exists()
    manage("faces_enroll", name="Barack Obama", video=[alone()])
    assert Person.objects.get(retired=False).tracks == 7


@pytest.fixture
def editor(db: None) -> Client:
    return client_of(editor_named("edith"))


def test_a_video_where_a_photograph_is_wanted_is_refused_with_the_way_to_enrol_it(editor: Client) -> None:
    person = editor.post("/api/v1/people/", {"name": "Barack Obama"}).json()["id"]
    file = SimpleUploadedFile("obama.mp4", alone().read_bytes(), "video/mp4")
    answer = editor.post(f"/api/v1/people/{person}/photos/", {"file": file}, format="multipart")
    assert "--video CLIP" in refused(answer, 422, "video-not-photo")["detail"]
    assert not Photo.objects.exists()
