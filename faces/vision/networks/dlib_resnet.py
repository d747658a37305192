"""Converts dlib's face recognition ResNet (`dlib_face_recognition_resnet_model_v1.dat`) to ONNX.

The file is dlib's own serialisation: a loss, nested version numbers, the mean colour, then one record for
each layer from input to output. The converted network takes chips as OpenCV has them:

    chips: (n, 150, 150, 3) uint8, BGR, faces aligned to the template
    faceprints: (n, 128) float32, not of unit length; compare by Euclidean distance

Mean, scale and affine layers are folded into the convolutions in double precision. The same input
gives the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

CHIP_PX = 150
DIM = 128
_SCALE = 256.0  # dlib's input layer divides by 256, not 255
_OPSET = 13
_IR_VERSION = 7


class NotDlibResnet(ValueError):
    """The bytes are not the network that this converter knows; its message says where they part."""


@dataclass(frozen=True, slots=True)
class _Window:
    """Of a pool or convolution: rows and columns, their strides and padding. A pool of 0 by 0 is global."""

    height: int
    width: int
    stride_y: int
    stride_x: int
    pad_y: int
    pad_x: int


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """kind: conv, affine, relu, add, max_pool, avg_pool or fc; params as the file has them, flat."""

    kind: str
    params: NDArray[np.float32]
    window: _Window | None = None
    outputs: int = 0


def convert(dat: bytes) -> bytes:
    """The ONNX file of dlib's serialised network. Raises NotDlibResnet."""
    reader = _Reader(dat)
    mean = reader.header()
    layers = list(reader.layers())
    return _Graph(mean).build(layers)


class _Reader:
    """A cursor over dlib's serialisation format."""

    def __init__(self, dat: bytes) -> None:
        self._dat, self._at = dat, 0

    def header(self) -> NDArray[np.float64]:
        """Everything before the layers; returns the mean colour, RGB."""
        self._expect_int(1)
        self._expect_string("loss_metric_2")
        self._floats(2)
        versions = [self._int()]
        while versions[-1] != 3:  # the wrappers around the layers, outermost first; the input layer ends them
            if versions[-1] not in (1, 2) or len(versions) > 1000:
                self._refuse("an unknown layer version")
            versions.append(self._int())
        self._expect_string("input_rgb_image_sized")
        mean = np.array(self._floats(3))
        self._expect_int(CHIP_PX)
        self._expect_int(CHIP_PX)
        return mean

    def layers(self) -> Iterator[_Layer]:
        """The layers from input to output, to the file's exact end."""
        first = True
        while self._at < len(self._dat):
            yield self._layer()
            for _ in range(3):
                self._take(1)  # a flag each: set-up called, gradients final, gradients discarded
            for _ in range(3):
                self._tensor()
            if first:
                self._expect_int(1)
                first = False

    def _layer(self) -> _Layer:
        name = self._string()
        match name:
            case "con_4":
                params = self._tensor()
                outputs, window = self._int(), self._window()
                self._alias()
                self._alias()
                self._floats(4)
                return _Layer("conv", params, window, outputs)
            case "affine_":
                params = self._tensor()
                self._alias()
                self._alias()
                self._int()
                return _Layer("affine", params)
            case "relu_" | "add_prev_":
                return _Layer("relu" if name == "relu_" else "add", np.empty(0, np.float32))
            case "max_pool_2" | "avg_pool_2":
                return _Layer(name[:8], np.empty(0, np.float32), self._window())
            case "fc_2":
                outputs = self._int()
                self._int()
                params = self._tensor()
                self._alias()
                self._alias()
                self._expect_int(1)  # without bias
                self._floats(4)
                return _Layer("fc", params, outputs=outputs)
            case _:
                self._refuse(f"a layer called {name!r}")

    def _window(self) -> _Window:
        return _Window(*(self._int() for _ in range(6)))

    def _take(self, count: int) -> bytes:
        taken = self._dat[self._at : self._at + count]
        if len(taken) != count:
            self._refuse("the end of the file")
        self._at += count
        return taken

    def _int(self) -> int:
        control = self._take(1)[0]
        magnitude = int.from_bytes(self._take(control & 0x0F), "little")
        return -magnitude if control & 0x80 else magnitude

    def _floats(self, count: int) -> list[float]:
        pairs = [(self._int(), self._int()) for _ in range(count)]
        return [float(mantissa) * 2.0**exponent for mantissa, exponent in pairs]

    def _string(self) -> str:
        return self._take(self._int()).decode("ascii", "replace")

    def _tensor(self) -> NDArray[np.float32]:
        self._expect_int(2)
        count = int(np.prod([self._int() for _ in range(4)], dtype=object))
        return np.frombuffer(self._take(4 * count), "<f4").astype(np.float32)

    def _alias(self) -> None:
        self._expect_int(1)
        for _ in range(4):
            self._int()

    def _expect_int(self, wanted: int) -> None:
        if (found := self._int()) != wanted:
            self._refuse(f"{found} instead of {wanted}")

    def _expect_string(self, wanted: str) -> None:
        if (found := self._string()) != wanted:
            self._refuse(f"{found!r} instead of {wanted!r}")

    def _refuse(self, found: str) -> NoReturn:
        raise NotDlibResnet(f"not dlib's face recognition network: found {found} at byte {self._at}")


