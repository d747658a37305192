"""The networks and their weights: passports, fetching, conversion, and onnxruntime behind two protocols."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from faces.vision.networks.detectors import CenterFace, YuNet
from faces.vision.networks.embedders import ChipEmbedder
from faces.vision.networks.engine import Detector, Embedder
from faces.vision.networks.fetch import FetchFailed, Progress, fetch
from faces.vision.networks.manifest import Embedding, Manifest, ManifestError, Passport, Source
from faces.vision.networks.weights import Notice, Weights, ensure_weights, find_weights

__all__ = [
    "Detector",
    "Embedder",
    "Embedding",
    "FetchFailed",
    "Manifest",
    "ManifestError",
    "Networks",
    "Notice",
    "Passport",
    "Progress",
    "Source",
    "Weights",
    "ensure_weights",
    "fetch",
    "find_weights",
    "load_once",
    "names_of",
    "words_of",
]

_DETECTORS: dict[str, Callable[..., YuNet | CenterFace]] = {"yunet": YuNet, "centerface": CenterFace}
_EMBEDDERS: dict[str, Callable[..., ChipEmbedder]] = {"chips": ChipEmbedder}


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """A detector and an embedder at work.

    embedding: the metric and thresholds of the embedder's vectors.
    provider: what onnxruntime runs them on: CPU, CUDA …
    """

    detector: Detector
    embedder: Embedder
    embedding: Embedding
    provider: str

    def __str__(self) -> str:
        """For people: which ones, and on what."""
        return f"{self.detector.name} and {self.embedder.name} on {self.provider}"

    @classmethod
    def load(
        cls,
        weights_dir: Path,
        folder: Path | None = None,
        *,
        detector: str | None = None,
        embedder: str | None = None,
        threads: int = 1,
        eight_bits: bool = False,
        manifest: Manifest | None = None,
    ) -> "Networks":
        """The best networks whose verified files are in `weights_dir` or `folder`; nothing is fetched.

        detector, embedder: insist on that one. threads: of one network's run, for the CPU. eight_bits: where that
        makes the embedder quicker, as good for the many looks of a scan; a photograph is worth an exact one.
        Raises WeightsUnavailable; `ensure_weights` cures it. Raises KeyError on a name that the manifest does not know.
        """
        manifest = manifest or Manifest.load()
        for name in (detector, embedder):
            if name is not None:
                manifest = manifest.only(name)
        for_detecting, for_embedding = find_weights(weights_dir, folder, manifest=manifest)
        finder = _DETECTORS[for_detecting.passport.engine](for_detecting, threads=threads)
        reader = _EMBEDDERS[for_embedding.passport.engine](
            for_embedding, threads=threads, eight_bits=eight_bits
        )
        embedding = for_embedding.passport.embedding
        assert embedding is not None  # a passport without it is no embedder's
        return cls(finder, reader, embedding, reader.provider)


@cache
def load_once(
    weights_dir: Path, folder: Path | None = None, embedder: str | None = None, *, eight_bits: bool = False
) -> Networks:
    """The best networks, or those with that embedder, loaded when first asked for. Raises WeightsUnavailable."""
    return Networks.load(weights_dir, folder, embedder=embedder, eight_bits=eight_bits)


def names_of(networks: Callable[[], Networks], *, on_progress: Callable[[int], None]) -> tuple[str, str]:
    """How detector and embedder are called in the manifest. Loading them makes no progress to speak of."""
    loaded = networks()
    return loaded.detector.name, loaded.embedder.name


def words_of(networks: Callable[[], Networks], *, on_progress: Callable[[int], None]) -> str:
    """The same for people, and what they run on."""
    return str(networks())
