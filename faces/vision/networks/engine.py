"""onnxruntime, hidden: what runs a network, and what every detector and embedder promises."""

import logging
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from faces.vision.detections import Detections
from faces.vision.images import Image

log = logging.getLogger(__name__)

_CPU = "CPUExecutionProvider"
_ACCELERATORS = (
    "CUDAExecutionProvider",
    "MIGraphXExecutionProvider",
    "ROCMExecutionProvider",
    "OpenVINOExecutionProvider",
    "DmlExecutionProvider",
)
"""Preferred to the CPU where onnxruntime was built with them, the best first."""

_OPTIONS = {
    "CUDAExecutionProvider": {
        "cudnn_conv_algo_search": "HEURISTIC",  # trying them all takes long, and pictures come in many sizes
        "arena_extend_strategy": "kSameAsRequested",  # its memory is for all workers of the machine
        "use_tf32": "0",  # ten bits of mantissa: faceprints are compared with those of other machines
    }
}
"""What they are told, where the default does not suit: onnxruntime.ai/docs/execution-providers has all of it."""

_ERRORS_ONLY = 3


class Detector(Protocol):
    """Finds faces and their five landmarks."""

    @property
    def name(self) -> str:
        """The network's name in the manifest."""

    @property
    def template(self) -> NDArray[np.float32]:
        """(5, 2) float32: where this detector's landmarks belong on a 150 by 150 chip."""

    @property
    def scan_px(self) -> int:
        """The longer side at which it should see the frames of a video: beyond it, time buys few more faces."""

    @property
    def surest_upright(self) -> bool:
        """Whether it is surer of a face that stands than of the same one lying, or on its head."""

    @property
    def upright_degrees(self) -> float:
        """Of a face whose landmarks are tilted by less another look says nothing new."""

    def detect(self, image: Image, *, width: int | None = 640) -> Detections:
        """The faces in a picture, the surest first, in pixels of the picture given.

        width: the picture's longer side is scaled down to so many pixels for the network, never up; None: not
        scaled. Boxes may reach over the picture's edges. No faces is n == 0.
        """


class Embedder(Protocol):
    """Turns aligned faces into vectors."""

    @property
    def name(self) -> str:
        """The network's name in the manifest; vectors of two names are never compared."""

    @property
    def dim(self) -> int:
        """The length of a vector."""

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, dim) float32 of (n, 150, 150, 3) uint8 BGR chips; n == 0 is allowed.

        L2 is the distance between two, in the scale of the passport's figures.
        """


class Session:
    """A network at work on the best device of this machine, with as many threads as it is given.

    An accelerator that cannot be had, or that fails later, out of memory or lost, is done without: the CPU goes on.
    """

    def __init__(self, model: bytes | onnx.ModelProto, *, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        # the cores belong to others too
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        content = model if isinstance(model, bytes) else model.SerializeToString()
        # its own way to fall back prints to standard output, and knows some of its errors alone
        self._start = partial(onnxruntime.InferenceSession, content, options, enable_fallback=0)
        self._session = self._best()
        self._input: str = self._session.get_inputs()[0].name

    @property
    def provider(self) -> str:
        """What it runs on: CPU, CUDA …"""
        return str(self._session.get_providers()[0]).removesuffix("ExecutionProvider")

    def run(self, tensor: NDArray[Any], outputs: list[str] | None = None) -> list[NDArray[np.float32]]:
        """The named outputs, or all, for one input tensor."""
        results: list[NDArray[np.float32]]
        try:
            results = self._session.run(outputs, {self._input: tensor})
        except Exception as error:
            if self.provider == "CPU":
                raise
            self._give_up(self.provider, error)
            self._session = self._start(providers=[_CPU])
            results = self._session.run(outputs, {self._input: tensor})
        return results

    def _best(self) -> Any:
        accelerator = _accelerator()
        if accelerator is not None and not _given_up:
            try:
                return self._start(providers=[(accelerator, _OPTIONS.get(accelerator, {})), _CPU])
            except Exception as error:  # noqa: BLE001  onnxruntime's have no base in common
                self._give_up(accelerator, error)
        return self._start(providers=[_CPU])

    def _give_up(self, accelerator: str, error: Exception) -> None:
        if not _given_up:
            log.warning(
                "the CPU does the work of %s, which failed (%s)", accelerator, " ".join(str(error).split())
            )
        _given_up.append(accelerator)


_given_up: list[str] = []
"""Not empty where this process has done without its accelerator once: a lost one does not come back to it."""


@cache
def _accelerator() -> str | None:
    """The best that onnxruntime was built with; whether this machine has such a device, it does not say."""
    onnxruntime.preload_dlls()  # CUDA, of its wheels; of no effect in a build without
    available = onnxruntime.get_available_providers()
    return next((name for name in _ACCELERATORS if name in available), None)


def with_free_size(path: Path) -> onnx.ModelProto:
    """A fully convolutional network whose file fixes height and width, made to run at any size."""
    model = onnx.load(path)
    for value in (*model.graph.input, *model.graph.output):
        for axis, dim in enumerate(value.type.tensor_type.shape.dim):
            dim.dim_param = f"{value.name}_{axis}"
    del model.graph.value_info[:]
    return model
