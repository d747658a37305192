"""Decoding by a graphics card: where there is one, and what is left to it.

FFmpeg's own decoders go on to say which pictures there are and when each is shown; the card computes their pixels,
which are then copied back. So frames and times are those of software. A copy that fails FFmpeg keeps to itself, but
then the card is lost and refuses the next picture, which undoes the chunk.

NVIDIA's cards alone: others are served by QSV, AMF and DRM in this FFmpeg, with drivers that few machines have.
NVIDIA's own parsers (`h264_cuvid` and its like) were weighed: they are said to leave out pictures of damaged streams.
"""

from functools import cache

import av
import av.error
from av.codec.hwaccel import HWAccel, hwdevices_available

CODECS = frozenset({"h264", "hevc", "vp9"})
"""What software takes long for, and whose standards prescribe every bit of a picture, as those of MPEG-2 and others do
not. AV1 is decoded by dav1d, which knows no cards."""
_KIND = "cuda"
_LAID_OUT_LIKE = {"nv12": "yuv420p", "p010le": "yuv420p10le"}


class HardwareFailed(Exception):
    """A picture could not be decoded: by fault of the card or of the file, which only software can tell."""


@cache
def graphics_card() -> HWAccel | None:
    """What to open a file with that this machine's card shall decode, where it can; None where there is no card.

    Looked for once in a process. A context of FFmpeg's own is used: it refuses the one that onnxruntime has begun.
    """
    if _KIND not in hwdevices_available():  # an unknown name would mean any kind
        return None
    card = HWAccel(_KIND, allow_software_fallback=True)
    try:
        found = av.CodecContext.create("h264", "r", card).is_hwaccel
    except av.error.FFmpegError:  # no driver, or no card
        return None
    return card if found else None


def usual_format(name: str) -> str | None:
    """How software would lay out the planes of a picture that a card gives in that format; None: just so."""
    return _LAID_OUT_LIKE.get(name)
