"""What `faces.vision` raises on purpose: a class for each thing that a caller would do differently.

Every message is a sentence for the user: what happened, what is untouched, what to do.
"""

from typing import ClassVar


class VisionError(Exception):
    """Base of everything that `faces.vision` raises on purpose."""

    retryable: ClassVar[bool] = False
    """Whether the same call may succeed later without anybody changing the input."""
    code: ClassVar[str] = "vision-error"
    """Stable and machine-readable; the words of the message may change, the code may not."""


class MediaMissing(VisionError):
    """The file is not where it was said to be, or may not be read."""

    code = "media-missing"


class MediaUnreadable(VisionError):
    """The file is no video, or is damaged beyond its header; trying again cannot help."""

    code = "media-unreadable"


class NoVideoStream(VisionError):
    """The file is sound but carries no pictures, only audio or subtitles."""

    code = "no-video-stream"


class NoFrames(VisionError):
    """The file declares a video stream of which not one frame can be decoded."""

    code = "no-frames"


class MediaTooLarge(VisionError):
    """A frame or picture has more pixels than anything honest; decoding it would exhaust the memory."""

    code = "media-too-large"


class DecoderLost(VisionError):
    """The process that read the file crashed, hung or took too much memory, and was ended; see `apart`."""

    retryable = True  # a machine short of memory or time may be to blame
    code = "decoder-lost"


class PhotoUnreadable(VisionError):
    """The bytes are no picture in a format that we read, or are damaged."""

    code = "photo-unreadable"


class WeightsUnavailable(VisionError):
    """The weights of a network are absent, cannot be had now, or are not the bytes that were promised."""

    retryable = True
    code = "weights-missing"
