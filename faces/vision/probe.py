"""What a video, or a picture, says about itself, and a poster of it."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from av.audio.stream import AudioStream

from faces.vision.decode import Frame, Video
from faces.vision.images import Image
from faces.vision.opening import Source
from faces.vision.still import STILL_MS, Still, still

_BROWSER_PICTURES = {"image/jpeg", "image/png", "image/webp", "image/avif", "image/gif", "image/bmp"}
_BROWSER_VIDEO = {
    "mp4": {"h264", "av1", "vp9"},
    "webm": {"vp8", "vp9", "av1"},
}
_BROWSER_AUDIO = {
    "mp4": {"aac", "mp3", "opus", "flac"},
    "webm": {"opus", "vorbis"},
}
_BROWSER_PIXELS = {"yuv420p", "yuvj420p"}
_JPEG_QUALITY = 85
_POSTER_AT, _POSTER_LATEST_MS = 0.1, 10_000
"""How far into a video its poster is taken by default: beyond a fade-in, and soon decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """A video's properties.

    duration_ms: as a player shows it; of a still, the one in which its frame is shown.
    frame_rate: average frames a second; None where there is no telling.
    width, height: of the upright picture in square pixels.
    start_timecode: as written by the camera or editor, such as "10:00:00:00".  reel: tape or roll name.
    video_codec, pixel_format, audio_codec: FFmpeg's names.  container: such as "mp4", "mov", "webm"; of a still its
    media type, such as "image/jpeg".
    browser_playable: current browsers play, or show, the file as it is.  still: a picture, not a video.
    divisible: one can begin in its middle without reading what comes before.
    """

    duration_ms: int
    frame_rate: Fraction | None
    width: int
    height: int
    start_timecode: str | None
    reel: str | None
    video_codec: str
    pixel_format: str
    audio_codec: str | None
    container: str
    browser_playable: bool
    still: bool
    divisible: bool


def probe(source: Source, *, on_progress: Callable[[int], None] | None = None) -> MediaInfo:
    """The properties of a video, or a picture, of which at least one picture can be decoded.

    on_progress: called with a position in ms where it has to go through a video that does not say how long it is.
    Raises MediaMissing, MediaUnreadable, NoVideoStream, NoFrames or MediaTooLarge.
    """
    if (picture := still(source)) is not None:
        return _of_still(picture)
    with Video(source) as video:
        first = next(video.frames())
        width, height = first.size_wh
        audio = next(iter(video.container.streams.audio), None)
        container = _container(video)
        codec = video.stream.codec.canonical_name
        pixels = first.coded.format.name
        sound = _codec(audio)
        playable = (
            codec in _BROWSER_VIDEO.get(container, ())
            and pixels in _BROWSER_PIXELS
            and (sound is None or sound in _BROWSER_AUDIO[container])
        )
        return MediaInfo(
            duration_ms=video.declared_duration_ms or video.measured_duration_ms(on_progress),
            frame_rate=video.frame_rate,
            width=width,
            height=height,
            start_timecode=_metadata(video, "timecode"),
            reel=_metadata(video, "reel_name"),
            video_codec=codec,
            pixel_format=pixels,
            audio_codec=sound,
            container=container,
            browser_playable=playable,
            still=False,
            divisible=video.seekable,
        )


def _of_still(picture: Still) -> MediaInfo:
    height, width = picture.image.shape[:2]
    return MediaInfo(
        duration_ms=STILL_MS,
        frame_rate=None,
        width=width,
        height=height,
        start_timecode=None,
        reel=None,
        video_codec=picture.media_type.removeprefix("image/"),
        pixel_format=picture.pixel_format,
        audio_codec=None,
        container=picture.media_type,
        browser_playable=picture.media_type in _BROWSER_PICTURES,
        still=True,
        divisible=False,
    )


def poster(
    source: Source,
    at_ms: int | None = None,
    width: int | None = 640,
    *,
    on_progress: Callable[[int], None] | None = None,
) -> bytes:
    """A JPEG, at most `width` pixels wide, of the frame shown at at_ms; None: of a typical early one.

    on_progress: called with the position of each frame on the way. Raises what `probe` raises.
    """
    if (picture := still(source)) is not None:
        return as_jpeg(picture.image, width)
    with Video(source) as video:
        if at_ms is None:
            at_ms = min(_POSTER_LATEST_MS, round((video.declared_duration_ms or 0) * _POSTER_AT))
        frame = _shown_at(video, at_ms, on_progress or (lambda _: None))
        full_width, full_height = frame.size_wh
        longest = round(max(full_width, full_height) * min(1.0, (width or full_width) / full_width))
        return as_jpeg(frame.image(longest))


def as_jpeg(image: Image, width: int | None = None) -> bytes:
    """A picture as JPEG, made at most `width` pixels wide."""
    if width is not None and image.shape[1] > width:
        height = max(1, round(image.shape[0] * width / image.shape[1]))
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    done, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    assert done  # encoding a BGR array in memory cannot fail
    return bytes(jpeg)


def _shown_at(video: Video, at_ms: int, on_progress: Callable[[int], None]) -> Frame:
    """The last frame that begins at or before at_ms, or the video's first."""
    earlier_ms = at_ms
    while True:  # a long gap between two frames may need a second, wider look
        shown = None
        for frame in video.frames(earlier_ms):
            on_progress(frame.at_ms)
            if frame.at_ms > at_ms and (shown or earlier_ms <= 0):
                return shown or frame
            if frame.at_ms > at_ms:
                break
            shown = frame
        if shown is not None:
            return shown
        earlier_ms = 0 if earlier_ms <= 1000 else earlier_ms - max(1000, at_ms // 4)


def _container(video: Video) -> str:
    if video.format_name == "matroska,webm":
        return "webm" if video.doctype == "webm" else "matroska"
    if video.format_name.startswith("mov,"):
        return "mov" if video.container.metadata.get("major_brand", "").strip() in ("qt", "") else "mp4"
    return video.format_name.removesuffix("_pipe")


def _codec(stream: AudioStream | None) -> str | None:
    return None if stream is None or stream.codec_context is None else stream.codec.canonical_name


def _metadata(video: Video, key: str) -> str | None:
    """A tag of the video stream, of the file, or of any other stream, such as QuickTime's time code track."""
    for holder in (video.stream, video.container, *video.container.streams):
        for name, value in holder.metadata.items():
            if name.lower() == key and value:  # Matroska writes them large
                return str(value)
    return None
