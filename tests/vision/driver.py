"""A graphics card's driver where there is no card: FFmpeg's own code for cards runs on it, and shows what it makes of
times, order and kinds of frames. `python -m tests.vision.driver` reads and scans videos with whatever driver it finds.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import psutil
import pytest

from faces.vision import ScanSettings, Video, scan
from tests import material

NEEDS_C = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler to make a driver with")
_SOURCE = Path(__file__).with_name("driver.c")
_CHUNKS = ScanSettings(chunk_ms=1000, longest_chunk_ms=1000)


def build(folder: Path) -> Path:
    """The driver's libraries, with every function that this FFmpeg looks for."""
    ffmpeg = [m.path for m in psutil.Process().memory_maps() if re.search(r"/libav(util|codec)[-.]", m.path)]
    asked = set(
        re.findall(rb"\0(cu(?:vid)?[A-Z]\w+)(?=\0)", b"".join(Path(path).read_bytes() for path in ffmpeg))
    )
    own = re.findall(r"^int (\w+)\(", _SOURCE.read_text(), re.MULTILINE)
    others = sorted({name.decode() for name in asked} - set(own))
    code = folder / "driver.c"
    code.write_text(_SOURCE.read_text() + "".join(f"int {name}() {{ return 0; }}\n" for name in others))
    subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", folder / "libcuda.so.1", code], check=True)
    (folder / "libnvcuvid.so.1").symlink_to("libcuda.so.1")
    return folder


def with_driver(folder: Path, what: str, *paths: Path, **environment: str) -> tuple[list[Any], str]:
    """What `main` says of these videos in a process that finds the driver, and what it complains about."""
    done = subprocess.run(
        [sys.executable, "-m", __name__, what, *paths],
        cwd=material.CHECKOUT,
        env=os.environ | {"LD_LIBRARY_PATH": str(folder)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout), done.stderr


def seen(path: Path, *, hardware: bool) -> list[Any]:
    """Whether it was in hardware, and all but the pixels: from the beginning, the middle, and of key frames alone."""
    found: list[Any] = []
    with Video(path, hardware=hardware) as video:
        for start_ms, key_frames in ((0, False), (2040, False), (0, True)):
            frames = video.frames(start_ms, key_frames=key_frames)
            found.append(
                [[*_facts(frame.coded), frame.at_ms, frame.duration_ms, *frame.size_wh] for frame in frames]
            )
            found.append(video.passed_over_ms(10**6))
        return [video.in_hardware, *found]


def _facts(coded: av.VideoFrame) -> list[Any]:
    shown = [coded.pts, coded.dts, coded.key_frame, coded.interlaced_frame, coded.rotation]
    return [*shown, coded.colorspace, coded.color_range]


def scanned(path: Path, *, hardware: bool) -> list[Any]:
    """Where its chunks lie, and its frames."""
    chunks = scan(path, material.networks, _CHUNKS, hardware=hardware)
    return [[chunk.start_ms, chunk.end_ms, chunk.last, chunk.frame_times_ms.tolist()] for chunk in chunks]


if __name__ == "__main__":
    read = {"seen": seen, "scanned": scanned}[sys.argv[1]]
    print(json.dumps([read(Path(path), hardware=True) for path in sys.argv[2:]]))
