"""MTCNN out of facenet-pytorch, whose wheel carries its weights, with Dramatis' embedder: FaceNet's way, by frames.

facenet-pytorch takes two functions from torchvision, whose wheels of the registry need CUDA's libraries; both are put
in their place here, so that an environment for a CPU stays small.
"""

import sys
from collections.abc import Sequence
from types import ModuleType

import cv2
import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from faces.benchmarks.scan_peers import frames

_CHIP_PX, _BATCH = 150, 8


def _distinct(
    boxes: torch.Tensor, scores: torch.Tensor, groups: torch.Tensor, overlap: float
) -> torch.Tensor:
    """torchvision's batched_nms: which boxes of each group stay, the surest first."""
    # boxes of different groups are moved so far apart that they cannot overlap
    moved = (boxes + (groups.to(boxes) * (boxes.max() + 1))[:, None]).numpy() if len(boxes) else boxes.numpy()
    areas = (moved[:, 2] - moved[:, 0]) * (moved[:, 3] - moved[:, 1])
    left, kept = np.argsort(-scores.numpy(), kind="stable"), []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(int(best))
        shared = (
            np.minimum(moved[best, 2:], moved[left, 2:]) - np.maximum(moved[best, :2], moved[left, :2])
        ).clip(0)
        both = shared.prod(axis=1)
        left = left[both / (areas[best] + areas[left] - both) <= overlap]
    return torch.tensor(kept, dtype=torch.int64)


def _without_torchvision() -> None:
    transforms, ops = ModuleType("torchvision.transforms"), ModuleType("torchvision.ops.boxes")
    transforms.functional = ModuleType("functional")  # type: ignore[attr-defined]  # serves cut-outs, unused here
    ops.batched_nms = _distinct  # type: ignore[attr-defined]
    sys.modules |= {
        "torchvision": ModuleType("torchvision"),
        "torchvision.transforms": transforms,
        "torchvision.ops": ModuleType("torchvision.ops"),
        "torchvision.ops.boxes": ops,
    }


def _main() -> None:
    options = frames.arguments(__doc__ or "")
    _without_torchvision()
    from facenet_pytorch import MTCNN

    torch.set_num_threads(1)
    detector = MTCNN(keep_all=True, device="cpu")
    one = onnxruntime.SessionOptions()
    one.intra_op_num_threads = one.inter_op_num_threads = 1
    embedder = onnxruntime.InferenceSession(str(options.embedder), one, providers=["CPUExecutionProvider"])
    template = np.array(options.template, np.float64)

    def detect(image: frames.Image) -> list[NDArray[np.float64]]:
        boxes, _, landmarks = detector.detect(np.ascontiguousarray(image[:, :, ::-1]), landmarks=True)
        if boxes is None:
            return []
        order = np.argsort(boxes[:, 1] - boxes[:, 3])
        return [np.asarray(landmarks[i], np.float64) for i in order]

    def embed(image: frames.Image, found: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float32]]:
        chips = np.stack([_chip(image, marks, template) for marks in found])
        (name,) = [one.name for one in embedder.get_inputs()]
        batches = [chips[start : start + _BATCH] for start in range(0, len(chips), _BATCH)]
        return [vector for batch in batches for vector in embedder.run(None, {name: batch})[0]]

    frames.look(options, detect, embed)


def _chip(image: frames.Image, landmarks: NDArray[np.float64], template: NDArray[np.float64]) -> frames.Image:
    """The face turned, scaled and moved until its landmarks lie on the template as nearly as they can."""
    x, y, one, none = *landmarks.T, np.ones(len(landmarks)), np.zeros(len(landmarks))
    terms = np.concatenate([np.stack([x, -y, one, none], 1), np.stack([y, x, none, one], 1)])
    a, b, right, down = np.linalg.lstsq(terms, template.T.ravel(), rcond=None)[0]
    matrix = np.array([[a, -b, right], [b, a, down]])
    return np.asarray(cv2.warpAffine(image, matrix, (_CHIP_PX, _CHIP_PX)), np.uint8)


if __name__ == "__main__":
    _main()
