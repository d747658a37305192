"""What naming is held against: the same search by brute force and by what others use, on the same faceprints."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeAlias

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from faces.benchmarks.synthetic import SyntheticLibrary
from faces.identity.wire import literal
from faces.models import Person, Point

Tracks: TypeAlias = set[int]
_BLOCK = 50_000
HAS_FAISS = find_spec("faiss") is not None


@dataclass(frozen=True, slots=True)
class Near:
    """The tracks within the outer radius of a person: as the answers must have it, and by plain distance.

    normalised: {track: distance}, in the calibration's measure. plain: those within `radius` of the point's vector.
    """

    normalised: dict[int, float]
    plain: Tracks
    point: NDArray[np.float32]
    radius: float


def brute_force(library: SyntheticLibrary, person: int) -> Near:
    """By numpy over every faceprint, in double precision."""
    calibration = library.model.calibration
    row = Point.objects.get(person=person, model=calibration.model)
    leeway = Person.objects.get(pk=person).leeway
    point = np.array(row.vector, np.float64)
    radius = calibration.suggested + leeway
    found: dict[int, float] = {}
    plain: Tracks = set()
    for start in range(0, library.tracks, _BLOCK):
        block = library.vectors[start : start + _BLOCK].astype(np.float64)
        distance = np.sqrt(((block - point) ** 2).sum(1))
        plain.update((np.flatnonzero(distance <= radius) + start + 1).tolist())
        relief = calibration.crowding / 2 * (library.crowding[start : start + _BLOCK] + row.crowding)
        normalised = np.sqrt(distance**2 + row.spread) - relief
        for at in np.flatnonzero(normalised <= radius):
            found[int(at) + start + 1] = float(normalised[at])
    return Near(found, plain, point.astype(np.float32), radius)


def numpy_search(library: SyntheticLibrary) -> Callable[[Near], Tracks]:
    """One matrix product over all faceprints in single precision, held in memory: plain distances."""
    vectors = library.vectors.astype(np.float32)
    squares = (vectors**2).sum(1)

    def search(near: Near) -> Tracks:
        squared = squares - 2 * (vectors @ near.point) + near.point @ near.point
        return set((np.flatnonzero(squared <= near.radius**2) + 1).tolist())

    return search


def faiss_search(library: SyntheticLibrary) -> Callable[[Near], Tracks]:
    """faiss's exact index, held in memory: plain distances. Only where HAS_FAISS."""
    import faiss

    index = faiss.IndexFlatL2(library.vectors.shape[1])
    index.add(library.vectors.astype(np.float32))

    def search(near: Near) -> Tracks:
        _, _, labels = index.range_search(near.point[None], near.radius**2)
        return set((labels + 1).tolist())

    return search


def hnsw_build(library: SyntheticLibrary) -> float:
    """Make pgvector's approximate index over all faceprints; seconds taken."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '2GB'")
        cursor.execute(
            "CREATE INDEX benchmark_hnsw ON faces_faceprint"
            f" USING hnsw ((vector::halfvec({library.vectors.shape[1]})) halfvec_l2_ops)"
        )
        cursor.execute("RESET maintenance_work_mem")
    return time.perf_counter() - began


def hnsw_drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS benchmark_hnsw")


def hnsw_search(library: SyntheticLibrary) -> Callable[[Near], Tracks]:
    """pgvector's index, asked in order of distance until the radius is passed."""
    centre = f"vector::halfvec({library.vectors.shape[1]})"

    def search(near: Near) -> Tracks:
        found: Tracks = set()
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SET LOCAL hnsw.iterative_scan = strict_order")
            cursor.execute("SET LOCAL hnsw.max_scan_tuples = 1000000")
            cursor.execute("SET LOCAL enable_seqscan = off")
            limit = 100
            while True:
                cursor.execute(
                    f"SELECT track_id, {centre} <-> %s::{centre.partition('::')[2]} FROM faces_faceprint"  # noqa: S608  constants
                    f" ORDER BY {centre} <-> %s::{centre.partition('::')[2]} LIMIT %s",
                    [literal(near.point), literal(near.point), limit],
                )
                rows: list[tuple[Any, ...]] = cursor.fetchall()
                if len(rows) < limit or rows[-1][1] > near.radius:
                    break
                limit *= 4
            cursor.execute("COMMIT")
        found.update(track for track, distance in rows if distance <= near.radius and track is not None)
        return found

    return search
