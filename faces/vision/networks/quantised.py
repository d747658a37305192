"""A network's convolutions in whole numbers of eight bits, which newer processors multiply several times as fast."""

import json
import platform
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationMethod, QuantType
from onnxruntime.quantization.calibrate import TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

LAYERS = ("Conv", "Add", "Relu", "MaxPool")
"""What is computed in whole numbers; the rest stays in single precision."""


def adds_bytes_exactly(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this processor adds products of bytes in 32 bits, and fast.

    x86 learnt that with VNNI; before, pairs of products are added in 16 bits, which overflow, and faceprints with them.
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return True
    try:
        flags = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "avx512_vnni" in flags or "avx_vnni" in flags


def quantised(model: bytes, ranges: Path) -> bytes:
    """An ONNX network whose LAYERS compute in 8 bits: weights by channel, values in steps of their range's 255th.

    ranges: a JSON file that says of each value, by its name in the network, between what bounds it moves.
    """
    quantiser = QDQQuantizer(
        onnx.load_model_from_string(model),
        per_channel=True,
        reduce_range=False,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=_ranges(json.loads(ranges.read_text(encoding="utf-8"))),
        nodes_to_quantize=[],
        nodes_to_exclude=[],
        op_types_to_quantize=list(LAYERS),
        extra_options={},
    )
    quantiser.quantize_model()
    return bytes(quantiser.model.model.SerializeToString())


def _ranges(bounds: Mapping[str, tuple[float, float]]) -> TensorsData:
    return TensorsData(
        CalibrationMethod.MinMax,
        {name: (np.float32(low), np.float32(high)) for name, (low, high) in bounds.items()},
    )
