"""The running site, its processes killed with -9 at random: then the library is as if nothing had happened."""

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.brokers import BROKERS, needs
from tests.end_to_end.chaos import Aftermath, Chaos, appearances, clips, same_tracks, under_fire
from tests.site import eventually

EVERY_BROKER = ["pgmq", *(pytest.param(name, marks=needs(name)) for name in BROKERS)]


def survives(
    tmp_path: Path, broker: str, *, videos: Sequence[Path], scans: int, strikes: int, seed: int
) -> None:
    """Scan each video in peace; then `scans` more while so many strikes fall; then look at what there is."""
    print(f"{broker}: seed {seed}")
    server = BROKERS[broker](tmp_path / broker) if broker in BROKERS else None
    with under_fire(tmp_path / "home", server, seed) as chaos:
        undisturbed = [chaos.add(video) for video in videos]
        chaos.wait_for(undisturbed)

        disturbed: list[str] = []
        editor = threading.Thread(
            target=lambda: disturbed.extend(chaos.add(videos[n % len(videos)]) for n in range(scans))
        )
        editor.start()
        for what in falling(chaos, strikes):
            chaos.strike(what)
        editor.join()
        chaos.wait_for(disturbed)
        print(f"{broker}: {scans} scans, {dict(chaos.kills)}")

        assert len(set(disturbed)) == scans
        after = Aftermath(chaos.site.home)
        eventually(lambda: not after.stuck())
        chaos.site.manage("faces_group")  # between passes, groups of unknowns depend on who came first
        for number, asset in enumerate(disturbed):
            twin = undisturbed[number % len(videos)]
            assert same_tracks(after.tracks(asset), after.tracks(twin))
            assert after.frame_times(asset) == after.frame_times(twin)
            assert appearances(chaos, asset) == appearances(chaos, twin)
        assert after.orphan_rows() == {}
        chaos.site.manage("assets_sweep", "--delete", "--hours=0")  # parts of uploads that were killed
        assert after.stray_files() == []


def falling(chaos: Chaos, strikes: int) -> Iterator[str]:
    """What is struck, one after another in random order, with pauses between."""
    order = [chaos.targets[n % len(chaos.targets)] for n in range(strikes)]
    chaos.chance.shuffle(order)
    for what in order:
        time.sleep(chaos.chance.uniform(0.3, 2.0))
        yield what


@pytest.mark.parametrize("broker", EVERY_BROKER[:2])
def test_a_few_kills_lose_nothing(tmp_path: Path, broker: str) -> None:
    survives(tmp_path, broker, videos=clips(1), scans=3, strikes=4, seed=1)


@pytest.mark.chaos
@pytest.mark.parametrize("broker", EVERY_BROKER)
def test_many_kills_lose_nothing(tmp_path: Path, broker: str, chaos_seed: int) -> None:
    survives(tmp_path, broker, videos=clips(5), scans=50, strikes=40, seed=chaos_seed)
