"""`manage.py faces_benchmark scan`: every way to read a video, in a process of its own."""

import json
import os
import re
import signal
from multiprocessing import active_children
from pathlib import Path

import av
import pytest
from django.core.management.base import CommandError

from faces.benchmarks import scanning
from faces.benchmarks.programme import compose
from faces.benchmarks.scan_peers import PEERS
from faces.benchmarks.scanning import f1
from tests import material, poison
from tests.commands.test_commands import manage


def test_it_measures_every_way_asked_for_and_scores_names(tmp_path: Path) -> None:
    sample = material.sample_videos()[1]
    video = tmp_path / "sample.mp4"
    video.symlink_to(sample.path)
    person = next(iter(material.reference_photos()))
    people = tmp_path / "people" / person
    people.mkdir(parents=True)
    for photo in material.reference_photos()[person]:
        (people / photo.name).symlink_to(photo)
    kept = tmp_path / "figures.json"
    ways = ("fast", "decoding key frames alone")
    out, _ = manage(
        "faces_benchmark", "scan", video, "--people", people.parent, "--json", kept, "--ways", *ways
    )
    assert "1 people by their photographs" in out
    assert re.search(r"^sample: decoded by (the CPU|a graphics card), \S+ and \S+ on \w+$", out, re.MULTILINE)
    assert "| fast | " in out
    fast, floor = json.loads(kept.read_text())
    assert (fast["way"], floor["way"]) == ("fast", "decoding key frames alone")
    assert fast["media_s"] == pytest.approx(floor["media_s"])
    assert fast["cpu_s"] > floor["cpu_s"] > 0


def test_peers_run_in_environments_of_their_own_and_who_cannot_is_left_out(tmp_path: Path) -> None:
    video = tmp_path / "sample.mp4"
    video.symlink_to(material.sample_videos()[1].path)
    (tmp_path / "sample.truth.json").write_text(
        json.dumps({"people": [{"person": "Ada", "enrolled": True, "intervals": [[0, 1000]]}]})
    )
    (tmp_path / "people" / "Ada").mkdir(parents=True)
    (tmp_path / "people" / "Ada" / "1.jpg").symlink_to(material.portrait_path("obama"))
    found = {"from_ms": 0, "to_ms": 1000, "vector": [0.0, 0.55]}
    report = {"end_ms": 2000, "cpu_s": 1.0, "wall_s": 2.0, "peak_mb": 9.0, "stages_s": {"detecting": 0.4}}
    report |= {"faces": [found], "people": {"Ada": [[0.0, 0.0]]}}
    tried = ["dlib's detector, face_recognition", "MTCNN, our embedder"]
    able, unable = (PEERS[name] for name in tried)
    _environment(able.environment(tmp_path / "cache"), f"echo '{json.dumps(report)}'")
    _environment(unable.environment(tmp_path / "cache"), "echo 'ImportError: no torch' >&2; exit 1")

    kept = tmp_path / "figures.json"
    options = ["--people", tmp_path / "people", "--cache", tmp_path / "cache", "--json", kept, "--ways"]
    out, _ = manage("faces_benchmark", "scan", video, *options, "--peers", *tried)
    assert "MTCNN, our embedder: not to be had here, and left out. ImportError: no torch" in out
    (figures,) = json.loads(kept.read_text())
    assert figures["way"] == tried[0]
    assert (figures["f1"], figures["best_f1"]) == (1, 1)
    assert figures["stages_s"]["decoding and the rest"] == pytest.approx(0.6)


def _environment(folder: Path, says: str) -> None:
    """What stands in for an environment with packages: an interpreter that says this whatever it is asked."""
    (folder / "bin").mkdir(parents=True)
    (folder / "complete").touch()
    (folder / "bin" / "python").write_text(f"#!/bin/sh\n{says}\n")
    (folder / "bin" / "python").chmod(0o755)


def test_a_programme_repeats_videos_and_their_truth_and_is_made_once(tmp_path: Path) -> None:
    video, said = tmp_path / "two seconds.mp4", list[str]()
    _grey_video(video, frames=50)
    truth = {"people": [{"person": "Ada", "enrolled": True, "intervals": [[0, 600], [1600, 2400]]}]}
    video.with_name("two seconds.truth.json").write_text(json.dumps(truth))
    programme = compose([video], 0.05, tmp_path / "cache", said.append)
    with av.open(str(programme)) as opened:
        shown = [frame.time for frame in opened.decode(video=0)]
        assert (opened.streams.video[0].width, opened.streams.video[0].height) == (1920, 1080)
    assert shown == pytest.approx([at / 25 for at in range(100)])  # to the next key frame after three seconds
    joined = json.loads(programme.with_name(f"{programme.stem}.truth.json").read_text())
    assert joined["duration_ms"] == 4000
    assert joined["people"][0]["intervals"] == [[0, 600], [1600, 2000], [2000, 2600], [3600, 4000]]
    assert compose([video], 0.05, tmp_path / "cache", said.append) == programme
    assert len(said) == 1


def _grey_video(path: Path, frames: int) -> None:
    with av.open(str(path), "w") as video:
        stream = video.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for _ in range(frames):
            frame = av.VideoFrame(64, 36, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([128]) * plane.buffer_size)
            video.mux(stream.encode(frame))
        video.mux(stream.encode())


def test_it_says_which_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone.mp4: no such file"):
        manage("faces_benchmark", "scan", tmp_path / "gone.mp4")


def test_who_ends_it_ends_the_process_that_reads_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "measure", lambda *_, **__: scanning._apart(_end_the_command))
    with pytest.raises(KeyboardInterrupt):
        manage("faces_benchmark", "scan", material.sample_videos()[1].path)
    assert not active_children()


def _end_the_command() -> None:
    os.kill(os.getppid(), signal.SIGTERM)
    poison.hang()


def test_its_score_is_the_share_of_time_that_is_rightly_named() -> None:
    assert f1({"Ada": [(0, 1000)]}, {"Ada": [(0, 1000)]}) == 1
    assert f1({"Ada": [(0, 1000)]}, {"Ada": [(0, 2000)]}) == pytest.approx(2 / 3)
    assert f1({"Ada": [(0, 1000)]}, {"Grace": [(0, 1000)]}) == 0
