"""Whoever is near a face is found, and how near, as brute force in double precision finds it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from faces.identity.gallery import Album, Faces, Gallery
from faces.identity.resolve import Calibration, Candidate, PersonId

DIM, EACH = 64, 3
CALIBRATION = Calibration("made-up", auto=0.5, suggested=0.6, midpoint=0.5, slope=20.0, crowding=0.8)


def some_faces(rng: np.random.Generator, around: np.ndarray, number: int) -> Faces:
    vectors = around[rng.integers(0, len(around), number)] + rng.normal(0, 0.05, (number, DIM))
    return Faces(vectors.astype(np.float16), rng.normal(0, 0.02, number).astype(np.float32))


def some_library(rng: np.random.Generator, faces: int, people: int) -> tuple[Faces, Gallery, Album, Album]:
    around = rng.normal(0, 0.09, (max(people // 2, 1), DIM))
    gallery = Gallery(
        people=np.arange(people) + 10,
        points=some_faces(rng, around, people),
        spread=rng.uniform(0, 0.05, people),
        leeway=rng.choice([-0.05, 0.0, 0.03], people),
        stranger=rng.random(people) < 0.1,
    )
    whose = np.repeat(gallery.people, EACH)
    examples = some_faces(rng, around, len(whose))
    examples.vectors[1::EACH] = examples.vectors[::EACH]  # two that are one: the older counts
    examples.crowding[1::EACH] = examples.crowding[::EACH]
    refused = whose[::4]
    return (
        some_faces(rng, around, faces),
        gallery,
        Album(whose, np.arange(len(whose)) + 100, examples),
        Album(refused, np.arange(len(refused)) + 9000, some_faces(rng, around, len(refused))),
    )


def apart(face: Faces, others: Faces, spread: np.ndarray | float = 0.0) -> np.ndarray:
    squared = ((face.vectors.astype(float) - others.vectors.astype(float)) ** 2).sum(axis=1)
    crowding = face.crowding.astype(float) + others.crowding.astype(float)
    return np.asarray(np.sqrt(squared + spread) - CALIBRATION.crowding / 2 * crowding)


@pytest.mark.parametrize(("faces", "people"), [(0, 5), (5, 0), (1, 1), (63, 40), (130, 700), (600, 650)])
def test_the_people_near_faces_are_those_of_brute_force(faces: int, people: int) -> None:
    asked, gallery, examples, refused = some_library(np.random.default_rng(faces), faces, people)

    def albums(_: Sequence[PersonId]) -> tuple[Album, Album]:
        return examples, refused

    found = gallery.candidates(asked, CALIBRATION, albums)
    assert len(found) == faces
    assert faces * people < 100 or 0 < sum(map(len, found)) < faces * people / 3
    for row, near in enumerate(found):
        face = asked[row : row + 1]
        distance = apart(face, gallery.points, gallery.spread)
        within = np.flatnonzero(distance <= CALIBRATION.suggested + gallery.leeway)
        assert {one.person for one in near} == set(gallery.people[within].tolist())
        for one in near:
            assert one.distance == pytest.approx(distance[one.person - 10], abs=1e-12)
            own = examples.people == one.person
            nearest = np.lexsort((examples.prints[own], apart(face, examples.faces[np.flatnonzero(own)])))[0]
            assert one.exemplar == examples.prints[own][nearest]
            against = np.flatnonzero(refused.people == one.person)
            doubts = apart(face, refused.faces[against])
            assert one.doubted == bool((doubts < one.distance).any())


def test_a_face_finds_the_same_people_alone_as_among_many() -> None:
    asked, gallery, examples, refused = some_library(np.random.default_rng(1), 600, 650)

    def near(rows: slice) -> list[list[Candidate]]:
        return gallery.candidates(asked[rows], CALIBRATION, lambda _: (examples, refused))

    together = near(slice(None))
    for row in range(0, 600, 37):
        assert near(slice(row, row + 1)) == [together[row]]