class _Graph:
    """Writes ONNX nodes; knows the size of the picture at every step, so every padding is a constant."""

    def __init__(self, mean_rgb: NDArray[np.float64]) -> None:
        self._mean = mean_rgb
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._sizes: dict[str, tuple[int, int]] = {}
        """Of each value: channels, and pixels across; pictures stay square."""

    def build(self, layers: list[_Layer]) -> bytes:
        kinds = [layer.kind for layer in layers]
        if kinds[:4] != ["conv", "affine", "relu", "max_pool"] or kinds[-2:] != ["avg_pool", "fc"]:
            raise NotDlibResnet("not dlib's face recognition network: its layers stand in another order")
        value = self._node("Cast", ["chips"], (3, CHIP_PX), to=TensorProto.FLOAT)
        value = self._node("Transpose", [value], (3, CHIP_PX), perm=[0, 3, 1, 2])
        value = self._convolution(value, layers[0], layers[1], from_chips=True)
        value = self._relu(value)
        value = self._pool("MaxPool", value, layers[3])
        at = 4
        while at < len(layers) - 2:
            value, at = self._block(value, layers, at)
        channels, _ = self._sizes[value]
        value = self._node("GlobalAveragePool", [value], (channels, 1))
        value = self._node("Flatten", [value], (channels, 1))
        weights = layers[-1].params.reshape(channels, layers[-1].outputs)
        self._nodes.append(helper.make_node("MatMul", [value, self._constant(weights)], ["faceprints"]))
        return self._serialised()

    def _block(self, entry: str, layers: list[_Layer], at: int) -> tuple[str, int]:
        """One residual block; a block that halves the picture also carries the pool of its shortcut."""
        down = [layer.kind for layer in layers[at : at + 8]] == [
            "conv", "affine", "relu", "conv", "affine", "avg_pool", "add", "relu",
        ]  # fmt: skip
        if not down and [layer.kind for layer in layers[at : at + 7]] != [
            "conv", "affine", "relu", "conv", "affine", "add", "relu",
        ]:  # fmt: skip
            raise NotDlibResnet(f"not dlib's face recognition network: no residual block at layer {at}")
        value = self._relu(self._convolution(entry, layers[at], layers[at + 1]))
        value = self._convolution(value, layers[at + 3], layers[at + 4])
        shortcut = self._pool("AveragePool", entry, layers[at + 5]) if down else entry
        channels, px = (max(pair) for pair in zip(self._sizes[value], self._sizes[shortcut], strict=True))
        # dlib's add_prev takes what a smaller operand lacks for zero
        value, shortcut = self._padded(value, channels, px), self._padded(shortcut, channels, px)
        value = self._relu(self._node("Add", [value, shortcut], (channels, px)))
        return value, at + (8 if down else 7)

    def _convolution(self, value: str, conv: _Layer, affine: _Layer, *, from_chips: bool = False) -> str:
        window, (channels, px) = _window_of(conv), self._sizes[value]
        shape = (conv.outputs, channels, window.height, window.width)
        if conv.params.size != np.prod(shape) + conv.outputs or affine.params.size != 2 * conv.outputs:
            raise NotDlibResnet("not dlib's face recognition network: a convolution has another size")
        params = conv.params.astype(np.float64)
        weights, bias = params[: -conv.outputs].reshape(shape), params[-conv.outputs :]
        if from_chips:  # exact, since this convolution has no padding
            weights = weights / _SCALE
            # one fixed order of summation, so that every machine writes the same file
            for row, column, channel in np.ndindex(window.height, window.width, channels):
                bias = bias - weights[:, channel, row, column] * self._mean[channel]
            weights = weights[:, ::-1]  # the chips come in BGR
        gamma, beta = affine.params.astype(np.float64).reshape(2, conv.outputs)
        weights, bias = weights * gamma[:, None, None, None], bias * gamma + beta
        inputs = [value, self._constant(weights), self._constant(bias)]
        return self._node("Conv", inputs, (conv.outputs, _size_after(px, window)), **_attributes(window))

    def _pool(self, op: str, value: str, pool: _Layer) -> str:
        window, (channels, px) = _window_of(pool), self._sizes[value]
        return self._node(op, [value], (channels, _size_after(px, window)), **_attributes(window))

    def _relu(self, value: str) -> str:
        return self._node("Relu", [value], self._sizes[value])

    def _padded(self, value: str, channels: int, px: int) -> str:
        has_channels, has_px = self._sizes[value]
        if (has_channels, has_px) == (channels, px):
            return value
        ends = np.array([0, 0, 0, 0, 0, channels - has_channels, px - has_px, px - has_px], np.int64)
        return self._node("Pad", [value, self._constant(ends)], (channels, px))

    def _node(self, op: str, inputs: list[str], size: tuple[int, int], **attributes: Any) -> str:
        name = f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, inputs, [name], **attributes))
        self._sizes[name] = size
        return name

    def _constant(self, value: NDArray[Any]) -> str:
        name = f"c{len(self._constants)}"
        value = value if value.dtype == np.int64 else value.astype(np.float32)
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _serialised(self) -> bytes:
        chips = helper.make_tensor_value_info("chips", TensorProto.UINT8, ["n", CHIP_PX, CHIP_PX, 3])
        faceprints = helper.make_tensor_value_info("faceprints", TensorProto.FLOAT, ["n", DIM])
        graph = helper.make_graph(self._nodes, "dlib_resnet_v1", [chips], [faceprints], self._constants)
        model = helper.make_model(
            graph, producer_name="dramatis", opset_imports=[helper.make_opsetid("", _OPSET)]
        )
        model.ir_version = _IR_VERSION
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))


def _window_of(layer: _Layer) -> _Window:
    if layer.window is None:
        raise NotDlibResnet(f"not dlib's face recognition network: a {layer.kind} without a window")
    return layer.window


def _size_after(px: int, window: _Window) -> int:
    return (px + 2 * window.pad_y - window.height) // window.stride_y + 1


def _attributes(window: _Window) -> dict[str, list[int]]:
    return {
        "kernel_shape": [window.height, window.width],
        "strides": [window.stride_y, window.stride_x],
        "pads": [window.pad_y, window.pad_x, window.pad_y, window.pad_x],
    }
