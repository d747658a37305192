"""Networks run on the best device there is, and on the CPU where that fails: at once or later."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from faces.vision.networks import engine
from faces.vision.networks.engine import Session

REAL = onnxruntime.InferenceSession
ASKED = np.arange(3, dtype=np.float32)


def doubling() -> onnx.ModelProto:
    """y = x + x."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [3]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "doubling", [x], [y])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


class Card:
    """What onnxruntime does on a machine with a card that works for so many runs."""

    works_for = 0

    def __init__(self, *given: Any, providers: list[Any], **options: Any) -> None:
        self._cuda = providers[0] != "CPUExecutionProvider"
        if self._cuda and not self.works_for:
            raise LookupError("CUDA failure 100: no CUDA-capable device is detected")
        assert options == {"enable_fallback": 0}
        self.told = providers[0]
        self._real = REAL(*given, providers=["CPUExecutionProvider"], **options)

    def get_inputs(self) -> Any:
        return self._real.get_inputs()

    def get_providers(self) -> list[str]:
        return [*(["CUDAExecutionProvider"] if self._cuda else []), *self._real.get_providers()]

    def run(self, *given: Any) -> Any:
        if self._cuda:
            self.works_for -= 1
            if self.works_for < 0:
                raise LookupError("CUDA failure 2: out of memory")
        return self._real.run(*given)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> type[Card]:
    monkeypatch.setattr(engine, "_accelerator", lambda: "CUDAExecutionProvider")
    monkeypatch.setattr(onnxruntime, "InferenceSession", Card)
    monkeypatch.setattr(Card, "works_for", 0)
    monkeypatch.setattr(engine, "_given_up", [])
    return Card


def test_a_card_that_is_not_there_is_done_without(card: type[Card], caplog: pytest.LogCaptureFixture) -> None:
    session = Session(doubling())
    assert session.provider == "CPU"
    assert session.run(ASKED)[0].tolist() == [0, 2, 4]
    assert "no CUDA-capable device" in caplog.text


def test_a_card_that_fails_later_is_done_without_from_then_on(
    card: type[Card], caplog: pytest.LogCaptureFixture
) -> None:
    card.works_for = 1
    session = Session(doubling())
    assert session.run(ASKED)[0].tolist() == [0, 2, 4]
    assert (session.provider, caplog.text) == ("CUDA", "")
    for _ in range(2):
        assert session.run(ASKED)[0].tolist() == [0, 2, 4]
        assert session.provider == "CPU"
    assert caplog.text.count("out of memory") == 1
    card.works_for = 9
    assert Session(doubling()).provider == "CPU"


def test_a_fault_on_the_cpu_is_raised() -> None:
    with pytest.raises(Exception, match="invalid dimensions"):
        Session(doubling()).run(np.zeros(4, np.float32))


def test_what_is_installed_for_the_tests_knows_the_cpu_alone() -> None:
    assert engine._accelerator() is None
    assert Session(doubling()).provider == "CPU"
