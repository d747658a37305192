"""From a file of any name to its container, and to the stream in it that players show."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias

import av
import av.error
from av.codec.hwaccel import HWAccel
from av.container import InputContainer
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from faces.vision.errors import MediaMissing, MediaTooLarge, MediaUnreadable, NoVideoStream

Source: TypeAlias = Path | str | BinaryIO
"""A file's path, or an open, seekable binary file (which stays open)."""

MAX_PIXELS = 8192 * 8192
"""Larger frames are refused: an 8K frame has half as many, and one of these takes 200 MB."""

# Formats that hold their pictures themselves. Others, such as playlists, may name further files and hosts.
_FORMATS = ",".join(
    (
        "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mxf,mxf_opatom,asf,flv,ogg,gxf,dv,rm,nut,ivf,wav,mp3,flac",
        "h264,hevc,av1,obu,m4v,mpegvideo,mjpeg,h263,gif,apng,aac",
        "jpeg_pipe,png_pipe,webp_pipe,bmp_pipe,tiff_pipe,gif_pipe",
    )
)
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"mif1"}
"""Brands of pictures in HEVC. FFmpeg would take the first of their tiles for a video."""
_READ_BYTES = 1 << 18


def open_source(source: Source, stack: ExitStack) -> tuple[str, BinaryIO]:
    """The source's name for people, and its open file at position 0. Raises MediaMissing; MediaUnreadable if empty."""
    if isinstance(source, (str, Path)):
        path = Path(source)
        try:
            file: BinaryIO = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise MediaMissing(
                f"{path.name} cannot be opened ({error.strerror}). Nothing was changed; "
                "put the file back or let this user read it, then try again."
            ) from error
        name = path.name
    else:
        file = source
        name = Path(str(getattr(source, "name", "The video"))).name
    file.seek(0, 2)
    if file.tell() == 0:
        raise MediaUnreadable(f"{name} is empty (0 bytes). Copy or upload the original again.")
    file.seek(0)
    return name, file


class _Nameless:
    """A file of which FFmpeg learns the content alone: a name's ending or its special characters decide nothing."""

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell


@contextmanager
def open_container(file: BinaryIO, name: str, card: HWAccel | None = None) -> Iterator[InputContainer]:
    """A media file that holds its content itself, whatever its name says. Raises MediaUnreadable.

    card: what decodes it, if it can.
    """
    file.seek(0)
    head = file.read(12)
    if head[4:8] == b"ftyp" and head[8:] in _HEIC:
        raise MediaUnreadable(
            f"{name} is a HEIC picture, a format that we do not read. "
            "The file was left as it is; save it as JPEG and add that."
        )
    options = {"format_whitelist": _FORMATS, "protocol_whitelist": ""}

    def opened(card: HWAccel | None) -> InputContainer:
        file.seek(0)
        return av.open(
            _Nameless(file),
            "r",
            container_options=options,
            buffer_size=_READ_BYTES,
            metadata_errors="replace",
            hwaccel=card,
        )

    try:
        try:
            container = opened(card)
        except av.error.FFmpegError:
            if card is None:
                raise
            container = opened(None)  # a card that is lost, or has no memory left
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaUnreadable(
            f"{name} is not a video that can be read, or it is cut off before its index. "
            "The file was left as it is; check that it plays elsewhere, then copy or upload it again."
        ) from error
    with closing(container):
        yield container


def video_stream(container: InputContainer, name: str) -> VideoStream:
    """The one that players choose. Raises NoVideoStream, MediaUnreadable, MediaTooLarge."""
    moving = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not moving:
        raise NoVideoStream(
            f"{name} has no pictures, only {_kinds(container)}. "
            "The file was left as it is; nobody can be seen in it."
        )
    decodable = [s for s in moving if s.codec_context is not None]
    if not decodable:
        raise MediaUnreadable(
            f"{name} is coded in a way that we cannot decode. "
            "The file was left as it is; convert it to H.264 and try again."
        )
    stream = max(decodable, key=lambda s: (bool(s.disposition & Disposition.default), s.width * s.height))
    for other in container.streams:  # reading them too would cost time, and end early where they are cut off
        if other.index != stream.index:
            other.discard = Discard.all
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"max_pixels": str(MAX_PIXELS), "skip_loop_filter": "noref"}
    expect_size(stream.width, stream.height, name)
    return stream


def expect_size(width: int, height: int, name: str) -> None:
    """Raises MediaTooLarge."""
    if width * height > MAX_PIXELS:
        raise MediaTooLarge(
            f"{name} has pictures of {width} x {height} pixels, more than we take on. "
            "The file was left as it is; make a copy of at most 8192 x 8192 pixels."
        )


def _kinds(container: InputContainer) -> str:
    return " and ".join(sorted({s.type for s in container.streams} - {"video"})) or "an empty index"
